"""What pacing keeps over restarts."""

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel


class PacingMemoryRow(SQLModel, table=True):
    """A campaign's learned laws as JSON (counts and seconds, nobody's data), and what its pacer last said."""

    __tablename__ = "pacing_memory"
    campaign_id: str = Field(primary_key=True, foreign_key="campaign.id")
    learned_json: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    said_zh: str
    said_en: str
    said_us: int = Field(sa_column=Column(BigInteger, nullable=False))
