"""What is judged alike for leads that are judged together: at one moment, with one reading of their campaign's facts.

`recurring.py` remembers what no moment, count or person can change. A list that is explained has one moment and one
reading of the campaign for many leads, so that checks of counts and dates, too, say the same of most of them. A test
watches that a tier's checks read nothing beyond its groups and fields, the law, the packs and the moment.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from dialer.compliance.facts import Facts, NoConsent, Unknown
from dialer.rules.kinds import callers, people
from dialer.rules.kinds import calls as call_kinds
from dialer.rules.kinds import moments as moment_kinds


@dataclass(frozen=True, slots=True)
class Tier:
    """Checks that are remembered by the same facts.

    `shared`: groups of which many leads hold the very same object, compared by identity. `values`: groups of one
    person, compared by value. `fields`: by group, what may be read of groups that are otherwise one person's own.
    """

    kinds: frozenset[type[Any]]
    shared: tuple[str, ...]
    values: tuple[str, ...]
    fields: dict[str, tuple[str, ...]]

    def key(self, facts: Facts) -> Hashable:
        """Everything that the tier's checks may read of these facts, valid while these facts are kept."""
        read: list[Hashable] = [id(getattr(facts, group)) for group in self.shared]
        read += [getattr(facts, group) for group in self.values]
        for group, names in self.fields.items():
            found = getattr(facts, group)
            read.append(found if isinstance(found, Unknown | NoConsent) else attrgetter(*names)(found))
        return tuple(read)


TIERS: Final = (
    Tier(
        kinds=frozenset(
            {
                moment_kinds.Window,
                moment_kinds.CampaignHours,
                moment_kinds.Holidays,
                moment_kinds.Abandon,
                moment_kinds.ClockTrust,
                people.SubjectRights,
                people.NumberRisk,
                callers.LicenceHeld,
                callers.Strikes,
                callers.GradedProtection,
                callers.SecurityCertificate,
                callers.NumberFiling,
                callers.FrequencyCallerId,
                callers.FrequencyAgent,
                callers.Training,
                call_kinds.ScriptFiling,
            }
        ),
        shared=("clock", "organisation", "campaign", "script", "caller_id", "floor"),
        values=(),
        fields={"callee": ("relation", "zones", "regions", "subject_case")},
    ),
    Tier(
        kinds=frozenset(
            {
                moment_kinds.FrequencyCallee,
                moment_kinds.Gap,
                moment_kinds.Concurrency,
                moment_kinds.Burst,
                moment_kinds.AbandonFollowUp,
                people.SourceChecks,
                people.Dnc,
                people.DncReview,
                people.Holds,
            }
        ),
        shared=("campaign",),
        values=("contact", "source", "dnc"),
        fields={"callee": ("zones",), "lead": ("hold",)},
    ),
)
"""What is one campaign's, and what most people have alike: never called, never refused."""
