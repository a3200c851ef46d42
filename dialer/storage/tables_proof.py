"""Tables of the proof's keeping: dossiers that were asked for, and when store, vault and exchange were last checked."""

from sqlalchemy import Column, Index, Text
from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column


class DossierRow(SQLModel, table=True):
    """Many attempts that somebody wants as one signed file. States: waiting (for a second person), agreed, declined.

    `attempts_json`: ids in order. `people`: how many different persons they concern. `reason`: what the second person
    judges by, as on the log.
    """

    __tablename__ = "dossier"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    asked_by: str
    asked_us: int = Field(sa_column=micros_column())
    shape: str
    state: str
    reason: str
    attempts_json: str = Field(sa_column=Column(Text, nullable=False))
    people: int
    judged_by: str | None = None
    judged_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    leaf_seq: int = Field(sa_column=micros_column())
    __table_args__ = (Index("ix_dossier_org", "org_id", "asked_us"),)


class CheckRun(SQLModel, table=True):
    """The last run of each check of the whole: `store` (fsck), `exchange` (daily match), `vault` (sweep)."""

    __tablename__ = "check_run"
    kind: str = Field(primary_key=True)
    at_us: int = Field(sa_column=micros_column())
    took_us: int = Field(sa_column=micros_column())
    looked_at: int
    findings: int
