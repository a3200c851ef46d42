"""The number shown: bound, true, filed, of the right class, alive."""

from dialer.compliance.case import Case, Finding, Said, finding, known, names
from dialer.compliance.facts import Check
from dialer.compliance.hours import today_of
from dialer.compliance.words_of_values import in_words, listed
from dialer.domain.caller_id import AppealState, CallerIdClass, CallerIdState, FilingState
from dialer.domain.purpose import Purpose, purpose_words
from dialer.rules.kinds.callers import (
    Appeals,
    CallerIdBinding,
    CallerIdLife,
    CallerIdMatrix,
    LinkedCheck,
    NumberFiling,
    RealName,
    TrueCaller,
)
from dialer.rules.kinds.words import Binding, Need


def check_binding(rule: CallerIdBinding, case: Case) -> Finding:
    """The number is registered to this organisation and bound to this campaign and its agents."""
    number = case.caller_id
    bound = {
        Binding.ORGANISATION: known(number.organisation_id) == known(case.organisation.organisation_id),
        Binding.CAMPAIGN: known(case.campaign.campaign_id) in known(number.campaigns),
        Binding.AGENTS: known(number.agents_bound),
    }
    loose = frozenset(b for b in rule.bound_to if not bound[b])
    inputs = (("bound_to", names(frozenset(b for b in bound if bound[b]))), ("asked", names(rule.bound_to)))
    if not loose:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLER_ID_NOT_BOUND",
            zh=f"主叫号码与使用方不匹配（{listed(loose)[0]}）",
            en=f"The caller ID isn't bound to: {listed(loose)[1]}",
            cure_zh="登记并绑定号码",
            cure_en="Register and bind the number",
        ),
    )


def check_true_caller(rule: TrueCaller, case: Case) -> Finding:
    """What the exchange and the carrier reported as shown is what was sent."""
    shown = known(case.caller_id.presentation)
    inputs = (("presentation", str(shown)), ("allowed", names(rule.presentations)))
    if shown in rule.presentations:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLER_ID_NOT_TRUE",
            zh=f"主叫号码显示异常（{in_words(shown)[0]}），不得隐藏或更改主叫",
            en=f"The caller ID was shown otherwise than sent ({in_words(shown)[1]}): it may not be hidden or altered",
            cure_zh="查明并恢复真实主叫",
            cure_en="Find the cause and restore the true caller",
        ),
    )


def check_matrix(rule: CallerIdMatrix, case: Case) -> Finding:
    """The class of number may carry the campaign's purpose."""
    number_class, purpose = known(case.caller_id.number_class), known(case.campaign.purpose)
    allowed = _purposes_of(rule, number_class)
    inputs = (("class", str(number_class)), ("purpose", str(purpose)), ("allowed", names(allowed)))
    if purpose in allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLER_ID_CLASS",
            zh=f"{in_words(number_class)[0]}类号码不得用于该用途（{purpose_words(purpose)[0]}）",
            en=f"A number of class {in_words(number_class)[1]} may not carry this purpose ({purpose_words(purpose)[1]})",
            cure_zh="使用允许该用途的号码",
            cure_en="Use a number whose class may carry it",
        ),
    )


def _purposes_of(rule: CallerIdMatrix, number_class: CallerIdClass) -> frozenset[Purpose]:
    match number_class:
        case CallerIdClass.FIXED:
            return rule.fixed
        case CallerIdClass.MOBILE:
            return rule.mobile
        case CallerIdClass.N400:
            return rule.n400
        case CallerIdClass.N95:
            return rule.n95
        case CallerIdClass.N96:
            return rule.n96
        case CallerIdClass.CARRIER:
            return rule.carrier
        case CallerIdClass.OTHER:
            return rule.other


def check_life(rule: CallerIdLife, case: Case) -> Finding:
    """Only an active number; terminated is for good, case-frozen opens by a police notice alone."""
    state = known(case.caller_id.state)
    inputs = (("state", str(state)), ("dialable", names(rule.dialable)))
    if state in rule.dialable:
        return finding(inputs)
    match state:
        case CallerIdState.TERMINATED:
            said = Said(
                code="CALLER_ID_TERMINATED",
                zh="主叫号码已终止，不再复机",
                en="The caller ID is terminated and is never restored",
                cure_zh="无；换用其他已备案的号码",
                cure_en="None: use another filed number",
            )
        case CallerIdState.CASE_FROZEN:
            said = Said(
                code="CALLER_ID_CASE_FROZEN",
                zh="主叫号码涉案冻结，须公安通知方可复机",
                en="The caller ID is frozen in a police case: only a police notice restores it",
                cure_zh="提交公安机关的通知",
                cure_en="The notice of the police",
            )
        case CallerIdState.SUSPENDED:
            said = Said(
                code="CALLER_ID_SUSPENDED",
                zh="主叫号码已停用，待核实",
                en="The caller ID is suspended until verified",
                cure_zh="由人工核实；不属实则恢复",
                cure_en="A person verifies; if unfounded it is restored",
            )
        case CallerIdState.REGISTERED | CallerIdState.ACTIVE:
            said = Said(
                code="CALLER_ID_NOT_ACTIVE",
                zh="主叫号码尚未启用",
                en="The caller ID isn't active yet",
                cure_zh="完成备案并启用",
                cure_en="File and activate it",
            )
    return finding(inputs, said)


def check_filing(rule: NumberFiling, case: Case) -> Finding:
    """Filed with its outbound function, the undertaking signed, changes filed in time, own and not leased."""
    number = case.caller_id
    filing, tenure, undertaking = (
        known(number.filing),
        known(number.tenure),
        known(number.undertaking_signed_on),
    )
    today = today_of(case.now)
    calendar = case.packs.calendars.get("cn")
    overdue = False
    if filing.state is FilingState.CHANGE_PENDING:
        try:
            due = (
                calendar.add_working_days(filing.changed_on, rule.change_working_days_max)
                if (calendar and filing.changed_on)
                else None
            )
        except KeyError:
            due = None  # a term over a year that nobody announced can't be shown to be kept
        overdue = due is None or today > due
    expired = filing.expires_on is not None and filing.expires_on < today
    inputs = (
        ("filing", str(filing.state)),
        ("outbound", str(filing.outbound).lower()),
        ("changed_on", str(filing.changed_on or "-")),
        ("expires_on", str(filing.expires_on or "-")),
        ("tenure", str(tenure)),
        ("undertaking_signed_on", str(undertaking or "-")),
    )
    unfiled = filing.state is FilingState.UNFILED or not filing.outbound or expired
    return finding(
        inputs,
        Said(
            code="NUMBER_NOT_FILED",
            zh="码号未备案、备案过期，或备案不含呼出功能",
            en="The number isn't filed, its filing expired, or it doesn't cover outbound calls",
            cure_zh="在码号系统备案用途与呼出功能",
            cure_en="File the number's purpose and outbound function",
        )
        if unfiled
        else None,
        Said(
            code="NUMBER_CHANGE_OVERDUE",
            zh=f"备案变更超过 {rule.change_working_days_max} 个工作日未完成",
            en=f"A change of the filing is open for more than {rule.change_working_days_max} working days",
            cure_zh="完成备案变更",
            cure_en="Complete the change of the filing",
        )
        if overdue
        else None,
        Said(
            code="UNDERTAKING_MISSING",
            zh="开通呼出前未提交不违规承诺书",
            en="The undertaking (不违规承诺书) is missing",
            cure_zh="提交不违规承诺书",
            cure_en="Submit the undertaking",
        )
        if rule.undertaking is Need.REQUIRED and (undertaking is None or undertaking > today)
        else None,
        Said(
            code="NUMBER_NOT_OWN",
            zh="码号系出租或转让取得，不得使用",
            en="The number was leased or transferred and may not be used",
            cure_zh="使用管理机构核配给本单位的号码",
            cure_en="Use a number assigned to the organisation itself",
        )
        if tenure not in rule.tenures
        else None,
    )


def check_appeals(rule: Appeals, case: Case) -> Finding:
    """While an appeal is open nothing goes out from the number."""
    appeal = known(case.caller_id.appeal)
    inputs = (("appeal", str(appeal)), ("effect", str(rule.effect)))
    if appeal is AppealState.NONE:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLER_ID_UNDER_APPEAL",
            zh="主叫号码正在申诉，期间冻结",
            en="The caller ID is under appeal and frozen meanwhile",
            cure_zh="等待申诉结果",
            cure_en="Wait for the decision on the appeal",
        ),
    )


def check_linked(rule: LinkedCheck, case: Case) -> Finding:
    """Found by the linked check of another number's suspension."""
    suspension = known(case.caller_id.linked_suspension)
    inputs = (("linked_suspension", suspension or "-"), ("effect", str(rule.effect)))
    if not suspension:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLER_ID_LINKED",
            zh="主叫号码与被停用号码同渠道、同客户或同时段，关联关停",
            en="The caller ID shares channel, customer or time with a suspended one and is held with it",
            cure_zh="完成关联核查并恢复",
            cure_en="The linked check is completed and releases it",
        ),
    )


def check_real_name(rule: RealName, case: Case) -> Finding:
    """The periodic real-name check is in time."""
    state = known(case.caller_id.real_name_check)
    inputs = (("real_name_check", str(state)), ("effect", str(rule.effect)))
    match state:
        case Check.IN_TIME:
            return finding(inputs)
        case Check.OVERDUE:
            return finding(
                inputs,
                Said(
                    code="REAL_NAME_OVERDUE",
                    zh="号码的实名核查逾期未整改",
                    en="The real-name check of the number is overdue",
                    cure_zh="完成实名核查",
                    cure_en="Complete the real-name check",
                ),
            )
