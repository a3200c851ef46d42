"""What is called for and what is said: banned business, the number review, claims, filed scripts and their steps."""

from dialer.compliance.case import Case, Finding, Said, at, finding, known, names
from dialer.compliance.facts import NoConsent
from dialer.compliance.words_of_values import in_words, listed
from dialer.domain.campaign import Refiling, ReviewState, ScriptStep
from dialer.domain.lead import Person
from dialer.domain.organisation import Industry
from dialer.rules.banned import BannedHit, BannedList, HitEffect, TextField, screen
from dialer.rules.kinds.calls import (
    BannedBusiness,
    Claims,
    NumberReviewDone,
    Refile,
    ScriptFiling,
    ScriptSteps,
    SmsConfirmation,
)
from dialer.rules.kinds.words import Need
from dialer.rules.phrases import PhraseAction, find_phrases

_CONSUMERS_ONLY = "A3-28h"
"""资质办理 is banned towards consumers; towards an enterprise it goes to the number review."""


def texts_of(case: Case) -> tuple[tuple[TextField, str], ...]:
    """Everything the business says of itself, by field."""
    organisation, campaign = case.organisation, case.campaign
    texts = [
        (TextField.DECLARED_INDUSTRY, known(campaign.declared_business)),
        (TextField.CAMPAIGN_PURPOSE, known(campaign.purpose_text)),
        (TextField.SCRIPT, known(case.script.text)),
        (TextField.ORGANISATION_NAME, known(organisation.legal_name)),
        (TextField.LICENCE_SCOPE, known(organisation.business_scope)),
    ]
    if not isinstance(known(case.facts.consent), NoConsent):
        texts.append((TextField.CONSENT_PURPOSE, known(case.consent.purpose_text)))
    return tuple(texts)


def hits_of(banned: BannedList, case: Case) -> tuple[BannedHit, ...]:
    """All hits of the list in the case's texts, with what the callee and a recorded approval change about them."""
    review = known(case.campaign.number_review)
    approved = review.rows if review.state is ReviewState.APPROVED and review.reference else frozenset()
    found: list[BannedHit] = []
    for field, text in texts_of(case):
        for hit in screen(banned, field, text):
            if hit.effect is HitEffect.NOTE or (hit.row.overridable and hit.row.row_id in approved):
                continue
            if hit.row.row_id == _CONSUMERS_ONLY and known(case.callee.person) is Person.ENTERPRISE:
                hit = BannedHit(row=hit.row, field=hit.field, keyword=hit.keyword, effect=HitEffect.REVIEW)
            found.append(hit)
    return tuple(found)


def check_banned(rule: BannedBusiness, case: Case) -> Finding:
    """Declared business, purpose, script, consent and name against the list; the last row can't be overridden."""
    banned = case.packs.banned.get(rule.list_id)
    if banned is None:
        return finding(
            (("list", rule.list_id),),
            Said(
                code="BANNED_LIST_MISSING",
                zh=f"禁止接入业务清单 {rule.list_id} 未载入",
                en=f"The list of banned business {rule.list_id} is not loaded",
                cure_zh="载入清单",
                cure_en="Load the list",
            ),
        )
    hits = hits_of(banned, case)
    inputs = (
        ("list", f"{banned.list_id} {banned.version}"),
        ("hits", names(tuple(f"{h.row.row_id}@{h.field}:{h.effect}" for h in hits))),
    )
    said = []
    for row_id in sorted({h.row.row_id for h in hits if h.effect is HitEffect.REFUSE}):
        hit = next(h for h in hits if h.row.row_id == row_id and h.effect is HitEffect.REFUSE)
        said.append(
            Said(
                code="BANNED_BUSINESS",
                zh=f"禁止接入业务 {row_id}：{hit.row.industry_zh}·{hit.row.scene_zh}（{in_words(hit.field)[0]}，“{hit.keyword}”）",
                en=f"Banned business {row_id}: {hit.row.industry_en}, {hit.row.scene_en} ({in_words(hit.field)[1]}, {hit.keyword})",
                cure_zh="仅凭运营商或平台就该行、该号码、该业务的书面批准"
                if hit.row.overridable
                else "无，任何人不得放行",
                cure_en="Only a recorded approval of carrier or platform that names the row"
                if hit.row.overridable
                else "None: nobody can override it",
            )
        )
    return finding(inputs, *said)


def check_number_review(rule: NumberReviewDone, case: Case) -> Finding:
    """Pending and rejected reviews refuse, and so does a hint of banned business that no approval names."""
    review = known(case.campaign.number_review)
    hinted = sorted(
        {
            h.row.row_id
            for banned in case.packs.banned.values()
            for h in hits_of(banned, case)
            if h.effect is HitEffect.REVIEW
        }
    )
    inputs = (
        ("review", str(review.state)),
        ("reference", review.reference or "-"),
        ("hints", names(tuple(hinted))),
        ("effect", str(rule.effect)),
    )
    pending = review.state in (ReviewState.PENDING, ReviewState.REJECTED) or (
        review.state is ReviewState.APPROVED and not review.reference
    )
    if not pending and not hinted:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="NUMBER_REVIEW_PENDING",
            zh=f"业务须以号码审核为准，尚无批准记录（涉及：{names(tuple(hinted))}）",
            en=f"The number review decides on this business and no approval is recorded (hints: {names(tuple(hinted))})",
            cure_zh="登记号码审核的批准",
            cure_en="Record the approval of the number review",
        ),
    )


def check_refile(rule: Refile, case: Case) -> Finding:
    """Found to do other business than declared: filed anew first."""
    refiling = known(case.campaign.refiling)
    inputs = (("refiling", str(refiling)), ("effect", str(rule.effect)))
    if refiling is Refiling.NOT_NEEDED:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CAMPAIGN_REFILE_REQUIRED",
            zh="实际业务与报备业务不符，须重新报备并获批准",
            en="Actual business differs from the filed one: it has to be filed anew and approved",
            cure_zh="重新报备，由第二人批准",
            cure_en="File it anew; a second person approves",
        ),
    )


def check_claims(rule: Claims, case: Case) -> Finding:
    """No forbidden claim in the script of the industry; `general` looks at every script."""
    industries = {known(case.campaign.industry), known(case.organisation.industry)}
    if rule.industry is not Industry.GENERAL and rule.industry not in industries:
        return finding((("industry", str(rule.industry)), ("applies", "false")))
    phrases = case.packs.phrases.get(rule.list_id)
    text = known(case.script.text)
    if phrases is None:
        return finding(
            (("list", rule.list_id),),
            Said(
                code="CLAIMS_LIST_MISSING",
                zh=f"敏感词表 {rule.list_id} 未载入",
                en=f"The phrase list {rule.list_id} is not loaded",
                cure_zh="载入词表",
                cure_en="Load the list",
            ),
        )
    hits = [h for h in find_phrases(phrases, rule.classes, text) if h.action is PhraseAction.BLOCK]
    inputs = (
        ("list", f"{phrases.list_id} {phrases.version}"),
        ("classes", names(rule.classes)),
        ("hits", names(tuple({h.class_id for h in hits}))),
    )
    if not hits:
        return finding(inputs)
    found = "、".join(dict.fromkeys(h.found for h in hits))
    return finding(
        inputs,
        Said(
            code="SCRIPT_FORBIDDEN_CLAIM",
            zh=f"话术含违规用语（{found}）",
            en=f"The script makes a forbidden claim ({names(tuple({h.class_id for h in hits}))})",
            cure_zh="修改话术并重新报备",
            cure_en="Change the script and file it anew",
        ),
    )


def check_script_filing(rule: ScriptFiling, case: Case) -> Finding:
    """The words that agents would speak are the filed ones, the organisation's own, with proof of a callback."""
    script = case.script
    text, filed, filed_at = known(script.text_sha256), known(script.filed_sha256), known(script.filed_at)
    proof = known(script.callback_proof_sha256)
    own = known(script.organisation_id) == known(case.organisation.organisation_id)
    inputs = (
        ("text_sha256", text or "-"),
        ("filed_sha256", filed or "-"),
        ("filed_at", at(filed_at)),
        ("callback_proof", str(bool(proof)).lower()),
        ("own", str(own).lower()),
    )
    unfiled = not filed or filed != text or filed_at is None or filed_at > case.now or not own
    return finding(
        inputs,
        Said(
            code="SCRIPT_NOT_FILED",
            zh="话术未报备，或与报备版本不一致",
            en="The script isn't filed, or differs from the filed version",
            cure_zh="报备现行话术",
            cure_en="File the script as it stands",
        )
        if unfiled
        else None,
        Said(
            code="SCRIPT_NO_CALLBACK_PROOF",
            zh="话术报备未证明该业务为回访类业务",
            en="The filing doesn't prove that this is a callback business",
            cure_zh="补充网页留言区等证明（地址、截图、哈希）",
            cure_en="Add the proof: page address, screenshot, hash",
        )
        if rule.callback_proof is Need.REQUIRED and not proof
        else None,
    )


def check_script_steps(rule: ScriptSteps, case: Case) -> Finding:
    """The script makes the agent take each step asked for."""
    industries = {known(case.campaign.industry), known(case.organisation.industry)}
    if rule.industry is not Industry.GENERAL and rule.industry not in industries:
        return finding((("industry", str(rule.industry)), ("applies", "false")))
    missing = rule.steps - known(case.script.steps)
    inputs = (("steps", names(rule.steps)), ("missing", names(missing)))
    if not missing:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="SCRIPT_STEP_MISSING",
            zh=f"话术缺少步骤（{listed(missing)[0]}）",
            en=f"The script lacks steps ({listed(missing)[1]})",
            cure_zh="补充步骤并重新报备",
            cure_en="Add the steps and file the script anew",
        ),
    )


def check_sms_confirmation(rule: SmsConfirmation, case: Case) -> Finding:
    """In these industries the script confirms by SMS before any business is closed."""
    industries = frozenset({known(case.campaign.industry), known(case.organisation.industry)})
    steps = known(case.script.steps)
    inputs = (
        ("industries", names(industries)),
        ("asked_in", names(rule.industries)),
        ("steps", names(steps)),
    )
    if not industries & rule.industries or ScriptStep.SMS_CONFIRMATION in steps:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="SMS_CONFIRMATION_MISSING",
            zh="金融类业务须短信确认后办理，话术没有短信确认步骤",
            en="In this industry business is closed only after an SMS confirmation, and the script has no such step",
            cure_zh="在话术中加入短信确认步骤",
            cure_en="Add the SMS confirmation to the script",
        ),
    )
