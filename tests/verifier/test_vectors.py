"""The committed vectors: fresh, and both verifiers give what they expect."""

import base64
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from second_dossier import verify_dossier as second_dossier
from second_formats import commitment, consistent, included, parse_note
from second_verifier import exit_code, verify
from second_vrf import vrf

from dialer.evidence.check_dossier import verify_dossier
from dialer.evidence.checks import verify_bundle
from dialer.evidence.trust import parse_trust

VECTORS = Path(__file__).parents[1] / "vectors"
sys.path.insert(0, str(VECTORS))
TRUST = (VECTORS / "trust.json").read_bytes()
EXPECTED = json.loads((VECTORS / "expected.json").read_text())
TAMPERED = json.loads((VECTORS / "tampered.json").read_text())
DOSSIERS = json.loads((VECTORS / "dossiers" / "tampered.json").read_text())
PRIMITIVES = json.loads((VECTORS / "primitives.json").read_text())


def test_the_vectors_are_those_that_the_sources_write() -> None:
    from export_vectors import vectors

    stale = [name for name, data in vectors().items() if (VECTORS / name).read_bytes() != data]
    assert stale == [], "run tests/vectors/export_vectors.py (see its docstring)"


def outcomes(data: bytes, pinned: bytes | None) -> tuple[dict[str, str], dict[str, str]]:
    """By the first verifier without a decoder, and by the second."""
    report = verify_bundle(data, parse_trust(pinned) if pinned is not None else None)
    return {check.id: str(check.outcome) for check in report.checks}, verify(data, pinned)


@pytest.mark.parametrize("name", EXPECTED)
def test_both_verifiers_give_the_expected_outcome_of_every_bundle(name: str) -> None:
    data = (VECTORS / "bundles" / f"{name}.zip").read_bytes()
    for said, pinned in (("pinned", TRUST), ("unpinned", None)):
        expected = EXPECTED[name][said]
        first, second = outcomes(data, pinned)
        assert first == expected["checks"]
        assert {**second, "recording.sound": first["recording.sound"]} == first
        assert exit_code(second, pinned) == expected["exit"] == (0 if pinned else 3)


def rebuilt(case: dict[str, Any], base: bytes) -> bytes:
    """A tampered file from what it shares with an honest one."""
    data = b"".join(
        base64.b64decode(step["base64"])
        if "base64" in step
        else base[step["from"] : step["from"] + step["bytes"]]
        for step in case["delta"]
    )
    assert sha256(data).hexdigest() == case["sha256"]
    return data


@pytest.mark.parametrize("said", ["pinned", "unpinned"])
def test_both_verifiers_give_the_expected_outcome_of_a_dossier(said: str) -> None:
    expected = json.loads((VECTORS / "dossiers" / "expected.json").read_text())[said]
    data, pinned = (VECTORS / "dossiers" / "quiet.zip").read_bytes(), TRUST if said == "pinned" else None
    report = verify_dossier(data, parse_trust(pinned) if pinned is not None else None)
    assert {c.id: str(c.outcome) for c in report.checks} == expected["checks"]
    assert report.exit_code == expected["exit"]
    assert second_dossier(data, pinned) == expected["checks"]


@pytest.mark.parametrize("case", DOSSIERS["cases"], ids=lambda case: case["name"])
def test_both_verifiers_give_the_expected_outcome_of_every_attack_on_a_dossier(case: dict[str, Any]) -> None:
    data = rebuilt(case, (VECTORS / DOSSIERS["base"]).read_bytes())
    first = {c.id: str(c.outcome) for c in verify_dossier(data, parse_trust(TRUST)).checks}
    assert {check: outcome for check, outcome in first.items() if outcome != "pass"} == case["not_passed"]
    assert "fail" in case["not_passed"].values()
    assert second_dossier(data, TRUST) == first


@pytest.mark.parametrize("case", TAMPERED["cases"], ids=lambda case: case["name"])
def test_both_verifiers_give_the_expected_outcome_of_every_attack(case: dict[str, Any]) -> None:
    data = rebuilt(case, (VECTORS / TAMPERED["base"]).read_bytes())
    first, second = outcomes(data, TRUST)
    assert {check: outcome for check, outcome in first.items() if outcome != "pass"} == case["not_passed"]
    assert "fail" in case["not_passed"].values()
    assert {**second, "recording.sound": first["recording.sound"]} == first


def test_the_second_verifier_agrees_on_every_primitive() -> None:
    roots = {entry["size"]: bytes.fromhex(entry["root"]) for entry in PRIMITIVES["roots"]}
    hashes = [bytes.fromhex(leaf["hash"]) for leaf in PRIMITIVES["leaves"]]
    for leaf in PRIMITIVES["leaves"]:
        assert sha256(b"\0" + leaf["body"].encode()).hexdigest() == leaf["hash"]
    shown = [p for p in PRIMITIVES["inclusion"] if p["seq"] < len(hashes)]
    assert len(shown) > 10
    for proof in shown:
        path = [bytes.fromhex(step) for step in proof["path"]]
        assert included(hashes[proof["seq"]], proof["seq"], proof["size"], path) == roots[proof["size"]]
    last = max(roots)
    for proof in PRIMITIVES["consistency"]:
        path = [bytes.fromhex(step) for step in proof["path"]]
        assert proof["new"] == last
        assert consistent(proof["old"], roots[proof["old"]], last, roots[last], path)
    for entry in PRIMITIVES["payloads"]:
        assert commitment(entry["payload"])[0].hex() == entry["commit"]
    for note in PRIMITIVES["notes"]:
        assert parse_note(note.encode())["origin"] == "demo/sample"
    for place in PRIMITIVES["places"]:
        output = vrf(*(bytes.fromhex(place[part]) for part in ("public", "alpha", "proof")))
        assert output[:32].hex() == place["place"]
