"""Bytes as an answer, with the single ranges that players ask for when someone jumps in a recording (RFC 9110, 14)."""

import re
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import web

from dialer.domain.errors import DialerError

_RANGE: Final = re.compile(r"^bytes=(\d{0,12})-(\d{0,12})$")


def bytes_response(request: web.Request, content: bytes, content_type: str, filename: str) -> web.Response:
    """200 with everything, 206 with the part asked for, 416 where that part does not exist.

    `filename`: under which a browser keeps it; empty: shown or played in place.
    """
    headers = {"Accept-Ranges": "bytes"}
    if filename:
        headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    wanted = _RANGE.match(request.headers.get("Range", ""))
    if wanted is None or wanted.group(0) == "bytes=-":
        return web.Response(body=content, content_type=content_type, headers=headers)
    span = _span(wanted.group(1), wanted.group(2), len(content))
    if span is None:
        headers["Content-Range"] = f"bytes */{len(content)}"
        return web.Response(status=416, headers=headers)
    first, last = span
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return web.Response(
        status=206, body=content[first : last + 1], content_type=content_type, headers=headers
    )


async def stream_response(
    request: web.Request, pieces: AsyncIterator[bytes], content_type: str, filename: str
) -> web.StreamResponse:
    """Send a file as it is made. A fault in the middle cuts the connection: nobody takes half a file for a whole one."""
    response = web.StreamResponse(headers={"Content-Disposition": f'attachment; filename="{filename}"'})
    response.content_type = content_type
    response.enable_chunked_encoding()
    await response.prepare(request)
    try:
        async for piece in pieces:
            await response.write(piece)
    except DialerError as failure:
        if request.transport is not None:
            request.transport.abort()
        raise ConnectionResetError("a file could not be made to its end") from failure
    await response.write_eof()
    return response


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    if not first:
        length = min(int(last), size)
        return (size - length, size - 1) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    return (start, end) if start <= end else None
