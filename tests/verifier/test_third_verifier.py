"""The console's verifier agrees with the product's on every honest, tampered and spoilt bundle, check by check."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from bundle_attacks import ATTACKS
from bundle_forging import as_exporter, open_files
from test_operator_fuzz import operator_bundles
from third_verifier import Said, built, third
from time_authority import authority

from dialer.evidence.bundle import redacted
from dialer.evidence.checks import verify_bundle
from dialer.evidence.parts import Says
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog
from dialer.evidence.trust import Trust

Cases = Sequence[tuple[bytes, Trust | None]]


@pytest.fixture(scope="module")
def script() -> Path:
    return built()


def agreed(script: Path, cases: Cases) -> list[Said]:
    """What both say; fails where they differ. Neither has a FLAC decoder here."""
    said = third(script, [(data, None if trust is None else trust.to_bytes()) for data, trust in cases])
    for one, (data, trust) in zip(said, cases, strict=True):
        report = verify_bundle(data, trust)
        assert one.checks == {check.id: str(check.outcome) for check in report.checks}
        assert one.exit_code == report.exit_code
        assert "broken" not in one.faults
    return said


def test_the_console_accepts_every_honest_bundle(log: SampleLog, script: Path) -> None:
    rotation = next(s for s, b in enumerate(log.bodies) if parse_leaf(b).event.type is EventType.KEY_ROTATED)
    cases: list[tuple[bytes, Trust | None]] = []
    wanted: list[int] = []
    for attempt, number in SAMPLE_ATTEMPTS.items():
        parts = log.parts(attempt, number, also=[rotation])
        stamped = replace(parts, tokens={parts.note.checkpoint().size: authority().token(parts.note.body)})
        believing = replace(log.trust, authorities=(authority().trusted(),))
        for data in (
            log.bundle(parts),
            log.bundle(stamped),
            log.bundle(redacted(parts, frozenset())),
            log.bundle(redacted(parts, frozenset({Says.FLAC_SHA256, "codes"}))),
        ):
            for trust, code in ((log.trust, 0), (believing, 0), (SampleLog().trust, 0), (None, 3)):
                cases.append((data, trust))
                wanted.append(code)
    assert [one.exit_code for one in agreed(script, cases)] == wanted


def test_the_console_finds_every_attack(log: SampleLog, script: Path) -> None:
    made = [attack.make(log) for attack in ATTACKS]
    pinned = agreed(script, [(data, log.trust) for data in made])
    for attack, said in zip(ATTACKS, pinned, strict=True):
        assert said.exit_code == 1, attack.name
        assert said.checks[attack.fails] == "fail", attack.name
    agreed(script, [(data, None) for data in made])


def test_the_console_reads_flipped_bits_alike_that_the_exporter_signed(log: SampleLog, script: Path) -> None:
    data = {name: log.bundle(log.parts(name, number)) for name, number in SAMPLE_ATTEMPTS.items()}
    rng = random.Random("third")
    cases: list[tuple[bytes, Trust | None]] = []
    for number in range(300):
        whole = data[rng.choice(sorted(data))]
        name = rng.choice(sorted(set(open_files(whole)) - {"manifest.json", "VERIFY.md"}))

        def flip(files: dict[str, bytes], name: str = name) -> None:
            spoilt = bytearray(files[name])
            bit = rng.randrange(len(spoilt) * 8)
            spoilt[bit // 8] ^= 1 << bit % 8
            files[name] = bytes(spoilt)

        cases.append((as_exporter(log, whole, flip), log.trust if number % 2 else None))
    said = agreed(script, cases)
    failed = {check for one in said for check, outcome in one.checks.items() if outcome == "fail"}
    assert len(failed) >= 10, failed


def test_the_console_reads_alike_whatever_an_operator_commits_to(script: Path) -> None:
    bundles = operator_bundles()
    assert len(bundles) > 50
    said = agreed(script, [(data, trust) for data, own in bundles for trust in (own, None)])
    assert {one.exit_code for one in said} >= {1}


def test_the_console_refuses_garbage(script: Path) -> None:
    rng = random.Random("garbage")
    cases: Cases = [(rng.randbytes(rng.randrange(300)), None) for _ in range(100)]
    assert {one.exit_code for one in agreed(script, cases)} == {1}
