"""Builders of floors for the tests of pacing."""

from dialer.pacing.floor import AgentId, CallId, Floor, Limit


def agents(prefix: str, ages_seconds: tuple[float, ...], now: float) -> dict[AgentId, float]:
    """Agents who have been in a state for these many seconds."""
    return {AgentId(f"{prefix}{i}"): now - age for i, age in enumerate(ages_seconds)}


def floor_at(
    now: float,
    ready: int = 0,
    talking: tuple[float, ...] = (),
    wrapping: tuple[float, ...] = (),
    ringing: tuple[float, ...] = (),
    waiting: int = 0,
    live: int = 0,
    abandoned: int = 0,
    leads_left: int = 10_000,
    shift_left: float = 3_600.0,
    limits: tuple[Limit, ...] = (),
) -> Floor:
    """A floor from ages in seconds; every ready agent has been so for 5 s."""
    return Floor(
        ready=agents("r", (5.0,) * ready, now),
        talking=agents("t", talking, now),
        wrapping=agents("w", wrapping, now),
        ringing={CallId(f"c{i}"): now - age for i, age in enumerate(ringing)},
        waiting=waiting,
        live=live,
        abandoned=abandoned,
        leads_left=leads_left,
        shift_left=shift_left,
        limits=limits,
    )
