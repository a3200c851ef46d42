"""A fork of one simulated leg's sound: connects over real AudioSocket, says its name, and sends sound until the leg ends."""

import asyncio
import contextlib
import re
from typing import Final
from uuid import UUID

FRAME_SECONDS: Final = 0.02
FRAME: Final = bytes(640)
"""20 ms of silence at 16 kHz: a simulated callee says nothing."""
_DIALLED: Final = re.compile(r"AudioSocket/(127\.0\.0\.1):([0-9]{1,5})/([0-9a-f-]{36})/c\(slin16\)")


async def fork_sound(dialled: str, over: asyncio.Event) -> None:
    """Send sound to the AudioSocket that was dialled until `over` or until the other side hangs up."""
    match = _DIALLED.fullmatch(dialled)
    if match is None:
        return
    try:
        reader, writer = await asyncio.open_connection(match[1], int(match[2]))
    except OSError:
        return
    gone = asyncio.ensure_future(reader.read(1))
    with contextlib.suppress(OSError):
        writer.write(b"\x01\x00\x10" + UUID(match[3]).bytes)
        while not over.is_set() and not gone.done():
            writer.write(b"\x12" + len(FRAME).to_bytes(2, "big") + FRAME)
            await writer.drain()
            await asyncio.sleep(FRAME_SECONDS)
        writer.write(b"\x00\x00\x00")
    gone.cancel()
    writer.close()
