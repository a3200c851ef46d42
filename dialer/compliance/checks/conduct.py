"""Conduct: standing after violations, strikes, the channel, certificates, policies and accountable owners."""

from datetime import datetime

from dialer.compliance.case import Case, Finding, Said, at, finding, known, names
from dialer.compliance.hours import today_of
from dialer.domain.organisation import ChannelState, Standing
from dialer.rules.kinds.callers import (
    ChannelConduct,
    GradedProtection,
    NamedOwner,
    OrganisationStanding,
    Policies,
    SecurityCertificate,
    Strikes,
    TrunkRight,
)


def check_standing(rule: OrganisationStanding, case: Case) -> Finding:
    """What verified violations did to the organisation binds every call of it."""
    standing = known(case.organisation.standing)
    inputs = (("standing", str(standing)),)
    if standing in rule.dialable:
        return finding(inputs)
    match standing:
        case Standing.OFFLINE_GRAVE | Standing.GOOD:
            said = Said(
                code="ORG_OFFLINE_GRAVE",
                zh="特大违规：该客户全部业务下线整改",
                en="Grave violation: all business of the organisation is offline for rectification",
                cure_zh="整改结案，经提出人以外的第二人批准",
                cure_en="The rectification case is closed and a second person approves",
            )
        case Standing.CUT_OFF_HARASSMENT:
            said = Said(
                code="ORG_CUT_OFF",
                zh="该单位因骚扰电话已被切断服务",
                en="The organisation is cut off for harassing calls",
                cure_zh="整改结案，经第二人批准",
                cure_en="The rectification case is closed and a second person approves",
            )
        case Standing.TERMINATED:
            said = Said(
                code="ORG_TERMINATED",
                zh="合同已解除",
                en="The contract was ended",
                cure_zh="无",
                cure_en="None",
            )
    return finding(inputs, said)


def _months_before(moment: datetime, months: int) -> datetime:
    month = moment.month - 1 - months
    year, month = moment.year + month // 12, month % 12 + 1
    day = min(moment.day, 28) if month == 2 else min(moment.day, 30)
    return moment.replace(year=year, month=month, day=day)


def check_strikes(rule: Strikes, case: Case) -> Finding:
    """Serious violations within the last months: the second needs a second person, the third stops everything."""
    since = _months_before(case.now, rule.months)
    strikes = [s for s in known(case.organisation.serious_strikes_at) if since <= s <= case.now]
    second = known(case.campaign.second_person_started_at)
    inputs = (
        ("strikes", str(len(strikes))),
        ("months", str(rule.months)),
        ("second_person_at", str(rule.second_person_at)),
        ("stop_at", str(rule.stop_at)),
        ("second_person_started_at", at(second)),
    )
    stopped = len(strikes) >= rule.stop_at
    alone = len(strikes) >= rule.second_person_at and (second is None or second < max(strikes))
    return finding(
        inputs,
        Said(
            code="STRIKES_STOP",
            zh=f"{rule.months} 个月内严重违规 {len(strikes)} 次，按特大违规暂停全部外呼",
            en=f"{len(strikes)} serious violations in {rule.months} months: all dialling is stopped as for a grave one",
            cure_zh="复核结案，经第二人批准",
            cure_en="The review is closed and a second person approves",
        )
        if stopped
        else None,
        Said(
            code="STRIKES_SECOND_PERSON",
            zh=f"{rule.months} 个月内严重违规 {len(strikes)} 次，任务启动需第二人批准",
            en=f"{len(strikes)} serious violations in {rule.months} months: the start needs a second person",
            cure_zh="由第二人批准启动",
            cure_en="A second person approves the start",
        )
        if alone and not stopped
        else None,
    )


def check_channel(rule: ChannelConduct, case: Case) -> Finding:
    """The channel's permissions by complaints, months in a row and outcries."""
    organisation = case.organisation
    state = known(organisation.channel)
    complainants = known(organisation.channel_complainants)
    months, outcries = known(organisation.channel_months_in_row), known(organisation.channel_outcries)
    inputs = (
        ("state", str(state)),
        ("complainants", str(complainants)),
        ("complainants_stop", str(rule.complainants_stop)),
        ("months_in_row", str(months)),
        ("outcries", str(outcries)),
    )
    barred = state not in rule.states
    ended = (
        (barred and state is ChannelState.TERMINATED)
        or months >= rule.months_in_row_stop
        or outcries >= rule.outcries_stop
    )
    off = (barred and state is not ChannelState.TERMINATED) or complainants >= rule.complainants_stop
    return finding(
        inputs,
        Said(
            code="CHANNEL_PERMISSIONS_OFF",
            zh=f"渠道被投诉 {complainants} 户（达到 {rule.complainants_stop} 户即关停），工号业务权限已关停",
            en=f"{complainants} subscribers complained about the channel (off from {rule.complainants_stop}): "
            "its permissions are off",
            cure_zh="渠道整改并由第二人恢复",
            cure_en="The channel is rectified and a second person reinstates it",
        )
        if off
        else None,
        Said(
            code="CHANNEL_TERMINATED",
            zh=f"渠道连续 {months} 个月被投诉或引发舆情，合同解除",
            en=f"Complaints in {months} months in a row or a public outcry: the channel's contract ends",
            cure_zh="无",
            cure_en="None",
        )
        if ended
        else None,
    )


def check_graded_protection(rule: GradedProtection, case: Case) -> Finding:
    """等保 of the grade that the industry needs, in force."""
    attestation = known(case.organisation.attestation)
    industries = frozenset({known(case.organisation.industry), known(case.campaign.industry)})
    needed = rule.high_grade_min if industries & rule.high_industries else rule.grade_min
    expires = attestation.protection_expires_on
    inputs = (
        ("grade", str(attestation.protection_grade)),
        ("needed", str(needed)),
        ("expires_on", str(expires or "-")),
    )
    expired = expires is None or expires < today_of(case.now)
    if attestation.protection_grade >= needed and not expired:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="GRADED_PROTECTION",
            zh=f"等保定级或测评不足（需 {needed} 级且在有效期内）",
            en=f"Graded protection is missing or expired (grade {needed} needed)",
            cure_zh="完成等保测评并登记",
            cure_en="Pass the assessment and register it",
        ),
    )


def check_certificate(rule: SecurityCertificate, case: Case) -> Finding:
    """ISO 27001 in force."""
    expires = known(case.organisation.attestation).iso27001_expires_on
    inputs = (("expires_on", str(expires or "-")), ("effect", str(rule.effect)))
    if expires is not None and expires >= today_of(case.now):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="ISO27001",
            zh="没有有效的 ISO 27001 认证",
            en="There is no ISO 27001 certificate in force",
            cure_zh="取得或更新认证",
            cure_en="Get or renew the certificate",
        ),
    )


def check_policies(rule: Policies, case: Case) -> Finding:
    """Versioned policies are acknowledged."""
    missing = known(case.organisation.policies_unacknowledged)
    inputs = (("unacknowledged", names(missing)), ("effect", str(rule.effect)))
    if not missing:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="POLICY_NOT_ACKNOWLEDGED",
            zh=f"合规制度的现行版本尚未确认（{names(missing)}）",
            en=f"Policies in force are not acknowledged ({names(missing)})",
            cure_zh="确认现行版本",
            cure_en="Acknowledge the version in force",
        ),
    )


def check_owner(rule: NamedOwner, case: Case) -> Finding:
    """Somebody answers for the campaign."""
    owner = known(case.campaign.owner)
    inputs = (("owner", "named" if owner else "-"), ("effect", str(rule.effect)))
    if owner:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CAMPAIGN_OWNER_MISSING",
            zh="任务没有指定责任人",
            en="Nobody is named as accountable for the campaign",
            cure_zh="指定责任人",
            cure_en="Name an owner",
        ),
    )


def check_trunk(rule: TrunkRight, case: Case) -> Finding:
    """谁接入谁负责: the trunk has an owner by name and isn't resold."""
    owner, tenure = known(case.platform.trunk_owner), known(case.platform.trunk_tenure)
    inputs = (("owner", "named" if owner else "-"), ("tenure", str(tenure)), ("tenures", names(rule.tenures)))
    return finding(
        inputs,
        Said(
            code="TRUNK_OWNER_MISSING",
            zh="语音中继没有责任人",
            en="Nobody is named as accountable for the trunk",
            cure_zh="登记中继责任人",
            cure_en="Register the trunk's owner",
        )
        if not owner
        else None,
        Said(
            code="TRUNK_NOT_OWN",
            zh="语音中继系转租或转售，不得使用",
            en="The trunk is leased or resold and may not be used",
            cure_zh="使用本单位自有的中继",
            cure_en="Use a trunk of one's own",
        )
        if tenure not in rule.tenures
        else None,
    )
