"""The tools of attackers: open a bundle, change it, list and sign it anew; or run a dishonest log of one's own."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

from dialer.evidence.bundle import Parts, inclusions_of
from dialer.evidence.checkpoint import Checkpoint, Note, sign_checkpoint
from dialer.evidence.container import read_zip, write_zip
from dialer.evidence.manifest import MANIFEST_TYPE, Envelope
from dialer.evidence.merkle import LeafHash, leaf_hash
from dialer.evidence.record import EventType, parse_leaf
from dialer.evidence.sample import NUMBERS, SampleKey, SampleLog, record_consent
from dialer.evidence.tree import EMPTY, extend, root

Files = dict[str, bytes]
COSIGNED_LATER = 1_795_000_000


def open_files(data: bytes) -> Files:
    """The files of a bundle."""
    return {name: bytes(extent.data) for name, extent in read_zip(data).items()}


def canonical(value: object) -> bytes:
    """JSON as the format writes it, without the format's own checks (attackers write what they like)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def edit_json(files: Files, name: str, change: Callable[[Any], object]) -> None:
    """Change a JSON file in place."""
    value = json.loads(files[name])
    change(value)
    files[name] = canonical(value)


def opened_item(opened: Any, seq: int, name: str) -> Any:
    """One disclosure in `opened.json`."""
    entry = next(entry for entry in opened["opened"] if entry["seq"] == seq)
    return next(item for item in entry["payload"]["items"] if item.get("name") == name)


def as_exporter(
    log: SampleLog,
    data: bytes,
    change: Callable[[Files], object],
    change_manifest: Callable[[dict[str, object]], object] = lambda manifest: None,
) -> bytes:
    """Change files and manifest, then list and sign them with the true export key."""
    return _relisted(data, log.bundle_key, change, change_manifest)


def as_stranger(data: bytes, key: SampleKey, change: Callable[[Files], object]) -> bytes:
    """The same with a key that the reader doesn't know, and that key in the bundle's own trust.json."""

    def plant(files: Files) -> None:
        change(files)
        public = {"from": 0, "name": key.trusted.name, "public": key.trusted.public.hex(), "use": "bundle"}
        edit_json(files, "trust.json", lambda trust: trust["keys"].append(public))

    return _relisted(data, key, plant, lambda manifest: None)


def _relisted(
    data: bytes,
    key: SampleKey,
    change: Callable[[Files], object],
    change_manifest: Callable[[dict[str, object]], object],
) -> bytes:
    files = open_files(data)
    change(files)
    manifest = json.loads(base64.b64decode(json.loads(files.pop("manifest.json"))["payload"]))
    manifest["files"] = [
        {"bytes": len(files[name]), "name": name, "sha256": sha256(files[name]).hexdigest()}
        for name in sorted(files)
    ]
    change_manifest(manifest)
    payload = canonical(manifest)
    signature = key.sign(Envelope(payload, ()).signed_bytes())
    files["manifest.json"] = canonical(
        {
            "payload": base64.b64encode(payload).decode(),
            "payloadType": MANIFEST_TYPE,
            "signatures": [{"keyid": key.trusted.id(), "sig": base64.b64encode(signature).decode()}],
        }
    )
    return write_zip(files)


def insider_checkpoint(log: SampleLog, parts: Parts, *, edit: bool) -> bytes:
    """The operator edits a leaf (or cuts the tail), builds the tree anew and signs it; the witness can't be moved."""
    bodies = list(log.bodies)
    if edit:
        leaf = parse_leaf(bodies[-1])
        bodies[-1] = replace(leaf, event=replace(leaf.event, node="node-2")).to_bytes()
    else:
        bodies.pop()
    return _signed_anew(log, parts, bodies)


def insider_renumbers(log: SampleLog, parts: Parts, places: Callable[[list[int]], list[int]]) -> bytes:
    """The operator drops, doubles or moves leaves (`places`: the old places in their new order), renumbers and chains the
    rest with every cause that they name, and signs it all; the witness can't be moved."""
    bodies: list[bytes] = []
    moved: dict[int, int] = {}
    hashes: dict[bytes, bytes] = {}
    for old in places(list(range(len(log.bodies)))):
        leaf = parse_leaf(log.bodies[old])
        cause = tuple(LeafHash(hashes.get(bytes(one), bytes(one))) for one in leaf.cause)
        prev = leaf_hash(bodies[-1]) if bodies else None
        fresh = replace(leaf, seq=len(bodies), prev=prev, cause=cause)
        moved.setdefault(old, len(bodies))
        bodies.append(fresh.to_bytes())
        hashes.setdefault(bytes(leaf_hash(log.bodies[old])), bytes(leaf_hash(bodies[-1])))
    shown = replace(
        parts,
        leaves={moved[seq]: bodies[moved[seq]] for seq in parts.leaves},
        payloads={moved[seq]: payload for seq, payload in parts.payloads.items()},
    )
    return _signed_anew(log, shown, bodies)


def _signed_anew(log: SampleLog, parts: Parts, bodies: list[bytes]) -> bytes:
    nodes = {(0, seq): bytes(leaf_hash(body)) for seq, body in enumerate(bodies)}
    grown = extend(EMPTY, map(leaf_hash, bodies))
    nodes |= {(node.level, node.index): node.hash for node in grown.nodes}
    honest = parts.note.checkpoint()
    head = Checkpoint(honest.origin, len(bodies), root(grown.frontier), honest.dnc)
    signed = sign_checkpoint(head, log.log_key.trusted.note_key(), log.log_key.sign)
    kept = [line for line in parts.note.signatures if line.name == log.witness_key.trusted.name]
    get = lambda level, index: nodes[level, index]  # noqa: E731
    return log.bundle(
        replace(
            parts,
            note=Note(signed.body, (*signed.signatures, *kept)),
            inclusions=inclusions_of(parts.leaves, len(bodies), get),
            earlier=(),
            dnc=None,
        )
    )


def operator_log() -> SampleLog:
    """A log of the sample's keys that starts anew: what a dishonest operator would have run from the first day."""
    log = SampleLog()
    log.append(EventType.CONFIG_CHANGED, {"what": "installed"})
    return log


def operator_bundle(
    happen: Callable[[SampleLog], object], call: Callable[[SampleLog], object], *, ends: bool = True
) -> bytes:
    """The bundle of attempt "a" to NUMBERS[1] under consent "c", in a log where `call` is how it was made."""
    log = operator_log()
    record_consent(log, "c", NUMBERS[1])
    happen(log)
    log.seal()
    call(log)
    if ends:
        log.append(EventType.ATTEMPT_FAILED, attempt="a", consent="c")
    log.seal()
    return log.bundle(log.parts("a", NUMBERS[1]))
