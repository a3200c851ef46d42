"""Simulated days as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dialer.pacing.compare import Compared, DayOrder, Method, compared, day_orders
from dialer.pacing.result import Band, DayResult
from dialer.pacing.scenario import Scenario
from dialer.pacing.world import AgentsLeave, World
from dialer.services.views.simulation import BandView, ComparisonView, IdleView, MethodKind, MethodView
from dialer.services.views.words import Sentence

PPM: Final = 1_000_000
NAMES: Final[Mapping[Method, tuple[MethodKind, Sentence]]] = {
    Method.PROGRESSIVE: (MethodKind.OURS, Sentence("渐进式（零呼损）", "Progressive (nobody abandoned)")),
    Method.PREDICTIVE: (MethodKind.OURS, Sentence("预测式（有上限）", "Predictive with a cap")),
    Method.PREDICTIVE_PROVABLE: (MethodKind.OURS, Sentence("预测式（可证明）", "Predictive, provable")),
    Method.FIXED_RATIO_1_5: (MethodKind.FIELD, Sentence("固定倍数 1.5", "Fixed ratio 1.5")),
    Method.FIXED_RATIO_2: (MethodKind.FIELD, Sentence("固定倍数 2", "Fixed ratio 2")),
    Method.VICIDIAL_HARD_LIMIT: (MethodKind.FIELD, Sentence("VICIdial 硬限制", "VICIdial HARD_LIMIT")),
    Method.VICIDIAL_AVERAGE: (MethodKind.FIELD, Sentence("VICIdial 平均", "VICIdial AVERAGE")),
    Method.VICIDIAL_TAPERED: (MethodKind.FIELD, Sentence("VICIdial 渐收", "VICIdial TAPERED")),
    Method.CLAIRVOYANT: (MethodKind.BOUND, Sentence("全知（理论上限）", "Clairvoyant (the bound)")),
}
REASONS: Final[Mapping[str, Sentence]] = {
    "Placing": Sentence("已外呼，等待应答", "calls placed, waiting for an answer"),
    "OneLineEach": Sentence("每名坐席已有一路", "one line per agent, no more"),
    "NoReadyAgent": Sentence("没有空闲坐席", "no agent was free"),
    "NoTokens": Sentence("今日呼损余额不足", "no abandon is left today"),
    "Tail": Sentence("再呼一个风险过高", "one more call would risk too much"),
    "WorstCase": Sentence("最坏情形会超出余额", "the worst case would not fit what is left"),
    "NoLeads": Sentence("没有可呼叫的线索", "no lead may be called"),
    "Limited": Sentence("外部限制", "a bound from outside"),
    "CapReached": Sentence("呼损达到上限", "the limit of abandoned calls is reached"),
    "ShiftOver": Sentence("时段已结束", "dialling time is over"),
    "DayNotStarted": Sentence("任务尚未开始", "the day has not begun"),
    "ImpossibleFloor": Sentence("现场数据矛盾", "the floor contradicts itself"),
}
"""Names of `dialer.pacing.why` classes, as `DayResult.idle_seconds` has them."""


@dataclass(frozen=True, slots=True)
class Question:
    """A scenario to run. what_if: agents who leave; then the campaign's own method runs also with them gone."""

    scenario: Scenario
    what_if: tuple[AgentsLeave, ...] = ()

    def orders(self) -> tuple[tuple[DayOrder, ...], tuple[DayOrder, ...]]:
        """The days as they are, and after the change."""
        asked = self.scenario
        plain = day_orders(asked.world, asked.cap, asked.methods, asked.days, asked.seed)
        if not self.what_if:
            return plain, ()
        changed: World = replace(asked.world, leaves=asked.world.leaves + self.what_if)
        return plain, day_orders(changed, asked.cap, asked.methods[:1], asked.days, asked.seed)


def comparison_of(question: Question, results: Sequence[DayResult]) -> ComparisonView:
    """What the days of `question.orders()`, one after the other, came to."""
    plain, changed = question.orders()
    asked = question.scenario
    return ComparisonView(
        name=asked.name,
        agents=asked.world.agents,
        shift_hours=asked.world.shift_seconds / 3600.0,
        days=asked.days,
        cap_ppm=round(asked.cap * PPM),
        seed=asked.seed,
        methods=tuple(method_view(one) for one in compared(plain, results[: len(plain)])),
        what_if=tuple(method_view(one) for one in compared(changed, results[len(plain) :]))
        if changed
        else (),
    )


def method_view(one: Compared) -> MethodView:
    """One method's figures."""
    kind, name = NAMES[one.method]
    summary = one.summary
    idle = sum(summary.idle_seconds.values())
    reasons = sorted(summary.idle_seconds.items(), key=lambda item: -item[1])
    return MethodView(
        method=one.method.value,
        name=name,
        kind=kind,
        utilisation=_band(summary.utilisation, PPM),
        abandoned_share=_band(summary.abandoned_share, PPM),
        dials_an_hour=_band(summary.dials_an_hour, 1.0),
        finished_hours=None if summary.finished_hours is None else _band(summary.finished_hours, 1.0),
        over_days_ppm=round(summary.over_days * PPM),
        idle=tuple(
            IdleView(REASONS[reason], round(seconds / idle * PPM))
            for reason, seconds in reasons
            if idle > 0 and seconds > 0
        ),
    )


def _band(band: Band, factor: float) -> BandView:
    return BandView(band.mean * factor, band.low * factor, band.high * factor)
