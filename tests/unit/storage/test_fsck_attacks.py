"""Attacks on a copy of a small real store: each is found and named, and the untouched store is clean."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from dialer.domain.dnc import DncScope
from dialer.evidence.checkpoint import Checkpoint, DncHead, NoteKey, sign_checkpoint
from dialer.evidence.merkle import LeafHash, leaf_hash
from dialer.evidence.record import parse_leaf
from dialer.evidence.tree import EMPTY, extend, root
from dialer.ports.ledger import Refused
from tests.unit.storage.proof_world import LOG_SEED, ProofWorld, public
from tests.unit.storage.storage_world import ORIGIN

Attack = Callable[[sqlite3.Connection, Path], None]


async def _fill(home: Path) -> None:
    world = ProofWorld(home)
    try:
        for ending in range(3):
            await world.talked(ending)
            await world.sign()
        lead = await world.core.lead(7)
        await world.core.refuse(lead)
        # asked again though it refused: an attempt that is refused, with its codes
        world.core.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=lead)
        assert isinstance(await world.core.ledger.authorise(await world.core.claim(lead)), Refused)
        permit = await world.core.placed(await world.core.lead(9), "egress-9")
        assert await world.core.report(permit.token, "egress-9")
        await world.core.refuse(await world.core.lead(8), DncScope.PLATFORM)
        await world.sign()
    finally:
        world.close()


@cache
def _original() -> Path:
    home = Path(tempfile.mkdtemp(prefix="proof-"))
    asyncio.run(_fill(home))
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A copy of the store, to be attacked."""
    return Path(shutil.copytree(_original(), tmp_path / "copy"))


def _attacked(home: Path, attack: Attack) -> set[str]:
    raw = sqlite3.connect(home / "dialer.db")
    raw.execute("PRAGMA foreign_keys = OFF")
    attack(raw, home)
    raw.commit()
    raw.close()
    world = ProofWorld(home)
    try:
        return world.codes()
    finally:
        world.close()


def _file(home: Path) -> Path:
    return sorted((home / "vault").glob("*/*.bin"))[0]


# ---------------------------------------------------------------- attacks


def _edit_leaf(raw: sqlite3.Connection, home: Path) -> None:
    body = raw.execute("SELECT body FROM leaf WHERE seq = 5").fetchone()[0]
    leaf = parse_leaf(body)
    forged = replace(leaf, event=replace(leaf.event, ts_us=leaf.event.ts_us + 1)).to_bytes()
    raw.execute("UPDATE leaf SET body = ?, hash = ? WHERE seq = 5", (forged, leaf_hash(forged)))


def _edit_column(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE leaf SET type = 'attempt.ringing' WHERE type = 'attempt.answered'")


def _back_date(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute(
        "UPDATE attempt SET authorised_us = authorised_us - 86400000000, placed_us = placed_us - 86400000000"
    )


def _edit_state(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE attempt SET state = 'failed' WHERE state = 'sealed'")


def _delete_attempt(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM attempt WHERE rowid = (SELECT MIN(rowid) FROM attempt)")


def _delete_and_renumber(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM leaf WHERE seq = 6")
    raw.execute("UPDATE leaf SET seq = -seq WHERE seq > 6")
    raw.execute("UPDATE leaf SET seq = -seq - 1 WHERE seq < 0")


def _delete_row(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM leaf WHERE seq = 6")


def _swap_payloads(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE payload SET ct = (SELECT ct FROM payload WHERE seq = 1) WHERE seq = 2")


def _drop_payload(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE payload SET ct = NULL WHERE seq = 1")


def _edit_node(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE log_node SET hash = zeroblob(32) WHERE level = 2 AND idx = 1")


def _edit_head(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE log_head SET root = zeroblob(32)")


def _edit_note(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE checkpoint SET note = replace(note, 'dnc 2', 'dnc 1')")


def _swap_recording(raw: sqlite3.Connection, home: Path) -> None:
    files = sorted((home / "vault").glob("*/*.bin"))
    files[0].write_bytes(files[1].read_bytes())


def _swap_recording_and_hash(raw: sqlite3.Connection, home: Path) -> None:
    file = _file(home)
    content = file.read_bytes()
    swapped = content[:-1] + bytes([content[-1] ^ 1])
    file.write_bytes(swapped)
    raw.execute("UPDATE recording SET ct_sha256 = ? WHERE id = ?", (sha256(swapped).hexdigest(), file.stem))


def _delete_recording(raw: sqlite3.Connection, home: Path) -> None:
    _file(home).unlink()


def _forget_recording(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM recording WHERE id = ?", (_file(home).stem,))


def _swap_key(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE recording SET wrapped_key = (SELECT wrapped_key FROM recording ORDER BY id LIMIT 1)")


def _delete_refusal(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM dnc_entry WHERE org_id IS NULL")


def _move_refusal(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE dnc_entry SET number_hmac = zeroblob(32)")


def _lift_refusal(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute(
        "UPDATE dnc_entry SET lifted_by_consent = (SELECT id FROM consent ORDER BY leaf_seq DESC LIMIT 1)"
    )


def _cut_dnc_tree(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE dnc_head SET size = 0, root = zeroblob(32)")


def _undo_withdrawal(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE consent SET withdrawn_us = NULL")


def _back_date_consent(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE consent SET given_us = given_us - 1000000")


def _move_person(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE subject SET number_hmac = randomblob(32)")


def _unconsume(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE permit SET state = 'lapsed' WHERE state = 'consumed'")


def _cut_tail(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM leaf WHERE seq >= 20")
    raw.execute("DELETE FROM payload WHERE seq >= 20")


def _cut_tail_and_checkpoints(raw: sqlite3.Connection, home: Path) -> None:
    bodies = [r[0] for r in raw.execute("SELECT body FROM leaf WHERE seq < 20 ORDER BY seq")]
    _write_anew(raw, bodies)


def _insider_edits(raw: sqlite3.Connection, home: Path) -> None:
    bodies = [r[0] for r in raw.execute("SELECT body FROM leaf ORDER BY seq")]
    leaf = parse_leaf(bodies[5])
    bodies[5] = replace(leaf, event=replace(leaf.event, ts_us=leaf.event.ts_us + 1)).to_bytes()
    _write_anew(raw, bodies)


def _insider_drops(raw: sqlite3.Connection, home: Path) -> None:
    bodies = [r[0] for r in raw.execute("SELECT body FROM leaf ORDER BY seq")]
    _write_anew(raw, bodies[:6] + bodies[7:])


def _write_anew(raw: sqlite3.Connection, bodies: list[bytes]) -> None:
    """What somebody with the log's own key can do: number, chain, build and sign everything anew."""
    rows, hashes, before = [], [], None
    for seq, body in enumerate(bodies):
        leaf = replace(parse_leaf(body), seq=seq, prev=before)
        body = leaf.to_bytes()
        before = LeafHash(leaf_hash(body))
        hashes.append(before)
        event = leaf.event
        rows.append((seq, before, body, str(event.type), event.attempt_id, event.consent_id, event.sid))
    grown = extend(EMPTY, hashes)
    raw.execute("DELETE FROM leaf")
    raw.executemany(
        "INSERT INTO leaf (seq, hash, body, type, attempt_id, consent_id, sid) VALUES (?,?,?,?,?,?,?)", rows
    )
    raw.execute("DELETE FROM log_node")
    raw.executemany("INSERT INTO log_node VALUES (?,?,?)", [(n.level, n.index, n.hash) for n in grown.nodes])
    size, new_root = len(rows), root(grown.frontier)
    raw.execute(
        "UPDATE log_head SET size = ?, peaks = ?, last_hash = ?, root = ?",
        (size, b"".join(grown.frontier.peaks), before, new_root),
    )
    raw.execute("DELETE FROM payload WHERE seq >= ?", (size,))
    dnc = raw.execute("SELECT size, root FROM dnc_head").fetchone()
    key = SigningKey(LOG_SEED)
    note = sign_checkpoint(
        Checkpoint(ORIGIN, size, new_root, DncHead(dnc[0], dnc[1])),
        NoteKey(ORIGIN, public(LOG_SEED)),
        lambda message: key.sign(message).signature,
    )
    raw.execute("DELETE FROM checkpoint")
    raw.execute("INSERT INTO checkpoint VALUES (?, ?, 1, NULL)", (size, note.to_bytes().decode()))


def _drop_code(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("DELETE FROM refusal_code WHERE rowid = (SELECT MIN(rowid) FROM refusal_code)")


def _add_code(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute(
        "INSERT INTO refusal_code (org_id, code, at_us, attempt_id)"
        " SELECT org_id, 'CONSENT_MISSING', authorised_us, id FROM attempt WHERE state = 'sealed' LIMIT 1"
    )


def _back_date_code(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE refusal_code SET at_us = at_us - 86400000000")


def _lone_code(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE refusal_code SET attempt_id = 'nobody'")


def _move_report(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute(
        "UPDATE egress_report SET attempt_id = (SELECT id FROM attempt WHERE state = 'sealed' LIMIT 1)"
    )


def _invent_report(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute(
        "UPDATE egress_report SET attempt_id = (SELECT id FROM attempt WHERE state = 'refused' LIMIT 1)"
    )


def _back_date_report(raw: sqlite3.Connection, home: Path) -> None:
    raw.execute("UPDATE egress_report SET at_us = at_us - 86400000000")


ATTACKS: dict[str, tuple[Attack, str]] = {
    "a leaf is edited": (_edit_leaf, "checkpoint.root"),
    "the columns beside a leaf are edited": (_edit_column, "leaf.columns"),
    "a row is back-dated": (_back_date, "attempt.time"),
    "a state is edited": (_edit_state, "attempt.state"),
    "an attempt is deleted": (_delete_attempt, "attempt.missing"),
    "a leaf is deleted and the rest renumbered": (_delete_and_renumber, "leaf.seq"),
    "a leaf is deleted": (_delete_row, "leaf.row"),
    "payloads are swapped": (_swap_payloads, "payload.altered"),
    "a payload is dropped": (_drop_payload, "payload.missing"),
    "a node of the tree is edited": (_edit_node, "node.hash"),
    "the head is edited": (_edit_head, "head.row"),
    "a checkpoint is edited": (_edit_note, "checkpoint.signature"),
    "a recording is swapped": (_swap_recording, "recording.altered"),
    "a recording is swapped and its hash edited": (_swap_recording_and_hash, "recording.altered"),
    "a recording's file is deleted": (_delete_recording, "recording.file"),
    "a recording's row is deleted": (_forget_recording, "recording.missing"),
    "a recording's key is swapped": (_swap_key, "recording.key"),
    "a refusal is deleted": (_delete_refusal, "dnc.missing"),
    "a refusal is moved to nobody": (_move_refusal, "dnc.row"),
    "a refusal is lifted by hand": (_lift_refusal, "dnc.lift"),
    "the tree of refusals is emptied": (_cut_dnc_tree, "dnc.tree"),
    "a withdrawal is undone": (_undo_withdrawal, "consent.withdrawn"),
    "a consent is back-dated": (_back_date_consent, "consent.row"),
    "people are moved to other hashes": (_move_person, "subject.hmac"),
    "a permit is given back": (_unconsume, "permit.state"),
    "a refusal's code is deleted": (_drop_code, "refusal.codes"),
    "a code is given to a call that was made": (_add_code, "refusal.codes"),
    "a refusal's codes are back-dated": (_back_date_code, "refusal.row"),
    "a refusal's codes are given to nobody": (_lone_code, "refusal.unproven"),
    "the egress's report is moved to another call": (_move_report, "report.row"),
    "the egress's report is moved to a call that was not made": (_invent_report, "report.unproven"),
    "the egress's report is back-dated": (_back_date_report, "report.time"),
    "the tail is cut": (_cut_tail, "checkpoint.tail"),
    "the tail is cut with its checkpoints": (_cut_tail_and_checkpoints, "witness.tail"),
    "an insider edits and signs anew": (_insider_edits, "witness.root"),
    "an insider drops a leaf and signs anew": (_insider_drops, "witness.tail"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_the_store_is_found_and_named(home: Path, name: str) -> None:
    attack, code = ATTACKS[name]
    assert code in _attacked(home, attack)


def test_the_untouched_store_is_clean_and_was_looked_at(home: Path) -> None:
    world = ProofWorld(home)
    try:
        audit = world.audit()
    finally:
        world.close()
    assert audit.found == ()
    assert (audit.recordings, audit.attempts, audit.dnc_entries) == (3, 5, 2)
    assert audit.payloads > 20
    assert audit.exposed == 0


def test_without_the_witness_an_insider_who_signs_anew_leaves_the_log_itself_whole(home: Path) -> None:
    (home / "witness.state").unlink()
    found = _attacked(home, _cut_tail_and_checkpoints)
    assert not any(code.startswith(("witness.", "leaf.", "node.", "checkpoint.signature")) for code in found)
