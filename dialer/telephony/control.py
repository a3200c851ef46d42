"""Speaks to a running Asterisk through its local control socket, as `asterisk -rx` does, without starting one.

Whoever may open the socket may do anything the console can: its file mode is the permission. The gate's process
uses it on the egress to list legs and to hang them up; tests and the start-up check use it everywhere.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Final

COMMAND_CHARACTERS_MAX: Final = 400
ANSWER_BYTES_MAX: Final = 4_000_000
COMMAND_SECONDS_MAX: Final = 5.0
_COMMAND: Final = re.compile(r"^[\x20-\x7e]+$")
# The console marks each line with a level byte of its own before the text.
_LEVEL_MARKS: Final = re.compile(r"[\x00\x7f\x80-\x8f]|\xc2[\x80-\x8f]")


class ControlUnavailable(RuntimeError):
    """The control socket did not answer in time; whether the command was carried out is not known."""


async def command(control: Path, text: str, seconds_max: float = COMMAND_SECONDS_MAX) -> str:
    """Run one console command and return what it prints.

    Raises:
        ControlUnavailable: nobody listens, or the answer did not end within `seconds_max`.
        ValueError: the command has a character that is not printable ASCII, or is too long.
    """
    if len(text) > COMMAND_CHARACTERS_MAX or not _COMMAND.match(text):
        raise ValueError("a console command is one line of printable ASCII")
    try:
        async with asyncio.timeout(seconds_max):
            return await _exchange(control, text)
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as fault:
        raise ControlUnavailable(f"the control socket does not answer: {type(fault).__name__}") from fault


async def _exchange(control: Path, text: str) -> str:
    reader, writer = await asyncio.open_unix_connection(str(control), limit=ANSWER_BYTES_MAX)
    try:
        # The greeting (host/pid/version) ends in a line break; the command is only read after it.
        await reader.readuntil(b"\n")
        writer.write(f"cli quit after {text}".encode() + b"\x00")
        await writer.drain()
        answer = bytearray()
        while chunk := await reader.read(65_536):
            answer += chunk
            if len(answer) > ANSWER_BYTES_MAX:
                raise asyncio.LimitOverrunError("answer too long", len(answer))
    finally:
        writer.close()
    return _LEVEL_MARKS.sub("", answer.decode("utf-8", errors="replace"))
