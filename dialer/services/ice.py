"""Through which STUN and TURN servers a browser's audio may find its way, with credentials that end by themselves.

The TURN server and we share a secret; the browser never sees it. What it gets is a name that says until when it is good,
and the HMAC of that name (the "TURN REST API" that coturn knows as `use-auth-secret`): nothing has to be registered, and
a credential that leaked is worth hours, not for ever.
"""

import base64
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from dialer.services.views.desk import IceServer

NAME_CHARS: Final = 16


@dataclass(frozen=True, slots=True)
class TurnAccess:
    """The TURN server's addresses, the secret that we share with it, and how long a credential is good."""

    urls: tuple[str, ...]
    secret: bytes = field(repr=False)
    lifetime: timedelta


class IceServers:
    """What a phone is told, a credential of its own for each session."""

    def __init__(self, stun: Sequence[str], turn: TurnAccess | None, now: Callable[[], datetime]) -> None:
        """`now`: real time, which the TURN server goes by, also where the product's own clock is shifted."""
        self._stun = tuple(stun)
        self._turn = turn
        self._now = now

    def for_session(self, session_id: str) -> tuple[IceServer, ...]:
        """The servers of one login. The name in the credential says nothing about the person."""
        found = [IceServer(self._stun, None, None)] if self._stun else []
        if self._turn is not None:
            until = int((self._now() + self._turn.lifetime).timestamp())
            name = f"{until}:{sha256(session_id.encode()).hexdigest()[:NAME_CHARS]}"
            found.append(IceServer(self._turn.urls, name, credential_of(self._turn.secret, name)))
        return tuple(found)


def credential_of(secret: bytes, name: str) -> str:
    """The password of a name: base64 of HMAC-SHA1, which is what TURN servers of this kind compute."""
    return base64.b64encode(hmac.new(secret, name.encode(), "sha1").digest()).decode()
