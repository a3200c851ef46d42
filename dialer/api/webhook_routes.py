"""The addresses under which an administrator registers other programs that are told of events."""

from typing import Annotated, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Nothing, PageQuery, Sent
from dialer.api.route import ADMINISTRATOR, Call, Route, json_get, json_send
from dialer.evidence.record import EventType
from dialer.services.views.webhooks import DeliveryPage, WebhookCreated, WebhookList
from dialer.services.webhooks import OFFERED

A = TypeVar("A")

URL_CHARS_MAX: Final = 500


def _plain_address(url: str) -> str:
    try:
        split = urlsplit(url)
        port_is_right = split.port is None or 1 <= split.port <= 65535
    except ValueError as wrong:
        raise ValueError("not an address") from wrong
    if not split.hostname or split.username is not None or split.fragment or not port_is_right:
        raise ValueError("an address has a host, and neither user nor fragment")
    return url


def _offered(event: EventType) -> EventType:
    if event not in OFFERED:
        raise ValueError("this event is not told to other programs")
    return event


class NewWebhook(Sent):
    """Where to send which events (of `WebhookList.offered`). https, unless the operator opened private networks."""

    url: Annotated[
        str,
        StringConstraints(max_length=URL_CHARS_MAX, pattern=r"^https?://[!-~]+$"),
        AfterValidator(_plain_address),
    ]
    events: Annotated[
        frozenset[Annotated[EventType, AfterValidator(_offered)]],
        Field(min_length=1, max_length=len(OFFERED)),
    ]


async def webhooks(call: Call[Nothing, Nothing]) -> WebhookList:
    """Every address of the organisation."""
    return await call.deps.webhooks.all(call.org)


async def create(call: Call[NewWebhook, Nothing]) -> WebhookCreated | Problem:
    """A new address."""
    events = sorted(str(event) for event in call.body.events)
    return answered(await call.deps.webhooks.create(call.org, call.user, call.body.url, events))


async def disable(call: Call[Nothing, Nothing]) -> WebhookList | Problem:
    """Send nothing there any more."""
    return _there(await call.deps.webhooks.disable(call.org, call.user, call.path["webhook"]))


async def deliveries(call: Call[Nothing, PageQuery]) -> DeliveryPage | Problem:
    """What was sent there, and what came of it."""
    asked = call.query
    return _there(
        await call.deps.webhooks.deliveries(call.org, call.path["webhook"], asked.after, asked.limit)
    )


async def again(call: Call[Nothing, Nothing]) -> DeliveryPage | Problem:
    """Send one message again, now."""
    return _there(await call.deps.webhooks.again(call.org, call.path["webhook"], call.path["delivery"]))


async def test(call: Call[Nothing, Nothing]) -> DeliveryPage | Problem:
    """Send a message that says nothing but that it is a test."""
    return _there(await call.deps.webhooks.test(call.org, call.path["webhook"]))


def _there(found: A | None) -> A | Problem:
    return problem(Fault.NOT_FOUND) if found is None else found


WEBHOOKS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/webhooks",
        "listWebhooks",
        "Other programs that are told of events",
        ADMINISTRATOR,
        query=Nothing,
        answer=WebhookList,
        handle=webhooks,
    ),
    json_send(
        "/api/webhooks",
        "createWebhook",
        "Tell another program of events; the secret that signs them is in this answer and never shown again",
        ADMINISTRATOR,
        body=NewWebhook,
        answer=WebhookCreated,
        handle=create,
    ),
    json_send(
        "/api/webhooks/{webhook}/disable",
        "disableWebhook",
        "Send nothing there any more",
        ADMINISTRATOR,
        body=Nothing,
        answer=WebhookList,
        handle=disable,
        errors=(Fault.NOT_FOUND,),
    ),
    json_get(
        "/api/webhooks/{webhook}/deliveries",
        "listDeliveries",
        "What was sent there, newest first, and what came of it",
        ADMINISTRATOR,
        query=PageQuery,
        answer=DeliveryPage,
        handle=deliveries,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/webhooks/{webhook}/deliveries/{delivery}/again",
        "sendAgain",
        "Send one message again, now",
        ADMINISTRATOR,
        body=Nothing,
        answer=DeliveryPage,
        handle=again,
        errors=(Fault.NOT_FOUND,),
    ),
    json_send(
        "/api/webhooks/{webhook}/test",
        "testWebhook",
        "Send a message that says nothing but that it is a test",
        ADMINISTRATOR,
        body=Nothing,
        answer=DeliveryPage,
        handle=test,
        errors=(Fault.NOT_FOUND,),
    ),
)
