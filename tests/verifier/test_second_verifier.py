"""Two verifiers that share no code: the same outcome of every check, on every honest, tampered and spoilt bundle."""

import ast
import random
from dataclasses import replace
from pathlib import Path

import pytest
from bundle_attacks import ATTACKS, Attack
from bundle_forging import as_exporter, open_files
from hypothesis import given, settings
from hypothesis import strategies as st
from second_verifier import CHECKS, exit_code, verify
from time_authority import authority

from dialer.evidence.bundle import redacted
from dialer.evidence.checks import STEPS, verify_bundle
from dialer.evidence.parts import Says
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog
from dialer.evidence.sound import sound_decoder
from dialer.evidence.trust import Trust


def first(data: bytes, trust: Trust | None) -> tuple[dict[str, str], int]:
    report = verify_bundle(data, trust, sound_decoder())
    return {check.id: str(check.outcome) for check in report.checks}, report.exit_code


def second(data: bytes, trust: Trust | None) -> tuple[dict[str, str], int]:
    pinned = trust.to_bytes() if trust is not None else None
    ended = verify(data, pinned)
    return ended, exit_code(ended, pinned)


def test_the_second_verifier_imports_nothing_of_the_product() -> None:
    for path in Path(__file__).parent.glob("second_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.partition(".")[0] == "dialer" for name in names), path.name


def test_both_run_the_same_checks_in_the_same_order() -> None:
    assert [name for name, _, _ in CHECKS] == [step.id for step in STEPS]
    assert {name: needs for name, needs, _ in CHECKS} == {step.id: step.needs for step in STEPS}


@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_both_accept_every_honest_bundle(log: SampleLog, attempt: str) -> None:
    rotation = next(s for s, b in enumerate(log.bodies) if parse_leaf(b).event.type is EventType.KEY_ROTATED)
    parts = log.parts(attempt, SAMPLE_ATTEMPTS[attempt], also=[rotation])
    size = parts.note.checkpoint().size
    stamped = replace(parts, tokens={size: authority().token(parts.note.body)})
    believing = replace(log.trust, authorities=(authority().trusted(),))
    for data in (
        log.bundle(parts),
        log.bundle(stamped),
        log.bundle(redacted(parts, frozenset())),
        log.bundle(redacted(parts, frozenset({Says.FLAC_SHA256, "codes"}))),
    ):
        for trust, code in ((log.trust, 0), (believing, 0), (SampleLog().trust, 0), (None, 3)):
            assert second(data, trust) == first(data, trust)
            assert second(data, trust)[1] == code


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_both_find_the_same_faults_in_every_attack(log: SampleLog, attack: Attack) -> None:
    data = attack.make(log)
    for trust in (log.trust, None):
        assert second(data, trust) == first(data, trust)
    assert second(data, log.trust)[1] == 1
    assert second(data, log.trust)[0][attack.fails] == "fail"


def test_both_agree_on_flipped_bits_that_the_exporter_signed(log: SampleLog) -> None:
    data = {name: log.bundle(log.parts(name, number)) for name, number in SAMPLE_ATTEMPTS.items()}
    rng = random.Random("both")
    failed = set()
    for number in range(400):
        whole = data[rng.choice(sorted(data))]
        name = rng.choice(sorted(set(open_files(whole)) - {"manifest.json", "VERIFY.md"}))

        def flip(files: dict[str, bytes], name: str = name) -> None:
            spoilt = bytearray(files[name])
            bit = rng.randrange(len(spoilt) * 8)
            spoilt[bit // 8] ^= 1 << bit % 8
            files[name] = bytes(spoilt)

        spoilt = as_exporter(log, whole, flip)
        trust = log.trust if number % 2 else None
        assert second(spoilt, trust) == first(spoilt, trust), name
        failed |= {check for check, outcome in first(spoilt, trust)[0].items() if outcome == "fail"}
    assert len(failed) >= 10, failed


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_both_agree_on_garbage_in_any_file(log: SampleLog, data: st.DataObject) -> None:
    attempt = data.draw(st.sampled_from(sorted(SAMPLE_ATTEMPTS)))
    whole = log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))

    def spoil(files: dict[str, bytes]) -> None:
        name = data.draw(st.sampled_from(sorted(set(files) - {"manifest.json"})))
        start = data.draw(st.integers(0, len(files[name])))
        end = data.draw(st.integers(start, min(len(files[name]), start + 30)))
        files[name] = files[name][:start] + data.draw(st.binary(max_size=30)) + files[name][end:]

    spoilt = as_exporter(log, whole, spoil)
    assert second(spoilt, log.trust) == first(spoilt, log.trust)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
def test_both_refuse_garbage(data: bytes) -> None:
    assert second(data, None) == first(data, None)
    assert second(data, None)[1] == 1
