"""Breaches of A: the platform's policy."""

from datetime import date
from typing import Final

from breach import OTHER_ORGANISATION, STRIKES, Breach, breach, review, scripted

from dialer.domain.campaign import (
    Refiling,
    ReviewState,
    ScriptStep,
    Speaker,
)
from dialer.domain.consent import (
    Origin,
    Ownership,
    SourceKind,
    SourceState,
)
from dialer.domain.ids import SourceId
from dialer.domain.organisation import (
    Industry,
    Standing,
)

BREACHES: Final = (
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
            "number_review": review(ReviewState.APPROVED, reference="r", rows=frozenset({"A3-28k"})),
        },
    ),
    breach(
        "A4",
        "the number review is pending",
        "NUMBER_REVIEW_PENDING",
        campaign={"number_review": review(ReviewState.PENDING)},
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
        organisation={"serious_strikes_at": STRIKES},
    ),
    breach(
        "A6",
        "the second violation and nobody else approved the start",
        "STRIKES_SECOND_PERSON",
        organisation={"serious_strikes_at": STRIKES[:2]},
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
        "the campaign names its sources and this isn't one",
        "CAMPAIGN_SOURCE",
        campaign={"sources": frozenset({SourceId("source-other")})},
    ),
    breach(
        "A11",
        "the consent names another organisation",
        "CONSENT_OTHER_ORGANISATION",
        consent={"organisation_id": OTHER_ORGANISATION},
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
)
