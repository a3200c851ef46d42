"""Tables of people's rights: what somebody asked for, and what may not be destroyed yet."""

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from dialer.storage.columns import micros_column


class SubjectCaseRow(SQLModel, table=True):
    """One request of a person (D13). Kinds: query, correct, delete. States: open, done, declined.

    While a deletion is open the person's data are stored and not used. `due_us`: by when the person is answered.
    """

    __tablename__ = "subject_case"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    sid: str = Field(foreign_key="subject.sid", index=True)
    kind: str
    state: str
    opened_us: int = Field(sa_column=micros_column())
    opened_by: str
    due_us: int = Field(sa_column=micros_column())
    closed_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    closed_by: str | None = None
    outcome: str | None = None
    leaf_seq: int = Field(sa_column=micros_column())
    __table_args__ = (
        Index("ix_subject_case_open", "org_id", "state", "due_us"),
        Index(
            "uq_subject_case_open_kind",
            "sid",
            "kind",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class LegalHold(SQLModel, table=True):
    """Nothing of this person is erased or purged until the hold is lifted. Its reason stands on the log."""

    __tablename__ = "legal_hold"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id")
    sid: str = Field(foreign_key="subject.sid", index=True)
    set_us: int = Field(sa_column=micros_column())
    set_by: str
    lifted_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
    lifted_by: str | None = None
    leaf_seq: int = Field(sa_column=micros_column())
