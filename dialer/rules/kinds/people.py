"""The person called and what they agreed to or refused."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from dialer.domain.consent import Artefact, ConsentField, Origin, SourceKind, SourceState
from dialer.domain.dnc import DncScope
from dialer.domain.organisation import Industry
from dialer.domain.phone import NumberType
from dialer.domain.purpose import Purpose
from dialer.rules.kinds.words import Effect, Link, Need, Unproven
from dialer.rules.strictness import Combine


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """A consent exists, was given to this organisation by this person, isn't withdrawn, and isn't of the future."""

    future_seconds_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class ConsentContent:
    """What the record of a consent must hold."""

    fields: Annotated[frozenset[ConsentField], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class ConsentOrigin:
    """Ways of asking that count as a request to be called."""

    allowed: Annotated[frozenset[Origin], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class ConsentProof:
    """Artefacts that prove a consent."""

    allowed: Annotated[frozenset[Artefact], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class OwnershipOfNumber:
    """What a consent is worth whose phone ownership isn't proven."""

    unproven: Annotated[Unproven, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class SourceKinds:
    """Kinds of source whose numbers may be dialled; all others are third-party, bought or guessed numbers."""

    allowed: Annotated[frozenset[SourceKind], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class SourceChecks:
    """Sources must be real: filed where they need filing, checked, and the check not older than the bound."""

    filing: Annotated[frozenset[SourceKind], Combine.EITHER]
    check_days_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class CampaignSources:
    """A campaign that names its sources calls nobody who came from another."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """States of a source in which its leads may be dialled."""

    dialable: Annotated[frozenset[SourceState], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class PurposeChain:
    """Places that must name the campaign's purpose."""

    links: Annotated[frozenset[Link], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class Purposes:
    """Purposes that may be called for at all."""

    allowed: Annotated[frozenset[Purpose], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Dnc:
    """Refusals that bind."""

    scopes: Annotated[frozenset[DncScope], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class DncReview:
    """Days within which a person must have reviewed the organisation's own list."""

    days_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class OutsideList:
    """An outside list that must be looked up, in a version not older than the bound."""

    list_id: Annotated[str, Combine.KEY]
    age_days_max: Annotated[int, Combine.LEAST]


@dataclass(frozen=True, slots=True)
class Holds:
    """A lead on hold (declined, doubted, wrong person…) isn't called until a person decided."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class SubjectRights:
    """Who asked for deletion or was erased isn't called."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class Minors:
    """Nobody known as a minor is called; a student's guardian only with the written artefact."""

    guardian_artefact: Annotated[Need, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class SeparateConsent:
    """Industries whose calls need a separate consent to sensitive data."""

    industries: Annotated[frozenset[Industry], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class CalleeNumbers:
    """Types of number that may be dialled; the number must be of the campaign's country."""

    types: Annotated[frozenset[NumberType], Combine.BOTH]


@dataclass(frozen=True, slots=True)
class Regions:
    """Number ranges (E.164 prefixes) and regions (ISO 3166-2) that aren't dialled, beside the organisation's rules."""

    blocked_prefixes: Annotated[frozenset[str], Combine.EITHER]
    blocked_regions: Annotated[frozenset[str], Combine.EITHER]


@dataclass(frozen=True, slots=True)
class CalleeRisk:
    """Callees that carry a risk mark."""

    effect: Annotated[Effect, Combine.FIRST]


@dataclass(frozen=True, slots=True)
class NumberRisk:
    """A caller ID whose risk score reaches the bound, or about which a risk feed's alarm is open."""

    score_stop: Annotated[Decimal, Combine.LEAST]
    alarms: Annotated[Effect, Combine.FIRST]


PEOPLE = (
    ConsentGiven,
    ConsentContent,
    ConsentOrigin,
    ConsentProof,
    OwnershipOfNumber,
    SourceKinds,
    SourceChecks,
    CampaignSources,
    SourceStanding,
    PurposeChain,
    Purposes,
    Dnc,
    DncReview,
    OutsideList,
    Holds,
    SubjectRights,
    Minors,
    SeparateConsent,
    CalleeNumbers,
    Regions,
    CalleeRisk,
    NumberRisk,
)
