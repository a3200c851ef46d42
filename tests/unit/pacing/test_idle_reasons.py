"""Agents who are idle always have a reason: over drawn floors, in every mode, a plan says a whole sentence in both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.domain.campaign import PacingMode
from dialer.pacing.floor import Limit, LimitKind
from dialer.pacing.mode import PacingChoice, pacer_of
from dialer.pacing.why import Placing, sentence_of
from tests.unit.pacing.pacing_floors import floor_at

NOW = 1_000.0
MODES = (PacingMode.PROGRESSIVE, PacingMode.PREDICTIVE, PacingMode.PREDICTIVE_PROVABLE)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=60, deadline=None)
@given(
    ready=st.integers(0, 6),
    talking=st.integers(0, 6),
    ringing=st.integers(0, 9),
    waiting=st.integers(0, 3),
    live=st.integers(0, 400),
    abandoned=st.integers(0, 6),
    leads=st.integers(0, 4),
    shift=st.sampled_from((0.0, 60.0, 3_600.0)),
    trunk=st.sampled_from((None, 0, 2)),
)
def test_a_floor_on_which_nothing_is_placed_says_why(
    mode: PacingMode,
    ready: int,
    talking: int,
    ringing: int,
    waiting: int,
    live: int,
    abandoned: int,
    leads: int,
    shift: float,
    trunk: int | None,
) -> None:
    pacer = pacer_of(PacingChoice(mode, 0.01), ring_min=10.0)
    assert pacer is not None
    pacer.day_started(0.01, 2.0, 30.0, 3_600.0, NOW - 500.0)
    floor = floor_at(
        NOW,
        ready=ready,
        talking=(30.0,) * talking,
        ringing=(4.0,) * ringing,
        waiting=waiting,
        live=live,
        abandoned=abandoned,
        leads_left=leads,
        shift_left=shift,
        limits=() if trunk is None else (Limit(LimitKind.TRUNK, trunk),),
    )
    plan = pacer.plan(NOW, floor)
    said = sentence_of(plan.why)
    assert said.zh
    assert said.en
    assert said.zh != said.en
    if plan.place == 0 and ready:
        assert not isinstance(plan.why, Placing), "“placing” is no reason to be idle"
