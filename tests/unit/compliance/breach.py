"""What a breach is: lawful facts with something changed, and the codes that the gate must say, and no others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

from dialer.compliance.facts import Facts
from dialer.compliance.lawful import NOW, lawful_facts, with_facts
from dialer.domain.caller_id import (
    Filing,
    FilingState,
)
from dialer.domain.campaign import (
    NumberReview,
    ReviewState,
)
from dialer.domain.dnc import DncEntryView, DncReason
from dialer.domain.ids import OrganisationId
from dialer.domain.organisation import (
    Industry,
    Licence,
    LicenceKind,
)

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


def review(state: ReviewState, **values: Any) -> NumberReview:
    empty: dict[str, Any] = {"reference": "", "modes": frozenset(), "rows": frozenset()}
    return NumberReview(state=state, **{**empty, **values})


REFUSED = DncEntryView(since=NOW - timedelta(days=3), reason=DncReason.SAID)
STRIKES = tuple(NOW - timedelta(days=d) for d in (20, 40, 60))
FILED = Filing(state=FilingState.FILED, outbound=True, changed_on=None, expires_on=date(2028, 1, 1))
LICENCE = Licence(LicenceKind.LICENSED, "B2-0", date(2028, 1, 1), "ab")
OTHER_ORGANISATION = OrganisationId("org-other")
