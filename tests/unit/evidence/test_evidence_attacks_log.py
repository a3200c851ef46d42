"""Attacks on the stored log: each is detected and named; what an insider re-signs is caught by the witness."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from dialer.evidence.audit import Audit, Fault, audit_log
from dialer.evidence.checkpoint import Checkpoint, parse_note, sign_checkpoint
from dialer.evidence.merkle import leaf_hash
from dialer.evidence.record import EventType, Leaf, parse_leaf
from dialer.evidence.sample import SampleLog
from dialer.evidence.tree import EMPTY, extend, root


@dataclass(frozen=True)
class Store:
    """What lies on the log's host, and what the witness keeps elsewhere."""

    leaves: list[bytes]
    notes: list[bytes]
    witnessed: bytes | None


def honest(log: SampleLog) -> Store:
    return Store(list(log.bodies), [note.to_bytes() for note in log.notes], log.notes[-1].to_bytes())


def audit(log: SampleLog, store: Store) -> Audit:
    return audit_log(store.leaves, store.notes, store.witnessed, log.trust)


def edited(data: bytes) -> bytes:
    leaf = parse_leaf(data)
    return replace(leaf, event=replace(leaf.event, node="node-2")).to_bytes()


def chained(leaves: list[Leaf]) -> list[bytes]:
    """The leaves renumbered, each naming the one before it."""
    bodies: list[bytes] = []
    for seq, leaf in enumerate(leaves):
        prev = leaf_hash(bodies[-1]) if bodies else None
        bodies.append(replace(leaf, seq=seq, prev=prev).to_bytes())
    return bodies


def resigned(log: SampleLog, store: Store, leaves: list[bytes]) -> Store:
    """An insider with the log's keys signs every checkpoint anew; the witness's state is out of reach."""
    notes = []
    for note in map(parse_note, store.notes):
        head = note.checkpoint()
        size = min(head.size, len(leaves))
        fresh = Checkpoint(
            head.origin, size, root(extend(EMPTY, map(leaf_hash, leaves[:size])).frontier), head.dnc
        )
        key = log.log_key if log.trust.keys[-1].holds_at(size) else SampleLog().log_key
        notes.append(sign_checkpoint(fresh, key.trusted.note_key(), key.sign).to_bytes())
    return replace(store, leaves=leaves, notes=notes)


def row_edited(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=[*store.leaves[:30], edited(store.leaves[30]), *store.leaves[31:]])


def row_garbled(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=[*store.leaves[:30], store.leaves[30][:-1], *store.leaves[31:]])


def row_deleted(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=store.leaves[:30] + store.leaves[31:])


def renumbered(store: Store) -> list[bytes]:
    return chained([parse_leaf(data) for data in store.leaves[:30] + store.leaves[31:]])


def row_deleted_and_renumbered(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=renumbered(store))


def back_dated_insert(log: SampleLog, store: Store) -> Store:
    leaves = [parse_leaf(data) for data in store.leaves]
    early = replace(leaves[20].event, type=EventType.CONSENT_RECORDED)
    return replace(store, leaves=chained([*leaves[:21], replace(leaves[20], event=early), *leaves[21:]]))


def back_dated_insert_at_the_end(log: SampleLog, store: Store) -> Store:
    leaves = [parse_leaf(data) for data in store.leaves]
    return replace(store, leaves=chained([*leaves, leaves[3]]))


def reordered(log: SampleLog, store: Store) -> Store:
    leaves = store.leaves
    return replace(store, leaves=[*leaves[:30], leaves[31], leaves[30], *leaves[32:]])


def tail_cut(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=store.leaves[:-5])


def tail_and_checkpoints_cut(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=store.leaves[:-5], notes=store.notes[:-1])


def everything_gone(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=[], notes=[])


def insider_edits_and_signs(log: SampleLog, store: Store) -> Store:
    leaves = [parse_leaf(data) for data in store.leaves]
    leaves[30] = replace(leaves[30], event=replace(leaves[30].event, node="node-2"))
    return resigned(log, store, chained(leaves))


def insider_cuts_and_signs(log: SampleLog, store: Store) -> Store:
    return resigned(log, store, store.leaves[:-5])


def insider_renumbers_and_signs(log: SampleLog, store: Store) -> Store:
    return resigned(log, store, renumbered(store))


def checkpoint_of_a_stranger(log: SampleLog, store: Store) -> Store:
    strange = SampleLog(seed=" of a stranger").log_key
    head = parse_note(store.notes[0]).checkpoint()
    note = sign_checkpoint(head, strange.trusted.note_key(), strange.sign)
    return replace(store, notes=[note.to_bytes(), *store.notes[1:]])


def checkpoint_by_the_key_before(log: SampleLog, store: Store) -> Store:
    expired = SampleLog().log_key
    head = parse_note(store.notes[-1]).checkpoint()
    note = sign_checkpoint(head, expired.trusted.note_key(), expired.sign)
    return replace(store, notes=[*store.notes[:-1], note.to_bytes()])


def checkpoint_garbled(log: SampleLog, store: Store) -> Store:
    return replace(store, notes=[store.notes[0].replace(b"\n", b" "), *store.notes[1:]])


def witness_state_forged(log: SampleLog, store: Store) -> Store:
    return replace(store, witnessed=resigned(log, store, store.leaves[:-5]).notes[-1])


def leaves_of_another_log(log: SampleLog, store: Store) -> Store:
    return replace(store, leaves=chained([replace(parse_leaf(d), log="demo/other") for d in store.leaves]))


Attack = Callable[[SampleLog, Store], Store]
ATTACKS: list[tuple[Attack, set[Fault]]] = [
    (row_edited, {Fault.LEAF_PREV, Fault.CHECKPOINT_ROOT, Fault.WITNESS_ROOT}),
    (row_garbled, {Fault.LEAF_FORM, Fault.LEAF_PREV, Fault.CHECKPOINT_ROOT, Fault.WITNESS_ROOT}),
    (
        row_deleted,
        {Fault.LEAF_SEQ, Fault.LEAF_PREV, Fault.CHECKPOINT_ROOT, Fault.CHECKPOINT_TAIL, Fault.WITNESS_TAIL},
    ),
    (row_deleted_and_renumbered, {Fault.CHECKPOINT_ROOT, Fault.CHECKPOINT_TAIL, Fault.WITNESS_TAIL}),
    (back_dated_insert, {Fault.CHECKPOINT_ROOT, Fault.WITNESS_ROOT}),
    (back_dated_insert_at_the_end, {Fault.LEAF_TIME}),
    (
        reordered,
        {Fault.LEAF_SEQ, Fault.LEAF_PREV, Fault.LEAF_TIME, Fault.CHECKPOINT_ROOT, Fault.WITNESS_ROOT},
    ),
    (tail_cut, {Fault.CHECKPOINT_TAIL, Fault.WITNESS_TAIL}),
    (tail_and_checkpoints_cut, {Fault.WITNESS_TAIL}),
    (everything_gone, {Fault.WITNESS_TAIL}),
    (insider_edits_and_signs, {Fault.WITNESS_ROOT}),
    (insider_cuts_and_signs, {Fault.WITNESS_TAIL}),
    (insider_renumbers_and_signs, {Fault.WITNESS_TAIL}),
    (checkpoint_of_a_stranger, {Fault.CHECKPOINT_SIGNATURE}),
    (checkpoint_by_the_key_before, {Fault.CHECKPOINT_SIGNATURE}),
    (checkpoint_garbled, {Fault.CHECKPOINT_FORM}),
    (witness_state_forged, {Fault.WITNESS_SIGNATURE}),
    (leaves_of_another_log, {Fault.LEAF_LOG, Fault.CHECKPOINT_ROOT, Fault.WITNESS_ROOT}),
]


@pytest.mark.parametrize(("attack", "faults"), ATTACKS, ids=lambda value: getattr(value, "__name__", ""))
def test_an_attack_on_the_log_is_detected_and_named(
    log: SampleLog, attack: Attack, faults: set[Fault]
) -> None:
    store = honest(log)
    assert audit(log, store).findings == ()
    found = audit(log, attack(log, store)).findings
    assert {finding.fault for finding in found} == faults


def test_the_place_of_an_edit_is_named(log: SampleLog) -> None:
    found = audit(log, row_edited(log, honest(log))).findings
    assert next(finding.seq for finding in found if finding.fault is Fault.LEAF_PREV) == 31


def test_what_came_after_the_last_cosignature_is_said_to_be_exposed(log: SampleLog) -> None:
    store = honest(log)
    assert audit(log, store).exposed == 0
    late = replace(store, witnessed=log.notes[0].to_bytes())
    assert audit(log, late).exposed == len(log.bodies) - log.notes[0].checkpoint().size
    assert audit(log, replace(store, witnessed=None)).exposed == len(log.bodies)


def test_a_thousand_clean_logs_raise_no_alarm() -> None:
    rng = random.Random(20261118)
    kinds = list(EventType)
    for _ in range(1000):
        log = SampleLog()
        for _ in range(rng.randrange(1, 25)):
            log.append(rng.choice(kinds), attempt=rng.choice([None, "a", "b"]))
            if rng.random() < 0.1:
                log.seal()
        log.seal()
        result = audit(log, honest(log))
        assert result.findings == ()
        assert (result.size, result.exposed) == (len(log.bodies), 0)
