"""AudioSocket, the exchange's way to hand out one leg's sound over TCP.

A message is a kind (1 byte), a length (2 bytes, most significant first) and that many bytes. The first one names the
stream (16 bytes, a UUID); then comes sound, 16 bit little-endian mono; the kind says the samples a second.
"""

import asyncio
from dataclasses import dataclass
from typing import Final
from uuid import UUID

HANG_UP: Final = 0x00
IDENTIFIER: Final = 0x01
DTMF: Final = 0x03
FAILED: Final = 0xFF
RATES: Final = {0x10: 8_000, 0x11: 12_000, 0x12: 16_000}
"""Kinds that carry sound, by samples a second."""
IDENTIFIER_SECONDS_MAX: Final = 2.0
FRAME_BYTES_MAX: Final = 65_535


class NotAudioSocket(Exception):
    """The other side doesn't speak AudioSocket."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of sound."""

    rate_hz: int
    pcm: bytes


async def read_identifier(reader: asyncio.StreamReader) -> str:
    """The stream's name.

    Raises:
        NotAudioSocket: something else came first, or nothing in time.
    """
    try:
        async with asyncio.timeout(IDENTIFIER_SECONDS_MAX):
            kind, body = await _read(reader)
    except (TimeoutError, asyncio.IncompleteReadError) as cut:
        raise NotAudioSocket("no identifier came") from cut
    if kind != IDENTIFIER or len(body) != 16:
        raise NotAudioSocket("the first message is no identifier")
    return str(UUID(bytes=body))


async def read_sound(reader: asyncio.StreamReader) -> Sound | None:
    """The next piece of sound; None: the other side has hung up.

    Raises:
        NotAudioSocket: a message that isn't of this protocol.
    """
    while True:
        try:
            kind, body = await _read(reader)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        if kind in RATES:
            if len(body) % 2:
                raise NotAudioSocket("half a sample")
            return Sound(RATES[kind], body)
        if kind in (HANG_UP, FAILED):
            return None
        if kind != DTMF:
            raise NotAudioSocket("an unknown kind of message")


def message(kind: int, body: bytes = b"") -> bytes:
    """A message's bytes.

    Raises:
        ValueError: the body is too long for one message.
    """
    if len(body) > FRAME_BYTES_MAX:
        raise ValueError("too long for one message")
    return bytes([kind]) + len(body).to_bytes(2, "big") + body


async def _read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readexactly(3)
    size = int.from_bytes(head[1:], "big")
    return head[0], await reader.readexactly(size) if size else b""
