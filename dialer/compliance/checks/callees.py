"""Who is called: type and place of the number, risk marks, age, sensitive data."""

from dialer.compliance.case import Case, Finding, Said, finding, known, names
from dialer.compliance.words_of_values import in_words
from dialer.domain.lead import Age
from dialer.rules.kinds.people import CalleeNumbers, CalleeRisk, Minors, NumberRisk, Regions, SeparateConsent
from dialer.rules.kinds.words import Effect, Need


def check_callee_numbers(rule: CalleeNumbers, case: Case) -> Finding:
    """A person's number, of the country that the campaign calls, in at least one known zone."""
    callee = case.callee
    number_type, country, zones = known(callee.number_type), known(callee.country), known(callee.zones)
    wanted = known(case.campaign.country)
    inputs = (
        ("number_type", str(number_type)),
        ("country", country),
        ("campaign_country", wanted),
        ("zones", names(zones)),
    )
    return finding(
        inputs,
        Said(
            code="CALLEE_NUMBER_TYPE",
            zh=f"号码类型（{in_words(number_type)[0]}）不可外呼",
            en=f"A number of type {in_words(number_type)[1]} may not be dialled",
            cure_zh="更正号码",
            cure_en="Correct the number",
        )
        if number_type not in rule.types
        else None,
        Said(
            code="CALLEE_COUNTRY",
            zh=f"号码属于 {country}，任务只呼叫 {wanted}",
            en=f"The number is of {country}, the campaign calls {wanted}",
            cure_zh="放入对应国家的任务",
            cure_en="Put it into a campaign for that country",
        )
        if country != wanted
        else None,
        Said(
            code="CALLEE_ZONE_UNKNOWN",
            zh="无法确定被叫所在时区",
            en="It isn't known in which time zone the callee may be",
            cure_zh="确认号码归属地",
            cure_en="Establish where the number may be",
        )
        if not zones
        else None,
    )


def check_regions(rule: Regions, case: Case) -> Finding:
    """Region and number-range rules of the packs and of the organisation."""
    callee = case.callee
    number_range, regions, own = known(callee.number_range), known(callee.regions), known(callee.region_rule)
    by_prefix = any(number_range.startswith(prefix) for prefix in rule.blocked_prefixes)
    by_region = bool(rule.blocked_regions & regions) or (bool(rule.blocked_regions) and not regions)
    inputs = (
        ("regions", names(regions)),
        ("blocked_prefix", str(by_prefix).lower()),
        ("blocked_region", str(by_region).lower()),
        ("own_rule", own or "-"),
    )
    if not (by_prefix or by_region or own):
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="REGION_BLOCKED",
            zh=f"号码段或地区被规则限制（{own or '规则包'}）",
            en=f"A region or number-range rule blocks it ({own or 'rule pack'})",
            cure_zh="由管理员调整本单位的地区规则；规则包的限制不可调整",
            cure_en="An administrator changes the organisation's own rule; a pack's rule stays",
        ),
    )


def check_callee_risk(rule: CalleeRisk, case: Case) -> Finding:
    """Risk-marked callees aren't called."""
    marks = known(case.callee.risk_marks)
    inputs = (("risk_marks", names(marks)), ("effect", str(rule.effect)))
    if not marks:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CALLEE_RISK_MARKED",
            zh=f"被叫带有风险标记（{names(marks)}）",
            en=f"The callee carries a risk mark ({names(marks)})",
            cure_zh="由风险数据提供方撤销标记",
            cure_en="The feed that set the mark takes it back",
        ),
    )


def check_number_risk(rule: NumberRisk, case: Case) -> Finding:
    """The caller ID's score reaches the bound (以上 includes it), or a feed's alarm is open."""
    score, alarms = known(case.caller_id.risk_score), known(case.caller_id.alarms)
    inputs = (("risk_score", str(score)), ("score_stop", str(rule.score_stop)), ("alarms", names(alarms)))
    return finding(
        inputs,
        Said(
            code="RISK_SCORE",
            zh=f"主叫号码风险分 {score} 达到 {rule.score_stop}，已停用待核实",
            en=f"The caller ID's risk score {score} reaches {rule.score_stop}: suspended until verified",
            cure_zh="由人工核实；核实属实则终止",
            cure_en="A person verifies; if it is true the number ends",
        )
        if score >= rule.score_stop
        else None,
        Said(
            code="RISK_ALARM",
            zh=f"主叫号码有未处理的风险告警（{names(alarms)}）",
            en=f"A risk alarm about the caller ID is open ({names(alarms)})",
            cure_zh="由人工核实并结案",
            cure_en="A person verifies and closes it",
        )
        if alarms and rule.alarms is Effect.REFUSE
        else None,
    )


def check_minors(rule: Minors, case: Case) -> Finding:
    """No minor; a student's guardian only with the written artefact."""
    age = known(case.callee.age)
    guardian = known(case.consent.guardian_consent_sha256)
    inputs = (("age", str(age)), ("guardian_artefact", str(bool(guardian)).lower()))
    match age:
        case Age.ADULT:
            return finding(inputs)
        case Age.MINOR:
            return finding(
                inputs,
                Said(
                    code="CALLEE_MINOR",
                    zh="被叫为未成年人，不得外呼",
                    en="The callee is a minor and is not called",
                    cure_zh="由监护人以自己的号码授权",
                    cure_en="The guardian consents with their own number",
                ),
            )
        case Age.GUARDIAN_OF_STUDENT:
            missing = rule.guardian_artefact is Need.REQUIRED and not guardian
            return finding(
                inputs,
                Said(
                    code="GUARDIAN_CONSENT_MISSING",
                    zh="涉及学生信息，缺少监护人书面同意",
                    en="A student is concerned and the guardian's written consent is missing",
                    cure_zh="补充监护人书面同意",
                    cure_en="Add the guardian's written consent",
                )
                if missing
                else None,
            )


def check_separate_consent(rule: SeparateConsent, case: Case) -> Finding:
    """Industries with sensitive data need the separate consent."""
    industries = frozenset({known(case.campaign.industry), known(case.organisation.industry)})
    separate = known(case.consent.separate_consent_sha256)
    inputs = (("industries", names(industries)), ("separate_consent", str(bool(separate)).lower()))
    if separate or not industries & rule.industries:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="SEPARATE_CONSENT_MISSING",
            zh="涉及敏感个人信息，缺少单独同意",
            en="Sensitive data are concerned and the separate consent is missing",
            cure_zh="取得本人的单独同意",
            cure_en="Get the person's separate consent",
        ),
    )
