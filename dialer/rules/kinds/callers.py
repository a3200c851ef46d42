"""The organisation that calls, its business, its numbers and its agents."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from dialer.domain.caller_id import CallerIdState, Presentation, Tenure
from dialer.domain.organisation import ChannelState, Industry, LicenceKind, Standing
from dialer.domain.purpose import Purpose
from dialer.rules.kinds.words import Binding, Effect, Need, RecordPart
from dialer.rules.strictness import Combine


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """Enterprise customers only: parts of the record that must be filled."""

    parts: Annotated[frozenset[RecordPart], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class SignedTerms:
    """The organisation signed the version of the terms that is in force."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class CarrierTerms:
    """The terms of each carrier and platform on the way are acknowledged in the version in force."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class LicenceHeld:
    """Licences and exemptions that allow to run a call centre; `own_customers`: exempt, may call nobody else."""

    kinds: Annotated[frozenset[LicenceKind], Combine.BOTH]
    own_customers: Annotated[frozenset[LicenceKind], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class Documents:
    """Licence, number filing and contract say the same."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class BusinessScope:
    """The purpose lies within the licensed business scope."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class OrganisationStanding:
    """Standings in which an organisation may dial."""

    dialable: Annotated[frozenset[Standing], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Strikes:
    """Serious violations in the last months: from how many a start needs a second person, from how many all stops."""

    months: Annotated[int, Combine.MOST]
    second_person_at: Annotated[int, Combine.LEAST]
    stop_at: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class ChannelConduct:
    """A channel is off from so many distinct complainants, ended from so many months in a row or outcries."""

    states: Annotated[frozenset[ChannelState], Combine.BOTH]
    complainants_stop: Annotated[int, Combine.LEAST]
    months_in_row_stop: Annotated[int, Combine.LEAST]
    outcries_stop: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class GradedProtection:
    """等保 grade of the organisation's systems; `high` holds for the industries named."""

    grade_min: Annotated[int, Combine.MOST]
    high_grade_min: Annotated[int, Combine.MOST]
    high_industries: Annotated[frozenset[Industry], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class SecurityCertificate:
    """ISO 27001 certificate in force."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Policies:
    """The organisation acknowledged the versioned policies it is under."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class NamedOwner:
    """Somebody is accountable by name for the campaign."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class TrunkRight:
    """Rights by which a trunk may be used; its owner is named (谁接入谁负责)."""

    tenures: Annotated[frozenset[Tenure], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class CallerIdBinding:
    """To what a number must be bound to be shown."""

    bound_to: Annotated[frozenset[Binding], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class TrueCaller:
    """What was shown is what was sent: never hidden, never altered."""

    presentations: Annotated[frozenset[Presentation], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class CallerIdMatrix:
    """Purposes that each class of number may carry; [] = none."""

    fixed: Annotated[frozenset[Purpose], Combine.BOTH]
    mobile: Annotated[frozenset[Purpose], Combine.BOTH]
    n400: Annotated[frozenset[Purpose], Combine.BOTH]
    n95: Annotated[frozenset[Purpose], Combine.BOTH]
    n96: Annotated[frozenset[Purpose], Combine.BOTH]
    carrier: Annotated[frozenset[Purpose], Combine.BOTH]
    other: Annotated[frozenset[Purpose], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class CallerIdLife:
    """States in which a number may be shown."""

    dialable: Annotated[frozenset[CallerIdState], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class NumberFiling:
    """The number is the organisation's own and filed with its outbound function; changes within working days."""

    tenures: Annotated[frozenset[Tenure], Combine.BOTH]
    change_working_days_max: Annotated[int, Combine.LEAST]
    undertaking: Annotated[Need, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Appeals:
    """A number under an open appeal isn't used."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class LinkedCheck:
    """A number held by the linked check of another's suspension (同渠道、同客户、同时段) isn't used."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class RealName:
    """The periodic real-name check of the number isn't overdue."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class FrequencyCallerId:
    """Calls from one number, counting this one; share of short calls once there are enough answers."""

    per_hour_max: Annotated[int, Combine.LEAST]
    per_day_max: Annotated[int, Combine.LEAST]
    short_call_seconds: Annotated[int, Combine.MOST]
    short_call_share_max: Annotated[Decimal, Combine.LEAST]
    answered_min: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class FrequencyAgent:
    """Calls of one agent in a day, counting this one."""

    per_day_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Training:
    """Every agent who could get the call passed the rules quiz, not longer ago than the bound, and isn't suspended."""

    quiz_days_max: Annotated[int, Combine.LEAST]


CALLERS = (
    OrganisationRecord,
    SignedTerms,
    CarrierTerms,
    LicenceHeld,
    Documents,
    BusinessScope,
    OrganisationStanding,
    Strikes,
    ChannelConduct,
    GradedProtection,
    SecurityCertificate,
    Policies,
    NamedOwner,
    TrunkRight,
    CallerIdBinding,
    TrueCaller,
    CallerIdMatrix,
    CallerIdLife,
    NumberFiling,
    Appeals,
    LinkedCheck,
    RealName,
    FrequencyCallerId,
    FrequencyAgent,
    Training,
)
