"""Time-based one-time passwords (RFC 6238, SHA-1, six digits, 30 s), for the second factor of a login."""

import base64
import binascii
import hmac
from datetime import datetime
from typing import Final

STEP_SECONDS: Final = 30
DIGITS: Final = 6
DRIFT_STEPS: Final = 1
"""Steps by which a person's clock may differ, each way."""


def code_at(secret: bytes, step: int) -> str:
    """The code of one 30-second step (RFC 4226, section 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    place = digest[-1] & 0x0F
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def secret_bytes(secret_base32: str) -> bytes:
    """A secret as people carry it into their authenticator.

    Raises:
        ValueError: it is not base32; nobody is let in by it.
    """
    try:
        return base64.b32decode(secret_base32, casefold=True)
    except binascii.Error as broken:
        raise ValueError("the second factor's secret is not base32") from broken


def matching_step(secret_base32: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """The step that `code` belongs to, or None where it is wrong, too old, or not after `last_step` (used before).

    Raises:
        ValueError: the stored secret is not base32; nobody is let in.
    """
    secret = secret_bytes(secret_base32)
    current = int(now.timestamp()) // STEP_SECONDS
    found: int | None = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        same = hmac.compare_digest(code_at(secret, step).encode(), code.encode())
        if same and (last_step is None or step > last_step):
            found = step
    return found
