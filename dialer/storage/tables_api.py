"""Tables of what the API does for other programs: answers kept for repeated requests, and events sent out."""

from sqlalchemy import Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column


class RepeatRow(SQLModel, table=True):
    """A request that carried an idempotency key, and its answer, encrypted under a key of its own. Gone after a day."""

    __tablename__ = "api_repeat"
    org_id: str = Field(primary_key=True)
    user_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    begun_us: int = Field(sa_column=micros_column())
    status: int | None = None
    wrapped_key: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    answer_ct: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    __table_args__ = (Index("ix_api_repeat_begun_us", "begun_us"),)


class Webhook(SQLModel, table=True):
    """An address of another program that is told of events. `events`: comma-separated. The secret is encrypted."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    url: str
    events: str
    created_by: str
    created_us: int = Field(sa_column=micros_column())
    next_seq: int = Field(
        sa_column=micros_column(), description="the first leaf that was not looked at for it yet"
    )
    disabled_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    disabled_why: str | None = None
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    secret_ct: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WebhookDelivery(SQLModel, table=True):
    """One event for one address: when it is due, how often it was tried, and what came back. Ids only, nothing personal."""

    __tablename__ = "webhook_delivery"
    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id")
    event: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str
    created_us: int = Field(sa_column=micros_column())
    due_us: int = Field(sa_column=micros_column())
    tries: int = 0
    tried_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    result: str | None = None
    __table_args__ = (
        Index("ix_webhook_delivery_due", "webhook_id", "state", "due_us"),
        Index("ix_webhook_delivery_newest", "webhook_id", "id"),
    )
