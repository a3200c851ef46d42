"""When store, exchange and vault were last checked as a whole, for the auditor's desk."""

from dataclasses import dataclass

from dialer.ports.gate import StopOpened
from dialer.storage.log import LogWriter
from dialer.storage.sql import Tx
from dialer.storage.stops import PROCESS_DIALER, open_stop
from dialer.storage.store import Store

ROWS_A_PAGE = 500


@dataclass(frozen=True, slots=True)
class SealedObject:
    """A recording that has to lie in the vault."""

    id: str
    attempt_id: str
    path: str
    ct_sha256: str
    ct_bytes: int


def keep_check(tx: Tx, kind: str, took_us: int, looked_at: int, findings: int) -> None:
    """Keep the last run of a check; kinds are those of `CheckRun`."""
    tx.run(
        "INSERT INTO check_run (kind, at_us, took_us, looked_at, findings)"
        " VALUES (:kind, NOW_US, :took, :looked_at, :findings)"
        " ON CONFLICT (kind) DO UPDATE SET at_us = excluded.at_us, took_us = excluded.took_us,"
        " looked_at = excluded.looked_at, findings = excluded.findings",
        kind=kind,
        took=took_us,
        looked_at=looked_at,
        findings=findings,
    )


class StoredChecks:
    """`services.vault_sweep.SweepStore`."""

    def __init__(self, store: Store, log: LogWriter) -> None:
        self._store = store
        self._log = log

    async def sealed_after(self, after: str) -> tuple[SealedObject, ...]:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT id, attempt_id, path, ct_sha256, ct_bytes FROM recording"
                " WHERE state = 'sealed' AND path IS NOT NULL AND id > :after ORDER BY id LIMIT :rows",
                after=after,
                rows=ROWS_A_PAGE,
            )
        )
        return tuple(SealedObject(r.id, r.attempt_id, r.path, r.ct_sha256, r.ct_bytes) for r in rows)

    async def is_sealed(self, recording_id: str) -> bool:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT 1 AS there FROM recording WHERE id = :id AND state = 'sealed'", id=recording_id
            )
        )
        return row is not None

    async def found(self, recording_id: str, attempt_id: str, fault: str) -> bool:
        opened = StopOpened(
            stop_id=f"vault-{recording_id}",
            code="vault.altered",
            why=f"recording {fault}, attempt {attempt_id}",
        )
        return await self._store.write(lambda tx: open_stop(tx, self._log, PROCESS_DIALER, opened))

    async def done(self, took_us: int, looked_at: int, findings: int) -> None:
        await self._store.write(lambda tx: keep_check(tx, "vault", took_us, looked_at, findings))
