"""Consent from the person's own hand: the form, the proof of the phone, the receipt, and taking it back.

Whoever asks about a number gets the same answer whatever is known about it. A consent is one act for one purpose; what
it says is the text as it was shown. Taking it back is T3 and needs no login, no reason and no code.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import structlog

from dialer.domain.consent import Ownership, Promise
from dialer.domain.dnc import DncReason
from dialer.domain.ids import CampaignId, OrganisationId, SubjectId
from dialer.domain.phone import BadNumber, PhoneNumber, parse_phone
from dialer.domain.purpose import Purpose
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.clock import Clock
from dialer.services.changes import Changes, FloorChanged
from dialer.services.consent_codes import CodeOver, Codes, SmsSender, SmsTemplate, SmsUnavailable, WrongCode
from dialer.services.consent_limits import Limits, Rate, address_key
from dialer.services.refusals import Refusals, ToldRefusal
from dialer.services.views.words import Sentence

log = structlog.get_logger()

ADDRESS_RATES: Final = (Rate(5, 600), Rate(20, 86_400))
ALL_RATES: Final = (Rate(120, 60), Rate(3_000, 86_400))
STOP_RATES: Final = (Rate(10, 600), Rate(50, 86_400))
SMS_RATES: Final = (Rate(1, 60), Rate(3, 86_400))
"""Text messages to one number: a stranger can't make a phone ring with them."""
NAME_CHARACTERS_MAX: Final = 50
ASKED_CHARACTERS_MAX: Final = 200
TOKEN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Form:
    """A form that may be shown: whose, for what, and the text with nothing left to fill in."""

    source_id: str
    org_id: OrganisationId
    org_name: Sentence
    site: str
    """The origin of the registered page that may frame the form; "" none."""
    language: str
    languages: tuple[str, ...]
    purpose: Purpose
    text_version: str
    text: str
    text_sha256: str
    country: str
    campaign_id: CampaignId
    expires_at: datetime | None
    sms: SmsTemplate | None
    """Where ownership of the phone is proven by a code."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody wrote. `page`: the address of the page on which the form stood, without its query."""

    address: str
    user_agent: str
    page: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person sent. `text_sha256`: of the text that they were shown."""

    number: str
    name: str
    asked: str
    promise: Promise | None
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Given:
    """An act of consent, ready to be recorded. `token`: the secret of its receipt, 128 bits in hex."""

    form: Form
    number: PhoneNumber
    name: str
    asked: str
    promise: Promise | None
    visitor: Visitor
    ownership: Ownership
    proven_by: str
    """The template of the message whose code was typed in; "" none."""
    token: str


@dataclass(frozen=True, slots=True)
class TextChanged:
    """The text is another one than the person was shown: it is shown again, nothing was recorded."""


@dataclass(frozen=True, slots=True)
class TooMany:
    """Too many knocks from there, or from everywhere; says nothing about any number."""

    wait_seconds: int


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """A code is on its way; the ticket goes into the next page."""

    ticket: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """The consent is on the log."""

    token: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receipt's page shows. No number, nothing of anybody else's."""

    consent_id: str
    org_id: OrganisationId
    sid: SubjectId
    org_name: Sentence
    purpose_text: str
    text: str
    language: str
    caller_ids: tuple[str, ...]
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    refused_at: datetime | None = None
    """Since when the organisation never calls again: a refusal, from whatever side, that nothing has lifted."""
    sms: SmsTemplate | None = None
    """With which the person can be proven to have the phone; None: the history can't be shown here."""


class Past(StrEnum):
    """What may stand in a person's history."""

    AGREED = "agreed"
    WITHDREW = "withdrew"
    REFUSED = "refused"
    TALKED = "talked"
    NOT_REACHED = "not_reached"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened between the organisation and the person. `seconds`: of a talk."""

    at: datetime
    what: Past
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """All of it, newest first, with the receipt through which it was asked for."""

    receipt: Receipt
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Somebody who has a receipt and waits for the code that opens its history."""

    token: str


class ConsentStore(Protocol):
    """Storage's part."""

    async def form(self, source_id: str, language: str, base_url: str) -> Form | None:
        """The form of a verified source; None: there is none, or it may not be shown now."""
        ...

    async def record(self, given: Given) -> None:
        """Subject, consent with leaf and artefact, receipt, and the lead in its campaign: one transaction."""
        ...

    async def receipt(self, token: str) -> Receipt | None:
        """What a token opens; None: nothing, or the person was erased."""
        ...

    async def number(self, token: str) -> str | None:
        """The number of the person whom a token belongs to, E.164."""
        ...

    async def history(self, token: str) -> tuple[Event, ...]:
        """What happened between the receipt's organisation and its person, newest first; the reading is on the log."""
        ...


class ConsentDesk:
    """The verbs behind the public pages."""

    def __init__(
        self,
        store: ConsentStore,
        refusals: Refusals,
        sms: SmsSender | None,
        clock: Clock,
        changes: Changes,
    ) -> None:
        self._store = store
        self._refusals = refusals
        self._sms = sms
        self._changes = changes
        self._limits = Limits()
        self._codes: Codes[Given] = Codes()
        self._readers: Codes[_Reader] = Codes()
        self.clock = clock

    async def form(self, source_id: str, language: str, base_url: str) -> Form | None:
        """The form as it is now; one that wants a code isn't shown where no sender is set up."""
        form = await self._store.form(source_id, language, base_url)
        if form is not None and form.sms is not None and self._sms is None:
            log.warning("form.closed", why="it proves phones by a code and no SMS sender is set up")
            return None
        return form

    async def submit(
        self, form: Form, asked: Asked, visitor: Visitor
    ) -> Recorded | CodeAsked | TextChanged | TooMany | BadNumber:
        """One act of consent.

        Raises:
            StoreUnavailable, SmsUnavailable: nothing was recorded.
        """
        if asked.text_sha256 != form.text_sha256:
            return TextChanged()
        number = parse_phone(asked.number, form.country)
        if isinstance(number, BadNumber):
            return number
        wait = self._knock("ask", visitor, ADDRESS_RATES)
        if wait:
            return TooMany(wait)
        given = Given(
            form=form,
            number=number,
            name=asked.name[:NAME_CHARACTERS_MAX],
            asked=asked.asked[:ASKED_CHARACTERS_MAX],
            promise=asked.promise,
            visitor=visitor,
            ownership=Ownership.UNPROVEN,
            proven_by="",
            token="",
        )
        if form.sms is None:
            return await self._record(given)
        return await self._send_code(given, form.sms)

    async def confirm(self, ticket: str, code: str) -> Recorded | WrongCode | CodeOver:
        """The code from the phone.

        Raises:
            StoreUnavailable: nothing was recorded; the person asks again.
        """
        given = self._codes.redeem(ticket, code)
        if not isinstance(given, Given):
            return given
        template = given.form.sms.template_id if given.form.sms is not None else ""
        return await self._record(replace(given, ownership=Ownership.PROVEN, proven_by=template))

    async def receipt(self, token: str) -> Receipt | None:
        """What a receipt's token opens. Changes nothing."""
        return await self._store.receipt(token)

    async def ask_for_history(self, token: str, visitor: Visitor) -> CodeAsked | TooMany | None:
        """Send a code to the receipt's own phone; None: there is no such receipt, or no approved message for it.

        Raises:
            StoreUnavailable, SmsUnavailable: no code was sent.
        """
        receipt, number = await self._store.receipt(token), await self._store.number(token)
        if receipt is None or number is None or receipt.sms is None or self._sms is None:
            return None
        wait = self._knock("history", visitor, ADDRESS_RATES)
        parsed = parse_phone(number, "ZZ")
        if wait or isinstance(parsed, BadNumber):
            return TooMany(wait) if wait else None
        ticket, code = self._readers.wait_for(_Reader(token))
        if self._limits.wait_seconds(f"sms:{parsed.e164}", *SMS_RATES):
            return CodeAsked(ticket)
        try:
            await self._sms.send(parsed, receipt.sms, {"code": code})
        except SmsUnavailable:
            self._readers.forget(ticket)
            raise
        return CodeAsked(ticket)

    async def history(self, token: str, ticket: str, code: str) -> History | WrongCode | CodeOver:
        """What happened, for whoever has both the receipt and its phone.

        Raises:
            StoreUnavailable: it can't be read now.
        """
        reader = self._readers.redeem(ticket, code)
        if not isinstance(reader, _Reader):
            return reader
        receipt = await self._store.receipt(reader.token)
        if reader.token != token or receipt is None:
            return CodeOver()
        return History(receipt, await self._store.history(token))

    async def stop_by_receipt(self, token: str) -> Receipt | None:
        """Take it back: no further call from the organisation, those that ring are cut.

        Raises:
            StoreUnavailable: it isn't recorded; the page says so.
        """
        receipt, number = await self._store.receipt(token), await self._store.number(token)
        if receipt is None or number is None:
            return None
        if receipt.refused_at is None:
            await self._stop(receipt.org_id, number, Actor(ActorKind.CALLEE, receipt.sid), "receipt")
        after = await self._store.receipt(token)
        # kept on disk while the database is busy: it holds from now on, and nothing is dialled before it is committed
        return replace(after or receipt, refused_at=(after or receipt).refused_at or self.clock.now())

    async def stop_by_number(
        self, form: Form, number: str, visitor: Visitor
    ) -> datetime | TooMany | BadNumber:
        """Take back whatever that number agreed to; the same answer when it never did. When it took effect.

        Raises:
            StoreUnavailable: it isn't recorded; the page says so.
        """
        parsed = parse_phone(number, form.country)
        if isinstance(parsed, BadNumber):
            return parsed
        wait = self._knock("stop", visitor, STOP_RATES)
        if wait:
            return TooMany(wait)
        await self._stop(form.org_id, parsed.e164, Actor(ActorKind.PROCESS, "web"), "form")
        # not the moment of an earlier refusal: that would tell a stranger that there was one
        return self.clock.now()

    def _knock(self, what: str, visitor: Visitor, rates: tuple[Rate, ...]) -> int:
        wait = self._limits.wait_seconds(f"{what}:{address_key(visitor.address)}", *rates)
        return wait or self._limits.wait_seconds(f"{what}:all", *ALL_RATES)

    async def _record(self, given: Given) -> Recorded:
        given = replace(given, token=secrets.token_hex(TOKEN_BYTES))
        await self._store.record(given)
        self._changes.touch(FloorChanged(given.form.org_id))
        return Recorded(given.token)

    async def _send_code(self, given: Given, template: SmsTemplate) -> CodeAsked:
        ticket, code = self._codes.wait_for(given)
        # over its limit a number gets no further message, and whoever asks sees the same page
        if self._limits.wait_seconds(f"sms:{given.number.e164}", *SMS_RATES):
            return CodeAsked(ticket)
        assert self._sms is not None
        try:
            await self._sms.send(given.number, template, {"code": code})
        except SmsUnavailable:
            self._codes.forget(ticket)
            raise
        return CodeAsked(ticket)

    async def _stop(self, org: OrganisationId, number: str, actor: Actor, via: str) -> None:
        await self._refusals.told(
            ToldRefusal(
                org_id=org,
                number=number,
                purpose=None,
                reason=DncReason.FORM,
                actor=actor,
                said_at=None,
                via=via,
            )
        )
        self._changes.touch(FloorChanged(org))
