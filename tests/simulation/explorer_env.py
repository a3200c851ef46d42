"""What an explorer's state is outside the database, how far a walk goes, and what may be left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from dialer.calls.attempt import FINAL, AttemptState
from dialer.domain.ids import AttemptId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.ledger import Claim

PERSON: Final = Actor(ActorKind.PROCESS, "explorer")
S = AttemptState
SCRIPT, YES, UP, OVER, GHOST = "script", "yes", "up", "over", "ghost"
"""A leg at the egress: asking the gate, holding a yes, dialled, ended; or dialled by an egress that has forgotten it."""


class Violation(AssertionError):
    """An invariant does not hold; the text has its name and the steps that led there."""

    def __init__(self, invariant: str, path: tuple[str, ...]) -> None:
        super().__init__(f"{invariant} after {' · '.join(path)}")
        self.invariant = invariant


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a walk goes."""

    attempts: int = 2
    failures: int = 1
    ticks: int = 1
    refusals: int = 1
    states_max: int = 200_000


@dataclass(frozen=True, slots=True)
class Slip:
    """A rule of `services` left out (rules of SQL are left out by editing its text)."""

    asks_egress: bool = True
    """Rule 9: before a consumed attempt is closed, the egress is asked."""
    holds_after_restart: bool = True
    """Rule 10."""
    keeps_doubt: bool = True
    """Rule 3: a lost originate is held in doubt, not taken for not dialled."""
    knows_unknown: bool = True
    """Rule 14: a lead whose call ended unknown is not queued again."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg at the egress; its channel is `leg-<place>`."""

    token: str
    state: str
    is_yes: bool = False
    has_to_report: bool = False


@dataclass(frozen=True, slots=True)
class Env:
    """What is outside the database."""

    up: tuple[bool, bool] = (True, True)
    claims: tuple[Claim | None, Claim | None] = (None, None)
    wires: tuple[str, ...] = ()
    """Originates under way."""
    legs: tuple[Leg, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()
    """Token → attempt, of every permit that was ever known."""
    forgotten: frozenset[str] = frozenset()
    """Attempts whose permit was consumed before the egress started again."""
    invites: tuple[tuple[str, str, bytes], ...] = ()
    """Token, lead and number of each INVITE."""
    ticks: int = 0
    failures: int = 0
    refusals: int = 0


@dataclass(frozen=True, slots=True)
class Attempted:
    id: AttemptId
    lead: str
    state: AttemptState
    node: str
    cut: bool
    permit: str
    is_expired: bool
    uid: str | None
    reported: str | None

    @property
    def is_open(self) -> bool:
        return self.state not in FINAL


def leg_of(env: Env, place: int, leg: Leg) -> Env:
    return replace(env, legs=(*env.legs[:place], leg, *env.legs[place + 1 :]))


def claims_of(env: Env, node: int, claim: Claim | None) -> Env:
    return replace(env, claims=(claim, env.claims[1]) if node == 0 else (env.claims[0], claim))


def failed(env: Env) -> Env:
    return replace(env, failures=env.failures + 1)


def digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
