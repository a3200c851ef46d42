"""The evidence log: leaves, their payloads, the trees' nodes, checkpoints."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from dialer.storage.columns import blob_column, micros_column, text_column


class LogHead(SQLModel, table=True):
    """One row: size, right-edge peaks and last leaf hash. Locked by whoever appends."""

    __tablename__ = "log_head"
    id: int = Field(primary_key=True)
    size: int = Field(sa_column=micros_column())
    peaks: bytes = Field(sa_column=blob_column())
    last_hash: bytes = Field(sa_column=blob_column())
    last_ts_us: int = Field(sa_column=micros_column())
    root: bytes = Field(sa_column=blob_column())


class Leaf(SQLModel, table=True):
    """One event, verbatim JCS bytes.

    Who asks for an attempt's, a consent's or a person's leaves often asks for one type: with the type in those indexes no
    planner takes all leaves of that type instead, a million where every consent has one.
    """

    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=blob_column())
    body: bytes = Field(sa_column=blob_column())
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
    ct: bytes | None = Field(default=None, sa_column=blob_column(nullable=True))


class LogNode(SQLModel, table=True):
    """Complete subtrees: level 0 are leaf hashes (kept in `leaf`), from level 1 up here."""

    __tablename__ = "log_node"
    level: int = Field(primary_key=True)
    idx: int = Field(sa_column=Column("idx", BigInteger, primary_key=True, autoincrement=False))
    hash: bytes = Field(sa_column=blob_column())


class DncNode(SQLModel, table=True):
    """Nodes of the DNC tree by their hash: they never change, so every root ever signed stays provable."""

    __tablename__ = "dnc_node"
    hash: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    body: bytes = Field(sa_column=blob_column())


class DncHead(SQLModel, table=True):
    """One row: the DNC tree as it stands; each signed checkpoint states it."""

    __tablename__ = "dnc_head"
    id: int = Field(primary_key=True)
    size: int = Field(sa_column=micros_column())
    root: bytes = Field(sa_column=blob_column())
    # VRF keys that have placed entries so far
    keys: int


class Checkpoint(SQLModel, table=True):
    """A signed note over (size, root), with the witness's cosignature once it came."""

    size: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    note: str = Field(sa_column=text_column())
    signed_us: int = Field(sa_column=micros_column())
    cosigned_us: int | None = Field(default=None, sa_column=micros_column(nullable=True))
