"""Consent: given, whole, proven, of a real source, for this one purpose."""

from datetime import timedelta

from dialer.compliance.case import Case, Finding, Said, at, finding, known, names
from dialer.compliance.facts import NoConsent
from dialer.compliance.words_of_values import in_words, listed
from dialer.domain.campaign import ScriptStep
from dialer.domain.consent import ConsentState, Ownership
from dialer.domain.purpose import purpose_words
from dialer.rules.kinds.people import (
    ConsentContent,
    ConsentGiven,
    ConsentOrigin,
    ConsentProof,
    OwnershipOfNumber,
    PurposeChain,
    Purposes,
)
from dialer.rules.kinds.words import Link, Unproven


def check_consent_given(rule: ConsentGiven, case: Case) -> Finding:
    """There is one, by this person, to this organisation, not withdrawn, not of the future."""
    if isinstance(known(case.facts.consent), NoConsent):
        return finding(
            (("consent", "none"),),
            Said(
                code="CONSENT_MISSING",
                zh="没有该人同意本单位回电的记录",
                en="There is no record that this person consented to be called back by this organisation",
                cure_zh="由本人通过已核验的渠道提出回电请求",
                cure_en="The person asks to be called back through a verified source",
            ),
        )
    consent = case.consent
    state, given = known(consent.state), known(consent.given_at)
    given_to, caller = known(consent.organisation_id), known(case.organisation.organisation_id)
    giver, callee = known(consent.subject_id), known(case.callee.subject_id)
    inputs = (
        ("state", str(state)),
        ("given_at", at(given)),
        ("given_to", str(given_to)),
        ("organisation", str(caller)),
        ("same_person", str(giver == callee).lower()),
    )
    return finding(inputs, _state(state), *_whose(given_to == caller, giver == callee), _future(rule, case))


def _state(state: ConsentState) -> Said | None:
    match state:
        case ConsentState.GIVEN:
            return None
        case ConsentState.WITHDRAWN:
            return Said(
                code="CONSENT_WITHDRAWN",
                zh="本人已撤回授权",
                en="The person withdrew the consent",
                cure_zh="只有本人重新授权才能再呼",
                cure_en="Only a new consent by the person",
            )
        case ConsentState.ERASED:
            return Said(
                code="CONSENT_ERASED",
                zh="授权记录已按本人要求删除",
                en="The consent was erased at the person's request",
                cure_zh="只有本人重新授权才能再呼",
                cure_en="Only a new consent by the person",
            )


def _whose(to_us: bool, by_callee: bool) -> tuple[Said | None, Said | None]:
    return (
        None
        if to_us
        else Said(
            code="CONSENT_OTHER_ORGANISATION",
            zh="该授权是给另一单位的，本单位不得据此呼叫",
            en="The consent was given to another organisation",
            cure_zh="由本人向本单位授权",
            cure_en="The person consents to this organisation",
        ),
        None
        if by_callee
        else Said(
            code="CONSENT_OTHER_PERSON",
            zh="该授权不是此号码的使用人作出的",
            en="The consent was given by somebody else than the user of this number",
            cure_zh="由该号码的使用人授权",
            cure_en="The user of this number consents",
        ),
    )


def _future(rule: ConsentGiven, case: Case) -> Said | None:
    given = known(case.consent.given_at)
    if given <= case.now + timedelta(seconds=rule.future_seconds_max):
        return None
    return Said(
        code="CONSENT_IN_FUTURE",
        zh="授权时间在将来，记录不可信",
        en="The consent is dated in the future: the record can't be trusted",
        cure_zh="核对记录的时间与来源",
        cure_en="Check the record's time and source",
    )


def check_consent_content(rule: ConsentContent, case: Case) -> Finding:
    """The record holds each part asked for, and the text as shown had no unfilled placeholder."""
    present = known(case.consent.fields)
    unfilled = known(case.consent.unfilled_placeholders)
    missing = rule.fields - present
    inputs = (("missing", names(missing)), ("unfilled_placeholders", str(unfilled)))
    if not missing and unfilled == 0:
        return finding(inputs)
    zh, en = listed(missing)
    lacks = [(f"缺：{zh}", f"missing: {en}")] if missing else []
    if unfilled:
        lacks.append((f"未填占位符 {unfilled} 处", f"unfilled placeholders: {unfilled}"))
    return finding(
        inputs,
        Said(
            code="CONSENT_INCOMPLETE",
            zh=f"授权记录不完整，{'；'.join(zh for zh, _ in lacks)}",
            en=f"The consent record is incomplete; {'; '.join(en for _, en in lacks)}",
            cure_zh="补齐文本并由本人重新授权",
            cure_en="Complete the text and let the person consent anew",
        ),
    )


def check_consent_origin(rule: ConsentOrigin, case: Case) -> Finding:
    """Asked for in a way that makes this a callback."""
    origin = known(case.consent.origin)
    inputs = (("origin", str(origin)), ("allowed", names(rule.allowed)))
    if origin in rule.allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CONSENT_ORIGIN",
            zh=f"授权方式（{in_words(origin)[0]}）不是回电请求，不能证明回访类业务",
            en=f"Consent by {in_words(origin)[1]} is not a request to be called back",
            cure_zh="通过网页表单、留言、来电、短信或书面请求取得",
            cure_en="Let the person ask by web form, message, inbound call, SMS or on paper",
        ),
    )


def check_consent_proof(rule: ConsentProof, case: Case) -> Finding:
    """Proven by an artefact; without one the consent is visible and not dialable."""
    artefact = known(case.consent.artefact)
    inputs = (("artefact", str(artefact)), ("allowed", names(rule.allowed)))
    if artefact in rule.allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CONSENT_NO_PROOF",
            zh="授权没有凭证文件，也没有来源方签名的记录",
            en="The consent has neither an artefact nor a record signed by its source",
            cure_zh="补充凭证，或由来源方提供签名记录",
            cure_en="Add the artefact, or a record signed by the source",
        ),
    )


def check_ownership(rule: OwnershipOfNumber, case: Case) -> Finding:
    """Unproven ownership of the phone: refused, or only with a script that confirms that the person asked."""
    ownership = known(case.consent.ownership)
    steps = known(case.script.steps)
    inputs = (("ownership", str(ownership)), ("unproven", str(rule.unproven)), ("script_steps", names(steps)))
    confirmed = rule.unproven is Unproven.SCRIPT_STEP and ScriptStep.REQUEST_CONFIRMED in steps
    if ownership is Ownership.PROVEN or rule.unproven is Unproven.DIALABLE or confirmed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="OWNERSHIP_UNPROVEN",
            zh="未证实号码属于授权人，且话术没有“确认本人曾请求回电”的步骤",
            en="It isn't proven that who consented has this phone, and the script doesn't confirm the request",
            cure_zh="完成短信验证，或在话术中加入确认步骤",
            cure_en="Prove it by a code, or add the confirming step to the script",
        ),
    )


def check_purposes(rule: Purposes, case: Case) -> Finding:
    """The campaign's purpose may be called for at all."""
    purpose = known(case.campaign.purpose)
    inputs = (("purpose", str(purpose)), ("allowed", names(rule.allowed)))
    if purpose in rule.allowed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="PURPOSE_FORBIDDEN",
            zh=f"用途“{purpose_words(purpose)[0]}”不得外呼，仅限经同意的即时回访与信息咨询",
            en=f"Nobody may be called for the purpose “{purpose_words(purpose)[1]}”: only callbacks and enquiries with consent",
            cure_zh="无；营销外呼不予支持",
            cure_en="None: marketing calls are not supported",
        ),
    )


def check_purpose_chain(rule: PurposeChain, case: Case) -> Finding:
    """Consent, script and the number's filing name the campaign's purpose."""
    purpose = known(case.campaign.purpose)
    broken: list[str] = []
    inputs = [("campaign", str(purpose))]
    if Link.CONSENT in rule.links and not isinstance(case.facts.consent, NoConsent):
        consent = known(case.consent.purpose)
        inputs.append(("consent", str(consent)))
        broken += ["consent"] if consent is not purpose else []
    if Link.SCRIPT in rule.links:
        script = known(case.script.purpose)
        inputs.append(("script", str(script)))
        broken += ["script"] if script is not purpose else []
    if Link.CALLER_ID in rule.links:
        filed = known(case.caller_id.filed_purposes)
        inputs.append(("caller_id", names(filed)))
        broken += ["caller_id"] if purpose not in filed else []
    codes = {
        "consent": (
            "CONSENT_OTHER_PURPOSE",
            "授权的用途",
            "The consent",
            "由本人就该用途授权",
            "consent to it",
        ),
        "script": (
            "SCRIPT_OTHER_PURPOSE",
            "话术的用途",
            "The script",
            "使用该用途的话术",
            "use a script for it",
        ),
        "caller_id": (
            "CALLER_ID_NOT_FILED_FOR_PURPOSE",
            "主叫号码备案的用途",
            "The caller ID's filing",
            "备案该用途",
            "file the number for it",
        ),
    }
    said = []
    for link in broken:
        code, zh, en, cure_zh, cure_en = codes[link]
        said.append(
            Said(
                code=code,
                zh=f"{zh}与任务用途（{purpose_words(purpose)[0]}）不一致",
                en=f"{en} is for another purpose than the campaign ({purpose_words(purpose)[1]})",
                cure_zh=cure_zh,
                cure_en=f"To call for this purpose, {cure_en}",
            )
        )
    return finding(tuple(inputs), *said)
