"""What is judged alike for every lead of a campaign: checks that read no moment, no count and nothing of one person.

Such a check gives the same finding for the same facts, so that its finding may be remembered by the values that it could
read. `RECURRING` and the fields below are held to what the checks really read by a test that watches them.
"""

from collections.abc import Callable, Hashable
from operator import attrgetter
from typing import Any, Final

from dialer.compliance.facts import Facts, NoConsent, Unknown
from dialer.rules.kinds import callers, people
from dialer.rules.kinds import calls as call_kinds

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "organisation": (
        "organisation_id",
        "legal_name",
        "credit_code",
        "industry",
        "business_scope",
        "licensed_purposes",
        "document_mismatches",
        "terms_version_signed",
        "terms_version_required",
        "standing",
        "channel",
        "channel_complainants",
        "channel_months_in_row",
        "channel_outcries",
        "policies_unacknowledged",
    ),
    "campaign": (
        "campaign_id",
        "purpose",
        "purpose_text",
        "declared_business",
        "industry",
        "country",
        "owner",
        "sources",
        "number_review",
        "refiling",
        "mode",
        "speaker",
        "amd",
    ),
    "script": ("purpose", "text", "steps"),
    "caller_id": (
        "campaigns",
        "organisation_id",
        "agents_bound",
        "presentation",
        "number_class",
        "filed_purposes",
        "state",
        "appeal",
        "linked_suspension",
        "real_name_check",
    ),
    "platform": ("terms", "trunk_owner", "trunk_tenure"),
    "vault": ("state", "kept_days"),
    "floor": ("agents", "outsiders"),
    "consent": (
        "fields",
        "unfilled_placeholders",
        "origin",
        "artefact",
        "ownership",
        "purpose",
        "purpose_text",
        "kept_days_promised",
        "guardian_consent_sha256",
        "separate_consent_sha256",
    ),
    "source": ("source_id", "organisation_id", "kind", "state"),
    "callee": ("age", "country", "number_type", "person", "risk_marks", "zones"),
}
"""By group: what a recurring check may read."""

RECURRING: Final[frozenset[type[Any]]] = frozenset(
    {
        people.ConsentContent,
        people.ConsentOrigin,
        people.ConsentProof,
        people.OwnershipOfNumber,
        people.SourceKinds,
        people.CampaignSources,
        people.SourceStanding,
        people.PurposeChain,
        people.Purposes,
        people.Minors,
        people.SeparateConsent,
        people.CalleeNumbers,
        people.CalleeRisk,
        callers.OrganisationRecord,
        callers.SignedTerms,
        callers.CarrierTerms,
        callers.Documents,
        callers.BusinessScope,
        callers.OrganisationStanding,
        callers.ChannelConduct,
        callers.Policies,
        callers.NamedOwner,
        callers.TrunkRight,
        callers.CallerIdBinding,
        callers.TrueCaller,
        callers.CallerIdMatrix,
        callers.CallerIdLife,
        callers.Appeals,
        callers.LinkedCheck,
        callers.RealName,
        call_kinds.BannedBusiness,
        call_kinds.NumberReviewDone,
        call_kinds.Refile,
        call_kinds.Claims,
        call_kinds.ScriptSteps,
        call_kinds.Speakers,
        call_kinds.Modes,
        call_kinds.Amd,
        call_kinds.Ring,
        call_kinds.CallLength,
        call_kinds.Patience,
        call_kinds.OptOut,
        call_kinds.SipRefusals,
        call_kinds.Recording,
        call_kinds.Retention,
        call_kinds.SmsConfirmation,
        call_kinds.AgentThere,
    }
)

_GROUPS: Final[tuple[tuple[Callable[[Facts], Any], Callable[[Any], Hashable]], ...]] = tuple(
    (attrgetter(group), attrgetter(*names)) for group, names in FIELDS.items()
)


def recurring(facts: Facts) -> Hashable:
    """Everything that recurring checks may read of these facts, to remember their findings by."""
    read: list[Hashable] = []
    for group_of, values_of in _GROUPS:
        group = group_of(facts)
        read.append(group if isinstance(group, Unknown | NoConsent) else values_of(group))
    return tuple(read)
