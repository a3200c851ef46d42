"""Somebody who rang our number, at the desk of the agent who has them."""

from dataclasses import dataclass
from datetime import datetime

from dialer.services.views.words import Choice, Sentence


@dataclass(frozen=True, slots=True)
class EarlierContact:
    """An earlier attempt of this organisation to reach the same person."""

    attempt_id: str
    at: datetime
    outcome: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a refusal stopped besides this call: leads dropped, permits made void, live legs cut."""

    leads: int
    permits: int
    legs: int


@dataclass(frozen=True, slots=True)
class AskedBefore:
    """What the caller asked of us earlier: a lead of theirs."""

    lead_id: str
    campaign: Sentence
    asked: str | None
    asked_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class CallerRefused:
    """The caller wants no further calls: since when, what it stopped, and when this talk is cut."""

    at: datetime
    stopped: Stopped
    closing_until: datetime | None


@dataclass(frozen=True, slots=True)
class DeskCaller:
    """Who rang our number and has this agent now, until the wrap-up ends. `number` is masked, `line` is our own number.

    `on_do_not_call`: the person stands on the list: they may be talked with, for they rang, and are never called.
    """

    inbound_id: str
    line: str
    name: str | None
    number: str
    zone: str | None
    received_at: datetime
    asked_at: datetime | None
    connected_at: datetime | None
    wrap_until: datetime | None
    on_do_not_call: bool
    asked_before: tuple[AskedBefore, ...]
    earlier: tuple[EarlierContact, ...]
    dispositions: tuple[Choice, ...]
    refused: CallerRefused | None = None
