"""Calls that people made to our numbers."""

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column


class InboundCall(SQLModel, table=True):
    """One call to a caller ID of ours. The gate inserts it, the dialer closes it.

    `caller_sealed`: the caller's number under the gate's own key until the call is closed, empty afterwards and where the
    number was withheld. `sid`: the caller, from the closing on, or from the moment they asked for an agent. `received_seq`
    and `ended_seq`: the call's first and last leaf.
    """

    __tablename__ = "inbound_call"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    line: str = Field(foreign_key="caller_id.id")
    mode: str
    egress_uid: str
    caller_sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    received_us: int = Field(sa_column=micros_column())
    wish: str | None = None
    wish_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    ended_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    sid: str | None = Field(default=None, foreign_key="subject.sid", index=True)
    consent_id: str | None = None
    received_seq: int = Field(sa_column=micros_column())
    ended_seq: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    asked_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    agent_id: str | None = Field(default=None, foreign_key="user_account.id")
    seat_id: str | None = None
    connected_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    disposition: str | None = None
    sealed_seq: int | None = Field(default=None, sa_column=micros_column(nullable=True))
