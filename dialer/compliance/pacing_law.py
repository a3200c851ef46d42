"""What the packs leave a whole campaign to pace with: the strictest of every pack that may bind one of its calls.

The gate judges each call by its own place; a pacer serves all of them at once, so its bounds are those of the strictest.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dialer.compliance.facts import Unknown
from dialer.compliance.facts_of_caller import CampaignFacts, OrganisationFacts
from dialer.compliance.hours import closes_at, local_days
from dialer.domain.campaign import PacingMode, ReviewState
from dialer.rules.kinds.calls import Modes, Patience, Ring
from dialer.rules.kinds.moments import Abandon, Window
from dialer.rules.pack import Place
from dialer.rules.resolve import Law, PackSet, resolve


@dataclass(frozen=True, slots=True)
class PacingLaw:
    """modes: those that packs and the number review leave. cap_ppm_max: the strictest share of abandoned live answers,
    per million. patience_ms: from answer to agent. ring_seconds_min ≤ ring_seconds_max. shift_seconds: until the window
    of today closes for a call that rings to the end, 0 where it is closed, None where no zone is known.
    """

    modes: frozenset[PacingMode]
    cap_ppm_max: int
    patience_ms: int
    ring_seconds_min: int
    ring_seconds_max: int
    shift_seconds: float | None


def pacing_law(
    organisation: OrganisationFacts,
    campaign: CampaignFacts,
    packs: PackSet,
    zones: frozenset[str],
    now: datetime,
) -> PacingLaw | None:
    """The bounds of a campaign at `now`, its callees being in `zones` of the country that it calls; {} = not known.

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
    law = resolve(packs, place, local_days(zones, now) or frozenset({now.astimezone(UTC).date()}))
    modes, ring, patience = law.one(Modes), law.one(Ring), law.one(Patience)
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
        shift_seconds=_shift_left(law, zones, now, ring.value.ring_seconds_max),
    )


def _shift_left(law: Law, zones: frozenset[str], now: datetime, ring_seconds_max: int) -> float | None:
    window = law.one(Window)
    if window is None or not zones:
        return None
    closings = [closes_at(window.value, frozenset({zone}), now) for zone in zones]
    # somewhere the window is still open: whom it is closed for, the gate knows
    last = max((closing for closing in closings if closing is not None), default=None)
    if last is None:
        return 0.0
    return max(0.0, (last - timedelta(seconds=ring_seconds_max) - now).total_seconds())
