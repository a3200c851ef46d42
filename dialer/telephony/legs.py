"""Asks an egress which legs it has, by permit token, and hangs them up (rules 9 and 12 of one call's protocol).

Both legs of a call carry the token as their account code, from the first line of the egress's script to the end of
its hang-up handler. A leg that is still asking the gate is listed too, so “no leg” means that nothing of this token
is under way in this egress.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from dialer.telephony.control import command

TOKEN: Final = re.compile(r"^pt[0-9a-f]{32}$")
_CHANNEL: Final = re.compile(r"^[A-Za-z0-9/_.-]+$")
_COLUMNS: Final = 14


class LegState(Enum):
    """How far a leg is. IN_SCRIPT: asking the gate, or about to end."""

    IN_SCRIPT = "in_script"
    RINGING = "ringing"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel of the egress that belongs to a permit's token. `uniqueid` is the egress's own."""

    token: str
    channel: str
    uniqueid: str
    state: LegState


async def legs(control: Path) -> list[Leg]:
    """Every leg of every token at this egress.

    Raises:
        ControlUnavailable: the egress does not answer; nothing is known about its legs.
    """
    return [leg for line in (await _channels(control)).splitlines() if (leg := _leg(line)) is not None]


async def hangup(control: Path, token: str) -> int:
    """Ask the egress to hang up each leg of one token; returns how many there were. To be repeated until 0.

    Raises:
        ControlUnavailable: the egress does not answer; whether it hung up is not known.
        ValueError: this is no token.
    """
    if not TOKEN.match(token):
        raise ValueError("not a permit's token")
    mine = [leg for leg in await legs(control) if leg.token == token]
    await asyncio.gather(*(command(control, f"channel request hangup {leg.channel}") for leg in mine))
    return len(mine)


async def _channels(control: Path) -> str:
    return await command(control, "core show channels concise")


def _leg(line: str) -> Leg | None:
    """One line: Channel!Context!Exten!Priority!State!App!Data!CallerID!Account!Peer!AMA!Duration!Bridge!Uniqueid."""
    columns = line.split("!")
    if len(columns) < _COLUMNS or not _CHANNEL.match(columns[0]):
        return None
    # Data may hold the separator, so what follows it is counted from the end.
    token = next((text for text in (columns[-6], columns[2]) if TOKEN.match(text)), None)
    if token is None:
        return None
    return Leg(token, columns[0], columns[-1], _state(columns[4], columns[5]))


def _state(state: str, application: str) -> LegState:
    match state:
        case "Up":
            return LegState.UP
        case "Ringing":
            return LegState.RINGING
        case "Ring" if application == "Dial":
            return LegState.RINGING
        case _:
            return LegState.IN_SCRIPT
