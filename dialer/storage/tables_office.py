"""Tables of an installation's office: one-time links to accounts, sign-ons elsewhere, webhooks out, and answers that are given once."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel


def _micros(*, nullable: bool = False) -> Column[int]:
    return Column(BigInteger, nullable=nullable)


class AccountTicket(SQLModel, table=True):
    """A link that lets one person set their password, once. Kinds: invitation, reset. The token is stored hashed."""

    __tablename__ = "account_ticket"
    token_sha256: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    user_id: str = Field(foreign_key="user_account.id", index=True)
    kind: str
    created_by: str
    created_us: int = Field(sa_column=_micros())
    expires_us: int = Field(sa_column=_micros())
    ended_us: int | None = Field(default=None, sa_column=_micros(nullable=True))


class SignOnRow(SQLModel, table=True):
    """Which account a subject of the operator's sign-on provider is, since its first sign-on and for good."""

    __tablename__ = "sign_on"
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user_account.id")
    bound_us: int = Field(sa_column=_micros())
    __table_args__ = (Index("uq_sign_on_account", "issuer", "user_id", unique=True),)


class Webhook(SQLModel, table=True):
    """Where an organisation's own system hears of what happened. The secret is encrypted under a key of its own."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    url: str
    topics: str = Field(description="comma-separated")
    created_by: str
    created_us: int = Field(sa_column=_micros())
    disabled_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    wrapped_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    secret_ct: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class WebhookDelivery(SQLModel, table=True):
    """One message to one webhook: waiting until `next_us`, delivered, or given up. Bodies hold ids, never a person."""

    __tablename__ = "webhook_delivery"
    id: str = Field(primary_key=True)
    webhook_id: str = Field(foreign_key="webhook.id")
    topic: str
    body: str = Field(sa_column=Column(Text, nullable=False))
    state: str
    tries: int = 0
    created_us: int = Field(sa_column=_micros())
    next_us: int = Field(sa_column=_micros())
    last_status: str | None = None
    __table_args__ = (
        Index("ix_webhook_delivery_waiting", "state", "next_us"),
        Index("ix_webhook_delivery_webhook", "webhook_id", "created_us"),
    )


class IdempotentAnswer(SQLModel, table=True):
    """What an act answered to one person's key: the same request under the same key does nothing twice."""

    __tablename__ = "idempotent_answer"
    user_id: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    operation: str
    request_sha256: str
    at_us: int = Field(sa_column=_micros())
    status: int | None = None
    content_type: str = ""
    answer: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
