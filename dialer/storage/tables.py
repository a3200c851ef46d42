"""Every table of the product. Times are UTC microseconds since 1970 in a BIGINT; personal data are ciphertext.

Writers (decision 11): the dialer process, and for `permit`, `attempt`, `egress_report` and the log the gate process.
Numbers stand as keyed hashes (`*_hmac`, 32 bytes) and, where the product must say them again, encrypted under
the key of their subject. `docs/design.md` says who writes what in which transaction.
"""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING

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

_WAITING = "state IN ('queued', 'claimed')"
_LIVE = "answered_us IS NOT NULL AND abandon_cause IS NULL"
_TALKED = "connected_us IS NOT NULL AND outcome = 'talked'"
_OPEN = "state IN (" + ", ".join(f"'{s}'" for s in OPEN_ATTEMPT_STATES) + ")"


def _micros(*, nullable: bool = False, index: bool = False) -> Column[int]:
    return Column(BigInteger, nullable=nullable, index=index)


def _blob(*, nullable: bool = False) -> Column[bytes]:
    return Column(LargeBinary, nullable=nullable)


def _text(*, nullable: bool = False) -> Column[str]:
    return Column(Text, nullable=nullable)


# ---------------------------------------------------------------- installation


class ClockOffset(SQLModel, table=True):
    """One row. The Clock port and the gate's statement both add it; non-zero only on the demo profile."""

    __tablename__ = "clock_offset"
    id: int = Field(primary_key=True)
    offset_us: int = Field(sa_column=_micros())


class Setting(SQLModel, table=True):
    """Small durable facts of the installation, by name (profile, log origin, node boot counters)."""

    name: str = Field(primary_key=True)
    value: str = Field(sa_column=_text())


class DiallingStop(SQLModel, table=True):
    """A reason why no new call is placed: for the whole node (org_id empty) or one organisation or campaign."""

    __tablename__ = "dialling_stop"
    id: str = Field(primary_key=True)
    code: str
    org_id: str | None = None
    campaign_id: str | None = None
    caller_id: str | None = None
    at_us: int = Field(sa_column=_micros())
    lifted_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    log_says: str | None = None
    exchange_says: str | None = None


# ---------------------------------------------------------------- organisation and registers


class Organisation(SQLModel, table=True):
    """A legal person that calls its own customers back. `register_json` holds OrganisationFacts' register."""

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    uscc: str = Field(unique=True)
    industry: str
    region: str
    packs: str = Field(description="rule pack ids, comma-separated")
    register_json: str = Field(sa_column=_text())
    lexicon_json: str = Field(default="{}", sa_column=_text())


class User(SQLModel, table=True):
    """Someone who logs in. Roles: agent, supervisor, auditor, administrator."""

    __tablename__ = "user_account"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    login: str = Field(unique=True)
    name: str
    role: str
    locale: str
    password_hash: str
    totp_secret: str | None = None
    totp_last_step: int | None = None
    totp_pending: str | None = Field(
        default=None, description="a second factor that was begun and not confirmed"
    )
    disabled_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    failed_logins: int = 0
    locked_until_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    register_json: str = Field(default="{}", sa_column=_text(), description="compliance.agents.AgentRegister")


class Session(SQLModel, table=True):
    """A login. The cookie's value is stored hashed; ending it is deleting the row's right (`ended_us`)."""

    __tablename__ = "login_session"
    id_sha256: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user_account.id", index=True)
    csrf: str
    created_us: int = Field(sa_column=_micros())
    seen_us: int = Field(sa_column=_micros())
    expires_us: int = Field(sa_column=_micros())
    ended_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    user_agent: str


class CallerId(SQLModel, table=True):
    """A number the organisation may show: an organisation's number, not personal data."""

    __tablename__ = "caller_id"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    number: str
    state: str
    register_json: str = Field(sa_column=_text())


class ConsentSource(SQLModel, table=True):
    """Where consents come from: a filed site, a certified account, premises, the inbound line."""

    __tablename__ = "consent_source"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    name: str
    state: str
    register_json: str = Field(sa_column=_text())


class ConsentText(SQLModel, table=True):
    """A text that people are shown before they agree, as rendered: no placeholder is left in it.

    `register_json`: {"language", "states": [ConsentField…], "kept_days_promised", "purpose_text"}.
    """

    __tablename__ = "consent_text"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    purpose: str
    text: str = Field(sa_column=_text())
    sha256: str
    register_json: str = Field(sa_column=_text())


class Script(SQLModel, table=True):
    """A filed version of what agents say. `parts_json`: list of {key, zh, en, required}."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    version: int
    sha256: str
    parts_json: str = Field(sa_column=_text())
    register_json: str = Field(sa_column=_text())


class Campaign(SQLModel, table=True):
    """A purpose, its script, caller IDs, mode and cap."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    name_zh: str
    name_en: str
    purpose: str
    industry: str
    script_id: str = Field(foreign_key="script.id")
    mode: str
    state: str
    abandon_cap_ppm: int
    version: int = Field(default=1, description="counts the edits, so that two editors can't undo each other")
    created_by: str = ""
    register_json: str = Field(sa_column=_text())


class RegisterChange(SQLModel, table=True):
    """A change of a register that lifts a stop: proposed by one person, in force once another has approved it."""

    __tablename__ = "register_change"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    entry: str
    field: str
    value_json: str = Field(sa_column=_text())
    proposed_by: str
    proposed_us: int = Field(sa_column=_micros())
    settled_by: str | None = None
    settled_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    outcome: str | None = None


class CampaignCallerId(SQLModel, table=True):
    """Which caller IDs a campaign may show."""

    __tablename__ = "campaign_caller_id"
    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id")
    caller_id: str = Field(primary_key=True, foreign_key="caller_id.id")


class CampaignAgent(SQLModel, table=True):
    """Which agents work a campaign."""

    __tablename__ = "campaign_agent"
    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id")
    user_id: str = Field(primary_key=True, foreign_key="user_account.id")


# ---------------------------------------------------------------- people and their consent


class Subject(SQLModel, table=True):
    """A person within one organisation. Erasure destroys `wrapped_key` and `number_ct`; the hashes stay."""

    sid: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    number_hmac: bytes = Field(sa_column=_blob())
    platform_hmac: bytes = Field(sa_column=_blob())
    key_version: int
    wrapped_key: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
    number_ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
    created_us: int = Field(sa_column=_micros())
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
    given_us: int = Field(sa_column=_micros())
    expires_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    withdrawn_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    register_json: str = Field(sa_column=_text())
    artefact_sha256: str | None = None
    payload_ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
    leaf_seq: int | None = Field(default=None, sa_column=_micros(nullable=True))


class ConsentArtefact(SQLModel, table=True):
    """A file that proves a consent (a scan, a recording, a page), under the subject's key; its hash is on the log."""

    __tablename__ = "consent_artefact"
    consent_id: str = Field(primary_key=True, foreign_key="consent.id")
    name: str
    size_bytes: int
    ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))


class ConsentReceipt(SQLModel, table=True):
    """The secret link of the person who consented, as its SHA-256: it shows one consent and takes it back."""

    __tablename__ = "consent_receipt"
    token_sha256: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    consent_id: str = Field(foreign_key="consent.id")
    created_us: int = Field(sa_column=_micros())


class Lead(SQLModel, table=True):
    """Someone to call back. States: queued, claimed, dialing, done, dropped."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    campaign_id: str = Field(foreign_key="campaign.id")
    sid: str = Field(foreign_key="subject.sid", index=True)
    consent_id: str | None = Field(default=None, foreign_key="consent.id")
    state: str
    due_us: int = Field(sa_column=_micros())
    promised_from_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    promised_until_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    requested_us: int = Field(sa_column=_micros())
    owner: str | None = None
    fence: int = 0
    lease_until_us: int = Field(default=0, sa_column=_micros())
    outcome: str | None = None
    hold: str = "none"
    register_json: str = Field(default="{}", sa_column=_text())
    last_decision_id: str | None = None
    payload_ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
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
    number_hmac: bytes = Field(sa_column=_blob())
    key_version: int
    purpose: str | None = Field(default=None, description="empty: every purpose")
    reason: str
    attempt_id: str | None = None
    actor: str
    at_us: int = Field(sa_column=_micros())
    number_ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
    lifted_by_consent: str | None = None
    leaf_seq: int = Field(sa_column=_micros())
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
    next_us: int = Field(sa_column=_micros())
    sent_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
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
    at_us: int = Field(sa_column=_micros())
    due_us: int = Field(sa_column=_micros())
    decided_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    decided_by: str | None = None
    words_ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
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
    as_of_us: int = Field(sa_column=_micros())
    current: bool


class Partner(SQLModel, table=True):
    """Who may tell us of refusals by signed messages: a CRM, a complaint feed, an SMS gateway. The secret is encrypted."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    created_by: str
    created_us: int = Field(sa_column=_micros())
    disabled_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    wrapped_key: bytes = Field(sa_column=_blob())
    secret_ct: bytes = Field(sa_column=_blob())


class PartnerMessage(SQLModel, table=True):
    """A partner's message that was taken, with the answer it got: the same message does nothing twice."""

    __tablename__ = "partner_message"
    partner_id: str = Field(primary_key=True, foreign_key="partner.id")
    message_id: str = Field(primary_key=True)
    body_sha256: str
    at_us: int = Field(sa_column=_micros())
    answer_json: str = Field(sa_column=_text())


class RefusalImport(SQLModel, table=True):
    """A file of refusals, known by its bytes: taken again it gives the same report."""

    __tablename__ = "refusal_import"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    user_id: str
    file_sha256: str
    at_us: int = Field(sa_column=_micros())
    report_json: str = Field(sa_column=_text())
    __table_args__ = (UniqueConstraint("org_id", "file_sha256"),)


# ---------------------------------------------------------------- attempts and permits


class Decision(SQLModel, table=True):
    """What the gate said about one lead at one moment. `rules_json`: every rule with input, result, law."""

    id: str = Field(primary_key=True)
    org_id: str
    campaign_id: str
    lead_id: str = Field(index=True)
    attempt_id: str = Field(index=True)
    at_us: int = Field(sa_column=_micros(index=True))
    outcome: str
    codes: str = Field(default="", description="codes of the objections, comma-separated")
    rules_json: str = Field(sa_column=_text())
    policy_json: str = Field(sa_column=_text())
    lawful_from_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    leaf_seq: int = Field(sa_column=_micros())


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
    platform_hmac: bytes = Field(sa_column=_blob())
    number_hmac: bytes = Field(sa_column=_blob())
    state: str
    node: str
    outcome: str | None = None
    authorised_us: int = Field(sa_column=_micros())
    placed_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    ringing_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    answered_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    connected_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    ended_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    sealed_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    agent_id: str | None = None
    seat_id: str | None = None
    disposition: str | None = None
    hangup_by: str | None = None
    egress_uid: str | None = None
    dial_status: str | None = None
    sip_text: str | None = None
    abandon_cause: str | None = None
    cut_wanted_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    closing_until_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    answer_class: str | None = None
    last_leaf_seq: int | None = Field(default=None, sa_column=_micros(nullable=True))
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
    number_hmac: bytes = Field(sa_column=_blob())
    platform_hmac: bytes = Field(sa_column=_blob())
    issued_us: int = Field(sa_column=_micros())
    expires_us: int = Field(sa_column=_micros())
    dial_before_us: int = Field(sa_column=_micros())
    sealed: bytes = Field(sa_column=_blob())
    consumed_us: int | None = Field(default=None, sa_column=_micros(nullable=True))
    consumed_uid: str | None = None
    __table_args__ = (Index("ix_permit_state", "state", "expires_us"),)


class EgressReport(SQLModel, table=True):
    """What the egress said at the end of the leg that held the yes: the trunk's own record of the call."""

    __tablename__ = "egress_report"
    uid: str = Field(primary_key=True)
    attempt_id: str = Field(index=True)
    at_us: int = Field(sa_column=_micros())
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
    wrapped_key: bytes | None = Field(default=None, sa_column=_blob(nullable=True))
    pcm_sha256: str | None = None
    flac_sha256: str | None = None
    ct_sha256: str | None = None
    ct_bytes: int | None = None
    frames: int | None = None
    rate: int | None = None
    channels: int | None = None
    gaps_json: str = Field(default="[]", sa_column=_text())


# ---------------------------------------------------------------- the evidence log


class LogHead(SQLModel, table=True):
    """One row: size, right-edge peaks and last leaf hash. Locked by whoever appends."""

    __tablename__ = "log_head"
    id: int = Field(primary_key=True)
    size: int = Field(sa_column=_micros())
    peaks: bytes = Field(sa_column=_blob())
    last_hash: bytes = Field(sa_column=_blob())
    last_ts_us: int = Field(sa_column=_micros())
    root: bytes = Field(sa_column=_blob())


class Leaf(SQLModel, table=True):
    """One event, verbatim JCS bytes.

    Who asks for an attempt's, a consent's or a person's leaves often asks for one type: with the type in those indexes no
    planner takes all leaves of that type instead, a million where every consent has one.
    """

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=_blob())
    body: bytes = Field(sa_column=_blob())
    type: str = Field(index=True)
    attempt_id: str | None = None
    consent_id: str | None = None
    sid: str | None = None
    __table_args__ = (
        Index("ix_leaf_attempt_id", "attempt_id", "type"),
        Index("ix_leaf_consent_id", "consent_id", "type"),
        Index("ix_leaf_sid", "sid", "type"),
    )


class Payload(SQLModel, table=True):
    """The personal disclosures and salts behind a leaf, under the subject's (or the organisation's) key."""

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    sid: str | None = Field(default=None, index=True)
    ct: bytes | None = Field(default=None, sa_column=_blob(nullable=True))


class LogNode(SQLModel, table=True):
    """Complete subtrees: level 0 are leaf hashes (kept in `leaf`), from level 1 up here."""

    __tablename__ = "log_node"
    level: int = Field(primary_key=True)
    idx: int = Field(sa_column=Column("idx", BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=_blob())


class DncNode(SQLModel, table=True):
    """Nodes of the DNC tree by their hash: they never change, so every root ever signed stays provable."""

    __tablename__ = "dnc_node"
    hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    body: bytes = Field(sa_column=_blob())


class DncHead(SQLModel, table=True):
    """One row: the DNC tree as it stands; each signed checkpoint states it."""

    __tablename__ = "dnc_head"
    id: int = Field(primary_key=True)
    size: int = Field(sa_column=_micros())
    root: bytes = Field(sa_column=_blob())
    # VRF keys that have placed entries so far
    keys: int


class Checkpoint(SQLModel, table=True):
    """A signed note over (size, root), with the witness's cosignature once it came."""

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    note: str = Field(sa_column=_text())
    signed_us: int = Field(sa_column=_micros())
    cosigned_us: int | None = Field(default=None, sa_column=_micros(nullable=True))


# ---------------------------------------------------------------- intake and jobs


class ImportRun(SQLModel, table=True):
    """One file of leads: staged, then made visible by one flip."""

    __tablename__ = "import_run"
    id: str = Field(primary_key=True)
    org_id: str
    campaign_id: str
    state: str
    at_us: int = Field(sa_column=_micros())
    rows: int
    accepted: int
    report_json: str = Field(sa_column=_text())


class JobRun(SQLModel, table=True):
    """The last run of each timer of a node."""

    __tablename__ = "job_run"
    node: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at_us: int = Field(sa_column=_micros())
    took_us: int
    ok: bool
    result: str
