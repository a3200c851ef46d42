"""People and their consent: subjects, leads, consents with their artefacts, refusals and the lists they came by."""

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from dialer.storage.columns import blob_column, micros_column, text_column

_WAITING = "state IN ('queued', 'claimed')"


class Subject(SQLModel, table=True):
    """A person within one organisation. Erasure destroys `wrapped_key` and `number_ct`; the hashes stay."""

    sid: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    number_hmac: bytes = Field(sa_column=blob_column())
    platform_hmac: bytes = Field(sa_column=blob_column())
    key_version: int
    wrapped_key: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    number_ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    created_us: int = Field(sa_column=micros_column())
    __table_args__ = (UniqueConstraint("org_id", "number_hmac"),)


class Consent(SQLModel, table=True):
    """One act for one purpose. `payload_ct`: the text as shown, name, words, artefact: under the subject's key."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    sid: str = Field(foreign_key="subject.sid", index=True)
    purpose: str
    source_id: str | None = Field(default=None, foreign_key="consent_source.id")
    origin: str
    ownership: str
    given_us: int = Field(sa_column=micros_column())
    expires_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    withdrawn_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    register_json: str = Field(sa_column=text_column())
    artefact_sha256: str | None = None
    payload_ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    leaf_seq: int | None = Field(default=None, sa_column=micros_column(nullable=True))


class ConsentArtefact(SQLModel, table=True):
    """A file that proves a consent (a scan, a recording, a page), under the subject's key; its hash is on the log."""

    __tablename__ = "consent_artefact"
    consent_id: str = Field(primary_key=True, foreign_key="consent.id")
    name: str
    size_bytes: int
    ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))


class ConsentReceipt(SQLModel, table=True):
    """The secret link of the person who consented, as its SHA-256: it shows one consent and takes it back."""

    __tablename__ = "consent_receipt"
    token_sha256: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    consent_id: str = Field(foreign_key="consent.id")
    created_us: int = Field(sa_column=micros_column())


class Lead(SQLModel, table=True):
    """Someone to call back. States: queued, claimed, dialing, done, dropped."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    campaign_id: str = Field(foreign_key="campaign.id")
    sid: str = Field(foreign_key="subject.sid", index=True)
    consent_id: str | None = Field(default=None, foreign_key="consent.id")
    state: str
    due_us: int = Field(sa_column=micros_column())
    promised_from_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    promised_until_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    requested_us: int = Field(sa_column=micros_column())
    owner: str | None = None
    fence: int = 0
    lease_until_us: int = Field(default=0, sa_column=micros_column())
    outcome: str | None = None
    hold: str = "none"
    register_json: str = Field(default="{}", sa_column=text_column())
    last_decision_id: str | None = None
    payload_ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    import_id: str | None = Field(default=None, index=True)
    row: int | None = None
    language: str = Field(default="zh", description="BCP 47: what the person is spoken to in")
    zones: str = Field(default="", description="IANA zones the number may be in, comma-separated")
    __table_args__ = (
        Index("ix_lead_queue", "campaign_id", "state", "due_us"),
        Index(
            "ix_lead_turn",
            "campaign_id",
            "requested_us",
            "id",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index(
            "ix_lead_promised",
            "campaign_id",
            "promised_from_us",
            "requested_us",
            "id",
            sqlite_where=text(f"{_WAITING} AND promised_from_us IS NOT NULL"),
            postgresql_where=text(f"{_WAITING} AND promised_from_us IS NOT NULL"),
        ),
    )


class DncEntry(SQLModel, table=True):
    """One refusal. Sticky: rows are never updated by staff nor deleted."""

    __tablename__ = "dnc_entry"
    id: str = Field(primary_key=True)
    org_id: str | None = Field(default=None, description="empty: platform-wide")
    number_hmac: bytes = Field(sa_column=blob_column())
    key_version: int
    purpose: str | None = Field(default=None, description="empty: every purpose")
    reason: str
    attempt_id: str | None = None
    actor: str
    at_us: int = Field(sa_column=micros_column())
    number_ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    lifted_by_consent: str | None = None
    leaf_seq: int = Field(sa_column=micros_column())
    leads_dropped: int = 0
    permits_void: int = 0
    legs_cut: int = 0
    __table_args__ = (
        Index("ix_dnc_entry_lookup", "number_hmac", "org_id"),
        Index("ix_dnc_entry_at", "at_us"),
    )


class RefusalNotice(SQLModel, table=True):
    """The text message by which a person is told that their refusal holds: at most one an entry, sent at most once."""

    __tablename__ = "refusal_notice"
    entry_id: str = Field(primary_key=True, foreign_key="dnc_entry.id")
    state: str
    tries: int = 0
    next_us: int = Field(sa_column=micros_column())
    sent_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    template_id: str | None = None


class HeardWords(SQLModel, table=True):
    """Words of a callee that a recogniser heard and that a person has to look at, or that were a refusal at once.

    While one is open, nobody of the organisation calls that number. The words are encrypted under the subject's key.
    """

    __tablename__ = "heard_words"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    sid: str = Field(foreign_key="subject.sid")
    lead_id: str = Field(foreign_key="lead.id", index=True)
    attempt_id: str = Field(foreign_key="attempt.id", index=True)
    class_id: str
    action: str
    state: str
    at_us: int = Field(sa_column=micros_column())
    due_us: int = Field(sa_column=micros_column())
    decided_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    decided_by: str | None = None
    words_ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))
    __table_args__ = (
        Index("ix_heard_words_open", "sid", "state"),
        Index("ix_heard_words_due", "state", "due_us"),
    )


class OutsideList(SQLModel, table=True):
    """A national registry or platform list: one row a version; its file is sorted hashes. `as_of_us`: the list's own date."""

    __tablename__ = "outside_list"
    id: str = Field(primary_key=True)
    kind: str
    version: str
    sha256: str
    path: str
    entries: int
    as_of_us: int = Field(sa_column=micros_column())
    current: bool


class Partner(SQLModel, table=True):
    """Who may tell us of refusals by signed messages: a CRM, a complaint feed, an SMS gateway. The secret is encrypted."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    created_by: str
    created_us: int = Field(sa_column=micros_column())
    disabled_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    wrapped_key: bytes = Field(sa_column=blob_column())
    secret_ct: bytes = Field(sa_column=blob_column())


class PartnerMessage(SQLModel, table=True):
    """A partner's message that was taken, with the answer it got: the same message does nothing twice."""

    __tablename__ = "partner_message"
    partner_id: str = Field(primary_key=True, foreign_key="partner.id")
    message_id: str = Field(primary_key=True)
    body_sha256: str
    at_us: int = Field(sa_column=micros_column())
    answer_json: str = Field(sa_column=text_column())


class RefusalImport(SQLModel, table=True):
    """A file of refusals, known by its bytes: taken again it gives the same report."""

    __tablename__ = "refusal_import"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    user_id: str
    file_sha256: str
    at_us: int = Field(sa_column=micros_column())
    report_json: str = Field(sa_column=text_column())
    __table_args__ = (UniqueConstraint("org_id", "file_sha256"),)
