"""Reasons as sentences, the choice of a mode, preview."""

import math
from typing import get_args

import pytest

from dialer.domain.campaign import PacingMode
from dialer.pacing.floor import AgentId
from dialer.pacing.mode import CapTooHigh, ModeBounds, ModeForbidden, PacingChoice, choose, pacer_of
from dialer.pacing.preview import Choice, Preview, PreviewMoves, WhenTimeIsUp, preview_moves
from dialer.pacing.why import (
    CapReached,
    DayNotStarted,
    ImpossibleFloor,
    Limited,
    NoLeads,
    NoReadyAgent,
    NoTokens,
    OneLineEach,
    Placing,
    ShiftOver,
    Tail,
    Why,
    WorstCase,
    sentence_of,
)

REASONS: list[tuple[Why, list[str]]] = [
    (Placing(3, 4, 5), ["3", "4", "5"]),
    (OneLineEach(3, 2, 1), ["3", "2", "1"]),
    (NoReadyAgent(4, 9), ["4", "9"]),
    (NoTokens(3, 3, 0.42, 58), ["3", "0.4", "58"]),
    (Tail(3, 2, 1.4, 0.8), ["3", "2", "1.4", "0.8"]),
    (WorstCase(3, 4, 1, 2.6), ["3", "4", "2.6"]),
    (NoLeads(7), ["7"]),
    (Limited("trunk", 2, 6), ["2", "6"]),
    (Limited("caller_id", 2, 6), ["2", "6"]),
    (CapReached(9, 250), ["9", "250"]),
    (ShiftOver(), []),
    (DayNotStarted(), []),
    (ImpossibleFloor("agent_twice"), []),
]


def test_every_reason_is_a_sentence_in_both_languages_with_its_numbers() -> None:
    for why, numbers in REASONS:
        sentence = sentence_of(why)
        assert sentence.zh != sentence.en
        assert any("\u4e00" <= letter <= "\u9fff" for letter in sentence.zh), sentence
        assert sentence.en.isascii(), sentence
        for number in numbers:
            assert number in sentence.zh, (number, sentence.zh)
            assert number in sentence.en, (number, sentence.en)


def test_no_reason_is_without_a_sentence() -> None:
    assert {type(why) for why, _ in REASONS} == set(get_args(Why))


def test_one_agent_and_one_call_are_not_plural() -> None:
    assert sentence_of(OneLineEach(1, 1, 0)).en.startswith("1 call ringing for 1 agent:")


BOUNDS = ModeBounds(
    frozenset({PacingMode.PREVIEW, PacingMode.PROGRESSIVE, PacingMode.PREDICTIVE}), cap_max=0.01
)


@pytest.mark.parametrize(
    ("mode", "cap", "outcome"),
    [
        (PacingMode.PREDICTIVE, 0.01, PacingChoice(PacingMode.PREDICTIVE, 0.01)),
        (PacingMode.PREDICTIVE, 0.03, CapTooHigh(0.03, 0.01)),
        (PacingMode.PREDICTIVE, 0.0, CapTooHigh(0.0, 0.01)),
        (PacingMode.PROGRESSIVE, 0.5, PacingChoice(PacingMode.PROGRESSIVE, 0.0)),
        (PacingMode.PREVIEW, 0.01, PacingChoice(PacingMode.PREVIEW, 0.0)),
        (
            PacingMode.PREDICTIVE_PROVABLE,
            0.01,
            ModeForbidden(
                PacingMode.PREDICTIVE_PROVABLE,
                (PacingMode.PREVIEW, PacingMode.PROGRESSIVE, PacingMode.PREDICTIVE),
            ),
        ),
    ],
)
def test_a_campaign_can_choose_only_what_its_packs_allow(
    mode: PacingMode, cap: float, outcome: PacingChoice | ModeForbidden | CapTooHigh
) -> None:
    assert choose(mode, cap, BOUNDS) == outcome


def test_a_cap_that_is_no_number_is_refused() -> None:
    assert isinstance(choose(PacingMode.PREDICTIVE, math.nan, BOUNDS), CapTooHigh)


def test_every_mode_but_preview_has_a_pacer() -> None:
    for mode in PacingMode:
        pacer = pacer_of(PacingChoice(mode, 0.01), ring_min=15.0)
        assert (pacer is None) == (mode is PacingMode.PREVIEW)


A, B, C, D = (AgentId(name) for name in "abcd")


def moves(previews: dict[AgentId, Preview], time_up: WhenTimeIsUp, leads_left: int = 9) -> PreviewMoves:
    ready = {A: 10.0, B: 5.0, C: 20.0}
    return preview_moves(100.0, ready, previews, leads_left, read_seconds_max=30.0, time_up=time_up)


def test_leads_are_shown_to_the_agents_who_waited_longest() -> None:
    assert moves({}, WhenTimeIsUp.SKIP, leads_left=2) == PreviewMoves((B, A), (), ())
    assert moves({}, WhenTimeIsUp.SKIP, leads_left=0) == PreviewMoves((), (), ())


def test_a_lead_is_dialled_when_its_agent_accepts_or_lets_the_timer_run_out_where_so_set() -> None:
    accepted = {A: Preview(95.0, Choice.ACCEPTED)}
    late = {A: Preview(60.0, Choice.READING)}
    assert moves(accepted, WhenTimeIsUp.SKIP).dial == (A,)
    assert moves(late, WhenTimeIsUp.DIAL).dial == (A,)
    assert moves(late, WhenTimeIsUp.SKIP).skip == (A,)
    assert moves({A: Preview(71.0, Choice.READING)}, WhenTimeIsUp.DIAL).dial == ()


def test_nobody_is_dialled_for_an_agent_who_left() -> None:
    gone = {D: Preview(95.0, Choice.ACCEPTED)}
    assert moves(gone, WhenTimeIsUp.DIAL).dial == ()
    assert moves(gone, WhenTimeIsUp.DIAL).skip == (D,)
    assert moves({A: Preview(95.0, Choice.SKIPPED)}, WhenTimeIsUp.DIAL).skip == (A,)
