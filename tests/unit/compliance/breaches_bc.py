"""Breaches of B and C: numbers, channels, lists, appeals, platforms."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

from breach import OTHER_ORGANISATION, REFUSED, Breach, breach

from dialer.compliance.facts import Check
from dialer.compliance.lawful import NOW, with_facts
from dialer.domain.caller_id import (
    AppealState,
    CallerIdClass,
    CallerIdState,
    Presentation,
)
from dialer.domain.consent import (
    Promise,
)
from dialer.domain.organisation import (
    ChannelState,
    PlatformTerms,
)
from dialer.domain.purpose import Purpose

BREACHES: Final = (
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
        caller_id={"organisation_id": OTHER_ORGANISATION},
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
    breach(
        "C1",
        "the callee carries a risk mark",
        "CALLEE_RISK_MARKED",
        callee={"risk_marks": frozenset({"complainant"})},
    ),
    breach("C1", "the number is on the platform's list", "DNC_PLATFORM", dnc={"platform": REFUSED}),
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
)
