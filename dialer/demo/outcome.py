"""How the sample list ended: one row a lead from the database, INVITEs from the carrier's own journal."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from dialer.demo.carrier import read_journal
from dialer.demo.sample_leads import number_of
from dialer.domain.errors import InstallationError
from dialer.ports.keys import Keyring
from dialer.storage.personal import NUMBER
from dialer.storage.sql import Tx


@dataclass(frozen=True, slots=True)
class LeadEnd:
    """Where one lead stands. `ending`: the last two digits of its sample number."""

    ending: int
    state: str
    outcome: str
    attempt_state: str
    attempt_id: str
    codes: tuple[str, ...]
    invites: int


def is_over(tx: Tx) -> bool:
    """Whether nothing is due, claimed, dialled or open any more."""
    row = tx.sole(
        "SELECT (SELECT COUNT(*) FROM lead WHERE state IN ('claimed', 'dialing', 'staged')"
        " OR (state = 'queued' AND due_us <= NOW_US)) AS leads,"
        " (SELECT COUNT(*) FROM attempt WHERE state NOT IN"
        " ('sealed', 'refused', 'failed', 'cancelled', 'lapsed', 'ended_unknown')) AS attempts"
    )
    return int(row.leads) == 0 and int(row.attempts) == 0


def lead_ends(tx: Tx, keyring: Keyring, journal: Path) -> list[LeadEnd]:
    """One row a lead, by ending."""
    invites = Counter(r.number for r in read_journal(journal) if r.event == "INVITE")
    rows = tx.all(
        """
        SELECT l.id, l.state, l.outcome, l.sid, s.wrapped_key, s.number_ct,
               d.codes, d.attempt_id, a.state AS attempt_state, a.outcome AS attempt_outcome
        FROM lead l JOIN subject s ON s.sid = l.sid
        LEFT JOIN decision d ON d.id = l.last_decision_id
        LEFT JOIN attempt a ON a.id = d.attempt_id
        """
    )
    found = []
    for row in rows:
        number = keyring.decrypt(bytes(row.wrapped_key), row.sid, NUMBER, bytes(row.number_ct)).decode()
        found.append(
            LeadEnd(
                ending=int(number[-2:]),
                state=row.state,
                outcome=row.attempt_outcome or row.outcome or "",
                attempt_state=row.attempt_state or "",
                attempt_id=row.attempt_id or "",
                codes=tuple(c for c in (row.codes or "").split(",") if c),
                invites=invites[number],
            )
        )
    return sorted(found, key=lambda e: e.ending)


def faults(ends: Iterable[LeadEnd], expectations: Path) -> list[str]:
    """What is not as it must be. The file says, by endings, state, outcome, a code that must be among the objections,
    and how many INVITEs the carrier must have seen."""
    try:
        said = tomllib.loads(expectations.read_text(encoding="utf-8"))
    except OSError as missing:
        raise InstallationError("the expectations of the sample list are missing") from missing
    by_ending = {end.ending: end for end in ends}
    found = []
    for entry in said["lead"]:
        for ending in entry["endings"]:
            end = by_ending.pop(ending, None)
            if end is None:
                found.append(f"{ending:02d}: there is no such lead")
                continue
            found += [f"{ending:02d}: {fault}" for fault in _faults(end, entry)]
    found += [f"{ending:02d}: nothing is said of this lead" for ending in sorted(by_ending)]
    return found


def _faults(end: LeadEnd, entry: dict[str, object]) -> list[str]:
    found = []
    for name in ("state", "outcome", "attempt_state", "invites"):
        if name in entry and getattr(end, name) != entry[name]:
            found.append(f"{name} is {getattr(end, name)!r}, must be {entry[name]!r}")
    if "code" in entry and entry["code"] not in end.codes:
        found.append(f"{entry['code']} is not among {json.dumps(end.codes)}")
    return found


def journal_names_only_leads(journal: Path, ends: Iterable[LeadEnd]) -> bool:
    """Whether the carrier saw no number that isn't on the list."""
    known = {number_of(end.ending) for end in ends}
    return all(r.number in known for r in read_journal(journal) if r.event == "INVITE")
