"""How often: per callee over the whole platform, per caller ID, per agent; and what abandoned calls entail."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from dialer.compliance.case import Case, Finding, Said, at, finding, known
from dialer.compliance.hours import zone
from dialer.domain.campaign import PacingMode
from dialer.rules.kinds.callers import FrequencyAgent, FrequencyCallerId
from dialer.rules.kinds.moments import Abandon, AbandonFollowUp, Burst, Concurrency, FrequencyCallee, Gap
from dialer.rules.kinds.words import Day, Need, Period

BUSINESS_ZONE: Final = "Asia/Shanghai"
"""The zone of a campaign's and a number's day."""


def _after_leaving(attempts: list[datetime], counted_max: int, span: timedelta) -> datetime | None:
    """When so many of `attempts` (ascending, all within `span`) have left it that one more fits; None: never."""
    if counted_max < 1:
        return None
    return attempts[len(attempts) - counted_max] + span


def check_frequency_callee(rule: FrequencyCallee, case: Case) -> Finding:
    """This attempt would be one more: in any 24 hours and any 30 days, (now − span, now]."""
    attempts = sorted(known(case.contact.attempts_at))
    day, month = timedelta(hours=24), timedelta(days=30)
    in_day = [a for a in attempts if case.now - day < a]
    in_month = [a for a in attempts if case.now - month < a]
    inputs = (
        ("attempts_24_hours", str(len(in_day))),
        ("per_24_hours_max", str(rule.per_24_hours_max)),
        ("attempts_30_days", str(len(in_month))),
        ("per_30_days_max", str(rule.per_30_days_max)),
    )
    return finding(
        inputs,
        Said(
            code="FREQUENCY_24_HOURS",
            zh=f"24 小时内已呼叫 {len(in_day)} 次，上限 {rule.per_24_hours_max} 次（全平台合计）",
            en=f"{len(in_day)} attempts in 24 hours, the cap is {rule.per_24_hours_max} (over the whole platform)",
            cure_zh="等到最近 24 小时内的次数低于上限",
            cure_en="Wait until fewer attempts lie within 24 hours",
            lawful_from=_after_leaving(in_day, rule.per_24_hours_max, day),
        )
        if len(in_day) >= rule.per_24_hours_max
        else None,
        Said(
            code="FREQUENCY_30_DAYS",
            zh=f"30 天内已呼叫 {len(in_month)} 次，上限 {rule.per_30_days_max} 次（全平台合计）",
            en=f"{len(in_month)} attempts in 30 days, the cap is {rule.per_30_days_max} (over the whole platform)",
            cure_zh="等到最近 30 天内的次数低于上限",
            cure_en="Wait until fewer attempts lie within 30 days",
            lawful_from=_after_leaving(in_month, rule.per_30_days_max, month),
        )
        if len(in_month) >= rule.per_30_days_max
        else None,
    )


def check_gap(rule: Gap, case: Case) -> Finding:
    """Counted from the end of the newest attempt; exactly the gap later is allowed."""
    ended = known(case.contact.last_ended_at)
    inputs = (("last_ended_at", at(ended)), ("minutes_min", str(rule.minutes_min)))
    if ended is None or case.now >= ended + timedelta(minutes=rule.minutes_min):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLED_RECENTLY",
            zh=f"距上次呼叫不足 {rule.minutes_min} 分钟",
            en=f"Called recently: less than {rule.minutes_min} minutes ago",
            cure_zh="等到间隔已满",
            cure_en="Wait until the gap is over",
            lawful_from=ended + timedelta(minutes=rule.minutes_min),
        ),
    )


def check_concurrency(rule: Concurrency, case: Case) -> Finding:
    """This attempt would be one more open one."""
    open_attempts = known(case.contact.open_attempts)
    inputs = (("open_attempts", str(open_attempts)), ("open_attempts_max", str(rule.open_attempts_max)))
    if open_attempts < rule.open_attempts_max:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLEE_ATTEMPT_OPEN",
            zh="对该号码的另一次呼叫尚未结束",
            en="Another attempt at this number has not ended",
            cure_zh="等那次呼叫结束",
            cure_en="Wait until that attempt has ended",
        ),
    )


def check_burst(rule: Burst, case: Case) -> Finding:
    """Attempts within a short time: the detector behind every other cap."""
    span = timedelta(minutes=rule.minutes)
    recent = sorted(a for a in known(case.contact.attempts_at) if case.now - span < a)
    inputs = (
        ("attempts", str(len(recent))),
        ("attempts_max", str(rule.attempts_max)),
        ("minutes", str(rule.minutes)),
    )
    if len(recent) < rule.attempts_max:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="BURST",
            zh=f"{rule.minutes} 分钟内已呼叫该号码 {len(recent)} 次，属于轮番呼叫",
            en=f"{len(recent)} attempts at this number within {rule.minutes} minutes: a burst",
            cure_zh="等待，并查明为何密集呼叫",
            cure_en="Wait, and find out why it is called so densely",
            lawful_from=_after_leaving(recent, rule.attempts_max, span),
        ),
    )


def _next_business_day(now: datetime) -> datetime:
    local = now.astimezone(zone(BUSINESS_ZONE)).date() + timedelta(days=1)
    return datetime(local.year, local.month, local.day, tzinfo=zone(BUSINESS_ZONE)).astimezone(UTC)


def check_abandon(rule: Abandon, case: Case) -> Finding:
    """From the hard stop on only agent-first calls go out; the stop's value itself stops (以上 includes)."""
    campaign = case.campaign
    if rule.period is Period.DAY:
        abandoned, live = known(campaign.abandoned_day), known(campaign.live_answers_day)
    else:
        abandoned, live = known(campaign.abandoned_30_days), known(campaign.live_answers_30_days)
    mode = known(campaign.mode)
    inputs = (
        ("period", str(rule.period)),
        ("abandoned", str(abandoned)),
        ("live_answers", str(live)),
        ("stop_ppm", str(rule.stop_ppm)),
        ("mode", str(mode)),
    )
    stopped = abandoned > 0 and abandoned * 1_000_000 >= rule.stop_ppm * live
    if not stopped or mode is PacingMode.PREVIEW:
        return finding(inputs)
    percent = f"{Decimal(rule.stop_ppm) / 10_000:f}"
    return finding(
        inputs,
        Said(
            code="ABANDON_STOP",
            zh=f"呼损 {abandoned}/{live} 已达到 {percent}% 的硬停线（{rule.period}）",
            en=f"{abandoned} of {live} live answers abandoned: the hard stop of {percent} % is reached ({rule.period})",
            cure_zh="改为预览式（先有坐席再呼出），或等待下一统计期",
            cure_en="Switch to preview (agent first), or wait for the next period",
            lawful_from=_next_business_day(case.now) if rule.period is Period.DAY else None,
        ),
    )


def check_abandon_follow_up(rule: AbandonFollowUp, case: Case) -> Finding:
    """Somebody we abandoned is tried again later, and with an agent first."""
    abandoned = known(case.contact.abandoned_at)
    mode = known(case.campaign.mode)
    inputs = (("abandoned_at", at(abandoned)), ("hours_min", str(rule.hours_min)), ("mode", str(mode)))
    if abandoned is None:
        return finding(inputs)
    lawful = abandoned + timedelta(hours=rule.hours_min)
    if rule.same_day is Day.CLOSED:
        for name in known(case.callee.zones):
            day = abandoned.astimezone(zone(name)).date() + timedelta(days=1)
            lawful = max(lawful, datetime(day.year, day.month, day.day, tzinfo=zone(name)).astimezone(UTC))
    return finding(
        inputs,
        Said(
            code="ABANDONED_TOO_RECENTLY",
            zh="上次接通时无坐席应答，当日（或规定时间内）不得再呼",
            en="The last call to this person was abandoned: not again the same day (or within the set hours)",
            cure_zh="等到允许的时间",
            cure_en="Wait for the allowed moment",
            lawful_from=lawful,
        )
        if case.now < lawful
        else None,
        Said(
            code="ABANDONED_NEEDS_AGENT_FIRST",
            zh="上次接通时无坐席应答，再次呼叫必须先有坐席（预览式）",
            en="The last call to this person was abandoned: the next try must be agent-first (preview)",
            cure_zh="用预览式呼叫该线索",
            cure_en="Call this lead in preview mode",
        )
        if rule.agent_first is Need.REQUIRED and mode is not PacingMode.PREVIEW
        else None,
    )


def check_frequency_caller_id(rule: FrequencyCallerId, case: Case) -> Finding:
    """Calls from the number, this one included, and the share of short calls."""
    number = case.caller_id
    hour, day = known(number.calls_hour), known(number.calls_day)
    answered, short = known(number.answered_day), known(number.short_calls_day)
    inputs = (
        ("calls_hour", str(hour)),
        ("per_hour_max", str(rule.per_hour_max)),
        ("calls_day", str(day)),
        ("per_day_max", str(rule.per_day_max)),
        ("answered_day", str(answered)),
        ("short_calls_day", str(short)),
        ("short_call_share_max", str(rule.short_call_share_max)),
    )
    over_hour, over_day = hour >= rule.per_hour_max, day >= rule.per_day_max
    lawful = _next_business_day(case.now) if over_day else case.now + timedelta(hours=1)
    is_short = answered >= rule.answered_min and Decimal(short) > rule.short_call_share_max * answered
    return finding(
        inputs,
        Said(
            code="CALLER_ID_FREQUENCY",
            zh=f"该主叫号码呼叫过频（1 小时 {hour}/{rule.per_hour_max}，当日 {day}/{rule.per_day_max}）",
            en=f"This caller ID calls too often (hour {hour}/{rule.per_hour_max}, day {day}/{rule.per_day_max})",
            cure_zh="换用另一个已备案的号码，或等待",
            cure_en="Use another filed number, or wait",
            lawful_from=lawful,
        )
        if over_hour or over_day
        else None,
        Said(
            code="SHORT_CALL_SHARE",
            zh=f"该主叫号码当日短通话过多（{short}/{answered}），疑似骚扰，已自动停止",
            en=f"Too many short calls from this number today ({short} of {answered}): stopped as a sign of harassment",
            cure_zh="由负责人核查后恢复",
            cure_en="Its owner looks into it and restores it",
            lawful_from=_next_business_day(case.now),
        )
        if is_short
        else None,
    )


def check_frequency_agent(rule: FrequencyAgent, case: Case) -> Finding:
    """No agent who could get the call is over the cap."""
    busiest = known(case.floor.busiest_calls_day)
    inputs = (("busiest_calls_day", str(busiest)), ("per_day_max", str(rule.per_day_max)))
    if busiest < rule.per_day_max:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="AGENT_FREQUENCY",
            zh=f"有坐席当日呼叫已达 {busiest} 次，上限 {rule.per_day_max} 次",
            en=f"An agent has had {busiest} calls today, the cap is {rule.per_day_max}",
            cure_zh="该坐席当日不再外呼",
            cure_en="That agent takes no more calls today",
            lawful_from=_next_business_day(case.now),
        ),
    )
