"""What is learned, from calls drawn from known laws; also from a start that is cut off in the middle."""

import numpy as np
import pytest

from dialer.pacing.features import LeadFeatures, Promise
from dialer.pacing.laws import HOLD_EDGES_SECONDS, HoldLaw, RingLaw, cumulative
from dialer.pacing.rate import AnswerRate

RING_MAX = 22.0


def features(age_hours: float, hour: int = 10) -> LeadFeatures:
    return LeadFeatures("list", age_hours, Promise.NONE, 0, hour)


def drawn_calls(count: int, p: float, seed: int) -> list[tuple[float, bool]]:
    """(seconds of ringing, whether answered) of calls that ring until RING_MAX when nobody answers."""
    rng = np.random.default_rng(seed)
    ring = 1.5 + rng.gamma(3.3, 2.4, count)
    answered = (rng.random(count) < p) & (ring < RING_MAX)
    return [(float(r) if a else RING_MAX, bool(a)) for r, a in zip(ring, answered, strict=True)]


def test_the_law_of_ringing_is_found_again() -> None:
    law = RingLaw(RING_MAX)
    calls = drawn_calls(4_000, 0.3, seed=1)
    for seconds, answered in calls:
        (law.answered if answered else law.ended)(seconds)
    shape = law.shape(np.array([]))
    observed = np.array([seconds for seconds, answered in calls if answered])
    assert shape.answer_share == pytest.approx(observed.size / len(calls), abs=0.01)
    for seconds in (4.0, 8.0, 12.0, 18.0):
        assert shape.answer[int(seconds * 2)] == pytest.approx((observed < seconds).mean(), abs=0.03)


def test_calls_that_still_ring_count_as_not_answered_so_far() -> None:
    # Six seconds into the day, of 900 calls placed together, only early answers are known.
    calls = drawn_calls(900, 0.3, seed=2)
    told, blind = RingLaw(RING_MAX), RingLaw(RING_MAX)
    ringing = sum(1 for seconds, _ in calls if seconds >= 6.0)
    for seconds, answered in calls:
        if seconds < 6.0 and answered:
            told.answered(seconds)
            blind.answered(seconds)
    true_share = sum(1 for seconds, answered in calls if answered and seconds < 6.0) / len(calls)
    told_shape, blind_shape = told.shape(np.full(ringing, 6.0)), blind.shape(np.array([]))
    assert told_shape.answer_share * told_shape.answer[12] == pytest.approx(true_share, abs=0.02)
    # The control: without them the same events look like certain answers.
    assert blind_shape.answer_share * blind_shape.answer[12] > 3 * true_share


def test_talk_times_are_found_again_although_the_long_ones_still_talk() -> None:
    rng = np.random.default_rng(3)
    talks = rng.exponential(120.0, 600)
    law = HoldLaw(30.0)
    for seconds in talks[talks < 60.0]:
        law.ended(float(seconds))
    going_on = np.full(int((talks >= 60.0).sum()), 60.0)
    survive = np.exp(-cumulative(law.hazards(going_on), np.array([60.0])))[0]
    assert survive == pytest.approx(np.exp(-0.5), abs=0.03)
    blind = np.exp(-cumulative(law.hazards(np.array([])), np.array([60.0])))[0]
    assert blind < 0.2


def test_what_was_learned_survives_a_restart() -> None:
    ring, talk = RingLaw(RING_MAX), HoldLaw(100.0)
    for seconds, answered in drawn_calls(300, 0.4, seed=4):
        (ring.answered if answered else ring.ended)(seconds)
        talk.ended(seconds * 5)
    again_ring, again_talk = RingLaw(RING_MAX, ring.learned()), HoldLaw(100.0, talk.learned())
    none = np.array([])
    assert again_ring.shape(none).answer == pytest.approx(ring.shape(none).answer)
    assert again_talk.hazards(none) == pytest.approx(talk.hazards(none))
    shorter = RingLaw(15.0, ring.learned())
    assert shorter.shape(none).answer.size == 31


def test_times_of_zero_and_of_hours_do_not_break_the_laws() -> None:
    law = HoldLaw(60.0)
    for seconds in (0.0, -1.0, 10_800.0, 0.0):
        law.ended(seconds)
    hazards = law.hazards(np.array([0.0, 20_000.0]))
    assert hazards.shape == HOLD_EDGES_SECONDS.shape
    assert np.isfinite(hazards).all()
    assert (hazards > 0).all()


def watched(rate: AnswerRate, calls: list[tuple[float, bool]], index: int = 0) -> None:
    empty = np.array([], dtype=np.intp)
    for number, (seconds, answered) in enumerate(calls):
        rate.resolved(index, seconds, 1 if answered else 0)
        if number % 5 == 0:
            rate.watch(empty, np.array([]))


def learned_shape(calls: list[tuple[float, bool]]) -> AnswerRate:
    law, rate = RingLaw(RING_MAX), AnswerRate()
    for seconds, answered in calls:
        (law.answered if answered else law.ended)(seconds)
    rate.set_shape(law.shape(np.array([])))
    return rate


def test_the_answer_rate_is_found_and_time_outs_in_a_burst_do_not_move_it() -> None:
    calls = drawn_calls(2_000, 0.3, seed=5)
    rate = learned_shape(calls)
    watched(rate, calls)
    assert rate.rate == pytest.approx(0.3, abs=0.05)
    # 40 calls placed together: first their answers come, then all time-outs at once.
    burst = sorted(drawn_calls(40, 0.3, seed=6))
    answers = [call for call in burst if call[1]]
    before = rate.rate
    pending = np.full(len(burst) - len(answers), 15.0)
    watched(rate, answers)
    counting_pending = rate.watch(np.zeros(pending.size, dtype=np.intp), pending)
    # Counting those that still ring, the answers alone don't lift the rate much.
    assert abs(counting_pending - before) < 0.05


def test_a_rise_of_the_rate_is_noticed_within_some_dozen_answers_and_a_steady_rate_raises_no_alarm() -> None:
    calls = drawn_calls(3_000, 0.1, seed=7)
    rate = learned_shape(drawn_calls(3_000, 0.3, seed=8))
    watched(rate, calls)
    assert rate.alarms <= 2
    steady, alarms = rate.highest, rate.alarms
    assert steady < 2.0
    jump = drawn_calls(60, 0.5, seed=9)
    watched(rate, jump)
    assert rate.alarms > alarms
    assert rate.rate > 0.2


def test_classes_of_leads_are_told_apart() -> None:
    rate = learned_shape(drawn_calls(3_000, 0.35, seed=10))
    warm, cold = rate.class_index(features(0.5)), rate.class_index(features(170.0))
    assert warm != cold
    assert rate.class_index(features(0.6)) == warm
    for a, b in zip(drawn_calls(800, 0.6, seed=11), drawn_calls(800, 0.1, seed=12), strict=True):
        watched(rate, [a], warm)
        watched(rate, [b], cold)
    rates = rate.rates()
    assert rates[warm] == pytest.approx(0.6, abs=0.1)
    assert rates[cold] == pytest.approx(0.1, abs=0.05)
    again = AnswerRate(rate.learned())
    assert again.rates()[again.class_index(features(0.5))] / again.rates()[
        again.class_index(features(170.0))
    ] == (pytest.approx(rates[warm] / rates[cold], rel=0.05))


def test_an_hour_that_is_known_to_be_worse_moves_the_rate_as_it_begins() -> None:
    rate = learned_shape(drawn_calls(3_000, 0.3, seed=13))
    rate.hour_is(10)
    watched(rate, drawn_calls(1_500, 0.4, seed=14))
    rate.hour_is(11)
    watched(rate, drawn_calls(1_500, 0.15, seed=15))
    again = AnswerRate(rate.learned())
    again.hour_is(10)
    before = again.rate
    again.hour_is(11)
    assert again.rate < 0.7 * before


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_a_rate_of_zero_or_one_stays_a_probability(p: float) -> None:
    rate = AnswerRate()
    rate.set_shape(RingLaw(RING_MAX).shape(np.array([])))
    watched(rate, drawn_calls(400, p, seed=16))
    assert 0.0 <= rate.rate <= 1.0
    assert (rate.rate < 0.05) if p == 0.0 else (rate.rate > 0.6)


def test_leads_that_are_all_of_one_class_teach_the_rate_and_no_factor() -> None:
    """Rate and factor are known by their product alone: the factors are 1 on the whole, or the two would drift apart."""
    rate = AnswerRate()
    law = RingLaw(22.0)
    rate.set_shape(law.shape(np.array([])))
    index = rate.class_index(LeadFeatures("list", 0.5, Promise.NONE, 0, 10))
    none = np.zeros(0, dtype=np.intp)
    dice = np.random.default_rng(4)
    for call in range(4_000):
        rate.resolved(index, 9.0 if dice.random() < 0.3 else 21.9, int(dice.random() < 0.3))
        if call % 20 == 0:
            rate.watch(none, np.array([]))
    assert rate.rates()[index] == pytest.approx(rate.rate, rel=0.02)
