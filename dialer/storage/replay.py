"""Replays shipped leaves on a restored database: the log grows as it grew, refusals and erasures happen again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dialer.domain.errors import InstallationError, SealBroken
from dialer.evidence.canonical import EvidenceFormatError
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.dnc_tree import Change
from dialer.evidence.merkle import HASH_BYTES, leaf_hash
from dialer.evidence.record import EventType, Leaf, parse_leaf
from dialer.evidence.tree import Frontier, extend, root
from dialer.ports.keys import Keyring
from dialer.storage.dnc import count_new_key, grow_dnc_tree, is_on
from dialer.storage.dnc_keys import begins_vrf_key
from dialer.storage.kept import Kept, KeptRow
from dialer.storage.shipping import FOLLOWED, ShippedBatch, ShippedLeaf
from dialer.storage.shred import shred_attempt, shred_subject
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_calls import OPEN_ATTEMPT_STATES

_KEYS: Final = {
    "subject": ("sid",),
    "egress_report": ("uid",),
    "refusal_code": ("org_id", "code", "at_us", "attempt_id"),
    "consent_artefact": ("consent_id",),
    "consent_receipt": ("token_sha256",),
}


@dataclass(frozen=True, slots=True)
class Replayed:
    """How much came back."""

    leaves: int
    refusals: int
    erasures: int
    rows: int = 0


class Gap(InstallationError):
    """The shipped files do not begin where the backup ends, or a leaf of theirs does not follow: nothing of it is taken."""


def replay(tx: Tx, keyring: Keyring, origin: str, batch: ShippedBatch) -> Replayed:
    """Take one batch; leaves that are there already are passed over.

    Raises:
        Gap: a leaf is missing before it, or it does not follow the log as it stands. Roll back.
    """
    fresh = [leaf for leaf in batch.leaves if leaf.seq >= _size(tx)]
    if not fresh:
        return Replayed(0, 0, 0)
    parsed = [_append(tx, origin, leaf) for leaf in fresh]
    for table, _, _ in FOLLOWED:
        rows = batch.rows.get(table, [])
        if table == "attempt":
            # a number may be held by one open attempt only: those that ended come first
            rows = sorted(rows, key=lambda row: row["state"] in OPEN_ATTEMPT_STATES)
        for row in rows:
            _upsert(tx, table, row, _KEYS.get(table, ("id",)), frozenset())
    refusals = erasures = 0
    for leaf in parsed:
        if begins_vrf_key(tx, leaf.seq, leaf.event.type):
            count_new_key(tx)
        refusals += _refusal(tx, keyring, leaf)
        erasures += _destruction(tx, leaf)
    return Replayed(len(fresh), refusals, erasures)


def _size(tx: Tx) -> int:
    return int(tx.sole("SELECT size FROM log_head WHERE id = 1").size)


def _append(tx: Tx, origin: str, shipped: ShippedLeaf) -> Leaf:
    head = tx.sole("SELECT size, peaks, last_hash FROM log_head WHERE id = 1")
    size = int(head.size)
    try:
        leaf = parse_leaf(shipped.body)
    except EvidenceFormatError as wrong:
        raise Gap(f"shipped leaf {shipped.seq} is malformed") from wrong
    follows = leaf.prev == (bytes(head.last_hash) if size else None)
    if (shipped.seq, leaf.seq, leaf.log) != (size, size, origin) or not follows:
        raise Gap(f"shipped leaf {shipped.seq} does not follow the log, which has {size}")
    digest = leaf_hash(shipped.body)
    event = leaf.event
    tx.run(
        "INSERT INTO leaf (seq, hash, body, type, attempt_id, consent_id, sid)"
        " VALUES (:seq, :hash, :body, :type, :attempt, :consent, :sid)",
        seq=size,
        hash=digest,
        body=shipped.body,
        type=str(event.type),
        attempt=event.attempt_id,
        consent=event.consent_id,
        sid=event.sid,
    )
    if shipped.payload is not None:
        tx.run(
            "INSERT INTO payload (seq, sid, ct) VALUES (:seq, :sid, :ct)",
            seq=size,
            sid=shipped.payload[0],
            ct=shipped.payload[1],
        )
    peaks = bytes(head.peaks)
    grown = extend(
        Frontier(size, tuple(peaks[i : i + HASH_BYTES] for i in range(0, len(peaks), HASH_BYTES))), [digest]
    )
    tx.run_many(
        "INSERT INTO log_node (level, idx, hash) VALUES (:level, :idx, :hash)",
        [{"level": n.level, "idx": n.index, "hash": n.hash} for n in grown.nodes],
    )
    tx.run(
        "UPDATE log_head SET size = :size, peaks = :peaks, last_hash = :last, last_ts_us = :ts, root = :root WHERE id = 1",
        size=size + 1,
        peaks=b"".join(grown.frontier.peaks),
        last=digest,
        ts=event.ts_us,
        root=root(grown.frontier),
    )
    return leaf


def replay_kept(
    tx: Tx, tables: Sequence[Kept], shipped: Mapping[str, Mapping[tuple[object, ...], KeptRow]]
) -> int:
    """Bring rows to which no leaf leads to their last state; how many. Those of `BEFORE_LEAVES` before the leaves.

    Raises:
        Gap: a row is malformed. Roll back.
    """
    found = [(kept, tuple(shipped.get(kept.table, {}).values())) for kept in tables]
    for kept, rows in reversed(found):
        for row in rows:
            if row.row is None:
                same = " AND ".join(f"{name} = :{name}" for name in kept.keys)
                tx.run(f"DELETE FROM {kept.table} WHERE {same}", **dict(zip(kept.keys, row.key, strict=True)))
    for kept, rows in found:
        for row in rows:
            if row.row is not None:
                keep = frozenset(row.row if row.is_new else kept.own)
                _upsert(tx, kept.table, row.row, kept.keys, keep)
    # a file of leads that was taken is seen whole, though each lead came with its own leaf
    tx.run(
        "UPDATE lead SET state = 'queued' WHERE state = 'staged'"
        " AND import_id IN (SELECT id FROM import_run WHERE state = 'visible')"
    )
    return sum(len(rows) for _, rows in found)


def _upsert(tx: Tx, table: str, row: dict[str, object], keys: tuple[str, ...], keep: frozenset[str]) -> None:
    """Insert, or update all columns but those to `keep`."""
    names = sorted(row)
    if not table.isidentifier() or not all(name.isidentifier() for name in names):
        raise Gap(f"a shipped row of {table} is malformed")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys and name not in keep)
    tx.run(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"
        f" ON CONFLICT ({', '.join(keys)}) DO {f'UPDATE SET {sets}' if sets else 'NOTHING'}",
        **row,
    )


def _refusal(tx: Tx, keyring: Keyring, leaf: Leaf) -> int:
    """Grow the DNC tree as the refusal, or the consent that lifted it, grew it."""
    if leaf.event.type is EventType.DNC_ADDED:
        entry = tx.one("SELECT * FROM dnc_entry WHERE leaf_seq = :seq", seq=leaf.seq)
        if entry is None:
            raise Gap(f"shipped refusal {leaf.seq} came without its entry")
        number = None if entry.purpose is not None else _number(tx, keyring, leaf)
        if number is not None:
            place = _place_then(keyring, _scope(entry.org_id), number, leaf.seq)
            grow_dnc_tree(tx, [Change(place, leaf.seq)])
        return 1
    if leaf.event.type is EventType.CONSENT_RECORDED:
        lifted = tx.one(
            "SELECT org_id FROM dnc_entry WHERE lifted_by_consent = :id AND purpose IS NULL LIMIT 1",
            id=leaf.event.consent_id or "",
        )
        number = None if lifted is None else _number(tx, keyring, leaf)
        if number is not None:
            for under in keyring.dnc_places(_scope(leaf.event.org), number):
                if is_on(tx, under.place):
                    grow_dnc_tree(tx, [Change(under.place, leaf.seq)])
    return 0


def _scope(org: str | None) -> str:
    return PLATFORM_SCOPE if org is None else org_scope(org)


def _place_then(keyring: Keyring, scope: str, number: str, seq: int) -> bytes:
    try:
        return keyring.dnc_place(scope, number, seq)
    except SealBroken as lost:
        raise Gap(f"shipped refusal {seq} was placed by a VRF key that is not here") from lost


def _number(tx: Tx, keyring: Keyring, leaf: Leaf) -> str | None:
    subject: Row | None = tx.one("SELECT * FROM subject WHERE sid = :sid", sid=leaf.event.sid or "")
    if subject is None or subject.wrapped_key is None or subject.number_ct is None:
        return None
    wrapped = bytes(subject.wrapped_key)
    return keyring.decrypt(wrapped, subject.sid, "number", bytes(subject.number_ct)).decode()


def _destruction(tx: Tx, leaf: Leaf) -> int:
    event = leaf.event
    if event.type is EventType.SUBJECT_ERASED and event.sid is not None:
        shred_subject(tx, event.sid)
        return 1
    if event.type is EventType.RETENTION_PURGED and event.attempt_id is not None:
        shred_attempt(tx, event.attempt_id)
        return 1
    return 0
