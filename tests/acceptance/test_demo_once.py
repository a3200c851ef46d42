"""The whole sample list, on real Asterisk, judged from outside: the carrier's journal, the bundles, the sound, the disk."""

import asyncio
import base64
import io
import json
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from dialer.demo.carrier import read_journal
from dialer.demo.run import run_demo
from dialer.demo.sample_leads import number_of
from dialer.evidence.onefile import one_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "verifier"))
from second_verifier import verify as second_verify  # noqa: E402 - it imports nothing of the product, nor as its part

EXPECTATIONS = HERE.parent / "expectations" / "demo.toml"
CALLEE_HZ = 440
AGENT_HZ = 660
APART_DB = 30.0
NINES = (70, 71, 72)
"""The sample list's people who press 9."""
CLOSING_SECONDS = 30.0

pytestmark = pytest.mark.asterisk


@dataclass(frozen=True)
class Ran:
    """One run of `make demo ONCE=1`."""

    home: Path
    exit_code: int
    lines: tuple[str, ...]

    @property
    def bundles(self) -> list[Path]:
        return sorted((self.home / "bundles").glob("*.zip"))

    def recordings(self) -> Iterator[tuple[str, bytes]]:
        for path in self.bundles:
            with zipfile.ZipFile(path) as bundle:
                if "recording.flac" in bundle.namelist():
                    yield path.stem, bundle.read("recording.flac")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    home = Path("/tmp") / f"xo{tmp_path_factory.mktemp('demo').stat().st_ino % 1_000_000}"
    lines: list[str] = []
    code = asyncio.run(run_demo(home, 0, EXPECTATIONS, lines.append))
    return Ran(home, code, tuple(lines))


def test_every_sample_lead_ends_as_it_must_and_every_bundle_verifies(ran: Ran) -> None:
    wrong = [line for line in ran.lines if line.startswith("WRONG")]
    assert wrong == []
    assert ran.exit_code == 0
    assert len(ran.bundles) == 61


def test_a_talk_in_which_nine_was_pressed_has_its_closing_words_and_is_cut_after_thirty_seconds(
    ran: Ran,
) -> None:
    said, ended = {}, {}
    for record in read_journal(ran.home / "carrier" / "log" / "journal"):
        if record.event == "KEY":
            said[record.call] = record.at
        elif record.event == "END":
            ended[record.call] = record.at
    assert len(said) == len(NINES)
    lasted = [(ended[call] - at).total_seconds() for call, at in said.items()]
    # whoever pressed it stays for a minute: it is we who end the call
    assert all(CLOSING_SECONDS - 2 <= seconds <= CLOSING_SECONDS + 10 for seconds in lasted), lasted


def _broken(data: bytes, trust: bytes) -> dict[str, str]:
    return {name: how for name, how in second_verify(data, trust).items() if how in ("fail", "unreached")}


def test_the_second_verifier_agrees_on_every_bundle_of_the_run(ran: Ran) -> None:
    trust = (ran.home / "trust.json").read_bytes()
    broken = {path.stem: _broken(path.read_bytes(), trust) for path in ran.bundles}
    assert {name: how for name, how in broken.items() if how} == {}


def test_the_second_verifier_finds_one_changed_byte(ran: Ran) -> None:
    trust = (ran.home / "trust.json").read_bytes()
    data = bytearray(ran.bundles[0].read_bytes())
    data[len(data) // 2] ^= 1
    assert _broken(bytes(data), trust)


def test_the_one_file_verifier_works_alone_and_knows_who_signed_only_by_a_pinned_trust(
    ran: Ran, tmp_path: Path
) -> None:
    alone = tmp_path / "verify_evidence.py"
    made = subprocess.run(
        [sys.executable, "-m", "dialer.evidence.onefile"], capture_output=True, cwd=HERE.parents[1]
    )
    alone.write_bytes(made.stdout)
    command = [sys.executable, str(alone), str(ran.bundles[0])]
    pinned = subprocess.run(
        [*command, "--trust", str(ran.home / "trust.json")], capture_output=True, text=True, cwd=tmp_path
    )
    assert pinned.returncode == 0, pinned.stdout
    assert subprocess.run(command, capture_output=True, cwd=tmp_path).returncode == 3


def test_with_the_network_off_both_verify_every_bundle_of_the_run(ran: Ran, tmp_path: Path) -> None:
    """In a network namespace of its own, in which not even the loopback is up."""
    alone = tmp_path / "verify_evidence.py"
    alone.write_text(one_file(), encoding="utf-8")
    offline = ["unshare", "--map-root-user", "--net", sys.executable]
    with socket.create_server(("127.0.0.1", 0)) as here:
        ask = f"import socket; socket.create_connection(('127.0.0.1', {here.getsockname()[1]}), 5)"
        assert subprocess.run([sys.executable, "-c", ask], cwd=tmp_path).returncode == 0
        reached = subprocess.run([*offline, "-c", ask], capture_output=True, text=True, cwd=tmp_path)
    assert "unreachable" in reached.stderr, reached
    for verifier in (["-m", "dialer", "verify"], [str(alone)]):
        command = [*offline, *verifier, *map(str, ran.bundles), "--trust", str(ran.home / "trust.json")]
        done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parents[1])
        assert done.returncode == 0, done.stdout[-2000:]


def _level_db(leg: "np.ndarray[tuple[int], np.dtype[np.float64]]", rate: int, hz: int) -> float:
    """Loudness of one tone in a leg, by its own frequency alone."""
    window = np.hanning(len(leg))
    spectrum = np.abs(np.fft.rfft(leg * window))
    place = round(hz * len(leg) / rate)
    return float(20 * np.log10(spectrum[max(0, place - 3) : place + 4].max() + 1e-9))


def test_each_leg_of_a_recorded_talk_holds_its_own_tone_30_db_above_the_other(ran: Ran) -> None:
    talks = 0
    for attempt_id, flac in ran.recordings():
        sound, rate = sf.read(io.BytesIO(flac), dtype="float64", always_2d=True)
        if len(sound) < 6 * rate:
            continue
        callee, agent = sound[2 * rate :, 0], sound[2 * rate :, 1]
        if np.sqrt(np.mean(callee**2)) < 0.001:
            continue  # the callee who stays silent
        if _level_db(callee, rate, CALLEE_HZ) < _level_db(callee, rate, 1000) + APART_DB:
            continue  # the callee who speaks words
        talks += 1
        assert _level_db(callee, rate, CALLEE_HZ) - _level_db(callee, rate, AGENT_HZ) >= APART_DB, attempt_id
        assert _level_db(agent, rate, AGENT_HZ) - _level_db(agent, rate, CALLEE_HZ) >= APART_DB, attempt_id
    assert talks >= 10


def _forms(text: str) -> list[bytes]:
    plain = text.encode()
    return [plain, text.encode("utf-16-le"), base64.b64encode(plain).rstrip(b"=")[:-1]]


def _where(home: Path, wanted: list[bytes], but: frozenset[str]) -> list[str]:
    found = []
    for path in home.rglob("*"):
        if path.is_file() and path.relative_to(home).parts[0] not in but:
            content = path.read_bytes()
            found += [str(path.relative_to(home)) for form in wanted if form in content]
    return found


def test_no_number_or_name_of_the_list_lies_anywhere_outside_the_key_folder(ran: Ran) -> None:
    # the carrier is the outside world: it has to know whom it rings; bundles were exported on purpose
    outside = frozenset({"keys", "carrier", "bundles"})
    digits = [number_of(e).removeprefix("+") for e in (0, 7, 26, 38, 50, 70)]
    wanted = [form for text in (*digits, "王芳", "想了解续费价格") for form in _forms(text)]
    assert _where(ran.home, wanted, outside) == []
    # the search finds what is there: the carrier's own journal names the number
    assert _where(ran.home, _forms(digits[0]), frozenset({"keys", "bundles"})) != []


def test_the_spool_is_empty_when_every_recording_is_sealed(ran: Ran) -> None:
    assert list((ran.home / "spool").glob("*.wav")) == []


def test_no_process_of_the_run_said_an_error(ran: Ran) -> None:
    for log in (ran.home / "log").glob("*.log"):
        for line in log.read_text().splitlines():
            if line.startswith("{"):
                assert json.loads(line)["level"] not in ("error", "critical"), line
