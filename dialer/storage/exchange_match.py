"""The daily match of the exchange's own call records with the log: every call of the log against its record (issue: a call
never logged is found by `stops.account`; here, a call that was logged otherwise than it was)."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from dialer.calls.attempt import FINAL
from dialer.domain.ids import OrganisationId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.gate import EgressRecord, StopOpened
from dialer.storage.checks import keep_check
from dialer.storage.log import LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.stops import open_stop

DIFFERS: Final = "exchange.differs"
TALK_SECONDS_SLACK: Final = 5
"""How far answer and end as the dialer heard them may lie from the trunk's own count."""
CALLS_A_PAGE: Final = 500
_GATE: Final = Actor(ActorKind.PROCESS, "gate")
_FINAL: Final = ", ".join(f"'{state}'" for state in sorted(FINAL) if state != "ended_unknown")
_CALLS: Final = f"""
    SELECT p.id, p.token_sha256, p.consumed_uid, a.id AS attempt_id, a.org_id, a.state, a.dial_status, a.answered_us,
           a.ended_us, r.dial_status AS reported, r.talk_seconds
      FROM permit p JOIN attempt a ON a.id = p.attempt_id
      LEFT JOIN egress_report r ON r.uid = p.consumed_uid
     WHERE p.state = 'consumed' AND p.consumed_us >= :since AND p.consumed_us < :until AND p.id > :after
       AND a.state IN ({_FINAL})
     ORDER BY p.id LIMIT :rows
"""


def records_by_token(records: list[EgressRecord]) -> dict[bytes, EgressRecord]:
    """The records of legs that called somebody, by the hash of their permit's token."""
    called = (record for record in records if record.report.dial_status != "NOT_DIALLED")
    return {sha256(record.token.encode()).digest(): record for record in called}


def differences(
    tx: Tx, records: Mapping[bytes, EgressRecord], since_us: int, until_us: int
) -> tuple[int, list[StopOpened]]:
    """How many calls were compared, and each that the log and the exchange tell differently. Reads only."""
    looked_at, found, after = 0, [], ""
    while True:
        rows = tx.all(_CALLS, since=since_us, until=until_us, after=after, rows=CALLS_A_PAGE)
        for row in rows:
            looked_at += 1
            differs = _compared(row, records.get(bytes(row.token_sha256)))
            if differs is not None:
                log_says, exchange_says = differs
                digest = sha256(f"match/{row.attempt_id}".encode()).hexdigest()[:32]
                found.append(
                    StopOpened(
                        stop_id=f"incident-{digest}",
                        code=DIFFERS,
                        why=f"attempt {row.attempt_id}",
                        org_id=OrganisationId(row.org_id),
                        log_says=log_says,
                        exchange_says=exchange_says,
                    )
                )
        if len(rows) < CALLS_A_PAGE:
            return looked_at, found
        after = rows[-1].id


def _compared(row: Row, record: EgressRecord | None) -> tuple[str, str] | None:
    """Both sides where they differ. Nothing personal: states, times and counts."""
    talked = None
    if row.answered_us is not None and row.ended_us is not None:
        talked = (row.ended_us - row.answered_us) // 1_000_000
    status = row.dial_status or row.reported
    log_says = f"{row.state}, {status or 'no end'}, talked {talked if talked is not None else 0} s"
    if record is None:
        return None if row.reported is not None else (log_says, "no record of this call")
    said = record.report
    exchange_says = f"{said.dial_status}, talked {said.talk_seconds} s"
    differs = (
        record.uid != row.consumed_uid
        or (status is not None and status != said.dial_status)
        or (row.talk_seconds is not None and row.talk_seconds != said.talk_seconds)
        or (talked is not None and abs(talked - said.talk_seconds) > TALK_SECONDS_SLACK)
    )
    return (log_says, exchange_says) if differs else None


def keep_match(tx: Tx, log: LogWriter, found: list[StopOpened], looked_at: int, took_us: int) -> int:
    """Open an incident for each difference, once; keep that the match was made. How many incidents are new."""
    opened = sum(open_stop(tx, log, _GATE, one) for one in found)
    keep_check(tx, "exchange", took_us, looked_at, len(found))
    return opened
