"""Dossiers: many bundles under one signed index, each still verifiable alone; every attack is found and named."""

import json
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest
from dossier_kit import ABSENT, DOSSIER_ATTACKS, DossierAttack, dossier, files_of
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.evidence import check_dossier, onefile
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.case import Outcome
from dialer.evidence.check_dossier import is_dossier, verify_dossier
from dialer.evidence.checks import verify_bundle
from dialer.evidence.container import ZipWriter
from dialer.evidence.dossier import DOSSIER_LAYOUT, DossierHead, DossierWriter, bundle_name, parse_index
from dialer.evidence.manifest import parse_envelope
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import SAMPLE_ATTEMPTS, SampleLog, sample_log
from dialer.evidence.verify import main, report_json, report_text


def failed(data: bytes, log: SampleLog) -> list[str]:
    return [c.id for c in verify_dossier(data, log.trust).checks if c.outcome is Outcome.FAILED]


def test_a_dossier_verifies_and_each_of_its_bundles_verifies_alone(log: SampleLog) -> None:
    data = dossier(log)
    report = verify_dossier(data, log.trust)
    assert [c for c in report.checks if c.outcome is not Outcome.PASSED] == []
    assert (report.exit_code, report.is_demo, len(report.bundles)) == (0, True, len(SAMPLE_ATTEMPTS))
    assert verify_dossier(data, None).exit_code == 3
    files = files_of(data)
    for number in range(1, len(SAMPLE_ATTEMPTS) + 1):
        assert verify_bundle(files[bundle_name(number)], log.trust).exit_code == 0


def test_the_index_lists_every_attempt_with_its_state_and_those_that_are_absent(log: SampleLog) -> None:
    files = files_of(dossier(log))
    envelope = parse_envelope(files["index.json"], check_dossier.INDEX_TYPE)
    index = parse_index(envelope.payload)
    assert [entry.attempt_id for entry in index.bundles] == list(SAMPLE_ATTEMPTS)
    assert [entry.state for entry in index.bundles] == ["sealed", "refused", "sealed", "failed", "lapsed"]
    assert index.absent == ABSENT
    lines = files["index.csv"].decode().split("\r\n")
    assert lines[0] == "file,attempt,at,state,bytes,sha256"
    assert lines[2].startswith("bundles/00000002.zip,refused,")
    assert lines[6] == ",not-yet,,not_signed_yet,,"


def test_a_reader_who_pinned_the_keys_before_a_rotation_believes_the_dossier(log: SampleLog) -> None:
    first_keys = SampleLog().trust
    assert first_keys != log.trust
    assert verify_dossier(_with_hand_over(log), first_keys).exit_code == 0


def _with_hand_over(log: SampleLog) -> bytes:
    """Every bundle of the product shows the hand-overs of keys, which the sample's plain ones don't."""
    seqs = [s for s, b in enumerate(log.bodies) if parse_leaf(b).event.type is EventType.KEY_ROTATED]
    return dossier(log, also=seqs)


@pytest.mark.parametrize("attack", DOSSIER_ATTACKS, ids=lambda attack: attack.name)
def test_every_attack_on_a_dossier_is_found_and_said_in_both_languages(
    log: SampleLog, attack: DossierAttack, tmp_path: Path
) -> None:
    data = attack.make(log)
    if attack.fails == "zip.container":
        assert not is_dossier(data)
        assert failed(data, log)
        report = verify_bundle(data, log.trust)
        assert next(c.id for c in report.checks if c.outcome is Outcome.FAILED) == attack.fails
        return
    assert is_dossier(data)
    assert failed(data, log)[0] == attack.fails
    whole = verify_dossier(data, log.trust)
    assert whole.exit_code == 1
    is_of_form = attack.fails in ("dossier.container", "dossier.index")
    assert ("格式不符合规定" not in report_text("x", whole, "zh")) or is_of_form
    assert report_json("x", whole)["verdict"] == "failed"


def test_the_command_line_takes_bundles_and_dossiers_and_names_the_bundle_that_fails(
    log: SampleLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "trust.json").write_bytes(log.trust.to_bytes())
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    good.write_bytes(dossier(log))
    bad.write_bytes(next(a for a in DOSSIER_ATTACKS if a.fails == "dossier.bundles").make(log))
    pinned = ["--trust", str(tmp_path / "trust.json")]
    assert main([str(good), *pinned]) == 0
    assert main([str(good)]) == 3
    assert main([str(bad), *pinned]) == 1
    said = capsys.readouterr().out
    assert "bundles/00000001.zip" in said
    assert "leaves.included" in said
    assert main([str(bad), *pinned, "--json"]) == 1
    shown = json.loads(capsys.readouterr().out)["bundles"][0]["bundles"]
    assert [one["exit"] for one in shown] == [1, 0, 0, 0, 0]


def test_the_one_file_verifier_verifies_a_dossier_and_refuses_a_tampered_one(
    log: SampleLog, tmp_path: Path
) -> None:
    tool = tmp_path / "verify_evidence.py"
    tool.write_text(onefile.one_file())
    (tmp_path / "trust.json").write_bytes(log.trust.to_bytes())
    (tmp_path / "good.zip").write_bytes(dossier(log))
    (tmp_path / "bad.zip").write_bytes(DOSSIER_ATTACKS[0].make(log))
    for name, code in (("good.zip", 0), ("bad.zip", 1)):
        command = [sys.executable, "-I", str(tool), "--trust", "trust.json", name]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_ordinary_tools_open_a_dossier(log: SampleLog, tmp_path: Path) -> None:
    path = tmp_path / "dossier.zip"
    path.write_bytes(dossier(log))
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert opened.namelist()[0] == "VERIFY.md"


def test_a_dossier_without_bundles_is_not_written(log: SampleLog) -> None:
    writer = DossierWriter(DossierHead("d", "demo/sample", "o", 1, "s"), log.trust)
    list(writer.begin())
    with pytest.raises(EvidenceFormatError, match="without bundles"):
        list(writer.finish((), log.bundle_key.trusted, log.bundle_key.sign))


def test_a_name_that_leads_out_or_stands_twice_is_not_written() -> None:
    writer = ZipWriter(DOSSIER_LAYOUT)
    writer.entry(bundle_name(1), b"x")
    for name in (bundle_name(1), "VERIFY.md", "bundles/../x.zip", "bundles/1.zip"):
        with pytest.raises(EvidenceFormatError):
            writer.entry(name, b"x")


@cache
def honest() -> tuple[SampleLog, bytes]:
    """A sample log without sound, and its dossier."""
    log = sample_log(None)
    return log, dossier(log)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_garbage_is_never_valid_and_never_crashes(data: st.DataObject) -> None:
    log, good = honest()
    whole = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "double"])):
            case "flip":
                whole[at] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del whole[at : at + data.draw(st.integers(1, 300))]
            case "double":
                whole[at:at] = whole[at : at + data.draw(st.integers(1, 300))]
        if not whole:
            break
    if bytes(whole) == good:
        return
    report = verify_dossier(bytes(whole), log.trust)
    assert report.exit_code == 1
