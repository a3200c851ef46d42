"""What a re-check of the whole store says, and what it asks of the vault."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasuredAudio:
    """A stored recording as it was found. `flac_sha256` is None where the key didn't open it."""

    ct_sha256: str
    ct_bytes: int
    flac_sha256: str | None


MeasureAudio = Callable[[str, bytes | None], MeasuredAudio | None]
"""Path in the vault and key → what lies there; None: nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Found:
    """One fault: a stable code, a sentence without personal data, and the leaf, row or file at which it shows."""

    code: str
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class StoreAudit:
    """What was looked at and found. `exposed`: leaves after the witness's last head.

    `found_more`: how many findings there are beyond those that are listed.
    """

    leaves: int
    exposed: int
    payloads: int
    recordings: int
    attempts: int
    consents: int
    dnc_entries: int
    found: tuple[Found, ...]
    found_more: int
