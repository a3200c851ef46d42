"""Columns that tables share, and the one metadata. Times are UTC microseconds since 1970 in a BIGINT."""

from sqlalchemy import BigInteger, Column, LargeBinary, MetaData, Text
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
}
metadata: MetaData = SQLModel.metadata
metadata.naming_convention = NAMING


def micros_column(*, nullable: bool = False, index: bool = False) -> Column[int]:
    """A moment, or a count that outgrows 32 bits."""
    return Column(BigInteger, nullable=nullable, index=index)


def blob_column(*, nullable: bool = False) -> Column[bytes]:
    """Bytes."""
    return Column(LargeBinary, nullable=nullable)


def text_column(*, nullable: bool = False) -> Column[str]:
    """Text of any length."""
    return Column(Text, nullable=nullable)
