"""Consents that a source's own system hands over, and whole lists explained."""

from datetime import UTC
from typing import Annotated

from pydantic import ConfigDict, StringConstraints, model_validator

from dialer.api.agent import answered
from dialer.api.errors import Problem
from dialer.api.models import Id, Moment, Nothing, Number, PackText, Sent
from dialer.api.refusals import Country
from dialer.api.route import Call
from dialer.domain.consent import Origin, Ownership
from dialer.domain.ids import AttemptId, CampaignId
from dialer.domain.lead import Age, Person, Relation
from dialer.domain.phone import BadNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.services.lead_rows import ConsentRow, LeadRow
from dialer.services.views.captured import CapturedView
from dialer.services.views.listed import ListView, ReplayView
from dialer.services.views.words import Declined, Sentence

Words = Annotated[str, StringConstraints(max_length=200)]


class SignedConsent(Sent):
    """One consent as its source recorded it: the same names as the columns of the CSV.

    `signature`: hex of the source's Ed25519 signature over the canonical JSON (RFC 8785) of number (E.164), purpose,
    source, origin, given_at (UTC, as `2026-11-18T02:10:00+00:00`), text_version, act, address and ownership.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    number: Number
    country: Country = "CN"
    purpose: Purpose
    source: Id
    origin: Origin
    given_at: Moment
    expires_at: Moment | None = None
    text_version: Id
    act: Words
    address: Annotated[str, StringConstraints(max_length=500)]
    ownership: Ownership = Ownership.UNPROVEN
    signature: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]
    name: Annotated[str, StringConstraints(max_length=50)] = ""
    asked: Words = ""
    promised_from: Moment | None = None
    promised_until: Moment | None = None
    age: Age = Age.ADULT
    relation: Relation = Relation.OTHER
    person: Person = Person.NATURAL

    @model_validator(mode="after")
    def _promise_can_be(self) -> "SignedConsent":
        opens, closes = self.promised_from, self.promised_until
        if (opens is None) != (closes is None) or (
            opens is not None and closes is not None and opens >= closes
        ):
            raise ValueError("the promised window can't be")
        return self


class ListQuestion(Sent):
    """Which list, and under what else. `at`: another moment than now; `under`: another campaign, for a comparison.

    `pack`: the text of a changed rule pack (TOML), for a comparison; it is used for this answer only.
    """

    campaign: Id
    at: Moment | None = None
    under: Id | None = None
    pack: PackText | None = None


async def capture(call: Call[SignedConsent, Nothing]) -> CapturedView | Problem:
    """Record a signed consent with its lead in the campaign of its purpose."""
    said = call.body
    number = parse_phone(said.number, said.country)
    if isinstance(number, BadNumber):
        return answered(Declined(f"number.{number.problem}", Sentence(number.zh, number.en)))
    consent = ConsentRow(
        purpose=said.purpose,
        source=said.source,
        origin=said.origin,
        given_at=said.given_at.astimezone(UTC),
        expires_at=said.expires_at,
        withdrawn_at=None,
        text_version=said.text_version,
        act=said.act,
        address=said.address,
        ownership=str(said.ownership),
        signature=said.signature,
    )
    row = LeadRow(
        line=0,
        number=number,
        name=said.name,
        asked=said.asked,
        requested_at=consent.given_at,
        promised_from=said.promised_from,
        promised_until=said.promised_until,
        age=said.age,
        relation=said.relation,
        person=said.person,
        consent=consent,
    )
    return answered(await call.deps.consents.capture(row))


async def explain_list(call: Call[ListQuestion, Nothing]) -> ListView | Problem:
    """How many leads are dialable, and why not the rest."""
    asked = call.body
    under = None if asked.under is None else CampaignId(asked.under)
    return answered(
        await call.deps.lists.explain_list(call.org, CampaignId(asked.campaign), asked.at, under, asked.pack)
    )


async def replay(call: Call[Nothing, Nothing]) -> ReplayView | Problem:
    """A past decision made again from its evidence."""
    return answered(await call.deps.replays.replay(call.org, AttemptId(call.path["attempt"])))
