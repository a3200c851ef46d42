"""Export the test vectors of this folder, so that a verifier in another language can be held to the same outcomes.

    PYTHONPATH=.:tests/unit/evidence python tests/vectors/export_vectors.py

Everything comes from the sample log's fixed seeds: the same sources write the same bytes. `delta` keeps a tampered
bundle small: what it shares with an honest one is copied, the rest stands there.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from attacks_on_keys import rotated_bundle
from bundle_attacks import ATTACKS
from dossier_kit import DOSSIER_ATTACKS, dossier

from dialer.evidence.canonical import Json, encode
from dialer.evidence.case import Outcome
from dialer.evidence.check_dossier import verify_dossier
from dialer.evidence.checkpoint import to_base64
from dialer.evidence.checks import verify_bundle
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, dnc_alpha, org_scope
from dialer.evidence.dnc_tree import place_of
from dialer.evidence.merkle import leaf_hash
from dialer.evidence.sample import NUMBERS, ORG, SAMPLE_ATTEMPTS, SampleLog, Sound, sample_log
from dialer.evidence.steps import Report
from dialer.evidence.tree import consistency_proof, frontier_at, inclusion_proof, root

HERE = Path(__file__).parent
BLOCK_BYTES = 24
_SIZES = (1, 2, 3, 7, 8, 31, 63)


def primitives(log: SampleLog) -> dict[str, Json]:
    """Leaves with their hashes, roots, proofs, commitments, notes, places."""
    size = len(log.bodies)
    get = log.get_node
    return {
        "leaves": [{"body": body.decode(), "hash": leaf_hash(body).hex()} for body in log.bodies[:8]],
        "roots": [{"size": n, "root": root(frontier_at(get, n)).hex()} for n in (0, *_SIZES)],
        "inclusion": [
            {"seq": seq, "size": n, "path": [h.hex() for h in inclusion_proof(get, seq, n)]}
            for n in _SIZES
            for seq in sorted({0, n // 2, n - 1})
        ],
        "consistency": [
            {"old": old, "new": size, "path": [h.hex() for h in consistency_proof(get, old, size)]}
            for old in (0, *_SIZES)
        ],
        "payloads": [
            {"payload": log.payloads[seq].to_json(), "commit": log.payloads[seq].commit().hex()}
            for seq in sorted(log.payloads)[:4]
        ],
        "notes": [note.to_bytes().decode() for note in log.notes],
        "places": [
            _place(log, scope, NUMBERS[n]) for scope in (org_scope(ORG), PLATFORM_SCOPE) for n in (1, 2)
        ],
    }


def bundles(log: SampleLog) -> dict[str, bytes]:
    """The honest bundles by name; `rotated` is across a hand-over of the VRF key."""
    made = {name: log.bundle(log.parts(name, number)) for name, number in SAMPLE_ATTEMPTS.items()}
    return {**made, "rotated": rotated_bundle()}


def expected(report: Report) -> dict[str, Json]:
    """Exit code and each check's outcome."""
    return {
        "exit": report.exit_code,
        "checks": {check.id: str(check.outcome) for check in report.checks},
    }


def not_passed(report: Report) -> dict[str, Json]:
    """The checks that did not pass, with their outcome; all others passed. The exit code is 1."""
    return {c.id: str(c.outcome) for c in report.checks if c.outcome is not Outcome.PASSED}


def delta(data: bytes, base: bytes) -> list[Json]:
    """`data` as copies from `base` ({"from", "bytes"}) and new bytes ({"base64"}), in order."""
    known = {base[at : at + BLOCK_BYTES]: at for at in range(len(base) - BLOCK_BYTES, -1, -1)}
    steps: list[Json] = []
    at, fresh = 0, bytearray()
    while at < len(data):
        start = known.get(data[at : at + BLOCK_BYTES])
        if start is None:
            fresh.append(data[at])
            at += 1
            continue
        length = BLOCK_BYTES
        while (
            at + length < len(data)
            and data[at + length : at + length + 1] == base[start + length : start + length + 1]
        ):
            length += 1
        if fresh:
            steps.append({"base64": to_base64(bytes(fresh))})
            fresh = bytearray()
        steps.append({"from": start, "bytes": length})
        at += length
    if fresh:
        steps.append({"base64": to_base64(bytes(fresh))})
    return steps


def tampered(log: SampleLog, attacks: Mapping[str, bytes], base: bytes) -> list[Json]:
    """Each attack as a difference to `base`, with the outcomes under pinned keys."""
    return [
        {
            "name": name,
            "delta": delta(data, base),
            "sha256": sha256(data).hexdigest(),
            "not_passed": not_passed(verify_bundle(data, log.trust)),
        }
        for name, data in attacks.items()
    ]


def dossier_vectors(log: SampleLog) -> dict[str, bytes]:
    """A dossier of the calls without sound, and its attacks: those that change the index or the order of files."""
    quiet = {name: number for name, number in SAMPLE_ATTEMPTS.items() if name != "talked"}
    honest = dossier(log, quiet)
    outcomes: dict[str, Json] = {
        said: {"exit": report.exit_code, "checks": {c.id: str(c.outcome) for c in report.checks}}
        for said, report in (
            ("pinned", verify_dossier(honest, log.trust)),
            ("unpinned", verify_dossier(honest, None)),
        )
    }
    whole = dossier(log)
    cases: list[Json] = []
    for attack in DOSSIER_ATTACKS:
        data = attack.make(log)
        report = verify_dossier(data, log.trust)
        cases.append(
            {
                "name": attack.name,
                "delta": delta(data, whole),
                "sha256": sha256(data).hexdigest(),
                "not_passed": {
                    c.id: str(c.outcome) for c in report.checks if c.outcome is not Outcome.PASSED
                },
            }
        )
    return {
        "dossiers/quiet.zip": honest,
        "dossiers/whole.zip": whole,
        "dossiers/expected.json": encode(outcomes),
        "dossiers/tampered.json": encode({"base": "dossiers/whole.zip", "cases": cases}),
    }


def tone() -> Sound:
    """The recording of this folder: a quarter of a second, callee 440 Hz, agent 660 Hz."""
    flac = (HERE / "tone.flac").read_bytes()
    return Sound(flac, bytes.fromhex((HERE / "tone.pcm.sha256").read_text().strip()), 2000, 8000, 2)


def vectors() -> dict[str, bytes]:
    """Every generated file of this folder by name. Expectations are without a FLAC decoder."""
    log = sample_log(tone())
    honest = bundles(log)
    outcomes: dict[str, Json] = {
        name: {
            "pinned": expected(verify_bundle(data, log.trust)),
            "unpinned": expected(verify_bundle(data, None)),
        }
        for name, data in honest.items()
    }
    cases = tampered(log, {attack.name: attack.make(log) for attack in ATTACKS}, honest["talked"])
    return {
        "trust.json": log.trust.to_bytes(),
        "primitives.json": encode(primitives(log)),
        "expected.json": encode(outcomes),
        "tampered.json": encode({"base": "bundles/talked.zip", "cases": cases}),
        **{f"bundles/{name}.zip": data for name, data in honest.items()},
        **dossier_vectors(log),
    }


def _place(log: SampleLog, scope: str, number: str) -> dict[str, Json]:
    place, made = place_of(log.vrf, scope, number)
    return {
        "scope": scope,
        "number": number,
        "alpha": dnc_alpha(scope, number).hex(),
        "public": log.vrf.public.hex(),
        "proof": made.proof.hex(),
        "place": place.hex(),
    }


if __name__ == "__main__":
    for file_name, content in vectors().items():
        (HERE / file_name).parent.mkdir(exist_ok=True)
        (HERE / file_name).write_bytes(content)
