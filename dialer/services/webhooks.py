"""Other programs are told of events: signed as Standard Webhooks says, tried again with back-off, every try visible.

The evidence log is the outbox: a delivery is made from a leaf that is committed, so nothing is told that did not happen
and nothing is forgotten when a process stops. A message holds ids and never a person's data; the rest is asked of the API.
Delivery is at least once, in the order of the log as long as the receiver answers; `webhook-id` tells repetitions.
"""

import asyncio
import base64
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol
from urllib.parse import urlsplit

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import EventType
from dialer.services.views.webhooks import DeliveryPage, DeliveryState, WebhookCreated, WebhookList
from dialer.services.views.words import Declined, Sentence

SECRET_BYTES: Final = 32
SECRET_PREFIX: Final = "whsec_"
WEBHOOKS_MAX: Final = 20
PER_ROUND_MAX: Final = 20
KEPT_DAYS: Final = 30
BACK_OFF_SECONDS: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Waits before the second to the last try, each up to a fifth longer by chance: three days in all."""
JITTER: Final = 0.2
STATUS_GONE: Final = 410
TEST_EVENT: Final = "webhook.test"
OFFERED: Final[tuple[EventType, ...]] = (
    EventType.CONSENT_RECORDED,
    EventType.CONSENT_WITHDRAWN,
    EventType.ATTEMPT_REFUSED,
    EventType.ATTEMPT_CONNECTED,
    EventType.ATTEMPT_SEALED,
    EventType.ATTEMPT_FAILED,
    EventType.ATTEMPT_CANCELLED,
    EventType.ATTEMPT_ABANDONED,
    EventType.RECORDING_SEALED,
    EventType.DISPOSITION_SET,
    EventType.REFUSAL_HEARD,
    EventType.DNC_ADDED,
    EventType.INCIDENT_OPENED,
    EventType.COMPLAINT_RECEIVED,
    EventType.EVIDENCE_EXPORTED,
    EventType.NUMBER_REVEALED,
    EventType.SUBJECT_ERASED,
    EventType.CONFIG_CHANGED,
)
_HTTPS: Final = Declined(
    "webhooks.https", Sentence("接收地址必须使用 https。", "The address has to be an https address.")
)
_MANY: Final = Declined(
    "webhooks.too_many",
    Sentence(
        f"最多只能有 {WEBHOOKS_MAX} 个启用的接收地址。", f"At most {WEBHOOKS_MAX} addresses may be in use."
    ),
)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come. `tries`: how often it was tried before."""

    id: str
    webhook_id: str
    url: str
    body: str
    tries: int
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Posted:
    """What came of a try: the receiver's status, or a word for why there is none."""

    status: int | None
    result: str

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return self.status is not None and 200 <= self.status < 300


class Post(Protocol):
    """Sends one message to another program. Never raises for what the receiver or the net does."""

    async def __call__(self, url: str, headers: dict[str, str], body: bytes) -> Posted: ...


class WebhookRegister(Protocol):
    """Storage's part."""

    async def all(self, org: OrganisationId) -> WebhookList: ...

    async def create(
        self, org: OrganisationId, user: UserId, url: str, events: Sequence[str], secret: bytes
    ) -> WebhookCreated | None:
        """A new address, told of what is on the log from now on; None: there are `WEBHOOKS_MAX`."""
        ...

    async def disable(self, org: OrganisationId, user: UserId, webhook: str) -> WebhookList | None: ...

    async def deliveries(
        self, org: OrganisationId, webhook: str, after: str | None, limit: int
    ) -> DeliveryPage | None: ...

    async def again(self, org: OrganisationId, webhook: str, delivery: str) -> DeliveryPage | None:
        """Due at once, as if never tried."""
        ...

    async def enqueue(self, org: OrganisationId, webhook: str, event: str, body: str) -> DeliveryPage | None:
        """A message that is no event of the log."""
        ...

    async def gather(self) -> int:
        """Make deliveries of the leaves that were not looked at yet; how many."""
        ...

    async def due(self) -> Sequence[Due]:
        """At most `PER_ROUND_MAX` of each address, oldest first."""
        ...

    async def tried(
        self, delivery: Due, state: DeliveryState, result: str, wait: timedelta | None
    ) -> None: ...

    async def gone(self, webhook: str) -> None:
        """Send nothing there any more: the receiver said so."""
        ...

    async def purge(self) -> int:
        """Delete what was settled more than `KEPT_DAYS` ago."""
        ...


class Webhooks:
    """The administrator's register of addresses."""

    def __init__(self, register: WebhookRegister, *, is_plain_allowed: Callable[[], bool]) -> None:
        """`is_plain_allowed`: whether the operator opened private networks, where http may do."""
        self._register = register
        self._is_plain_allowed = is_plain_allowed

    async def all(self, org: OrganisationId) -> WebhookList:
        return await self._register.all(org)

    async def create(
        self, org: OrganisationId, user: UserId, url: str, events: Sequence[str]
    ) -> WebhookCreated | Declined:
        """A new address with its secret."""
        if urlsplit(url).scheme != "https" and not self._is_plain_allowed():
            return _HTTPS
        made = await self._register.create(org, user, url, events, secrets.token_bytes(SECRET_BYTES))
        return _MANY if made is None else made

    async def disable(self, org: OrganisationId, user: UserId, webhook: str) -> WebhookList | None:
        return await self._register.disable(org, user, webhook)

    async def deliveries(
        self, org: OrganisationId, webhook: str, after: str | None, limit: int
    ) -> DeliveryPage | None:
        return await self._register.deliveries(org, webhook, after, limit)

    async def again(self, org: OrganisationId, webhook: str, delivery: str) -> DeliveryPage | None:
        return await self._register.again(org, webhook, delivery)

    async def test(self, org: OrganisationId, webhook: str) -> DeliveryPage | None:
        """Send a message that says nothing but that it is a test."""
        body = message_body(TEST_EVENT, datetime.now(UTC), {"organisation": str(org)})
        return await self._register.enqueue(org, webhook, TEST_EVENT, body)


class WebhookCourier:
    """The rounds: make deliveries of new leaves, try those that are due. Addresses don't wait for each other."""

    def __init__(self, register: WebhookRegister, post: Post, random: Callable[[], float]) -> None:
        self._register = register
        self._post = post
        self._random = random

    async def round(self) -> int:
        """One round; how many were taken. An address that doesn't answer ends its own part of the round."""
        await self._register.gather()
        by_address: dict[str, list[Due]] = {}
        for delivery in await self._register.due():
            by_address.setdefault(delivery.webhook_id, []).append(delivery)
        return sum(await asyncio.gather(*(self._tell(each) for each in by_address.values())))

    async def purge(self) -> int:
        """Forget what was settled long ago."""
        return await self._register.purge()

    async def _tell(self, deliveries: Sequence[Due]) -> int:
        taken = 0
        for delivery in deliveries:
            body = delivery.body.encode()
            # the receiver holds it against its own clock: real time, also where the demo's is shifted
            timestamp = str(int(datetime.now(UTC).timestamp()))
            headers = {
                "Content-Type": "application/json",
                "webhook-id": delivery.id,
                "webhook-timestamp": timestamp,
                "webhook-signature": signature_of(delivery.secret, delivery.id, timestamp, body),
            }
            posted = await self._post(delivery.url, headers, body)
            if posted.is_taken:
                taken += 1
                await self._register.tried(delivery, DeliveryState.DELIVERED, posted.result, None)
                continue
            await self._refused(delivery, posted)
            break
        return taken

    async def _refused(self, delivery: Due, posted: Posted) -> None:
        if posted.status == STATUS_GONE:
            await self._register.tried(delivery, DeliveryState.FAILED, posted.result, None)
            await self._register.gone(delivery.webhook_id)
        elif delivery.tries >= len(BACK_OFF_SECONDS):
            await self._register.tried(delivery, DeliveryState.FAILED, posted.result, None)
        else:
            seconds = BACK_OFF_SECONDS[delivery.tries] * (1 + JITTER * self._random())
            wait = timedelta(seconds=seconds)
            await self._register.tried(delivery, DeliveryState.WAITING, posted.result, wait)


def message_body(event: str, at: datetime, data: dict[str, object]) -> str:
    """A message as it is sent: Standard Webhooks' `type`, `timestamp`, `data`."""
    return json.dumps({"type": event, "timestamp": at.isoformat(), "data": data}, ensure_ascii=False)


def signature_of(secret: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks 1.0.0)."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, sha256).digest()).decode()


def shown_secret(secret: bytes) -> str:
    """The secret as receivers are given it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()
