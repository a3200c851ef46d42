"""One suite for every place where signing keys live: files, and a PKCS#11 token (SoftHSM)."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from pkcs11 import Attribute, ObjectClass

from dialer.domain.errors import InstallationError
from dialer.evidence.checkpoint import Checkpoint, log_signature_holds
from dialer.evidence.merkle import EMPTY_ROOT
from dialer.evidence.trust import KeyUse, rotation_holds
from dialer.signing.checkpointing import LastHead, LogSigner
from dialer.signing.keys import KeyFiles, make_keys, read_secret, trust_of, write_secret
from dialer.signing.places import FileKeyPlace, KeyPlace, PlaceSettings, open_place, slot_of
from dialer.signing.rotation import finish, hand_over, in_use, put_in_force

ORIGIN = "demo/places"
MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL, PIN = "dialer-test", "567890"
_RAW: list[Any] = []
"""The one session in which this process has logged in: a log-in is the process's."""
SIGNING = (KeyUse.LOG, KeyUse.BUNDLE, KeyUse.WITNESS)


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlaceSettings]:
    """A software token of its own; the library reads its configuration once a process."""
    home = tmp_path_factory.mktemp("token")
    (home / "tokens").mkdir()
    (home / "conf").write_text(f"directories.tokendir = {home}/tokens\nobjectstore.backend = file\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(home / "conf"))
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        LABEL,
        "--so-pin",
        "123456",
        "--pin",
        PIN,
    ]
    subprocess.run(command, check=True, capture_output=True)
    write_secret(home / "pin", PIN.encode())
    _RAW.append(pkcs11.lib(str(MODULE)).get_token(token_label=LABEL).open(rw=True, user_pin=PIN))
    yield PlaceSettings("pkcs11", {"module": str(MODULE), "token": LABEL, "pin_file": str(home / "pin")})
    _RAW.pop().close()
    patch.undo()


@dataclass
class Keys:
    """An installation's keys."""

    files: KeyFiles
    place: KeyPlace

    def rotate(self, use: KeyUse, at: int) -> None:
        trust = trust_of(self.files, ORIGIN)
        rotation = hand_over(self.place, trust, use, at)
        assert rotation_holds(rotation, trust, at - 1)
        put_in_force(self.files, self.place, use, trust.rotated(rotation))


@pytest.fixture(params=["file", "pkcs11"])
def keys(request: pytest.FixtureRequest, token: PlaceSettings, tmp_path: Path) -> Keys:
    files = KeyFiles(tmp_path / "keys")
    make_keys(files)
    _empty()
    said = token if request.param == "pkcs11" else PlaceSettings("file", {})
    return Keys(files, open_place(said, files))


def _empty() -> None:
    for key in list(_RAW[0].get_objects()):
        key.destroy()


@pytest.mark.parametrize("use", SIGNING)
def test_a_rotation_is_signed_by_both_keys_and_the_old_private_key_is_gone(keys: Keys, use: KeyUse) -> None:
    before = keys.place.current(use)
    old_file = slot_of(keys.files, use).private.read_bytes()
    keys.rotate(use, 10)
    after = keys.place.current(use)
    assert after.public != before.public
    assert in_use(trust_of(keys.files, ORIGIN), use).public == after.public
    VerifyKey(after.public).verify(b"message", after.sign(b"message"))
    with pytest.raises(BadSignatureError):
        VerifyKey(before.public).verify(b"message", after.sign(b"message"))
    private = slot_of(keys.files, use).private
    assert not private.exists() or private.read_bytes() != old_file
    assert keys.place.next(use) is None
    keys.rotate(use, 20)
    assert keys.place.current(use).public != after.public


def test_a_rotation_that_was_torn_is_finished_with_the_same_next_key(keys: Keys) -> None:
    made = keys.place.make_next(KeyUse.LOG).public
    trust = trust_of(keys.files, ORIGIN)
    assert not finish(keys.files, keys.place, KeyUse.LOG, trust), "the trust file does not name it yet"
    keys.rotate(KeyUse.LOG, 5)
    assert keys.place.current(KeyUse.LOG).public == made


def test_the_log_signs_its_heads_with_a_key_of_either_place(keys: Keys, tmp_path: Path) -> None:
    keys.rotate(KeyUse.LOG, 1)
    signer = LogSigner(ORIGIN, keys.place.current(KeyUse.LOG), LastHead(tmp_path / "signer.state"))
    note = signer.sign(Checkpoint(ORIGIN, 0, EMPTY_ROOT, None), ())
    assert not isinstance(note, int)
    key = in_use(trust_of(keys.files, ORIGIN), KeyUse.LOG)
    assert log_signature_holds(note, key.note_key())


def test_the_key_of_the_dnc_tree_changes_hands_in_files_and_in_no_token(keys: Keys) -> None:
    if not isinstance(keys.place, FileKeyPlace):
        with pytest.raises(InstallationError, match="no token"):
            keys.place.make_next(KeyUse.VRF)
        return
    first = read_secret(keys.files.dnc_vrf)
    public = keys.place.current(KeyUse.VRF).public
    keys.rotate(KeyUse.VRF, 7)
    assert read_secret(keys.files.dnc_vrf) != first
    assert read_secret(keys.files.dnc_vrf_past(public)) == first, "it answers for the places that it gave"


def test_a_key_never_leaves_the_token(token: PlaceSettings, tmp_path: Path) -> None:
    _empty()
    files = KeyFiles(tmp_path / "keys")
    make_keys(files)
    keys = Keys(files, open_place(token, files))
    keys.rotate(KeyUse.LOG, 3)
    assert not files.log_private.exists()
    (private,) = _RAW[0].get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})
    assert (private[Attribute.SENSITIVE], private[Attribute.EXTRACTABLE]) == (True, False)
    with pytest.raises(pkcs11.exceptions.AttributeSensitive):
        private[Attribute.VALUE]


def test_another_process_logs_in_by_the_pin_file_and_signs_with_the_same_key(
    token: PlaceSettings, tmp_path: Path
) -> None:
    _empty()
    files = KeyFiles(tmp_path / "keys")
    make_keys(files)
    keys = Keys(files, open_place(token, files))
    keys.rotate(KeyUse.BUNDLE, 3)
    program = (
        "import sys; from pathlib import Path; from dialer.evidence.trust import KeyUse;"
        "from dialer.signing.keys import KeyFiles; from dialer.signing.places import *;"
        "options = dict(zip(('module', 'token', 'pin_file'), sys.argv[2:]));"
        "place = open_place(PlaceSettings('pkcs11', options), KeyFiles(Path(sys.argv[1])));"
        "print(place.current(KeyUse.BUNDLE).sign(b'message').hex())"
    )
    options = [token.options[name] for name in ("module", "token", "pin_file")]
    command = [sys.executable, "-c", program, str(files.root), *options]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    VerifyKey(keys.place.current(KeyUse.BUNDLE).public).verify(b"message", bytes.fromhex(said.strip()))


def test_a_token_that_is_not_there_or_a_place_that_nobody_gives_stops_the_start(
    token: PlaceSettings, tmp_path: Path
) -> None:
    files = KeyFiles(tmp_path / "keys")
    make_keys(files)
    wrong = dict(token.options) | {"token": "another"}
    for settings in (
        PlaceSettings("pkcs11", wrong),
        PlaceSettings("pkcs11", {}),
        PlaceSettings("cloud", {}),
    ):
        with pytest.raises(InstallationError):
            open_place(settings, files)
    assert open_place(PlaceSettings("file", {}), files).current(KeyUse.LOG).public
    (tmp_path / "pin").write_text(PIN)
    (tmp_path / "pin").chmod(0o644)
    with pytest.raises(InstallationError, match="readable by others"):
        open_place(PlaceSettings("pkcs11", dict(token.options) | {"pin_file": str(tmp_path / "pin")}), files)
