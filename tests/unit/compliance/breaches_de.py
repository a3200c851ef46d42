"""Breaches of D and E: the deployment article's rules and the ministries' plan."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from breach import FILED, LICENCE, REFUSED, Breach, breach, scripted, shanghai

from dialer.compliance.facts import VaultState
from dialer.compliance.lawful import NOW, with_facts
from dialer.domain.caller_id import (
    FilingState,
    Tenure,
)
from dialer.domain.campaign import (
    PacingMode,
    ScriptStep,
)
from dialer.domain.consent import (
    Artefact,
    ConsentField,
    ConsentState,
)
from dialer.domain.lead import Age, Hold, Relation, SubjectCase
from dialer.domain.organisation import (
    Attestation,
    Industry,
    LicenceKind,
    Standing,
)
from dialer.rules.strictness import Span

BREACHES: Final = (
    breach(
        "D1",
        "there is no licence",
        "LICENCE_MISSING",
        organisation={"licence": replace(LICENCE, kind=LicenceKind.NONE)},
    ),
    breach(
        "D1",
        "the licence expired",
        "LICENCE_EXPIRED",
        organisation={"licence": replace(LICENCE, expires_on=date(2026, 11, 17))},
    ),
    breach(
        "D1",
        "an exempt caller calls somebody who isn't its customer",
        "NOT_OWN_CUSTOMER",
        organisation={"licence": replace(LICENCE, kind=LicenceKind.EXEMPT_OWN_CUSTOMERS)},
        callee={"relation": Relation.OTHER},
    ),
    breach(
        "D2",
        "the number isn't filed",
        "NUMBER_NOT_FILED",
        caller_id={"filing": replace(FILED, state=FilingState.UNFILED)},
    ),
    breach(
        "D2",
        "the filing has no outbound function",
        "NUMBER_NOT_FILED",
        caller_id={"filing": replace(FILED, outbound=False)},
    ),
    breach(
        "D2",
        "a change waits for its filing longer than ten working days",
        "NUMBER_CHANGE_OVERDUE",
        caller_id={"filing": replace(FILED, state=FilingState.CHANGE_PENDING, changed_on=date(2026, 11, 3))},
    ),
    breach(
        "D3", "the undertaking is missing", "UNDERTAKING_MISSING", caller_id={"undertaking_signed_on": None}
    ),
    breach(
        "D4",
        "licence and filing differ",
        "DOCUMENTS_INCONSISTENT",
        organisation={"document_mismatches": ("legal name",)},
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
    breach(
        "D16",
        "the campaign's own hours begin later",
        "CAMPAIGN_HOURS",
        campaign={"hours": Span(time(14), time(17))},
    ),
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
    breach("D18", "the person refused", "DNC_ORGANISATION", dnc={"organisation": REFUSED}),
    breach("D18", "the person isn't interested", "LEAD_HELD", lead={"hold": Hold.DECLINED}),
    breach("E5", "the person refused", "DNC_ORGANISATION", dnc={"organisation": REFUSED}),
    breach("E7", "the person refused everything on the platform", "DNC_PLATFORM", dnc={"platform": REFUSED}),
    breach("E10", "the person refused this purpose", "DNC_PURPOSE", dnc={"purpose": REFUSED}),
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
