"""Tables of an installation's office: one-time links to accounts, sign-ons elsewhere, and why agents pause."""

from sqlalchemy import Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column


class AccountTicket(SQLModel, table=True):
    """A link that lets one person set their password, once. Kinds: invitation, reset. The token is stored hashed."""

    __tablename__ = "account_ticket"
    token_sha256: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    user_id: str = Field(foreign_key="user_account.id", index=True)
    kind: str
    created_by: str
    created_us: int = Field(sa_column=micros_column())
    expires_us: int = Field(sa_column=micros_column())
    ended_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))


class SignOnRow(SQLModel, table=True):
    """Which account a subject of the operator's sign-on provider is, since its first sign-on and for good."""

    __tablename__ = "sign_on"
    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user_account.id")
    bound_us: int = Field(sa_column=micros_column())
    __table_args__ = (Index("uq_sign_on_account", "issuer", "user_id", unique=True),)


class PauseCode(SQLModel, table=True):
    """A reason for which an organisation's agents pause. Retired ones stay: reports and desks still name them."""

    __tablename__ = "pause_code"
    org_id: str = Field(primary_key=True, foreign_key="organisation.id")
    code: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    place: int = Field(description="the order in which the desk offers them")
    retired_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
