"""A world made of what a campaign has lived through: its own outcomes and durations instead of textbook laws."""

from dataclasses import dataclass, replace

from dialer.pacing.world import Law, ListPart, Shape, World, WorldError

CALLS_MIN = 30
"""With fewer calls a forecast from history would be a guess dressed as a measurement."""


@dataclass(frozen=True, slots=True)
class History:
    """Outcomes of past calls (counts) and durations in seconds.

    ring_seconds: of calls answered by people, from placing to the answer. machine_seconds: of those answered by
    machines. failed: ended by the network at once, busy included.
    """

    no_answer: int
    failed: int
    ring_seconds: tuple[float, ...]
    machine_seconds: tuple[float, ...]
    talk_seconds: tuple[float, ...]
    wrap_seconds: tuple[float, ...]

    @property
    def calls(self) -> int:
        """All calls."""
        return self.no_answer + self.failed + len(self.ring_seconds) + len(self.machine_seconds)


def lived_through(history: History, world: World) -> World:
    """`world` with agents, shift, list length and bounds kept, and everything that callees and agents did taken from
    the history.

    Raises:
        WorldError: there are too few calls to go by.
    """
    if history.calls < CALLS_MIN or not history.talk_seconds or not history.wrap_seconds:
        raise WorldError(
            f"a forecast from history needs at least {CALLS_MIN} calls, with talk and wrap-up among them"
        )
    calls = history.calls
    ring = history.ring_seconds or (world.ring_max_seconds / 2.0,)
    return replace(
        world,
        parts=(
            ListPart(
                share=1.0,
                answer_share=len(history.ring_seconds) / calls,
                machine_share=len(history.machine_seconds) / calls,
            ),
        ),
        ring=Law(Shape.SAMPLES, samples=ring),
        machine_ring=Law(Shape.SAMPLES, samples=history.machine_seconds or ring),
        unanswered_ring=None,
        talk=Law(Shape.SAMPLES, samples=history.talk_seconds),
        wrap=Law(Shape.SAMPLES, samples=history.wrap_seconds),
        set_up_seconds=(0.0, 0.0),
        fail_share=history.failed / calls,
        busy_share=0.0,
        changes=(),
    )
