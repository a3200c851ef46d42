"""One whole set of facts that `house`, `cn` and `cn-platform` allow: the ground that cases and tests vary.

It describes nobody: an invented maker of enterprise software that calls a customer back on Wednesday 18 November
2026, 10:30 in Shanghai, at their own request of the evening before.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final

from dialer.compliance.facts import (
    CalleeFacts,
    CallerIdFacts,
    CampaignFacts,
    Check,
    ClockFacts,
    ConsentFacts,
    ContactFacts,
    DncFacts,
    Facts,
    FloorFacts,
    LeadFacts,
    OrganisationFacts,
    PlatformFacts,
    Profile,
    ScriptFacts,
    SourceFacts,
    VaultFacts,
    VaultState,
)
from dialer.domain.caller_id import (
    AppealState,
    CallerIdClass,
    CallerIdState,
    Filing,
    FilingState,
    Presentation,
    Tenure,
)
from dialer.domain.campaign import (
    AmdUse,
    CampaignState,
    NumberReview,
    PacingMode,
    Refiling,
    ReviewState,
    ScriptStep,
    Speaker,
)
from dialer.domain.consent import (
    Artefact,
    ConsentField,
    ConsentState,
    Origin,
    Ownership,
    SourceKind,
    SourceState,
)
from dialer.domain.ids import (
    CallerIdId,
    CampaignId,
    ConsentId,
    LeadId,
    OrganisationId,
    ScriptId,
    SourceId,
    SubjectId,
)
from dialer.domain.lead import Age, Hold, LeadState, Person, Relation, SubjectCase
from dialer.domain.organisation import (
    Attestation,
    ChannelState,
    Industry,
    Licence,
    LicenceKind,
    PlatformTerms,
    Standing,
)
from dialer.domain.phone import NumberType
from dialer.domain.purpose import Purpose

NOW: Final = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
"""Wednesday 2026-11-18 10:30:00 in Shanghai."""

_SCRIPT: Final = (
    "您好，这里是示例软件有限公司，我是工作人员，工号 8。请问是您昨天在网站留言请我们回电，咨询企业软件的使用吗？"
    "本次通话会录音并依规留存。不方便可随时告诉我，我马上结束。请问现在可以继续吗？"
)
_ORGANISATION: Final = OrganisationId("org-sample")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def lawful_facts(now: datetime = NOW) -> Facts:
    """Facts that are allowed at `now` under the Chinese packs, when `now` lies in an open window."""
    return Facts(
        clock=ClockFacts(
            error_ms=20,
            latest_recorded_at=now - timedelta(seconds=1),
            offset_us=0,
            profile=Profile.PRODUCTION,
        ),
        platform=PlatformFacts(
            stops=(),
            terms=(PlatformTerms("carrier-sample", "2026-1", "2026-1"),),
            trunk_owner="head of operations",
            trunk_tenure=Tenure.OWN,
        ),
        vault=VaultFacts(state=VaultState.WRITABLE, kept_days=1095),
        organisation=_organisation(now),
        campaign=_campaign(),
        script=ScriptFacts(
            script_id=ScriptId("script-sample"),
            organisation_id=_ORGANISATION,
            purpose=Purpose.CALLBACK,
            text=_SCRIPT,
            text_sha256=_digest(_SCRIPT),
            filed_sha256=_digest(_SCRIPT),
            filed_at=now - timedelta(days=20),
            callback_proof_sha256=_digest("page"),
            steps=frozenset(ScriptStep),
        ),
        consent=_consent(now),
        source=_source(now),
        callee=CalleeFacts(
            subject_id=SubjectId("subject-sample"),
            country="CN",
            regions=frozenset(),
            zones=frozenset({"Asia/Shanghai"}),
            number_type=NumberType.MOBILE,
            number_range="+861300000",
            region_rule="",
            risk_marks=frozenset(),
            age=Age.ADULT,
            relation=Relation.OWN_CUSTOMER,
            person=Person.NATURAL,
            subject_case=SubjectCase.NONE,
        ),
        lead=LeadFacts(
            lead_id=LeadId("lead-sample"),
            state=LeadState.CLAIMED,
            hold=Hold.NONE,
            due_at=now - timedelta(minutes=5),
        ),
        contact=ContactFacts(attempts_at=(), last_ended_at=None, open_attempts=0, abandoned_at=None),
        caller_id=_caller_id(),
        floor=FloorFacts(
            agents=3,
            oldest_quiz_passed_at=now - timedelta(days=100),
            suspended=0,
            outsiders=0,
            busiest_calls_day=12,
        ),
        dnc=DncFacts(
            organisation=None,
            platform=None,
            purpose=None,
            outside=(),
            own_list_reviewed_at=now - timedelta(days=7),
        ),
    )


def _source(now: datetime) -> SourceFacts:
    return SourceFacts(
        source_id=SourceId("source-sample"),
        organisation_id=_ORGANISATION,
        kind=SourceKind.FILED_SITE,
        state=SourceState.VERIFIED,
        filing_number="示例ICP备00000000号",
        checked_on=now.date() - timedelta(days=30),
        expires_on=None,
        scope_checked_on=now.date() - timedelta(days=30),
    )


def _organisation(now: datetime) -> OrganisationFacts:
    return OrganisationFacts(
        organisation_id=_ORGANISATION,
        country="CN",
        packs=frozenset({"cn-platform"}),
        legal_name="示例软件有限公司",
        credit_code="91000000000000000X",
        business_scope="软件开发；信息技术咨询服务；呼叫中心业务",
        industry=Industry.GENERAL,
        licensed_purposes=frozenset({Purpose.CALLBACK, Purpose.INFO_CONSULT}),
        terms_version_required="2026-1",
        terms_version_signed="2026-1",
        standing=Standing.GOOD,
        serious_strikes_at=(),
        licence=Licence(
            kind=LicenceKind.LICENSED,
            number="示例B2-00000000",
            expires_on=date(now.year + 2, 1, 1),
            evidence_sha256=_digest("licence"),
        ),
        document_mismatches=(),
        attestation=Attestation(
            protection_grade=3,
            protection_expires_on=date(now.year + 1, 6, 1),
            iso27001_expires_on=date(now.year + 1, 6, 1),
        ),
        policies_unacknowledged=(),
        channel=ChannelState.ACTIVE,
        channel_complainants=0,
        channel_months_in_row=0,
        channel_outcries=0,
    )


def _campaign() -> CampaignFacts:
    return CampaignFacts(
        campaign_id=CampaignId("campaign-sample"),
        organisation_id=_ORGANISATION,
        state=CampaignState.RUNNING,
        purpose=Purpose.CALLBACK,
        purpose_text="回复您在网站留言的软件使用问题",
        declared_business="企业软件售后回访",
        industry=Industry.GENERAL,
        country="CN",
        mode=PacingMode.PROGRESSIVE,
        speaker=Speaker.HUMAN,
        amd=AmdUse.OFF,
        number_review=NumberReview(
            state=ReviewState.APPROVED, reference="review-1", modes=frozenset(), rows=frozenset()
        ),
        refiling=Refiling.NOT_NEEDED,
        owner="campaign lead",
        sources=frozenset(),
        hours=None,
        second_person_started_at=None,
        live_answers_day=80,
        abandoned_day=0,
        live_answers_30_days=1600,
        abandoned_30_days=0,
    )


def _consent(now: datetime) -> ConsentFacts:
    return ConsentFacts(
        consent_id=ConsentId("consent-sample"),
        organisation_id=_ORGANISATION,
        subject_id=SubjectId("subject-sample"),
        state=ConsentState.GIVEN,
        purpose=Purpose.CALLBACK,
        purpose_text="软件使用问题的回电",
        origin=Origin.WEB_FORM,
        ownership=Ownership.PROVEN,
        fields=frozenset(ConsentField),
        unfilled_placeholders=0,
        artefact=Artefact.FILE,
        given_at=now - timedelta(hours=16),
        expires_at=None,
        conversations=0,
        promise=None,
        kept_days_promised=1095,
        separate_consent_sha256="",
        guardian_consent_sha256="",
    )


def _caller_id() -> CallerIdFacts:
    return CallerIdFacts(
        caller_id_id=CallerIdId("number-sample"),
        organisation_id=_ORGANISATION,
        campaigns=frozenset({CampaignId("campaign-sample")}),
        agents_bound=True,
        number_class=CallerIdClass.N400,
        state=CallerIdState.ACTIVE,
        tenure=Tenure.OWN,
        presentation=Presentation.AS_SENT,
        filing=Filing(state=FilingState.FILED, outbound=True, changed_on=None, expires_on=date(2028, 1, 1)),
        filed_purposes=frozenset({Purpose.CALLBACK, Purpose.INFO_CONSULT}),
        undertaking_signed_on=date(2025, 6, 2),
        linked_suspension="",
        appeal=AppealState.NONE,
        real_name_check=Check.IN_TIME,
        risk_score=Decimal("0.10"),
        alarms=frozenset(),
        calls_hour=20,
        calls_day=90,
        answered_day=80,
        short_calls_day=5,
    )


def with_facts(facts: Facts, **groups: Mapping[str, object]) -> Facts:
    """The same facts with some fields changed: `with_facts(f, consent={"conversations": 1})`.

    Raises:
        TypeError: a group or field that doesn't exist.
    """
    changed = {name: replace(getattr(facts, name), **values) for name, values in groups.items()}
    return replace(facts, **changed)
