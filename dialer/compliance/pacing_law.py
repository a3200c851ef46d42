"""What the packs leave a whole campaign to pace with: the strictest of every pack that may bind one of its calls.

The gate judges each call by its own place; a pacer serves all of them at once, so its bounds are those of the strictest.
"""

from dataclasses import dataclass
from datetime import date

from dialer.compliance.facts import Unknown
from dialer.compliance.facts_of_caller import CampaignFacts, OrganisationFacts
from dialer.domain.campaign import PacingMode, ReviewState
from dialer.rules.kinds.callers import FrequencyCallerId
from dialer.rules.kinds.calls import Modes, Patience, Ring
from dialer.rules.kinds.moments import Abandon
from dialer.rules.pack import Place
from dialer.rules.resolve import PackSet, resolve


@dataclass(frozen=True, slots=True)
class PacingLaw:
    """modes: those that packs and the number review leave. cap_ppm_max: the strictest share of abandoned live answers,
    per million. patience_ms: from answer to agent. ring_seconds_min ≤ ring_seconds_max. calls_an_hour, calls_a_day: most
    from one caller ID, None where no pack bounds them.
    """

    modes: frozenset[PacingMode]
    cap_ppm_max: int
    patience_ms: int
    ring_seconds_min: int
    ring_seconds_max: int
    calls_an_hour: int | None
    calls_a_day: int | None


def pacing_law(
    organisation: OrganisationFacts, campaign: CampaignFacts, packs: PackSet, day: date
) -> PacingLaw | None:
    """The bounds of a campaign on `day`.

    Where a register doesn't say which law binds, no mode is left. None: the packs lack a rule; no call is lawful.
    """
    home, country = organisation.country, campaign.country
    named, review = organisation.packs, campaign.number_review
    is_known = not any(isinstance(fact, Unknown) for fact in (home, country, named, review))
    place = Place(
        packs=frozenset() if isinstance(named, Unknown) else named,
        organisation_country="" if isinstance(home, Unknown) else home,
        callee_country="" if isinstance(country, Unknown) else country,
        regions=frozenset(),
    )
    law = resolve(packs, place, frozenset({day}))
    modes, ring, patience = law.one(Modes), law.one(Ring), law.one(Patience)
    numbers = law.one(FrequencyCallerId)
    caps = [bound.value.cap_ppm for bound in law.all(Abandon)]
    if modes is None or ring is None or patience is None or not caps:
        return None
    approved = frozenset[PacingMode]()
    if not isinstance(review, Unknown) and review.state is ReviewState.APPROVED and review.reference:
        approved = review.modes
    return PacingLaw(
        modes=modes.value.free | (modes.value.approvable & approved) if is_known else frozenset(),
        cap_ppm_max=min(caps),
        patience_ms=patience.value.patience_ms_max,
        ring_seconds_min=ring.value.ring_seconds_min,
        ring_seconds_max=ring.value.ring_seconds_max,
        calls_an_hour=None if numbers is None else numbers.value.per_hour_max,
        calls_a_day=None if numbers is None else numbers.value.per_day_max,
    )
