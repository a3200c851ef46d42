"""A bundle as an IETF vCon (draft-ietf-vcon-vcon-core-04, syntax 0.4.0), so that other tools can read it.

The vCon says what the bundle *shows*; it proves nothing by itself, so the whole bundle rides along as an attachment.
Verify that. The uuid is derived from log and attempt: exporting twice gives the same conversation.
"""

import base64
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha512

from dialer.evidence.canonical import EvidenceFormatError, Json
from dialer.evidence.container import Extent, read_zip
from dialer.evidence.manifest import Manifest, parse_envelope, parse_manifest
from dialer.evidence.parts import Says, parse_opened
from dialer.evidence.payload import Payload
from dialer.evidence.record import EventType, Leaf, parse_leaf

VCON_SYNTAX = "0.4.0"

_DISPOSITIONS = {486: "busy", 600: "busy", 480: "no-answer", 408: "no-answer", 503: "congestion"}
_TALK = (EventType.ATTEMPT_ANSWERED, EventType.ATTEMPT_CONNECTED)


def vcon_of_bundle(bundle: bytes) -> bytes:
    """The vCon of a bundle, as UTF-8 JSON.

    Raises:
        EvidenceFormatError: not a bundle. Whether it *verifies* is another question: ask `verify_bundle` first.
    """
    files = read_zip(bundle)
    for name in ("manifest.json", "opened.json"):
        if name not in files:
            raise EvidenceFormatError(f"a bundle without {name}")
    manifest = parse_manifest(parse_envelope(_bytes(files["manifest.json"])).payload)
    opened = parse_opened(_bytes(files["opened.json"]))
    leaves = [parse_leaf(_bytes(f)) for name, f in sorted(files.items()) if name.startswith("leaves/")]
    own = [leaf for leaf in leaves if leaf.event.attempt_id == manifest.attempt_id]
    if not own:
        raise EvidenceFormatError("a bundle without a leaf of its attempt")
    vcon: dict[str, object] = {
        "vcon": VCON_SYNTAX,
        "uuid": str(_uuid(manifest)),
        "created_at": _time(manifest.made_us),
        "subject": f"outbound call attempt {manifest.attempt_id}",
        "parties": _parties(manifest, opened),
        "dialog": [_dialog(own, opened, files)],
        "attachments": [_attachment(name, body, own[0]) for name, body in _attached(bundle, files)],
        "analysis": [],
    }
    if manifest.withheld or manifest.missing:
        vcon["redacted"] = {"type": "withheld disclosures", "uuid": str(_uuid(manifest))}
    return json.dumps(vcon, ensure_ascii=False, separators=(",", ":")).encode()


def _parties(manifest: Manifest, opened: dict[int, Payload]) -> list[dict[str, str]]:
    """The calling organisation, and the person called; the number only where the bundle shows it."""
    caller = {"org": manifest.org or manifest.log, "type": "organization"}
    callee = {"type": "person"}
    number = _shown(opened.values(), Says.CALLEE_NUMBER)
    if isinstance(number, str):
        callee["tel"] = f"tel:{number}"
    return [caller, callee]


def _dialog(own: list[Leaf], opened: dict[int, Payload], files: dict[str, Extent]) -> dict[str, object]:
    talk = next((leaf for leaf in own if leaf.event.type in _TALK), None)
    dialog: dict[str, object] = {
        "type": "recording" if "recording.flac" in files else "incomplete",
        "start": _time((talk or own[0]).event.ts_us),
        "parties": [0, 1],
        "originator": 0,
    }
    if "recording.flac" not in files:
        dialog["disposition"] = _disposition(own, opened)
        return dialog
    body = _bytes(files["recording.flac"])
    sealed = next(leaf for leaf in own if leaf.event.type is EventType.RECORDING_SEALED)
    if sealed.event.rec is not None:
        dialog["duration"] = sealed.event.rec.frames / sealed.event.rec.rate_hz
    return dialog | {"mediatype": "audio/flac", "filename": "recording.flac", **_inline(body)}


def _disposition(own: list[Leaf], opened: dict[int, Payload]) -> str:
    """One of the draft's words for why there is no recorded talk."""
    codes = (opened[leaf.seq].value("sip.code") for leaf in own if leaf.seq in opened)
    for code in codes:
        if isinstance(code, int) and code in _DISPOSITIONS:
            return _DISPOSITIONS[code]
    return "hung-up" if any(leaf.event.type in _TALK for leaf in own) else "failed"


def _attached(bundle: bytes, files: dict[str, Extent]) -> list[tuple[str, bytes]]:
    consent = [(name, _bytes(f)) for name, f in sorted(files.items()) if name.startswith("consent/")]
    return [("evidence.zip", bundle), *consent]


def _attachment(name: str, body: bytes, first: Leaf) -> dict[str, object]:
    kinds = {"zip": "application/zip", "txt": "text/plain", "png": "image/png", "pdf": "application/pdf"}
    kind = kinds.get(name.rpartition(".")[2], "application/octet-stream")
    purpose = "evidence bundle" if name == "evidence.zip" else "consent"
    party = 0 if name == "evidence.zip" else 1
    return {
        "purpose": purpose,
        "start": _time(first.event.ts_us),
        "party": party,
        "dialog": 0,
        "mediatype": kind,
        "filename": name.rpartition("/")[2],
        **_inline(body),
    }


def _inline(body: bytes) -> dict[str, str]:
    return {
        "encoding": "base64url",
        "body": _base64url(body),
        "content_hash": f"sha512-{_base64url(sha512(body).digest())}",
    }


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _uuid(manifest: Manifest) -> uuid.UUID:
    """A version 8 UUID (RFC 9562): hash of log and attempt."""
    digest = bytearray(sha512(f"{manifest.log}\n{manifest.attempt_id}".encode()).digest()[:16])
    digest[6] = 0x80 | digest[6] & 0x0F
    digest[8] = 0x80 | digest[8] & 0x3F
    return uuid.UUID(bytes=bytes(digest))


def _time(us: int) -> str:
    seconds, rest = divmod(us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest).isoformat()


def _shown(payloads: Iterable[Payload], name: Says) -> Json | None:
    return next((value for payload in payloads if (value := payload.value(name)) is not None), None)


def _bytes(extent: Extent) -> bytes:
    return bytes(extent.data)
