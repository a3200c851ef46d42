"""The words to the exchange that give a seat its SIP secret, one per login session.

A seat's auth object is read from the exchange's internal database at each challenge (`sorcery.conf`), so a new
secret holds at once and the former one ends at once. What is stored is the digest that SIP needs, not the secret.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from dialer.telephony.instance_settings import SettingsError, check_secret
from dialer.telephony.render import SIP_REALM

TIMEOUT_MS: Final = 2000
_SEAT: Final = re.compile(r"seat-[0-9]{1,3}")


def seat_secret_action(seat: str, secret: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The AMI action and its headers that make `secret` the only one which opens `seat` (user name: the seat).

    It needs the write class `originate` only. The secret holds when OriginateResponse says Success, or when the
    UserEvent `SeatSecret` with `Seat: <seat>` comes, whichever is earlier; before that, which one holds is not known.
    Give a random secret that nobody knows to close a seat at logout; a softphone that is registered stays so until
    its socket closes.

    Raises:
        SettingsError: not the name of a seat, or the secret is short or has other characters than `A-Za-z0-9_-`.
    """
    if not _SEAT.fullmatch(seat):
        raise SettingsError("this is not the name of a seat")
    check_secret(secret, "the seat's secret")
    # SIP's digest (RFC 2617) is MD5 by definition; the transport is TLS.
    digest = hashlib.md5(f"{seat}:{SIP_REALM}:{secret}".encode(), usedforsecurity=False).hexdigest()
    return "Originate", (
        ("Channel", f"Local/{seat}@seat-secret/n"),
        ("Context", "nowhere"),
        ("Exten", "s"),
        ("Priority", "1"),
        ("Timeout", str(TIMEOUT_MS)),
        ("Async", "true"),
        ("Variable", f"DIGEST={digest}"),
    )
