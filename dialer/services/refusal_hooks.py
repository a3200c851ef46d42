"""Partners who report refusals by signed messages: a CRM, a complaint feed, an SMS gateway.

A message is believed when it carries `HMAC-SHA256(secret, "v1." + timestamp + "." + body)` and its timestamp (seconds
since 1970) is within `WINDOW_SECONDS` of the product's clock. The same message gets the same answer and does nothing
twice. Whoever isn't believed learns nothing, not even whether there is such a partner.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.clock import Clock
from dialer.rules.phrases import PhraseList
from dialer.rules.spoken import is_clear_refusal
from dialer.services.refusal_desk import RefusalDesk, Report
from dialer.services.views.refusals import (
    HookAnswer,
    HookItem,
    PartnerCreated,
    PartnerList,
    RefusalTaken,
    TakenAs,
)
from dialer.services.views.words import Declined, Sentence

WINDOW_SECONDS: Final = 300
SECRET_BYTES: Final = 32
SIGNATURE_PREFIX: Final = "v1="
_NOBODY: Final = bytes(SECRET_BYTES)
_REUSED: Final = Declined(
    "hook.id_reused",
    Sentence("该消息编号已用于另一条消息。", "This message id was used for another message already."),
)
OPT_OUT_WORDS: Final = frozenset(
    {
        "t",
        "td",
        "r",
        "退",
        "退订",
        "拒收",
        "stop",
        "stopall",
        "unsubscribe",
        "cancel",
        "end",
        "quit",
        "revoke",
        "optout",
    }
)
"""Whole replies that mean “no more”: those of Chinese gateways, and those that 47 CFR 64.1200(a)(10) names."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A message as it came: its signature and timestamp headers, and its bytes."""

    partner_id: str
    timestamp: str
    signature: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """A partner that is not disabled."""

    org_id: OrganisationId
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A message that was taken before: its body's digest, and the answer it got."""

    body_sha256: str
    answer: HookAnswer


class PartnerRegister(Protocol):
    """Storage's part."""

    async def key(self, partner_id: str) -> PartnerKey | None:
        """The partner's secret; None: no such partner, or disabled."""
        ...

    async def create(self, org: OrganisationId, user: UserId, name: str, secret: bytes) -> PartnerCreated:
        """Register a partner; on the log without its secret."""
        ...

    async def disable(self, org: OrganisationId, user: UserId, partner_id: str) -> PartnerList | None:
        """Believe nothing any more that this partner signs; None: no such partner."""
        ...

    async def all(self, org: OrganisationId) -> PartnerList:
        """The organisation's partners."""
        ...

    async def answered(self, partner_id: str, message_id: str) -> Answered | None:
        """What that message was answered before."""
        ...

    async def keep_answer(
        self, partner_id: str, message_id: str, body_sha256: str, answer: HookAnswer
    ) -> None:
        """Keep an answer; the first one for the id stands."""
        ...


class RefusalHooks:
    """The signed doors. None as an answer: not believed."""

    def __init__(
        self, desk: RefusalDesk, register: PartnerRegister, clock: Clock, phrases: tuple[PhraseList, ...]
    ) -> None:
        self._desk = desk
        self._register = register
        self._clock = clock
        self._phrases = phrases

    async def refusals(
        self, signed: Signed, message_id: str, reports: Sequence[Report]
    ) -> HookAnswer | Declined | None:
        """A partner's message of refusals."""
        partner = await self._believed(signed)
        if partner is None:
            return None
        return await self._once(signed, message_id, partner, reports)

    async def sms(
        self, signed: Signed, message_id: str, text: str, report: Report
    ) -> HookAnswer | Declined | None:
        """A person's reply to an SMS: a refusal where its words are one."""
        partner = await self._believed(signed)
        if partner is None:
            return None
        reports = [report] if self.is_refusal(text) else []
        return await self._once(signed, message_id, partner, reports)

    def is_refusal(self, text: str) -> bool:
        """Whether a reply means “no more”: an opt-out word alone, or a clear refusal by the phrase lists."""
        if "".join(text.split()).strip("。.!！").lower() in OPT_OUT_WORDS:
            return True
        return is_clear_refusal(self._phrases, text)

    # -------------------------------------------------------------- inside

    async def _believed(self, signed: Signed) -> PartnerKey | None:
        partner = await self._register.key(signed.partner_id)
        secret = partner.secret if partner is not None else _NOBODY
        wanted = SIGNATURE_PREFIX + signature_of(secret, signed.timestamp, signed.body)
        if not hmac.compare_digest(wanted.encode(), signed.signature.encode()) or partner is None:
            return None
        if not signed.timestamp.isascii() or not signed.timestamp.isdigit() or len(signed.timestamp) > 12:
            return None
        apart = abs(int(signed.timestamp) - self._clock.now().timestamp())
        return partner if apart <= WINDOW_SECONDS else None

    async def _once(
        self, signed: Signed, message_id: str, partner: PartnerKey, reports: Sequence[Report]
    ) -> HookAnswer | Declined:
        digest = sha256(signed.body).hexdigest()
        before = await self._register.answered(signed.partner_id, message_id)
        if before is not None:
            return before.answer if before.body_sha256 == digest else _REUSED
        actor = Actor(ActorKind.PARTNER, signed.partner_id)
        items = [_item(await self._desk.enter(partner.org_id, actor, report)) for report in reports]
        answer = HookAnswer(message_id, tuple(items) or (HookItem(TakenAs.NOT_A_REFUSAL, None),))
        if any(item.state is TakenAs.WAITING for item in items):
            return answer  # the database is away: the same message may come again, and is answered then
        await self._register.keep_answer(signed.partner_id, message_id, digest, answer)
        return answer


class Partners:
    """The administrator's register of partners."""

    def __init__(self, register: PartnerRegister) -> None:
        self._register = register

    async def all(self, org: OrganisationId) -> PartnerList:
        """Every partner of the organisation."""
        return await self._register.all(org)

    async def create(self, org: OrganisationId, user: UserId, name: str) -> PartnerCreated:
        """A new partner; its secret is in this answer and never shown again."""
        return await self._register.create(org, user, name, secrets.token_bytes(SECRET_BYTES))

    async def disable(self, org: OrganisationId, user: UserId, partner_id: str) -> PartnerList | None:
        """End a partner."""
        return await self._register.disable(org, user, partner_id)


def signature_of(secret: bytes, timestamp: str, body: bytes) -> str:
    """What a partner puts behind `v1=`, in hex."""
    return hmac.new(secret, b"v1." + timestamp.encode() + b"." + body, sha256).hexdigest()


def _item(taken: RefusalTaken | Declined) -> HookItem:
    return (
        HookItem(TakenAs.REJECTED, taken.code) if isinstance(taken, Declined) else HookItem(taken.state, None)
    )
