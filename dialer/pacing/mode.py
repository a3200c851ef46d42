"""Which pacing modes a campaign may choose, and the cap that will hold."""

from collections.abc import Set
from dataclasses import dataclass
from typing import assert_never

from dialer.domain.campaign import PacingMode
from dialer.pacing.chance import ChancePacer
from dialer.pacing.knowledge import Learned
from dialer.pacing.pacer import Pacer
from dialer.pacing.search import Proof
from dialer.pacing.zero import ZeroPacer

CAP_DEFAULT = 0.01


@dataclass(frozen=True, slots=True)
class ModeBounds:
    """What packs and purpose leave to choose from. cap_max: strictest share of abandoned live answers, 0 ≤ x < 1."""

    modes: Set[PacingMode]
    cap_max: float


@dataclass(frozen=True, slots=True)
class PacingChoice:
    """A mode that the bounds allow, with the cap that will hold (0 in preview and progressive)."""

    mode: PacingMode
    cap: float


@dataclass(frozen=True, slots=True)
class ModeForbidden:
    """The campaign's packs or purpose don't allow this mode."""

    mode: PacingMode
    allowed: tuple[PacingMode, ...]


@dataclass(frozen=True, slots=True)
class CapTooHigh:
    """The cap asked for is above the strictest pack's, or no share at all."""

    cap: float
    cap_max: float


def choose(mode: PacingMode, cap: float, bounds: ModeBounds) -> PacingChoice | ModeForbidden | CapTooHigh:
    """The choice of a supervisor held against the bounds; nothing is quietly changed into something allowed."""
    if mode not in bounds.modes:
        return ModeForbidden(mode, tuple(m for m in PacingMode if m in bounds.modes))
    if mode in (PacingMode.PREVIEW, PacingMode.PROGRESSIVE):
        return PacingChoice(mode, 0.0)
    if not 0.0 < cap <= bounds.cap_max:  # also refuses NaN
        return CapTooHigh(cap, bounds.cap_max)
    return PacingChoice(mode, cap)


def pacer_of(choice: PacingChoice, ring_min: float, learned: Learned | None = None) -> Pacer | None:
    """The pacer of a choice; None in preview, where each call belongs to the agent who saw the lead.

    ring_min: seconds a call must have rung before we may hang it up. learned: what an earlier day taught.
    """
    match choice.mode:
        case PacingMode.PREVIEW:
            return None
        case PacingMode.PROGRESSIVE:
            return ZeroPacer(ring_min)
        case PacingMode.PREDICTIVE:
            return ChancePacer(Proof.CHANCE, ring_min, learned)
        case PacingMode.PREDICTIVE_PROVABLE:
            return ChancePacer(Proof.WORST_CASE, ring_min, learned)
        case _:
            assert_never(choice.mode)
