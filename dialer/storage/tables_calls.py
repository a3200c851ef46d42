"""Decisions, attempts, permits, what the egress reported, recordings."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from dialer.storage.columns import blob_column, micros_column, text_column

OPEN_ATTEMPT_STATES = (
    "authorised",
    "placed",
    "ringing",
    "answered",
    "connected",
    "abandoned",
    "wrapping",
    "uncertain",
)
"""States in which an attempt holds its number: rule 2 and S3 of the protocol."""

_LIVE = "answered_us IS NOT NULL AND abandon_cause IS NULL"
_TALKED = "connected_us IS NOT NULL AND outcome = 'talked'"
_OPEN = "state IN (" + ", ".join(f"'{s}'" for s in OPEN_ATTEMPT_STATES) + ")"


class Decision(SQLModel, table=True):
    """What the gate said about one lead at one moment. `rules_json`: every rule with input, result, law."""

    id: str = Field(primary_key=True)
    org_id: str
    campaign_id: str
    lead_id: str = Field(index=True)
    attempt_id: str = Field(index=True)
    at_us: int = Field(sa_column=micros_column(index=True))
    outcome: str
    codes: str = Field(default="", description="codes of the objections, comma-separated")
    rules_json: str = Field(sa_column=text_column())
    policy_json: str = Field(sa_column=text_column())
    lawful_from_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    leaf_seq: int = Field(sa_column=micros_column())


class RefusalCode(SQLModel, table=True):
    """Which refused attempts have an objection of a code: what the search by reason walks. `at_us`: the attempt's `authorised_us`."""

    __tablename__ = "refusal_code"
    org_id: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    at_us: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    attempt_id: str = Field(primary_key=True)
    __table_args__ = (Index("ix_refusal_code_attempt", "attempt_id"),)


class Attempt(SQLModel, table=True):
    """One try at one number under one permit, or the record of a call that was not made (state refused)."""

    id: str = Field(primary_key=True)
    org_id: str
    campaign_id: str = Field(index=True)
    lead_id: str = Field(index=True)
    sid: str
    consent_id: str | None = None
    caller_id: str | None = None
    platform_hmac: bytes = Field(sa_column=blob_column())
    number_hmac: bytes = Field(sa_column=blob_column())
    state: str
    node: str
    outcome: str | None = None
    authorised_us: int = Field(sa_column=micros_column())
    placed_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    ringing_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    answered_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    connected_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    ended_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    sealed_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    agent_id: str | None = None
    seat_id: str | None = None
    disposition: str | None = None
    hangup_by: str | None = None
    egress_uid: str | None = None
    dial_status: str | None = None
    sip_text: str | None = None
    abandon_cause: str | None = None
    cut_wanted_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    closing_until_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    answer_class: str | None = None
    last_leaf_seq: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    __table_args__ = (
        Index(
            "uq_attempt_open_number",
            "platform_hmac",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_attempt_frequency", "platform_hmac", "authorised_us"),
        Index("ix_attempt_state", "state", "authorised_us"),
        # what every decision counts, answered from the index alone (tests/contract/test_decision_plans.py)
        Index(
            "ix_attempt_of_caller_id",
            "caller_id",
            "authorised_us",
            "state",
            "answered_us",
            "ended_us",
            sqlite_where=text("caller_id IS NOT NULL"),
            postgresql_where=text("caller_id IS NOT NULL"),
        ),
        Index(
            "ix_attempt_live",
            "campaign_id",
            "answer_class",
            "authorised_us",
            "answered_us",
            "abandon_cause",
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        Index(
            "ix_attempt_abandoned",
            "campaign_id",
            "authorised_us",
            sqlite_where=text("abandon_cause IS NOT NULL"),
            postgresql_where=text("abandon_cause IS NOT NULL"),
        ),
        Index(
            "ix_attempt_talked",
            "consent_id",
            sqlite_where=text(_TALKED),
            postgresql_where=text(_TALKED),
        ),
        Index("ix_attempt_number", "org_id", "number_hmac", "authorised_us", "id"),
        # the auditor's search: newest first, by each of what it may be narrowed by (bench/bench_search.py)
        Index("ix_attempt_newest", "org_id", "authorised_us", "id"),
        Index("ix_attempt_campaign", "org_id", "campaign_id", "authorised_us", "id"),
        Index("ix_attempt_outcome", "org_id", "outcome", "authorised_us", "id"),
        Index("ix_attempt_in_state", "org_id", "state", "authorised_us", "id"),
        Index("ix_attempt_shown", "org_id", "caller_id", "authorised_us", "id"),
        Index("ix_attempt_consent", "org_id", "consent_id", "authorised_us", "id"),
        Index(
            "ix_attempt_agent",
            "org_id",
            "agent_id",
            "authorised_us",
            "id",
            sqlite_where=text("agent_id IS NOT NULL"),
            postgresql_where=text("agent_id IS NOT NULL"),
        ),
    )


class Permit(SQLModel, table=True):
    """Issued by T1, consumed by T2, voided by stops and refusals, lapsed when its time is over. Never more than one use."""

    id: str = Field(primary_key=True)
    attempt_id: str = Field(foreign_key="attempt.id", unique=True)
    token_sha256: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    state: str
    org_id: str
    campaign_id: str = Field(index=True)
    lead_id: str
    consent_id: str
    caller_id: str
    purpose: str
    number_hmac: bytes = Field(sa_column=blob_column())
    platform_hmac: bytes = Field(sa_column=blob_column())
    issued_us: int = Field(sa_column=micros_column())
    expires_us: int = Field(sa_column=micros_column())
    dial_before_us: int = Field(sa_column=micros_column())
    sealed: bytes = Field(sa_column=blob_column())
    consumed_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    consumed_uid: str | None = None
    __table_args__ = (Index("ix_permit_state", "state", "expires_us"),)


class EgressReport(SQLModel, table=True):
    """What the egress said at the end of the leg that held the yes: the trunk's own record of the call."""

    __tablename__ = "egress_report"
    uid: str = Field(primary_key=True)
    attempt_id: str = Field(index=True)
    at_us: int = Field(sa_column=micros_column())
    dial_status: str
    sip_text: str
    rang_ms: int | None = Field(
        default=None, description="from dialling to the first ringing; empty: it never rang"
    )
    talk_seconds: int


class Recording(SQLModel, table=True):
    """Sealed audio of one attempt or one call to our number: FLAC, two channels, encrypted under the subject's key."""

    id: str = Field(primary_key=True)
    attempt_id: str | None = Field(default=None, foreign_key="attempt.id", unique=True)
    inbound_id: str | None = Field(
        default=None, unique=True, description="a call to our number, not an attempt"
    )
    state: str
    path: str | None = None
    wrapped_key: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    pcm_sha256: str | None = None
    flac_sha256: str | None = None
    ct_sha256: str | None = None
    ct_bytes: int | None = None
    frames: int | None = None
    rate: int | None = None
    channels: int | None = None
    gaps_json: str = Field(default="[]", sa_column=text_column())
