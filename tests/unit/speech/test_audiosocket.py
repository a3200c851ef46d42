"""AudioSocket as the exchange speaks it, and what isn't it."""

import asyncio
import secrets
from uuid import UUID

import pytest

from dialer.speech.audiosocket import (
    DTMF,
    HANG_UP,
    IDENTIFIER,
    NotAudioSocket,
    message,
    read_identifier,
    read_sound,
)


def reader(data: bytes) -> asyncio.StreamReader:
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    return stream


async def test_a_stream_says_its_name_then_its_sound_and_hangs_up() -> None:
    name = UUID(bytes=secrets.token_bytes(16))
    said = (
        message(IDENTIFIER, name.bytes) + message(DTMF, b"9") + message(0x12, b"\x01\x02") + message(HANG_UP)
    )
    stream = reader(said)
    assert await read_identifier(stream) == str(name)
    sound = await read_sound(stream)
    assert sound is not None
    assert (sound.rate_hz, sound.pcm) == (16_000, b"\x01\x02")
    assert await read_sound(stream) is None


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", message(0x10, bytes(16)), message(IDENTIFIER, b"short"), b""]
)
async def test_what_does_not_begin_with_a_name_is_no_stream(data: bytes) -> None:
    with pytest.raises(NotAudioSocket):
        await read_identifier(reader(data))


async def test_half_a_sample_or_an_unknown_kind_ends_the_stream() -> None:
    with pytest.raises(NotAudioSocket):
        await read_sound(reader(message(0x12, b"\x01")))
    with pytest.raises(NotAudioSocket):
        await read_sound(reader(message(0x77, b"")))


async def test_a_connection_that_breaks_off_is_the_end_and_no_fault() -> None:
    assert await read_sound(reader(message(0x12, b"\x01\x02")[:4])) is None
