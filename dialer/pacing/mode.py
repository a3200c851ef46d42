"""The pacing modes, and which of them a campaign may choose."""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How calls are paced. From the gentlest to the boldest."""

    PREVIEW = "preview"
    """The agent sees the lead first and dials it, or lets it go."""
    ZERO = "zero"
    """One line per ready agent, reserved: nobody is ever abandoned. The field calls it progressive."""
    PROVABLE = "provable"
    """More lines than agents, yet so few that the worst case keeps A ≤ cap·L at every instant."""
    PREDICTIVE = "predictive"
    """More lines than agents by what was learned; no day ends over the cap."""


CAP_DEFAULT = 0.01


@dataclass(frozen=True, slots=True)
class ModeBounds:
    """What packs and purpose leave to choose from. cap_max: strictest share of abandoned live answers, 0 ≤ x < 1."""

    modes: Set[Mode]
    cap_max: float


@dataclass(frozen=True, slots=True)
class PacingChoice:
    """A mode that the bounds allow, with the cap that will hold (0 in preview and zero mode)."""

    mode: Mode
    cap: float


@dataclass(frozen=True, slots=True)
class ModeForbidden:
    """The campaign's packs or purpose don't allow this mode."""

    mode: Mode
    allowed: tuple[Mode, ...]


@dataclass(frozen=True, slots=True)
class CapTooHigh:
    """The cap asked for is above the strictest pack's, or no share at all."""

    cap: float
    cap_max: float


def choose(mode: Mode, cap: float, bounds: ModeBounds) -> PacingChoice | ModeForbidden | CapTooHigh:
    """The choice of a supervisor held against the bounds; nothing is quietly changed into something allowed."""
    if mode not in bounds.modes:
        return ModeForbidden(mode, tuple(m for m in Mode if m in bounds.modes))
    if mode in (Mode.PREVIEW, Mode.ZERO):
        return PacingChoice(mode, 0.0)
    if not 0.0 < cap <= bounds.cap_max:  # also refuses NaN
        return CapTooHigh(cap, bounds.cap_max)
    return PacingChoice(mode, cap)
