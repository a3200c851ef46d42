"""Where the consent came from: a real, checked source of the organisation's own."""

from datetime import timedelta

from dialer.compliance.case import Case, Finding, Said, finding, known, names
from dialer.compliance.hours import today_of
from dialer.compliance.words_of_values import in_words
from dialer.domain.consent import SourceState
from dialer.rules.kinds.people import CampaignSources, SourceChecks, SourceKinds, SourceStanding


def check_source_kinds(rule: SourceKinds, case: Case) -> Finding:
    """Third-party, bought or guessed numbers are never dialled; the source is the organisation's own."""
    kind = known(case.source.kind)
    owner, caller = known(case.source.organisation_id), known(case.organisation.organisation_id)
    inputs = (
        ("kind", str(kind)),
        ("allowed", names(rule.allowed)),
        ("own_source", str(owner == caller).lower()),
    )
    if kind in rule.allowed and owner == caller:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CONSENT_SOURCE_THIRD_PARTY",
            zh=f"号码来源（{in_words(kind)[0]}）属于第三方、购买、猜测或被禁止的推广渠道，永不可呼",
            en=f"The number's source ({in_words(kind)[1]}) is a third party's, bought, guessed or a banned channel: never dialable",
            cure_zh="无；须由本人通过本单位已核验的渠道请求回电",
            cure_en="None: the person has to ask through a verified source of this organisation",
        ),
    )


def check_source_checks(rule: SourceChecks, case: Case) -> Finding:
    """Filed where it must be, checked with its scene and scope, and the check not too old."""
    source = case.source
    kind, filing = known(source.kind), known(source.filing_number)
    checked, scope, expires = (
        known(source.checked_on),
        known(source.scope_checked_on),
        known(source.expires_on),
    )
    today = today_of(case.now)
    inputs = (
        ("kind", str(kind)),
        ("filed", str(bool(filing)).lower()),
        ("checked_on", str(checked or "-")),
        ("scope_checked_on", str(scope or "-")),
        ("expires_on", str(expires or "-")),
        ("check_days_max", str(rule.check_days_max)),
    )
    oldest = today - timedelta(days=rule.check_days_max)
    unchecked = checked is None or scope is None or (kind in rule.filing and not filing)
    stale = not unchecked and (
        min(d for d in (checked, scope) if d) < oldest or bool(expires and expires < today)
    )
    return finding(
        inputs,
        Said(
            code="SOURCE_UNCHECKED",
            zh="线索来源未核验（备案号、业务场景或经营范围缺失）",
            en="The source isn't checked: its filing number, business scene or scope is missing",
            cure_zh="核验来源并登记备案号与核查日期",
            cure_en="Check the source and record filing number and date",
        )
        if unchecked
        else None,
        Said(
            code="SOURCE_CHECK_EXPIRED",
            zh="线索来源的核验已过期",
            en="The check of the source is too old or has expired",
            cure_zh="重新核验来源",
            cure_en="Check the source again",
        )
        if stale
        else None,
    )


def check_campaign_sources(rule: CampaignSources, case: Case) -> Finding:
    """A campaign that names its sources calls only who came from one of them."""
    wanted, source = known(case.campaign.sources), known(case.source.source_id)
    inputs = (("source", str(source)), ("campaign_sources", names(wanted)), ("effect", str(rule.effect)))
    if not wanted or source in wanted:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CAMPAIGN_SOURCE",
            zh="本任务只拨打指定来源的线索，该线索来自其他来源",
            en="The campaign calls leads of the sources that it names, and this one came from another",
            cure_zh="由主管在任务中加入该来源，或把线索归入其他任务",
            cure_en="A supervisor adds the source to the campaign, or the lead goes to another campaign",
        ),
    )


def check_source_standing(rule: SourceStanding, case: Case) -> Finding:
    """Not unverified, not paused by blind-call hits, not held."""
    state = known(case.source.state)
    inputs = (("state", str(state)), ("dialable", names(rule.dialable)))
    if state in rule.dialable:
        return finding(inputs)
    match state:
        case SourceState.PAUSED:
            said = Said(
                code="SOURCE_PAUSED",
                zh="该来源因“盲呼”质疑已暂停",
                en="The source is paused: callees denied having asked",
                cure_zh="由第二人核验来源后恢复",
                cure_en="A second person verifies the source and releases it",
            )
        case SourceState.HELD:
            said = Said(
                code="SOURCE_HELD",
                zh="该来源及其全部线索因疑似未经同意而冻结",
                en="The source and all its leads are held: calls without consent are suspected",
                cure_zh="核查结案后由第二人恢复",
                cure_en="The case is closed and a second person releases it",
            )
        case SourceState.UNVERIFIED | SourceState.VERIFIED:
            said = Said(
                code="SOURCE_UNVERIFIED",
                zh="线索来源尚未核验，其线索不可呼",
                en="The source isn't verified yet: its leads are not dialable",
                cure_zh="完成来源核验",
                cure_en="Verify the source",
            )
    return finding(inputs, said)
