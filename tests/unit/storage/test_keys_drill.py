"""Keys change hands, are lost and are stolen: who pinned which trust file believes what afterwards."""

from __future__ import annotations

import base64
import io
import json
import socket
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.errors import InstallationError
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.bundle import build_bundle
from dialer.evidence.checks import verify_bundle
from dialer.evidence.trust import KeyUse, Trust, parse_trust
from dialer.ports.bundle import Gathered
from dialer.processes.core import open_keyring
from dialer.processes.keys import Why, end_key, rotate, show
from dialer.services.checkpoints import Checkpoints
from dialer.services.trail import Bundles
from dialer.settings import Settings, Web
from dialer.signing.checkpointing import LastHead, LogSigner, Witness
from dialer.signing.keys import KeyFiles, make_keys, read_secret, trust_of, write_secret
from dialer.signing.places import SeedHolder, slot_of
from dialer.signing.rotation import in_use
from dialer.storage.bundles import StoredBundleParts
from dialer.storage.fsck import Against, check_store
from dialer.storage.heads import StoredHeads
from dialer.vault.objects import LocalObjects
from dialer.vault.sweep import measure
from tests.unit.storage.proof_world import InProcessSigner, InProcessWitness, ProofWorld
from tests.unit.storage.storage_world import ASKED_AT, GATE_KEY, ORIGIN
from tests.unit.storage.test_backup_drill import settings_of

ROTATED = (KeyUse.LOG, KeyUse.WITNESS, KeyUse.BUNDLE)


class FileSigner(InProcessSigner):
    """Signs bundles with the key file as it is now."""

    def __init__(self, signer: LogSigner, files: KeyFiles) -> None:
        super().__init__(signer)
        self._files = files

    async def sign_bundle(self, message: bytes) -> bytes:
        return SigningKey(read_secret(self._files.bundle_private)).sign(message).signature


class Drill:
    """An installation with keys on files, its processes started anew by each `started`."""

    def __init__(self, home: Path) -> None:
        self.settings: Settings = settings_of(home)
        self.files = KeyFiles(self.settings.folders.keys)
        # the DNC tree of this store stands on the test's own key
        write_secret(self.files.dnc_vrf, base64.b64encode(b"v" * 32))
        write_secret(self.files.master_key, base64.b64encode(b"m" * 32))
        write_secret(self.files.pepper, base64.b64encode(b"p" * 32))
        write_secret(self.files.gate_private, base64.b64encode(bytes(GATE_KEY)))
        self.files.gate_public.parent.mkdir(parents=True)
        self.files.gate_public.write_bytes(base64.b64encode(bytes(GATE_KEY.public_key)))
        make_keys(self.files)
        self.first: Trust = trust_of(self.files, ORIGIN)
        self.home = home

    def trust(self) -> Trust:
        return trust_of(self.files, ORIGIN)

    @contextmanager
    def started(self) -> Iterator[ProofWorld]:
        # the keys as the dialer opens them
        world = ProofWorld(self.home, keys=open_keyring(self.settings))
        trust = self.trust()
        log_key = in_use(trust, KeyUse.LOG).note_key()
        signer = LogSigner(
            ORIGIN, SeedHolder(read_secret(self.files.log_private)), LastHead(self.home / "signer.state")
        )
        witness = Witness(
            f"{ORIGIN}/witness",
            SeedHolder(read_secret(self.files.witness_private)),
            log_key,
            LastHead(self.home / "witness.state"),
        )
        world.signer = FileSigner(signer, self.files)
        world.checkpoints = Checkpoints(
            StoredHeads(world.core.store, ORIGIN), world.signer, InProcessWitness(witness)
        )
        parts = StoredBundleParts(world.core.store, world.core.keys, trust, "test")
        world.bundles = Bundles(parts, world.vault, world.signer, trust)
        try:
            yield world
        finally:
            world.close()

    def fsck(self, world: ProofWorld) -> set[str]:
        root = self.home / "vault"
        against = Against(
            self.trust(), world.witnessed(), world.core.keys, partial(measure, LocalObjects(root))
        )
        audit = world.core.store.read_now(lambda tx: check_store(tx, against))
        return {found.code for found in audit.found}


def quiet(line: str) -> None:
    del line


def exit_code(data: bytes, trust: Trust) -> int:
    return verify_bundle(data, trust, None).exit_code


def places_in(data: bytes) -> list[object]:
    """What a bundle shows of the DNC tree."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        if "dnc.json" not in bundle.namelist():
            return []
        places = json.loads(bundle.read("dnc.json"))["places"]
    assert isinstance(places, list)
    return places


async def test_every_key_is_rotated_and_who_pinned_the_first_keys_believes_what_came_after(
    tmp_path: Path,
) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        before = await world.talked(1)
        await world.sign()
        early = await world.bundle(before, ORG)
    old = {use: read_secret(slot_of(drill.files, use).private) for use in ROTATED}
    for use in ROTATED:
        assert rotate(drill.settings, use, quiet) == 0
    assert all(read_secret(slot_of(drill.files, use).private) != old[use] for use in ROTATED)
    assert stat.S_IMODE(drill.files.log_private.stat().st_mode) == 0o600
    with drill.started() as world:
        after = await world.talked(2)
        await world.sign()
        assert drill.fsck(world) == set()
        late, again = await world.bundle(after, ORG), await world.bundle(before, ORG)
    for data in (early, late, again):
        assert exit_code(data, drill.trust()) == 0
        assert exit_code(data, drill.first) == 0
    stranger = parse_trust(drill.first.to_bytes())
    others = tuple(replace(key, public=bytes(SigningKey(b"x" * 32).verify_key)) for key in stranger.keys)
    assert exit_code(late, replace(stranger, keys=others)) == 1


async def test_a_stolen_bundle_key_signs_nothing_that_is_believed_once_it_is_ended(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        before = await world.talked(1)
        await world.sign()
        early = await world.bundle(before, ORG)
    stolen = SigningKey(read_secret(drill.files.bundle_private))
    stolen_name = in_use(drill.first, KeyUse.BUNDLE)
    assert end_key(drill.settings, KeyUse.BUNDLE, Why.STOLEN, None, quiet) == 0
    with drill.started() as world:
        after = await world.talked(2)
        await world.sign()
        honest = await world.bundle(after, ORG)
        gathered = await world.bundles.parts.gather(OrganisationId(ORG), AttemptId(after), is_final_try=True)
        assert isinstance(gathered, Gathered)
        flac = (
            await world.vault.open(
                gathered.recording.path, gathered.recording.key, gathered.recording.ct_sha256
            )
            if gathered.recording
            else None
        )
        parts = replace(gathered.parts, recording=flac)
        forged = build_bundle(parts, stolen_name, lambda message: stolen.sign(message).signature)
        assert drill.fsck(world) == set()
    assert exit_code(early, drill.trust()) == 0, "what it signed before it was stolen stays believed"
    assert exit_code(honest, drill.trust()) == 0
    assert exit_code(forged, drill.trust()) == 1
    assert exit_code(forged, drill.first) == 0, (
        "who has the old trust file only can't know it: hence another way"
    )
    assert exit_code(honest, drill.first) == 1


async def test_a_lost_log_key_is_ended_and_the_log_goes_on_under_a_new_one(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        await world.talked(1)
        await world.sign()
    drill.files.log_private.unlink()
    with pytest.raises(InstallationError):
        rotate(drill.settings, KeyUse.LOG, quiet)
    drill.files.log_private.with_suffix(".next").unlink(missing_ok=True)
    assert end_key(drill.settings, KeyUse.LOG, Why.LOST, None, quiet) == 0
    with drill.started() as world:
        after = await world.talked(2)
        await world.sign()
        assert drill.fsck(world) == set()
        assert exit_code(await world.bundle(after, ORG), drill.trust()) == 0


def test_a_rotation_that_was_interrupted_is_finished_and_not_begun_again(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started():
        pass
    private = slot_of(drill.files, KeyUse.LOG).private
    before = private.read_bytes()
    assert rotate(drill.settings, KeyUse.LOG, quiet) == 0
    # as a crash leaves it between the trust file and the last move
    private.rename(private.with_suffix(".next"))
    private.write_bytes(before)
    private.chmod(0o600)
    trust = drill.trust()
    assert rotate(drill.settings, KeyUse.LOG, quiet) == 0
    assert drill.trust() == trust
    assert private.read_bytes() != before


def test_a_rotation_that_ended_right_after_its_leaf_is_taken_up_and_not_said_twice(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        size = world.core.size()
    for use in (KeyUse.LOG, KeyUse.VRF):
        slot, before = slot_of(drill.files, use), drill.trust().to_bytes()
        private = slot.private.read_bytes()
        assert rotate(drill.settings, use, quiet) == 0
        done = drill.trust()
        # as a crash leaves it between the leaf and the trust file
        slot.private.rename(slot.next)
        write_secret(slot.private, private)
        drill.files.trust.write_bytes(before)
        assert rotate(drill.settings, use, quiet) == 0
        assert drill.trust() == done
        size += 1
        with drill.started() as world:
            assert world.core.size() == size


async def test_a_rotated_vrf_key_places_what_comes_and_answers_for_what_it_placed(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        before = await world.talked(1)
        await world.core.refuse(await world.core.lead(2))
        await world.sign()
        early = await world.bundle(before, ORG)
    first = read_secret(drill.files.dnc_vrf)
    assert rotate(drill.settings, KeyUse.VRF, quiet) == 0
    assert read_secret(drill.files.dnc_vrf) != first
    kept = drill.files.dnc_vrf_past(in_use(drill.first, KeyUse.VRF).public)
    assert read_secret(kept) == first
    with drill.started() as world:
        after = await world.talked(3)
        refused_anew = await world.core.lead(4)
        await world.core.refuse(refused_anew)
        await world.sign()
        assert drill.fsck(world) == set()
        head = world.core.one("SELECT keys, size FROM dnc_head")
        assert (head.keys, head.size) == (2, 2)
        late, again = await world.bundle(after, ORG), await world.bundle(before, ORG)
        world.core.run("UPDATE dnc_head SET keys = 1")
        assert "dnc.keys" in drill.fsck(world)
    for data in (early, late, again):
        assert exit_code(data, drill.trust()) == 0
        assert exit_code(data, drill.first) == 0
    assert len(places_in(early)) == 2
    assert len(places_in(late)) == 4


async def test_whoever_refused_before_a_rotation_is_let_off_the_tree_where_the_old_key_put_him(
    tmp_path: Path,
) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        await world.core.refuse(await world.core.lead(2))
    assert rotate(drill.settings, KeyUse.VRF, quiet) == 0
    with drill.started() as world:
        world.core.wind(2 * 86_400)
        await world.core.leads(range(2, 3), ORG, CAMPAIGN, ASKED_AT + timedelta(days=1))
        row = world.core.one("SELECT lifted_by_consent FROM dnc_entry")
        assert row.lifted_by_consent is not None, "the control: the new consent lifts it"
        await world.sign()
        assert drill.fsck(world) == set()


@pytest.mark.parametrize("why", list(Why))
async def test_a_lost_or_stolen_vrf_key_is_ended_and_refusals_hold(tmp_path: Path, why: Why) -> None:
    drill = Drill(tmp_path)
    with drill.started() as world:
        before = await world.talked(1)
        await world.core.refuse(await world.core.lead(2))
        await world.sign()
        early = await world.bundle(before, ORG)
    if why is Why.LOST:
        drill.files.dnc_vrf.unlink()
        with pytest.raises(InstallationError):
            rotate(drill.settings, KeyUse.VRF, quiet)
    with pytest.raises(InstallationError, match="where the log stands"):
        end_key(drill.settings, KeyUse.VRF, why, 3, quiet)
    assert end_key(drill.settings, KeyUse.VRF, why, None, quiet) == 0
    with drill.started() as world:
        after = await world.talked(3)
        await world.core.refuse(await world.core.lead(4))
        await world.sign()
        assert drill.fsck(world) == set()
        late = await world.bundle(after, ORG)
        world.core.wind(2 * 86_400)
        await world.core.leads(range(2, 3), ORG, CAMPAIGN, ASKED_AT + timedelta(days=1))
        lifted = world.core.one("SELECT lifted_by_consent FROM dnc_entry ORDER BY at_us LIMIT 1")
        assert (lifted.lifted_by_consent is None) is (why is Why.LOST), (
            "what can't be found in the tree can't be lifted there"
        )
        await world.sign()
        assert drill.fsck(world) == set()
    assert exit_code(early, drill.first) == 0
    assert exit_code(late, drill.trust()) == 0
    assert len(places_in(late)) == (0 if why is Why.LOST else 4)
    # whoever has only the old trust file is told that a key is missing, where places are shown
    assert exit_code(late, drill.first) == (0 if why is Why.LOST else 1)


def test_nothing_is_rotated_while_a_process_is_up(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    with drill.started():
        pass
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(drill.settings.socket("signer")))
        door.listen()
        with pytest.raises(InstallationError, match="running"):
            rotate(drill.settings, KeyUse.LOG, quiet)
        with pytest.raises(InstallationError, match="running"):
            end_key(drill.settings, KeyUse.LOG, Why.LOST, None, quiet)
    with socket.create_server(("127.0.0.1", 0)) as web:
        listening = drill.settings.model_copy(
            update={"web": Web(host="127.0.0.1", port=web.getsockname()[1])}
        )
        with pytest.raises(InstallationError, match="the dialer is running"):
            rotate(listening, KeyUse.VRF, quiet)
    assert drill.trust() == drill.first
    assert rotate(drill.settings, KeyUse.VRF, quiet) == 0, "the control: with everything stopped it is"


def test_showing_keys_shows_no_secret(tmp_path: Path) -> None:
    drill = Drill(tmp_path)
    lines: list[str] = []
    assert show(drill.settings, lines.append) == 0
    assert len(lines) == 4
    text = "\n".join(lines)
    for use in ROTATED:
        seed = read_secret(slot_of(drill.files, use).private)
        assert bytes(SigningKey(seed).verify_key).hex() in text
        assert seed.hex() not in text
