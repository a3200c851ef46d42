"""When: window, holidays, promised time, term of the consent, the clock itself."""

from datetime import UTC, datetime, timedelta

from dialer.compliance.case import Case, Finding, Said, at, finding, known, names, spoken
from dialer.compliance.facts import Profile
from dialer.compliance.hours import (
    closes_at,
    first_open_day_closes,
    judge_day,
    local_days,
    next_opening,
    on_every_day,
    zone,
)
from dialer.rules.calendar import DayKind
from dialer.rules.kinds.calls import Ring
from dialer.rules.kinds.moments import CampaignHours, ClockTrust, ConsentTerm, Holidays, Promised, Window
from dialer.rules.kinds.words import Need


def ring_seconds(case: Case) -> int:
    """Seconds that the phone may ring under the law in force."""
    ring = case.law.one(Ring)
    return ring.value.ring_seconds_max if ring else 0


def check_window(rule: Window, case: Case) -> Finding:
    """Open, and open until the last ring: who would still hear it ring at 21:00 isn't called at 20:59:45."""
    zones = known(case.callee.zones)
    ring = ring_seconds(case)
    closing = closes_at(rule, zones, case.now) if zones else None
    local = sorted(f"{name} {case.now.astimezone(zone(name)):%Y-%m-%d %H:%M:%S}" for name in zones)
    inputs = (
        ("now", at(case.now)),
        ("local", "; ".join(local) or "-"),
        ("closes", at(closing)),
        ("ring_seconds_max", str(ring)),
    )
    if closing is not None and case.now < closing - timedelta(seconds=ring):
        return finding(inputs)
    opens = next_opening(rule, zones, case.now, ring) if zones else None
    return finding(
        inputs,
        Said(
            code="WINDOW_CLOSED",
            zh=f"被叫当地时间不在可呼时段内，或振铃会超出时段（当地 {'；'.join(local)}）",
            en=f"Outside the calling window at the callee's place, or it would ring past its end ({'; '.join(local)})",
            cure_zh="等到可呼时段开始",
            cure_en="Wait until the window opens",
            lawful_from=opens,
        ),
    )


def check_holidays(rule: Holidays, case: Case) -> Finding:
    """A statutory holiday in any zone refuses; a year without an announced calendar refuses without an end."""
    zones = known(case.callee.zones)
    regions = known(case.callee.regions)
    calendar = case.packs.calendars.get(rule.calendar)
    judged = {day: judge_day(rule, calendar, day, regions) for day in local_days(zones, case.now)}
    inputs = (
        ("calendar", f"{rule.calendar} {calendar.version if calendar else '-'}"),
        *((str(day), str(j.kind)) for day, j in sorted(judged.items())),
    )
    if any(j.kind is DayKind.UNKNOWN_YEAR for j in judged.values()):
        years = names(tuple(day.year for day, j in judged.items() if j.kind is DayKind.UNKNOWN_YEAR))
        return finding(
            inputs,
            Said(
                code="CALENDAR_YEAR_UNKNOWN",
                zh=f"{years} 年的节假日安排尚未公布或未载入，无法确认当日可呼",
                en=f"The holidays of {years} are not announced or not loaded: nobody can say that the day is open",
                cure_zh="载入国务院公布的该年节假日安排",
                cure_en="Load that year's announced calendar",
            ),
        )
    if not any(j.closed for j in judged.values()):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="HOLIDAY",
            zh=f"当日（{names(tuple(judged))}）按日历不得外呼",
            en=f"The day ({names(tuple(judged))}) is closed by the calendar",
            cure_zh="等到下一个可呼日",
            cure_en="Wait for the next open day",
            lawful_from=_next_midnight(zones, case.now),
        ),
    )


def _next_midnight(zones: frozenset[str], now: datetime) -> datetime:
    """When the last of the zones has its next day."""
    midnights = []
    for name in zones:
        day = now.astimezone(zone(name)).date() + timedelta(days=1)
        midnights.append(datetime(day.year, day.month, day.day, tzinfo=zone(name)).astimezone(UTC))
    return max(midnights)


def check_promised(rule: Promised, case: Case) -> Finding:
    """A promised time narrows: before it the call waits, after it a new promise is needed."""
    promise = known(case.consent.promise)
    if promise is None:
        return finding((("promise", "-"),))
    inputs = (("opens", at(promise.opens)), ("closes", at(promise.closes)), ("effect", str(rule.effect)))
    last = promise.closes - timedelta(seconds=ring_seconds(case))
    if promise.opens <= case.now < last:
        return finding(inputs)
    early = case.now < promise.opens
    return finding(
        inputs,
        Said(
            code="PROMISED_TIME_NOT_YET" if early else "PROMISED_TIME_PASSED",
            zh="还没到与对方约定的时间" if early else "与对方约定的时间已过",
            en="The promised time has not come" if early else "The promised time has passed",
            cure_zh="等到约定时间" if early else "与对方重新约定时间",
            cure_en="Wait for the promised time" if early else "Agree on a new time with the person",
            lawful_from=promise.opens if early else None,
        ),
    )


def check_campaign_hours(rule: CampaignHours, case: Case) -> Finding:
    """A campaign's own hours narrow the window in every zone of the callee, as the law's do."""
    hours = known(case.campaign.hours)
    if hours is None:
        return finding((("campaign_hours", "-"),))
    zones, ring = known(case.callee.zones), ring_seconds(case)
    kept = f"{hours.opens:%H:%M}-{hours.closes:%H:%M}"
    own = on_every_day(hours)
    closing = closes_at(own, zones, case.now) if zones else None
    inputs = (("campaign_hours", kept), ("closes", at(closing)), ("effect", str(rule.effect)))
    if closing is not None and case.now < closing - timedelta(seconds=ring):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CAMPAIGN_HOURS",
            zh=f"不在本任务自定的外呼时段内（被叫当地 {kept}），或振铃会超出时段",
            en=f"Outside the hours that the campaign keeps ({kept} at the callee's place), or it would ring past their end",
            cure_zh="等到本任务的时段开始，或由主管调整任务时段",
            cure_en="Wait until the campaign's hours begin, or a supervisor changes them",
            lawful_from=next_opening(own, zones, case.now, ring) if zones else None,
        ),
    )


def term_ends(rule: ConsentTerm, case: Case) -> datetime:
    """When the consent ends under this term: the end that its text named, within the pack's ceiling."""
    given = known(case.consent.given_at)
    ceiling = given + timedelta(hours=rule.hours_max)
    default = given + timedelta(hours=rule.hours_default)
    if rule.first_open_day is Need.REQUIRED:
        zones, regions = known(case.callee.zones), known(case.callee.regions)
        open_day = first_open_day_closes(case.law, case.packs, zones, regions, given)
        if open_day is not None:
            ceiling, default = max(ceiling, open_day), max(default, open_day)
    named = known(case.consent.expires_at)
    return min(named if named is not None else default, ceiling)


def check_consent_term(rule: ConsentTerm, case: Case) -> Finding:
    """The consent's own purpose has this term: not over, and not used up by conversations."""
    consent = case.consent
    if known(consent.purpose) is not rule.purpose:
        return finding((("consent_purpose", str(known(consent.purpose))), ("term_of", str(rule.purpose))))
    ends = term_ends(rule, case)
    conversations = known(consent.conversations)
    inputs = (
        ("given_at", at(known(consent.given_at))),
        ("ends", at(ends)),
        ("conversations", str(conversations)),
        ("conversations_max", str(rule.conversations_max)),
    )
    used_up = rule.conversations_max and conversations >= rule.conversations_max
    last = ends - timedelta(seconds=ring_seconds(case))
    return finding(
        inputs,
        Said(
            code="CONSENT_EXPIRED",
            zh=f"授权已于 {spoken(case, ends)} 到期，或振铃会超过到期时刻",
            en=f"The consent ended at {spoken(case, ends)}, or it would ring past its end",
            cure_zh="由本人重新授权",
            cure_en="The person consents anew",
        )
        if case.now >= last
        else None,
        Said(
            code="CONSENT_USED_UP",
            zh="该授权对应的回访已完成，一次请求只回访一次",
            en="The conversation that was asked for has been held: one request, one conversation",
            cure_zh="由本人再次请求回电",
            cure_en="The person asks to be called again",
        )
        if used_up
        else None,
    )


def check_clock(rule: ClockTrust, case: Case) -> Finding:
    """The clock is right enough, not behind the log, and shifted on the demo profile alone."""
    clock = case.clock
    error_ms, offset_us, profile = known(clock.error_ms), known(clock.offset_us), known(clock.profile)
    newest = known(clock.latest_recorded_at)
    behind_ms = max(0, int((newest - case.now) / timedelta(milliseconds=1)))
    inputs = (
        ("error_ms", str(error_ms)),
        ("behind_log_ms", str(behind_ms)),
        ("offset_us", str(offset_us)),
        ("profile", str(profile)),
    )
    wrong = error_ms > rule.error_ms_max or behind_ms > rule.behind_log_ms_max
    shifted = offset_us != 0 and profile is not Profile.DEMO
    return finding(
        inputs,
        Said(
            code="CLOCK_UNSURE",
            zh="系统时钟误差过大或曾回拨，不能据此判断时段",
            en="The clock is off by too much or was stepped back: no hour can be judged by it",
            cure_zh="校准系统时钟，再重新启动拨号服务",
            cure_en="Set the clock right, then start the dialer anew",
        )
        if wrong
        else None,
        Said(
            code="CLOCK_SHIFTED",
            zh="时钟带有偏移，而本系统不是演示环境",
            en="The clock is shifted and this is not the demo",
            cure_zh="移除时钟偏移",
            cure_en="Remove the offset of the clock",
        )
        if shifted
        else None,
    )
