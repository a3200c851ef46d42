"""Bundles: every story verifies, the same parts give the same bytes, ordinary tools open them."""

import base64
import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from bundle_forging import operator_log

from dialer.calls.attempt import FINAL, MOVES, AttemptState
from dialer.evidence import onefile, story
from dialer.evidence.bundle import redacted
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import Outcome
from dialer.evidence.checkpoint import Note
from dialer.evidence.checks import STEPS, verify_bundle
from dialer.evidence.container import read_zip, write_zip
from dialer.evidence.manifest import Missing
from dialer.evidence.parts import Says
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import (
    NUMBERS,
    SAMPLE_ATTEMPTS,
    SampleLog,
    permit_call,
    record_consent,
    sample_log,
)
from dialer.evidence.sound import sound_decoder
from dialer.evidence.steps import Report
from dialer.evidence.trust import Trust
from dialer.evidence.verify import main


def outcomes(report: Report) -> dict[str, Outcome]:
    return {check.id: check.outcome for check in report.checks}


def rotation_seq(log: SampleLog) -> int:
    return next(
        s for s, body in enumerate(log.bodies) if parse_leaf(body).event.type is EventType.KEY_ROTATED
    )


@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_the_bundle_of_every_story_verifies_under_pinned_keys(log: SampleLog, attempt: str) -> None:
    data = log.bundle(log.parts(attempt, SAMPLE_ATTEMPTS[attempt]))
    report = verify_bundle(data, log.trust, sound_decoder())
    assert [check for check in report.checks if check.outcome is Outcome.FAILED] == []
    assert report.exit_code == 0
    assert report.is_demo


def test_without_pinned_keys_a_bundle_is_consistent_and_its_signer_not_established(log: SampleLog) -> None:
    data = log.bundle(log.parts("talked", SAMPLE_ATTEMPTS["talked"]))
    report = verify_bundle(data, None)
    assert (report.exit_code, report.verdict) == (3, "consistent, signer not established")
    assert verify_bundle(data, log.trust).exit_code == 0


def test_every_check_can_pass_and_none_is_named_twice(log: SampleLog) -> None:
    passed = set()
    for attempt, number in SAMPLE_ATTEMPTS.items():
        parts = log.parts(attempt, number, also=[rotation_seq(log)])
        passed |= {
            name
            for name, outcome in outcomes(
                verify_bundle(log.bundle(parts), log.trust, sound_decoder())
            ).items()
            if outcome is Outcome.PASSED
        }
    assert {step.id for step in STEPS} - passed == {"tsr.tokens"}  # held by test_evidence_timetoken
    assert len({step.id for step in STEPS}) == len(STEPS)
    assert all(step.title_zh != step.title_en for step in STEPS)


def test_the_same_parts_give_the_same_bytes(log: SampleLog) -> None:
    parts = log.parts("talked", SAMPLE_ATTEMPTS["talked"])
    backwards = replace(parts, leaves=dict(reversed(list(parts.leaves.items()))))
    assert log.bundle(parts) == log.bundle(backwards)


def test_ordinary_tools_open_a_bundle(log: SampleLog) -> None:
    data = log.bundle(log.parts("talked", SAMPLE_ATTEMPTS["talked"]))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.namelist() == sorted(opened.namelist())
        assert {info.compress_type for info in opened.infolist()} == {zipfile.ZIP_STORED}
        assert {info.date_time for info in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        files = {name: opened.read(name) for name in opened.namelist()}
    assert write_zip(files) == data
    assert {name: bytes(extent.data) for name, extent in read_zip(data).items()} == files


@pytest.mark.parametrize(
    "keep", [frozenset(), frozenset({"hung_up_by", "codes"}), frozenset({Says.FLAC_SHA256})]
)
@pytest.mark.parametrize("attempt", SAMPLE_ATTEMPTS)
def test_a_redacted_bundle_verifies_and_shows_nothing_else(
    log: SampleLog, attempt: str, keep: frozenset[str]
) -> None:
    full = log.parts(attempt, SAMPLE_ATTEMPTS[attempt])
    data = log.bundle(redacted(full, keep))
    report = verify_bundle(data, log.trust, sound_decoder())
    assert report.exit_code == 0, [check for check in report.checks if check.outcome is Outcome.FAILED]
    number = SAMPLE_ATTEMPTS[attempt].encode()
    assert number in log.bundle(full)
    assert number not in data
    assert ("recording.flac" in read_zip(data)) == (attempt == "talked" and Says.FLAC_SHA256 in keep)
    assert "dnc.json" not in read_zip(data)


def test_an_erased_payload_is_declared_and_the_rest_still_verifies(log: SampleLog) -> None:
    full = log.parts("busy", SAMPLE_ATTEMPTS["busy"])
    gone = tuple(Missing(f"payload:{seq}", "erased") for seq in full.payloads)
    missing = (*full.missing, *gone, Missing("dnc", "erased"), Missing("consent.file:text.txt", "erased"))
    erased = replace(full, payloads={}, consent={}, dnc=None, missing=missing)
    assert verify_bundle(log.bundle(erased), log.trust).exit_code == 0


def test_a_bundle_of_before_the_rotation_is_believed_by_whoever_pinned_the_first_key(log: SampleLog) -> None:
    first = SampleLog().trust
    parts = log.parts("talked", SAMPLE_ATTEMPTS["talked"])
    with_handover = log.parts("talked", SAMPLE_ATTEMPTS["talked"], also=[rotation_seq(log)])
    assert verify_bundle(log.bundle(with_handover), first).exit_code == 0
    without = outcomes(verify_bundle(log.bundle(parts), first))
    assert without["checkpoint.signature"] is Outcome.FAILED


CONTRADICTIONS = {
    "no leaves": lambda parts: replace(parts, leaves={}),
    "a leaf at another place": lambda parts: replace(
        parts, leaves={s + 1: b for s, b in parts.leaves.items()}
    ),
    "a payload left out": lambda parts: replace(parts, payloads={}),
    "a payload of another leaf": lambda parts: replace(
        parts, payloads=dict(zip(parts.payloads, reversed(parts.payloads.values()), strict=True))
    ),
    "a DNC proof beside a withheld number": lambda parts: replace(
        redacted(parts, frozenset()), dnc=parts.dnc, missing=()
    ),
    "a recording beside a withheld hash": lambda parts: replace(
        redacted(parts, frozenset()), recording=b"fLaC", missing=()
    ),
    "a file name that leads out": lambda parts: replace(parts, consent={"../text.txt": b"x"}),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_parts_that_no_verifier_could_accept_are_not_built(log: SampleLog, name: str) -> None:
    parts = log.parts("talked", SAMPLE_ATTEMPTS["talked"])
    assert log.bundle(parts)
    with pytest.raises(EvidenceFormatError):
        log.bundle(CONTRADICTIONS[name](parts))  # type: ignore[no-untyped-call]


def test_the_moves_of_the_verifier_are_those_of_the_machine() -> None:
    def kind(state: AttemptState) -> EventType:
        return EventType(f"attempt.{state}")

    product = {kind(s): frozenset(map(kind, to)) for s, to in MOVES.items() if to}
    assert dict(story.MOVES) == product
    assert frozenset(map(kind, FINAL)) == story.FINAL_STATES


def test_a_bundle_that_is_not_cosigned_is_not_complete(log: SampleLog) -> None:
    parts = log.parts("talked", SAMPLE_ATTEMPTS["talked"])
    alone = Note(parts.note.body, parts.note.signatures[:1])
    report = verify_bundle(log.bundle(replace(parts, note=alone)), log.trust)
    assert outcomes(report)["witness.cosignature"] is Outcome.FAILED
    assert report.exit_code == 1


def test_the_command_exits_with_the_code_of_the_worst_file(
    log: SampleLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad, keys = tmp_path / "good.zip", tmp_path / "bad.zip", tmp_path / "trust.json"
    good.write_bytes(log.bundle(log.parts("talked", SAMPLE_ATTEMPTS["talked"])))
    bad.write_bytes(good.read_bytes()[:-1])
    keys.write_bytes(log.trust.to_bytes())
    assert main([str(good), "--trust", str(keys)]) == 0
    assert main([str(good)]) == 3
    assert main([str(good), str(bad), "--trust", str(keys)]) == 1
    assert "zip.container" in capsys.readouterr().out
    assert main([str(tmp_path / "none.zip")]) == 2
    assert main([str(good), "--trust", str(bad)]) == 2


def test_one_copied_file_verifies_like_the_package(log: SampleLog, tmp_path: Path) -> None:
    script, bundle, keys = tmp_path / "verify_evidence.py", tmp_path / "talked.zip", tmp_path / "trust.json"
    script.write_text(onefile.one_file())
    bundle.write_bytes(log.bundle(log.parts("talked", SAMPLE_ATTEMPTS["talked"])))
    keys.write_bytes(log.trust.to_bytes())
    # -I: no environment, no current folder on the path; the file must not find the package it was joined from.
    probe = f"import sys; sys.modules['dialer'] = None; sys.argv = {['v', str(bundle), '--trust', str(keys), '--json']!r}"
    run = f"{probe}; import runpy; runpy.run_path({str(script)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-I", "-c", run], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    bundle.write_bytes(bundle.read_bytes().replace(b'"hung_up_by"', b'"hung_up_bY"'))
    assert subprocess.run([sys.executable, "-I", "-c", run], capture_output=True, timeout=60).returncode == 1


def test_the_one_file_is_the_same_each_time() -> None:
    assert sha256(onefile.one_file().encode()).digest() == sha256(onefile.one_file().encode()).digest()


def test_another_log_of_the_same_shape_is_not_believed(log: SampleLog) -> None:
    other = sample_log(None, seed=" of a stranger")
    data = other.bundle(other.parts("busy", SAMPLE_ATTEMPTS["busy"]))
    assert verify_bundle(data, other.trust).exit_code == 0
    found = outcomes(verify_bundle(data, log.trust))
    assert found["checkpoint.signature"] is Outcome.FAILED
    assert found["manifest.signature"] is Outcome.FAILED
    assert found["witness.cosignature"] is Outcome.FAILED


def test_keys_of_another_log_name_the_fault(log: SampleLog) -> None:
    data = log.bundle(log.parts("busy", SAMPLE_ATTEMPTS["busy"]))
    found = outcomes(verify_bundle(data, Trust("demo/other", log.trust.keys)))
    assert found["trust.form"] is Outcome.FAILED
    assert found["checkpoint.signature"] is Outcome.UNREACHED


def test_a_call_in_the_logs_first_minute_has_no_root_before_it_and_says_so() -> None:
    own = operator_log()
    record_consent(own, "c", NUMBERS[1])
    permit_call(own, "a", "c", NUMBERS[1])
    own.append(EventType.ATTEMPT_FAILED, attempt="a")
    own.seal()
    data = own.bundle(own.parts("a", NUMBERS[1]))
    assert verify_bundle(data, own.trust).exit_code == 0
    assert b"dnc.before" in base64.b64decode(
        json.loads(bytes(read_zip(data)["manifest.json"].data))["payload"]
    )


def test_a_withdrawal_said_in_another_attempt_is_shown_and_its_cause_declared_outside() -> None:
    own = operator_log()
    record_consent(own, "c", NUMBERS[1])
    own.seal()
    for attempt in ("a", "b"):
        permit_call(own, attempt, "c", NUMBERS[1])
        own.append(EventType.ATTEMPT_FAILED, attempt=attempt)
    withdrawn = own.append(EventType.CONSENT_WITHDRAWN, attempt="b", consent="c")
    own.seal()
    report = verify_bundle(own.bundle(own.parts("a", NUMBERS[1], also=[withdrawn])), own.trust)
    assert report.exit_code == 0
    assert outcomes(report)["leaves.chain"] is Outcome.PASSED
