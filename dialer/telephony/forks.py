"""The words to the exchange that fork one leg's own voice to the speech worker, on loopback and nowhere else."""

from __future__ import annotations

import re
from typing import Final

from dialer.ports.speech import SpeechSocket

FORK: Final = "fork-"
"""How the channel id of a fork begins: it is no seat's and no callee's."""
ANSWER_MS: Final = 3_000
CODEC: Final = "slin16"
_LOOPBACK: Final = "127.0.0.1"
_STREAM: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def fork_headers(leg: str, socket: SpeechSocket) -> list[tuple[str, str]]:
    """The Originate that lets an AudioSocket hear what the channel with id `leg` says.

    Raises:
        ValueError: the socket isn't on loopback, or the stream has no UUID for a name; nothing was sent.
    """
    if socket.host != _LOOPBACK or not _STREAM.fullmatch(socket.stream) or not 1 <= socket.port <= 65_535:
        raise ValueError("sound is forked to the speech worker on this machine alone")
    return [
        ("Channel", f"AudioSocket/{socket.host}:{socket.port}/{socket.stream}/c({CODEC})"),
        ("ChannelId", f"{FORK}{socket.stream}"),
        ("Context", "fork"),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Timeout", str(ANSWER_MS)),
        ("Async", "true"),
        ("Variable", f"SPY_ON={leg}"),
    ]
