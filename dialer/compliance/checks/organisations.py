"""The organisation: its record, terms, licence and papers."""

from dialer.compliance.case import Case, Finding, Said, finding, known, names
from dialer.compliance.hours import today_of
from dialer.compliance.words_of_values import listed
from dialer.domain.lead import Relation
from dialer.domain.organisation import LicenceKind
from dialer.rules.kinds.callers import (
    BusinessScope,
    CarrierTerms,
    Documents,
    LicenceHeld,
    OrganisationRecord,
    SignedTerms,
)
from dialer.rules.kinds.words import RecordPart


def check_organisation_record(rule: OrganisationRecord, case: Case) -> Finding:
    """An enterprise's record is filled."""
    organisation = case.organisation
    filled = {
        RecordPart.LEGAL_NAME: bool(known(organisation.legal_name)),
        RecordPart.CREDIT_CODE: len(known(organisation.credit_code)) == 18,
        RecordPart.BUSINESS_SCOPE: bool(known(organisation.business_scope)),
    }
    missing = frozenset(part for part in rule.parts if not filled[part])
    inputs = (("missing", names(missing)),)
    if not missing:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="ORG_INCOMPLETE",
            zh=f"单位档案不完整（{listed(missing)[0]}）；仅为企业客户服务，不支持个人话务",
            en=f"The organisation's record is incomplete ({listed(missing)[1]}); only enterprises are served",
            cure_zh="补齐单位名称、统一社会信用代码与经营范围",
            cure_en="Fill in legal name, unified social credit code and business scope",
        ),
    )


def check_signed_terms(rule: SignedTerms, case: Case) -> Finding:
    """The version in force is the one signed."""
    required = known(case.organisation.terms_version_required)
    signed = known(case.organisation.terms_version_signed)
    inputs = (("required", required or "-"), ("signed", signed or "-"), ("effect", str(rule.effect)))
    if required and signed == required:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="TERMS_NOT_SIGNED",
            zh="单位尚未签署现行版本的服务条款",
            en="The organisation has not signed the terms in force",
            cure_zh="签署现行版本",
            cure_en="Sign the version in force",
        ),
    )


def check_carrier_terms(rule: CarrierTerms, case: Case) -> Finding:
    """Each carrier and platform on the way; none named refuses, since some carrier carries every call."""
    terms = known(case.platform.terms)
    behind = tuple(t.platform for t in terms if t.version_acknowledged != t.version_in_force)
    inputs = (
        ("platforms", names(tuple(f"{t.platform}@{t.version_in_force}" for t in terms))),
        ("not_acknowledged", names(behind)),
        ("effect", str(rule.effect)),
    )
    if terms and not behind:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="CARRIER_TERMS_NOT_ACKNOWLEDGED",
            zh=f"未确认运营商或平台的现行规则与条款（{names(behind)}）",
            en=f"The rules and terms in force of a carrier or platform are not acknowledged ({names(behind)})",
            cure_zh="阅读并确认现行版本",
            cure_en="Read and acknowledge the version in force",
        ),
    )


def check_licence(rule: LicenceHeld, case: Case) -> Finding:
    """A licence or proven exemption in force; who is exempt for own customers calls nobody else."""
    licence = known(case.organisation.licence)
    relation = known(case.callee.relation)
    inputs = (
        ("kind", str(licence.kind)),
        ("expires_on", str(licence.expires_on or "-")),
        ("evidence", str(bool(licence.evidence_sha256)).lower()),
        ("relation", str(relation)),
    )
    lacking = licence.kind not in rule.kinds or not licence.evidence_sha256
    unnumbered = licence.kind is LicenceKind.LICENSED and not licence.number
    expired = licence.expires_on is not None and licence.expires_on < today_of(case.now)
    stranger = licence.kind in rule.own_customers and relation is not Relation.OWN_CUSTOMER
    return finding(
        inputs,
        Said(
            code="LICENCE_MISSING",
            zh="没有经营许可，也没有有凭证的豁免类别",
            en="There is neither a licence nor a proven exemption",
            cure_zh="登记许可证或豁免凭证",
            cure_en="Register the licence or the proof of exemption",
        )
        if lacking or unnumbered
        else None,
        Said(
            code="LICENCE_EXPIRED",
            zh=f"许可已于 {licence.expires_on} 到期",
            en=f"The licence expired on {licence.expires_on}",
            cure_zh="续期并登记",
            cure_en="Renew and register it",
        )
        if expired
        else None,
        Said(
            code="NOT_OWN_CUSTOMER",
            zh="豁免类别仅限服务自有客户，被叫不是自有客户",
            en="The exemption is for own customers only, and the callee isn't one",
            cure_zh="取得经营许可，或确认客户关系",
            cure_en="Get a licence, or establish that they are a customer",
        )
        if stranger
        else None,
    )


def check_documents(rule: Documents, case: Case) -> Finding:
    """Licence, filing and contract say the same."""
    mismatches = known(case.organisation.document_mismatches)
    inputs = (("mismatches", names(mismatches)), ("effect", str(rule.effect)))
    if not mismatches:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="DOCUMENTS_INCONSISTENT",
            zh=f"营业执照、许可证、码号备案或合同不一致（{names(mismatches)}）",
            en=f"Licence, filing and contract differ ({names(mismatches)})",
            cure_zh="更正不一致的材料",
            cure_en="Correct what differs",
        ),
    )


def check_business_scope(rule: BusinessScope, case: Case) -> Finding:
    """The purpose is within what the organisation is licensed to do."""
    purpose = known(case.campaign.purpose)
    licensed = known(case.organisation.licensed_purposes)
    inputs = (("purpose", str(purpose)), ("licensed", names(licensed)), ("effect", str(rule.effect)))
    if purpose in licensed:
        return finding(inputs)
    return finding(
        inputs,
        Said(
            code="BUSINESS_SCOPE_EXCEEDED",
            zh="任务用途超出许可的经营范围",
            en="The campaign's purpose is beyond the licensed business scope",
            cure_zh="变更许可范围，或停止该任务",
            cure_en="Extend the licence, or end the campaign",
        ),
    )
