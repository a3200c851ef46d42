"""The register of prompts: what callees and callers hear."""

from sqlalchemy import BigInteger, Column, Text, UniqueConstraint
from sqlmodel import Field, SQLModel


class PromptRow(SQLModel, table=True):
    """One spoken text and the file that says it. States: draft, approved; of a name there is at most one of each."""

    __tablename__ = "prompt"
    id: str = Field(primary_key=True)
    org_id: str = Field(foreign_key="organisation.id", index=True)
    name: str
    language: str
    text: str = Field(sa_column=Column(Text, nullable=False))
    sha256: str
    state: str
    changed_by: str
    changed_us: int = Field(sa_column=Column(BigInteger, nullable=False))
    approved_by: str | None = None
    approved_us: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    __table_args__ = (UniqueConstraint("org_id", "name", "state"),)
