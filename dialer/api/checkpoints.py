"""The doors of signer and witness. Both are small, local, and say no rather than sign what they can't check.

POST /sign             JSON {"body": checkpoint body, "proof": [hex]}       200 the note   409 {"size": last}
POST /add-checkpoint   C2SP tlog-witness: "old <size>\\n<base64>…\\n\\n<note>"  200 one line   409 the last size
"""

import base64
import binascii
from collections.abc import Callable
from typing import Final

from aiohttp import web

from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.checkpoint import Checkpoint, Note, NoteSignature, parse_checkpoint_body, parse_note

REQUEST_BYTES_MAX: Final = 64 * 1024
MANIFEST_BYTES_MAX: Final = 4 * 1024 * 1024
Sign = Callable[[Checkpoint, tuple[bytes, ...]], Note | int]
"""(head, consistency proof) → note, or the last size signed."""
Cosign = Callable[[int, Note, tuple[bytes, ...], int], NoteSignature | int | None]
"""(old size, note, proof, Unix seconds) → cosignature, the last size seen, or None: not our log's note."""


def build_signer_app(sign_head: Sign, sign_bundle: Callable[[bytes], bytes]) -> web.Application:
    """The signer's door."""

    async def sign(request: web.Request) -> web.Response:
        said = await request.json()
        try:
            checkpoint = parse_checkpoint_body(str(said["body"]).encode())
            proof = tuple(bytes.fromhex(h) for h in said["proof"])
        except (EvidenceFormatError, KeyError, ValueError):
            return web.Response(status=400)
        match sign_head(checkpoint, proof):
            case int() as size:
                return web.json_response({"size": size}, status=409)
            case Note() as note:
                return web.Response(body=note.to_bytes(), content_type="text/plain")

    async def bundle(request: web.Request) -> web.Response:
        return web.Response(body=sign_bundle(await request.read()))

    app = web.Application(client_max_size=MANIFEST_BYTES_MAX)
    app.router.add_post("/sign-bundle", bundle)
    app.router.add_post("/sign", sign)
    return app


def build_witness_app(cosign: Cosign, unix_seconds: Callable[[], int]) -> web.Application:
    """The witness's door."""

    async def add(request: web.Request) -> web.Response:
        body = await request.read()
        try:
            old_size, proof, note = _parse_request(body)
        except (EvidenceFormatError, ValueError, binascii.Error):
            return web.Response(status=400)
        match cosign(old_size, note, proof, unix_seconds()):
            case None:
                return web.Response(status=403)
            case int() as size:
                return web.Response(status=409, text=f"{size}\n", content_type="text/x.tlog.size")
            case NoteSignature() as line:
                return web.Response(text=line.line() + "\n")

    app = web.Application(client_max_size=REQUEST_BYTES_MAX)
    app.router.add_post("/add-checkpoint", add)
    return app


def _parse_request(body: bytes) -> tuple[int, tuple[bytes, ...], Note]:
    head, _, note = body.partition(b"\n\n")
    lines = head.decode("ascii").split("\n")
    if not lines[0].startswith("old "):
        raise ValueError("no old size")
    proof = tuple(base64.b64decode(line, validate=True) for line in lines[1:])
    return int(lines[0][4:]), proof, parse_note(note)
