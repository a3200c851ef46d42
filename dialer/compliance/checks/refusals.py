"""Who said no: the do-not-call lists, holds, and the rights of the person."""

from datetime import timedelta

from dialer.compliance.case import Case, Finding, Said, at, finding, known, spoken
from dialer.compliance.words_of_values import in_words
from dialer.domain.dnc import DncEntryView, DncScope
from dialer.domain.lead import Hold, SubjectCase
from dialer.rules.kinds.people import Dnc, DncReview, Holds, OutsideList, SubjectRights

_CURE_ZH = "工作人员不能解除；只有本人日后在证明号码归属后重新授权"
_CURE_EN = "Staff can't lift it; only the person, by a later consent with proof of phone ownership"


def check_dnc(rule: Dnc, case: Case) -> Finding:
    """A refusal binds for the organisation, the platform or the purpose, as far as it was meant."""
    dnc = case.dnc
    entries: tuple[tuple[DncScope, DncEntryView | None], ...] = (
        (DncScope.ORGANISATION, known(dnc.organisation)),
        (DncScope.PLATFORM, known(dnc.platform)),
        (DncScope.PURPOSE, known(dnc.purpose)),
    )
    inputs = tuple(
        (str(scope), f"{entry.reason} {at(entry.since)}" if entry else "-") for scope, entry in entries
    )
    words = {
        DncScope.ORGANISATION: ("已明确拒绝本单位来电", "The person refused calls from this organisation"),
        DncScope.PLATFORM: ("已拒绝本平台的一切来电", "The person refused all calls through this platform"),
        DncScope.PURPOSE: ("已拒绝该用途的来电", "The person refused calls for this purpose"),
    }
    said = []
    for scope, entry in entries:
        if entry is not None and scope in rule.scopes:
            zh, en = words[scope]
            said.append(
                Said(
                    code=f"DNC_{scope.name}",
                    zh=f"被叫{zh}（拒接名单，{spoken(case, entry.since)}）",
                    en=f"{en} (do-not-call list, {spoken(case, entry.since)})",
                    cure_zh=_CURE_ZH,
                    cure_en=_CURE_EN,
                )
            )
    return finding(inputs, *said)


def check_dnc_review(rule: DncReview, case: Case) -> Finding:
    """The organisation's own list is reviewed by a person often enough (定期审查黑名单)."""
    reviewed = known(case.dnc.own_list_reviewed_at)
    inputs = (("own_list_reviewed_at", at(reviewed)), ("days_max", str(rule.days_max)))
    if case.now <= reviewed + timedelta(days=rule.days_max):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="DNC_REVIEW_OVERDUE",
            zh=f"拒接名单已超过 {rule.days_max} 天未复核",
            en=f"The do-not-call list was not reviewed for more than {rule.days_max} days",
            cure_zh="复核名单并登记",
            cure_en="Review the list and record it",
        ),
    )


def check_outside_list(rule: OutsideList, case: Case) -> Finding:
    """The list was looked up, in a version fresh enough, and the number isn't on it."""
    found = next((v for v in known(case.dnc.outside) if v.name == rule.list_id), None)
    if found is None:
        return finding(
            (("list", rule.list_id), ("version", "-")),
            Said(
                code="OUTSIDE_LIST_MISSING",
                zh=f"未载入外部拒接名单 {rule.list_id}，无法查询",
                en=f"The outside list {rule.list_id} is not loaded: nobody can look the number up",
                cure_zh="载入该名单的当前版本",
                cure_en="Load the current version of the list",
            ),
        )
    age = case.now - found.as_of
    inputs = (
        ("list", found.name),
        ("version", found.version),
        ("age_days", str(max(age, timedelta()).days)),
        ("age_days_max", str(rule.age_days_max)),
        ("hit", str(found.hit).lower()),
    )
    return finding(
        inputs,
        Said(
            code="OUTSIDE_LIST_STALE",
            zh=f"外部拒接名单 {found.name} 已超过 {rule.age_days_max} 天未更新",
            en=f"The outside list {found.name} is older than {rule.age_days_max} days",
            cure_zh="载入新版本",
            cure_en="Load a newer version",
        )
        if age > timedelta(days=rule.age_days_max)
        else None,
        Said(
            code="OUTSIDE_LIST_HIT",
            zh=f"号码在外部拒接名单 {found.name} 上",
            en=f"The number is on the outside list {found.name}",
            cure_zh="无；须由本人从该名单中移除",
            cure_en="None: the person has to take it off that list",
        )
        if found.hit
        else None,
    )


def check_holds(rule: Holds, case: Case) -> Finding:
    """A lead on hold waits for a person's decision; “没兴趣” is such a hold and not yet a DNC."""
    hold = known(case.lead.hold)
    inputs = (("hold", str(hold)), ("effect", str(rule.effect)))
    if hold is Hold.NONE:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="LEAD_HELD",
            zh=f"线索已暂缓（{in_words(hold)[0]}），待人工复核",
            en=f"The lead is on hold ({in_words(hold)[1]}) until a person has reviewed it",
            cure_zh="由复核人员作出决定",
            cure_en="A reviewer decides",
        ),
    )


def check_subject_rights(rule: SubjectRights, case: Case) -> Finding:
    """While a deletion is open there is storage only; who was erased isn't called."""
    subject = known(case.callee.subject_case)
    inputs = (("subject_case", str(subject)), ("effect", str(rule.effect)))
    match subject:
        case SubjectCase.NONE:
            return finding(inputs)
        case SubjectCase.DELETION_OPEN | SubjectCase.ERASED:
            return finding(
                inputs,
                Said(
                    code="SUBJECT_DELETION",
                    zh="本人已要求删除个人信息，期间仅可存储，不得使用",
                    en="The person asked for deletion: their data may only be stored, not used",
                    cure_zh="只有本人日后重新授权",
                    cure_en="Only a later consent by the person",
                ),
            )
