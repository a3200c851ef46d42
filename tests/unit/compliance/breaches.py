"""One breach a requirement: what is different from lawful facts, and the code that the gate must say, and no other.

The rows are run under the shipped packs (they refuse), under the packs without the requirement's rules (they must not
refuse with that code: a row that still does tests nothing), and their ids make docs/requirements.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from dialer.compliance.facts import Check, Facts, NoConsent, VaultState
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
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
    Promise,
    SourceKind,
    SourceState,
)
from dialer.domain.dnc import DncEntryView, DncReason
from dialer.domain.ids import OrganisationId
from dialer.domain.lead import Age, Hold, Relation, SubjectCase
from dialer.domain.organisation import (
    Attestation,
    ChannelState,
    Industry,
    Licence,
    LicenceKind,
    PlatformTerms,
    Standing,
)
from dialer.domain.purpose import Purpose

SHANGHAI = timedelta(hours=8)


def shanghai(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A moment of 2026 by Shanghai's clock."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC) - SHANGHAI


@dataclass(frozen=True, slots=True)
class Breach:
    """`requirement`: its id; `name`: what is wrong, as a sentence's end; `codes`: all codes expected."""

    requirement: str
    name: str
    codes: frozenset[str]
    change: Callable[[Facts], Facts]
    at: datetime = NOW

    def facts(self) -> Facts:
        return self.change(lawful_facts(self.at))


def breach(
    requirement: str, name: str, code: str | tuple[str, ...], at: datetime = NOW, **groups: dict[str, Any]
) -> Breach:
    codes = frozenset({code} if isinstance(code, str) else code)
    return Breach(requirement, name, codes, lambda facts: with_facts(facts, **groups), at)


def scripted(facts: Facts, text: str, industry: Industry, **script: Any) -> Facts:
    """The same campaign in another industry with another script, filed as it stands."""
    digest = sha256(text.encode()).hexdigest()
    long = 1827 if industry in (Industry.FINANCE, Industry.INSURANCE) else 1095
    return with_facts(
        facts,
        campaign={"industry": industry},
        script={"text": text, "text_sha256": digest, "filed_sha256": digest, **script},
        vault={"kept_days": long},
        consent={"kept_days_promised": long},
    )


def _review(state: ReviewState, **values: Any) -> NumberReview:
    empty: dict[str, Any] = {"reference": "", "modes": frozenset(), "rows": frozenset()}
    return NumberReview(state=state, **{**empty, **values})


_REFUSED = DncEntryView(since=NOW - timedelta(days=3), reason=DncReason.SAID)
_STRIKES = tuple(NOW - timedelta(days=d) for d in (20, 40, 60))
_FILED = Filing(state=FilingState.FILED, outbound=True, changed_on=None, expires_on=date(2028, 1, 1))
_LICENCE = Licence(LicenceKind.LICENSED, "B2-0", date(2028, 1, 1), "ab")
_CODE = OrganisationId("org-other")

BREACHES: Final = (
    # ------------------------------------------------------------------ A: the platform's policy
    breach(
        "A1",
        "the declared business is banned",
        "BANNED_BUSINESS",
        campaign={"declared_business": "保健品推荐"},
    ),
    breach(
        "A2", "the script sells a banned product", "BANNED_BUSINESS", script={"text": "向您推荐信用卡提额"}
    ),
    breach("A3", "a machine speaks", "AGENTLESS", campaign={"speaker": Speaker.MACHINE}),
    breach("A3", "it is a press-1 campaign", "AGENTLESS", campaign={"speaker": Speaker.PRESS_ONE}),
    breach(
        "A3",
        "the content is illegal, approval or not",
        "BANNED_BUSINESS",
        campaign={
            "declared_business": "六合彩投注",
            "number_review": _review(ReviewState.APPROVED, reference="r", rows=frozenset({"A3-28k"})),
        },
    ),
    breach(
        "A4",
        "the number review is pending",
        "NUMBER_REVIEW_PENDING",
        campaign={"number_review": _review(ReviewState.PENDING)},
    ),
    breach(
        "A4",
        "the business hints at a banned row that no approval names",
        "NUMBER_REVIEW_PENDING",
        campaign={"purpose_text": "二手房看房回访"},
    ),
    breach(
        "A5",
        "a fraud complaint was verified",
        "ORG_OFFLINE_GRAVE",
        organisation={"standing": Standing.OFFLINE_GRAVE},
    ),
    breach(
        "A7",
        "undeclared banned business was found",
        "ORG_OFFLINE_GRAVE",
        organisation={"standing": Standing.OFFLINE_GRAVE},
    ),
    breach(
        "A6",
        "three serious violations lie within a year",
        "STRIKES_STOP",
        organisation={"serious_strikes_at": _STRIKES},
    ),
    breach(
        "A6",
        "the second violation and nobody else approved the start",
        "STRIKES_SECOND_PERSON",
        organisation={"serious_strikes_at": _STRIKES[:2]},
    ),
    breach(
        "A8",
        "actual business differed from the declared one",
        "CAMPAIGN_REFILE_REQUIRED",
        campaign={"refiling": Refiling.REQUIRED},
    ),
    breach("A9", "an agent is suspended for abuse", "AGENT_SUSPENDED", floor={"suspended": 1}),
    breach(
        "A10",
        "the source is paused by blind-call hits",
        "SOURCE_PAUSED",
        source={"state": SourceState.PAUSED},
    ),
    breach(
        "A10",
        "ownership is unproven and the script doesn't confirm the request",
        "OWNERSHIP_UNPROVEN",
        consent={"ownership": Ownership.UNPROVEN},
        script={"steps": frozenset(ScriptStep) - {ScriptStep.REQUEST_CONFIRMED}},
    ),
    breach(
        "A11",
        "the number came from a third party",
        "CONSENT_SOURCE_THIRD_PARTY",
        source={"kind": SourceKind.THIRD_PARTY},
    ),
    breach("A11", "the number was bought", "CONSENT_SOURCE_THIRD_PARTY", source={"kind": SourceKind.BOUGHT}),
    breach(
        "A11",
        "the consent names another organisation",
        "CONSENT_OTHER_ORGANISATION",
        consent={"organisation_id": _CODE},
    ),
    breach("A13", "the source isn't verified", "SOURCE_UNVERIFIED", source={"state": SourceState.UNVERIFIED}),
    breach("A13", "the site has no filing number", "SOURCE_UNCHECKED", source={"filing_number": ""}),
    breach(
        "A13",
        "the check is older than a year",
        "SOURCE_CHECK_EXPIRED",
        source={"checked_on": date(2025, 11, 1)},
    ),
    breach(
        "A13",
        "leads come from a short-video promotion",
        "CONSENT_SOURCE_THIRD_PARTY",
        source={"kind": SourceKind.SHORT_VIDEO},
    ),
    Breach(
        "A14",
        "the script promises a line that is never marked",
        frozenset({"SCRIPT_FORBIDDEN_CLAIM"}),
        lambda f: scripted(f, "我们有免标记通道", Industry.GENERAL),
    ),
    breach("A14", "the script differs from the filed one", "SCRIPT_NOT_FILED", script={"filed_sha256": "00"}),
    breach(
        "A15",
        "the filing doesn't prove a callback business",
        "SCRIPT_NO_CALLBACK_PROOF",
        script={"callback_proof_sha256": ""},
    ),
    breach(
        "A15", "the consent wasn't a request to be called", "CONSENT_ORIGIN", consent={"origin": Origin.OTHER}
    ),
    breach("A16", "the caller has no credit code", "ORG_INCOMPLETE", organisation={"credit_code": ""}),
    breach(
        "E3",
        "the terms in force aren't signed",
        "TERMS_NOT_SIGNED",
        organisation={"terms_version_signed": "2025-1"},
    ),
    # ------------------------------------------------------------------ B: numbers and channels
    breach(
        "B2",
        "the number is bound to another campaign",
        "CALLER_ID_NOT_BOUND",
        caller_id={"campaigns": frozenset()},
    ),
    breach(
        "B2", "the number isn't bound to its agents", "CALLER_ID_NOT_BOUND", caller_id={"agents_bound": False}
    ),
    breach(
        "D5",
        "the number is another organisation's",
        "CALLER_ID_NOT_BOUND",
        caller_id={"organisation_id": _CODE},
    ),
    breach(
        "D5",
        "the carrier reported another number as shown",
        "CALLER_ID_NOT_TRUE",
        caller_id={"presentation": Presentation.ALTERED},
    ),
    breach(
        "B4", "a mobile number is shown", "CALLER_ID_CLASS", caller_id={"number_class": CallerIdClass.MOBILE}
    ),
    Breach(
        "B4",
        "the purpose is marketing, also from a 95 number filed for it",
        frozenset({"PURPOSE_FORBIDDEN", "CALLER_ID_CLASS"}),
        lambda f: with_facts(
            f,
            campaign={"purpose": Purpose.MARKETING},
            consent={"purpose": Purpose.MARKETING},
            script={"purpose": Purpose.MARKETING},
            caller_id={"number_class": CallerIdClass.N95, "filed_purposes": frozenset(Purpose)},
            organisation={"licensed_purposes": frozenset(Purpose)},
        ),
    ),
    breach(
        "D15",
        "the consent is for another purpose",
        "CONSENT_OTHER_PURPOSE",
        consent={"purpose": Purpose.INFO_CONSULT},
    ),
    breach("D15", "the one conversation was held", "CONSENT_USED_UP", consent={"conversations": 1}),
    breach(
        "D15",
        "the consent is older than its term",
        "CONSENT_EXPIRED",
        consent={"given_at": NOW - timedelta(days=4)},
    ),
    breach(
        "D15",
        "the promised time has not come",
        "PROMISED_TIME_NOT_YET",
        consent={"promise": Promise(NOW + timedelta(hours=1), NOW + timedelta(hours=2))},
    ),
    breach(
        "B5", "the number is suspended", "CALLER_ID_SUSPENDED", caller_id={"state": CallerIdState.SUSPENDED}
    ),
    breach(
        "B9",
        "the number is terminated",
        "CALLER_ID_TERMINATED",
        caller_id={"state": CallerIdState.TERMINATED},
    ),
    breach(
        "B9",
        "the number is frozen in a police case",
        "CALLER_ID_CASE_FROZEN",
        caller_id={"state": CallerIdState.CASE_FROZEN},
    ),
    breach(
        "C14",
        "repeated violations ended the number",
        "CALLER_ID_TERMINATED",
        caller_id={"state": CallerIdState.TERMINATED},
    ),
    breach(
        "B7",
        "the real-name check is overdue",
        "REAL_NAME_OVERDUE",
        caller_id={"real_name_check": Check.OVERDUE},
    ),
    breach("B10", "the risk score reaches 0.75", "RISK_SCORE", caller_id={"risk_score": Decimal("0.75")}),
    breach(
        "B10", "a risk feed's alarm is open", "RISK_ALARM", caller_id={"alarms": frozenset({"regulator"})}
    ),
    breach(
        "B11",
        "the linked check holds the number",
        "CALLER_ID_LINKED",
        caller_id={"linked_suspension": "suspension-1"},
    ),
    breach("B12", "the number calls too often", "CALLER_ID_FREQUENCY", caller_id={"calls_hour": 600}),
    breach(
        "B18",
        "too many calls from the number are short",
        "SHORT_CALL_SHARE",
        caller_id={"short_calls_day": 41},
    ),
    breach("B18", "an agent had too many calls", "AGENT_FREQUENCY", floor={"busiest_calls_day": 400}),
    breach("B13", "nobody answers for the campaign", "CAMPAIGN_OWNER_MISSING", campaign={"owner": ""}),
    breach("B13", "nobody answers for the trunk", "TRUNK_OWNER_MISSING", platform={"trunk_owner": ""}),
    breach(
        "B17", "an agent has not passed the quiz", "AGENT_UNTRAINED", floor={"oldest_quiz_passed_at": None}
    ),
    breach(
        "B19",
        "an agent's quiz is older than a year",
        "AGENT_UNTRAINED",
        floor={"oldest_quiz_passed_at": NOW - timedelta(days=366)},
    ),
    breach(
        "C11", "an agent has not passed the quiz", "AGENT_UNTRAINED", floor={"oldest_quiz_passed_at": None}
    ),
    breach(
        "D29",
        "a policy in force isn't acknowledged",
        "POLICY_NOT_ACKNOWLEDGED",
        organisation={"policies_unacknowledged": ("dnc",)},
    ),
    breach(
        "B14",
        "the channel's permissions are off",
        "CHANNEL_PERMISSIONS_OFF",
        organisation={"channel": ChannelState.PERMISSIONS_OFF},
    ),
    breach(
        "B15",
        "three subscribers complained about the channel",
        "CHANNEL_PERMISSIONS_OFF",
        organisation={"channel_complainants": 3},
    ),
    breach(
        "B16",
        "complaints came three months in a row",
        "CHANNEL_TERMINATED",
        organisation={"channel_months_in_row": 3},
    ),
    breach(
        "B16",
        "the channel's contract was ended",
        "CHANNEL_TERMINATED",
        organisation={"channel": ChannelState.TERMINATED},
    ),
    breach("B16", "there was a public outcry", "CHANNEL_TERMINATED", organisation={"channel_outcries": 1}),
    # ------------------------------------------------------------------ C: lists, appeals, platforms
    breach(
        "C1",
        "the callee carries a risk mark",
        "CALLEE_RISK_MARKED",
        callee={"risk_marks": frozenset({"complainant"})},
    ),
    breach("C1", "the number is on the platform's list", "DNC_PLATFORM", dnc={"platform": _REFUSED}),
    breach(
        "C2",
        "a region rule of the organisation blocks it",
        "REGION_BLOCKED",
        callee={"region_rule": "region-1"},
    ),
    breach(
        "C2",
        "the number is of another country than the campaign's",
        "CALLEE_COUNTRY",
        campaign={"country": "US"},
    ),
    breach(
        "C6",
        "an appeal about the number is open",
        "CALLER_ID_UNDER_APPEAL",
        caller_id={"appeal": AppealState.OPEN},
    ),
    breach(
        "C7",
        "an appeal about the number is open",
        "CALLER_ID_UNDER_APPEAL",
        caller_id={"appeal": AppealState.OPEN},
    ),
    breach(
        "C8",
        "an appeal about the number is open",
        "CALLER_ID_UNDER_APPEAL",
        caller_id={"appeal": AppealState.OPEN},
    ),
    breach(
        "C9",
        "the list was not reviewed in time",
        "DNC_REVIEW_OVERDUE",
        dnc={"own_list_reviewed_at": NOW - timedelta(days=32)},
    ),
    breach(
        "C10",
        "the callee was called three times in 24 hours",
        "FREQUENCY_24_HOURS",
        contact={
            "attempts_at": tuple(NOW - timedelta(hours=h) for h in (20, 15, 2)),
            "last_ended_at": NOW - timedelta(hours=2),
        },
    ),
    breach(
        "C12",
        "a carrier's terms aren't acknowledged",
        "CARRIER_TERMS_NOT_ACKNOWLEDGED",
        platform={"terms": (PlatformTerms("carrier", "2", "1"),)},
    ),
    # ------------------------------------------------------------------ D: the deployment article's rules
    breach(
        "D1",
        "there is no licence",
        "LICENCE_MISSING",
        organisation={"licence": replace(_LICENCE, kind=LicenceKind.NONE)},
    ),
    breach(
        "D1",
        "the licence expired",
        "LICENCE_EXPIRED",
        organisation={"licence": replace(_LICENCE, expires_on=date(2026, 11, 17))},
    ),
    breach(
        "D1",
        "an exempt caller calls somebody who isn't its customer",
        "NOT_OWN_CUSTOMER",
        organisation={"licence": replace(_LICENCE, kind=LicenceKind.EXEMPT_OWN_CUSTOMERS)},
        callee={"relation": Relation.OTHER},
    ),
    breach(
        "D2",
        "the number isn't filed",
        "NUMBER_NOT_FILED",
        caller_id={"filing": replace(_FILED, state=FilingState.UNFILED)},
    ),
    breach(
        "D2",
        "the filing has no outbound function",
        "NUMBER_NOT_FILED",
        caller_id={"filing": replace(_FILED, outbound=False)},
    ),
    breach(
        "D2",
        "a change waits for its filing longer than ten working days",
        "NUMBER_CHANGE_OVERDUE",
        caller_id={"filing": replace(_FILED, state=FilingState.CHANGE_PENDING, changed_on=date(2026, 11, 3))},
    ),
    breach(
        "D3", "the undertaking is missing", "UNDERTAKING_MISSING", caller_id={"undertaking_signed_on": None}
    ),
    breach(
        "D4",
        "licence and filing differ",
        "DOCUMENTS_INCONSISTENT",
        organisation={"document_mismatches": ("legal_name",)},
    ),
    breach("E1", "the trunk has no owner", "TRUNK_OWNER_MISSING", platform={"trunk_owner": ""}),
    breach("E2", "the number was leased", "NUMBER_NOT_OWN", caller_id={"tenure": Tenure.LEASED}),
    breach("D6", "there is no consent", "CONSENT_MISSING"),
    breach(
        "D6",
        "the record lacks the person's rights",
        "CONSENT_INCOMPLETE",
        consent={"fields": frozenset(ConsentField) - {ConsentField.RIGHTS}},
    ),
    breach(
        "D6",
        "the text had an unfilled placeholder",
        "CONSENT_INCOMPLETE",
        consent={"unfilled_placeholders": 1},
    ),
    breach("D6", "there is no artefact", "CONSENT_NO_PROOF", consent={"artefact": Artefact.NONE}),
    breach(
        "D6",
        "the consent is dated in the future",
        "CONSENT_IN_FUTURE",
        consent={"given_at": NOW + timedelta(hours=1)},
    ),
    breach(
        "D11",
        "the graded protection expired",
        "GRADED_PROTECTION",
        organisation={"attestation": Attestation(3, date(2026, 11, 17), date(2027, 1, 1))},
    ),
    breach(
        "D11",
        "the graded protection is below the industry's grade",
        "GRADED_PROTECTION",
        organisation={"attestation": Attestation(1, date(2027, 6, 1), date(2027, 1, 1))},
    ),
    breach("D12", "the vault is full", "VAULT_NOT_WRITABLE", vault={"state": VaultState.FULL}),
    breach("D19", "it would be kept for less than 30 days", "RETENTION_TOO_SHORT", vault={"kept_days": 29}),
    breach(
        "D19",
        "it would be kept for longer than promised",
        "RETENTION_BEYOND_PROMISE",
        consent={"kept_days_promised": 365},
    ),
    Breach(
        "D19",
        "a finance call would be kept for less than five years",
        frozenset({"RETENTION_TOO_SHORT"}),
        lambda f: with_facts(f, organisation={"industry": Industry.FINANCE}),
    ),
    breach("D13", "the person withdrew", "CONSENT_WITHDRAWN", consent={"state": ConsentState.WITHDRAWN}),
    breach(
        "D13", "a deletion is open", "SUBJECT_DELETION", callee={"subject_case": SubjectCase.DELETION_OPEN}
    ),
    breach("D16", "it is 21:30 at the callee's", "WINDOW_CLOSED", at=shanghai(11, 18, 21, 30)),
    breach("D16", "it is National Day", "HOLIDAY", at=shanghai(10, 1, 10)),
    breach(
        "D16",
        "the year isn't announced",
        "CALENDAR_YEAR_UNKNOWN",
        at=datetime(2027, 3, 10, 2, 30, tzinfo=UTC),
    ),
    breach(
        "D16",
        "the clock was stepped back",
        "CLOCK_UNSURE",
        clock={"latest_recorded_at": NOW + timedelta(minutes=5)},
    ),
    breach(
        "D17",
        "the callee was called five times in 30 days",
        "FREQUENCY_30_DAYS",
        contact={
            "attempts_at": tuple(NOW - timedelta(days=d) for d in (25, 20, 15, 10, 5)),
            "last_ended_at": NOW - timedelta(days=5),
        },
    ),
    breach(
        "D17",
        "the last attempt ended 29 minutes ago",
        "CALLED_RECENTLY",
        contact={"attempts_at": (NOW - timedelta(minutes=30),), "last_ended_at": NOW - timedelta(minutes=29)},
    ),
    breach("D18", "the person refused", "DNC_ORGANISATION", dnc={"organisation": _REFUSED}),
    breach("D18", "the person isn't interested", "LEAD_HELD", lead={"hold": Hold.DECLINED}),
    breach("E5", "the person refused", "DNC_ORGANISATION", dnc={"organisation": _REFUSED}),
    breach("E7", "the person refused everything on the platform", "DNC_PLATFORM", dnc={"platform": _REFUSED}),
    breach("E10", "the person refused this purpose", "DNC_PURPOSE", dnc={"purpose": _REFUSED}),
    breach("D23", "the trunk is resold", "TRUNK_NOT_OWN", platform={"trunk_tenure": Tenure.RESOLD}),
    breach(
        "D23",
        "agents of another organisation could get the call",
        "AGENTS_OF_ANOTHER_ORGANISATION",
        floor={"outsiders": 1},
    ),
    breach(
        "D23",
        "the organisation is cut off for harassment",
        "ORG_CUT_OFF",
        organisation={"standing": Standing.CUT_OFF_HARASSMENT},
    ),
    Breach(
        "D24",
        "a finance script promises no risk",
        frozenset({"SCRIPT_FORBIDDEN_CLAIM"}),
        lambda f: scripted(f, "软件回访，保本无风险", Industry.FINANCE),
    ),
    Breach(
        "D24",
        "a finance script has no SMS confirmation",
        frozenset({"SMS_CONFIRMATION_MISSING"}),
        lambda f: scripted(
            f, "软件回访", Industry.FINANCE, steps=frozenset(ScriptStep) - {ScriptStep.SMS_CONFIRMATION}
        ),
    ),
    breach("D25", "the callee is a minor", "CALLEE_MINOR", callee={"age": Age.MINOR}),
    breach(
        "D25",
        "a student's guardian gave nothing in writing",
        "GUARDIAN_CONSENT_MISSING",
        callee={"age": Age.GUARDIAN_OF_STUDENT},
    ),
    Breach(
        "D26",
        "a health call has no separate consent",
        frozenset({"SEPARATE_CONSENT_MISSING"}),
        lambda f: scripted(f, "软件回访", Industry.HEALTH),
    ),
    Breach(
        "D28",
        "an education script promises results",
        frozenset({"SCRIPT_FORBIDDEN_CLAIM"}),
        lambda f: scripted(f, "软件回访，保证提分", Industry.EDUCATION),
    ),
    # ------------------------------------------------------------------ E: the ministries' plan
    breach(
        "E4", "another attempt at the number is open", "CALLEE_ATTEMPT_OPEN", contact={"open_attempts": 1}
    ),
    breach(
        "E4",
        "two attempts lie within the hour",
        "BURST",
        contact={
            "attempts_at": (NOW - timedelta(minutes=59), NOW - timedelta(minutes=32)),
            "last_ended_at": NOW - timedelta(minutes=31),
        },
    ),
    breach(
        "E9",
        "the purpose is beyond the licensed scope",
        "BUSINESS_SCOPE_EXCEEDED",
        organisation={"licensed_purposes": frozenset()},
    ),
    breach(
        "A6",
        "the abandon rate reached the hard stop",
        "ABANDON_STOP",
        campaign={"abandoned_day": 3, "live_answers_day": 100},
    ),
    breach(
        "A6",
        "the person was abandoned the same day",
        ("ABANDONED_TOO_RECENTLY", "ABANDONED_NEEDS_AGENT_FIRST"),
        contact={"abandoned_at": NOW - timedelta(hours=2)},
    ),
    breach(
        "A4",
        "predictive dialling wasn't approved",
        "MODE_NOT_APPROVED",
        campaign={"mode": PacingMode.PREDICTIVE},
    ),
)


def without_consent(facts: Facts) -> Facts:
    """It is known that there is no consent, and so no source."""
    return replace(facts, consent=NoConsent(), source=NoConsent())


BREACHES_ALL: Final = tuple(
    replace(row, change=without_consent) if row.codes == {"CONSENT_MISSING"} else row for row in BREACHES
)
