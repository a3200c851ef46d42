"""The worlds in which pacing is measured: from two agents to five hundred, rare answers, a jump, leads that differ."""

from dataclasses import dataclass, replace

from dialer.pacing.world import AnswerChange, Law, ListPart, Shape, World

LISTED = (ListPart(1.0, 0.3),)


@dataclass(frozen=True, slots=True)
class Measured:
    """One row of the table. days: campaign-days of a full run; a long shift needs fewer of them."""

    name: str
    world: World
    days: int


def _plain(agents: int, hours: float) -> World:
    return World(agents=agents, shift_seconds=hours * 3600.0, parts=LISTED)


TWO_AGES = (
    ListPart(0.5, 0.6, request_age_hours=0.5),
    ListPart(0.5, 0.1, request_age_hours=168.0),
)
"""Half the leads asked within the hour, half a week ago."""

WORLDS = (
    Measured("2", _plain(2, 8.0), 10),
    Measured("5", _plain(5, 8.0), 8),
    Measured("10", _plain(10, 6.0), 5),
    Measured("25", _plain(25, 3.0), 4),
    Measured("50", _plain(50, 2.0), 4),
    Measured("200", _plain(200, 1.0), 3),
    Measured(
        "500",
        replace(_plain(500, 0.75), talk=Law(Shape.GAMMA, 90.0, 1.0), wrap=Law(Shape.GAMMA, 12.0, 0.7)),
        3,
    ),
    Measured("10, p = .1", replace(_plain(10, 6.0), parts=(ListPart(1.0, 0.1, machine_share=0.35),)), 4),
    Measured(
        "50, p jumps .1 → .5",
        replace(_plain(50, 2.0), parts=(ListPart(1.0, 0.1),), changes=(AnswerChange(3600.0, 5.0),)),
        4,
    ),
    Measured("25, two ages, known", replace(_plain(25, 3.0), parts=TWO_AGES), 4),
    Measured(
        "25, two ages, unknown",
        replace(
            _plain(25, 3.0),
            parts=tuple(replace(part, request_age_hours=float("inf")) for part in TWO_AGES),
        ),
        4,
    ),
)

PICTURED = ("2", "5", "10", "25", "50", "200", "500")
"""Rows whose utilisation is drawn against the number of agents."""


def memoryless(agents: int) -> World:
    """The world of `pacing_optimum`: exponential ringing and holding, nobody waits, everyone is there from the start."""
    ringing = Law(Shape.EXPONENTIAL, RING_MEAN_SECONDS)
    return World(
        agents=agents,
        shift_seconds=6.0 * 3600.0,
        parts=LISTED,
        ring=ringing,
        unanswered_ring=ringing,
        talk=Law(Shape.EXPONENTIAL, HOLD_MEAN_SECONDS),
        wrap=Law(Shape.FIXED, 0.0),
        set_up_seconds=(0.0, 0.0),
        ring_max_seconds=120.0,
        patience_seconds=0.0,
        fail_share=0.0,
        busy_share=0.0,
        pause_share=0.0,
        login_seconds=0.0,
        tick_seconds=0.25,
    )


RING_MEAN_SECONDS = 8.0
HOLD_MEAN_SECONDS = 140.0
"""Talk and wrap-up as one: wrap-up of no length keeps the world without memory."""
