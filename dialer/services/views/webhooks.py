"""Other programs that are told of events, and what became of each telling."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """`waiting`: to be tried at `due_at`; `failed`: tried for the last time, unless somebody sends it again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class WebhookView:
    """One address. `disabled_why`: `by_staff`, or `gone` where the receiver answered 410."""

    id: str
    url: str
    events: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class WebhookList:
    """The organisation's addresses, newest first, and the events that one may ask for."""

    items: tuple[WebhookView, ...]
    offered: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WebhookCreated:
    """A new address with the secret that signs what is sent there (`whsec_…`): shown this once."""

    webhook: WebhookView
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event for one address. `result`: the receiver's status, or why nobody answered; None = not tried yet."""

    id: str
    event: str
    state: DeliveryState
    created_at: datetime
    due_at: datetime | None
    tries: int
    tried_at: datetime | None
    result: str | None


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Deliveries, newest first."""

    items: tuple[DeliveryView, ...]
    next: str | None
