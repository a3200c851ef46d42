"""A world made of what a campaign has lived through: its own outcomes and durations instead of textbook laws."""

from dataclasses import dataclass

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


def world_of(
    history: History, agents: int, shift_seconds: float, leads: int, ring_max: float, patience: float
) -> World:
    """A world like the history. Raises: WorldError where there are too few calls to go by."""
    if history.calls < CALLS_MIN or not history.talk_seconds or not history.wrap_seconds:
        raise WorldError(
            f"a forecast from history needs at least {CALLS_MIN} calls, with talk and wrap-up among them"
        )
    calls = history.calls
    ring = history.ring_seconds or (ring_max / 2.0,)
    return World(
        agents=agents,
        shift_seconds=shift_seconds,
        parts=(
            ListPart(
                share=1.0,
                answer_share=len(history.ring_seconds) / calls,
                machine_share=len(history.machine_seconds) / calls,
            ),
        ),
        leads=leads,
        ring=Law(Shape.SAMPLES, samples=ring),
        machine_ring=Law(Shape.SAMPLES, samples=history.machine_seconds or ring),
        talk=Law(Shape.SAMPLES, samples=history.talk_seconds),
        wrap=Law(Shape.SAMPLES, samples=history.wrap_seconds),
        set_up_seconds=(0.0, 0.0),
        ring_max_seconds=ring_max,
        patience_seconds=patience,
        fail_share=history.failed / calls,
        busy_share=0.0,
    )
