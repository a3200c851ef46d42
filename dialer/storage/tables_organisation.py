"""The installation, organisations and what they registered: users, numbers, sources, scripts, campaigns; imports and jobs."""

from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column, text_column


class ClockOffset(SQLModel, table=True):
    """One row. The Clock port and the gate's statement both add it; non-zero only on the demo profile."""

    __tablename__ = "clock_offset"
    id: int = Field(primary_key=True)
    offset_us: int = Field(sa_column=micros_column())


class Setting(SQLModel, table=True):
    """Small durable facts of the installation, by name (profile, log origin, node boot counters)."""

    name: str = Field(primary_key=True)
    value: str = Field(sa_column=text_column())


class DiallingStop(SQLModel, table=True):
    """A reason why no new call is placed: for the whole node (org_id empty) or one organisation or campaign."""

    __tablename__ = "dialling_stop"
    id: str = Field(primary_key=True)
    code: str
    org_id: str | None = None
    campaign_id: str | None = None
    caller_id: str | None = None
    at_us: int = Field(sa_column=micros_column())
    lifted_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    log_says: str | None = None
    exchange_says: str | None = None


class Organisation(SQLModel, table=True):
    """A legal person that calls its own customers back. `register_json` holds OrganisationFacts' register."""

    id: str = Field(primary_key=True)
    name_zh: str
    name_en: str
    uscc: str = Field(unique=True)
    industry: str
    region: str
    packs: str = Field(description="rule pack ids, comma-separated")
    register_json: str = Field(sa_column=text_column())
    lexicon_json: str = Field(default="{}", sa_column=text_column())


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
    disabled_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    failed_logins: int = 0
    locked_until_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    register_json: str = Field(
        default="{}", sa_column=text_column(), description="compliance.agents.AgentRegister"
    )


class Session(SQLModel, table=True):
    """A login. The cookie's value is stored hashed; ending it is deleting the row's right (`ended_us`)."""

    __tablename__ = "login_session"
    id_sha256: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="user_account.id", index=True)
    csrf: str
    created_us: int = Field(sa_column=micros_column())
    seen_us: int = Field(sa_column=micros_column())
    expires_us: int = Field(sa_column=micros_column())
    ended_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    user_agent: str


class CallerId(SQLModel, table=True):
    """A number the organisation may show: an organisation's number, not personal data."""

    __tablename__ = "caller_id"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    number: str
    state: str
    register_json: str = Field(sa_column=text_column())


class ConsentSource(SQLModel, table=True):
    """Where consents come from: a filed site, a certified account, premises, the inbound line."""

    __tablename__ = "consent_source"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    name: str
    state: str
    register_json: str = Field(sa_column=text_column())


class ConsentText(SQLModel, table=True):
    """A text that people are shown before they agree, as rendered: no placeholder is left in it.

    `register_json`: {"language", "states": [ConsentField…], "kept_days_promised", "purpose_text"}.
    """

    __tablename__ = "consent_text"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    purpose: str
    text: str = Field(sa_column=text_column())
    sha256: str
    register_json: str = Field(sa_column=text_column())


class Script(SQLModel, table=True):
    """A filed version of what agents say. `parts_json`: list of {key, zh, en, required}."""

    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    version: int
    sha256: str
    parts_json: str = Field(sa_column=text_column())
    register_json: str = Field(sa_column=text_column())


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
    register_json: str = Field(sa_column=text_column())


class RegisterChange(SQLModel, table=True):
    """A change of a register that lifts a stop: proposed by one person, in force once another has approved it."""

    __tablename__ = "register_change"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    entry: str
    field: str
    value_json: str = Field(sa_column=text_column())
    proposed_by: str
    proposed_us: int = Field(sa_column=micros_column())
    settled_by: str | None = None
    settled_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
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


class ImportRun(SQLModel, table=True):
    """One file of leads: staged, then made visible by one flip."""

    __tablename__ = "import_run"
    id: str = Field(primary_key=True)
    org_id: str
    campaign_id: str
    state: str
    at_us: int = Field(sa_column=micros_column())
    rows: int
    accepted: int
    report_json: str = Field(sa_column=text_column())


class JobRun(SQLModel, table=True):
    """The last run of each timer of a node."""

    __tablename__ = "job_run"
    node: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at_us: int = Field(sa_column=micros_column())
    took_us: int
    ok: bool
    result: str
