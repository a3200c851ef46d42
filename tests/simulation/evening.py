"""What must be true in the evening, read from the database and the log alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from dialer.calls.attempt import FINAL, AttemptState
from dialer.evidence.record import parse_leaf
from dialer.evidence.story import StoryError, check_moves, check_order
from tests.simulation.watcher import Watcher
from tests.unit.services.floor_stage import FloorStage
from tests.unit.storage.storage_checks import check_log

RETRIED = frozenset(
    {
        *("busy", "no_answer", "unreachable", "declined", "blocked_by_intermediary", "carrier_failed"),
        *("not_dialled", "hung_up_early", "machine", "abandoned", "cut", "talked"),
    }
)
"""Outcomes after which a lead may be called again, through the gate. `unknown` is none of them (rule 14)."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A day in figures, and what was wrong with it."""

    outcomes: Counter[str]
    invites: int
    refusals: int
    gate_refusals: int
    leaves: int
    abandoned_by_nobody: int
    faults: tuple[str, ...]


def look_at_the_end(floor: FloorStage, watcher: Watcher) -> Ended:
    """Check what the day left behind."""
    faults = [*watcher.faults, *_attempts(floor, watcher), *_leads(floor), *_stories(floor)]
    world = floor.world
    return Ended(
        outcomes=Counter(
            str(r.outcome) for r in world.all("SELECT outcome FROM attempt WHERE state <> 'refused'")
        ),
        invites=len(watcher.invited),
        refusals=int(world.one("SELECT COUNT(*) AS n FROM dnc_entry").n),
        gate_refusals=int(world.one("SELECT COUNT(*) AS n FROM attempt WHERE state = 'refused'").n),
        leaves=check_log(world),
        abandoned_by_nobody=int(
            world.one("SELECT COUNT(*) AS n FROM attempt WHERE abandon_cause = 'nobody'").n
        ),
        faults=tuple(faults),
    )


def _attempts(floor: FloorStage, watcher: Watcher) -> list[str]:
    """Every attempt has its end, and what rang counts."""
    faults = []
    rows = {r.id: r for r in floor.world.all("SELECT * FROM attempt")}
    for row in rows.values():
        if AttemptState(row.state) not in FINAL:
            faults.append(f"an attempt without an end: {row.state}")
    for attempt, _, _ in watcher.invited:
        if rows[attempt].state in ("lapsed", "refused"):
            faults.append(f"a call that was dialled counts as {rows[attempt].state}")
    if floor.sim.callees():
        faults.append("a call is still up")
    if set(watcher.originated) - rows.keys():
        faults.append("an originate that the database does not know")
    dialled = Counter(attempt for attempt, _, _ in watcher.invited)
    if any(count > 1 for count in dialled.values()):
        faults.append("two INVITEs on one permit")
    return faults


def _leads(floor: FloorStage) -> list[str]:
    """No lead is called again unless its last call ended in a way that allows it; none stays in the air."""
    faults = []
    rows = floor.world.all(
        "SELECT lead_id, state, outcome, authorised_us, ended_us FROM attempt"
        " WHERE state NOT IN ('refused', 'lapsed') ORDER BY lead_id, authorised_us"
    )
    for before, after in pairwise(rows):
        if before.lead_id != after.lead_id:
            continue
        if before.outcome not in RETRIED or before.state == "ended_unknown":
            faults.append(f"a lead called again after {before.state}, {before.outcome}")
        if before.ended_us is None or before.ended_us > after.authorised_us:
            faults.append("a lead called again while its call was open")
    in_air = floor.world.all("SELECT state FROM lead WHERE state = 'dialing'")
    faults += ["a lead stays in the air"] * len(in_air)
    refused = floor.world.all(
        "SELECT l.id FROM lead l JOIN subject s ON s.sid = l.sid JOIN dnc_entry d ON d.number_hmac = s.number_hmac"
        " WHERE l.state IN ('claimed', 'dialing') AND d.lifted_by_consent IS NULL"
    )
    faults += ["a lead of somebody who refused is still being called"] * len(refused)
    return faults


def _stories(floor: FloorStage) -> list[str]:
    """What the auditor's own table says of each attempt's leaves."""
    faults = []
    leaves: dict[str, list[bytes]] = {}
    for row in floor.world.all("SELECT attempt_id, body FROM leaf WHERE attempt_id IS NOT NULL ORDER BY seq"):
        leaves.setdefault(row.attempt_id, []).append(bytes(row.body))
    for attempt, bodies in leaves.items():
        told = [parse_leaf(body) for body in bodies]
        if not any(leaf.event.type.startswith("attempt.") for leaf in told):
            continue
        try:
            check_moves(told, frozenset())
            check_order(told)
        except StoryError as wrong:
            faults.append(f"{wrong.what} ({attempt})")
    return faults
