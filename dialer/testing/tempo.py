"""How long things take in the shipped fake exchange."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long things take, seconds; `pace` divides all of them (100 is a hundred times as fast)."""

    pace: float = 1.0
    egress_seconds: float = 0.02
    seat_answer_seconds: float = 0.3
    bridge_seconds: float = 0.005
    notice_seconds: float = 6.0
    key_seconds: float = 4.0
    hold_seconds_max: float = 60.0


def hurried(pace: float) -> Tempo:
    """Everything `pace` times as fast."""
    return replace(Tempo(), pace=pace)
