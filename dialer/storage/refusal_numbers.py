"""Refusals of numbers told from outside a call, in the database: T3 with the subject made where it is new."""

from typing import Final

from dialer.domain.consent import Ownership
from dialer.domain.dnc import DncScope
from dialer.domain.ids import AttemptId, OrganisationId, SubjectId
from dialer.ports.calls import RefusalHeard, Refusing
from dialer.ports.keys import Keyring
from dialer.services.refusals import Superseded, ToldRefusal
from dialer.storage.intake import subject_of
from dialer.storage.log import LogWriter
from dialer.storage.refuse import CONSUMED_OPEN, refuse
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment

_AGAIN: Final = """
SELECT given_us FROM consent
WHERE sid = :sid AND ownership = :proven AND withdrawn_us IS NULL AND artefact_sha256 IS NOT NULL
  AND given_us > :said AND (CAST(:purpose AS TEXT) IS NULL OR purpose = :purpose)
ORDER BY given_us DESC LIMIT 1
"""


class StoredDoNotCall:
    """`services.refusals.DoNotCall` on the database."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def refuse_number(self, told: ToldRefusal) -> RefusalHeard | Superseded:
        return await self._store.write(lambda tx: refuse_number(tx, self._log, self._keyring, told))

    async def open_calls_to(self, org: OrganisationId, number: str) -> tuple[AttemptId, ...]:
        hmac = self._keyring.number_hmac(org, number)
        rows = await self._store.read(
            lambda tx: tx.all(
                f"SELECT id FROM attempt WHERE state IN {CONSUMED_OPEN} AND org_id = :org AND number_hmac = :hmac",
                org=org,
                hmac=hmac,
            )
        )
        return tuple(AttemptId(r.id) for r in rows)


def refuse_number(tx: Tx, log: LogWriter, keyring: Keyring, told: ToldRefusal) -> RefusalHeard | Superseded:
    """T3 for a number, whether or not it is anybody's lead.

    Told late, it does not undo what the person did since: a consent with proof of ownership that is younger than the
    refusal stands, in whatever order the two reach us.
    """
    subject = subject_of(tx, keyring, told.org_id, told.number)
    if told.said_at is not None and (again := _consented_since(tx, subject, told)) is not None:
        return Superseded(moment(again))
    return refuse(
        tx,
        log,
        keyring,
        Refusing(
            sid=SubjectId(subject.sid),
            org_id=told.org_id,
            scope=DncScope.ORGANISATION if told.purpose is None else DncScope.PURPOSE,
            purpose=told.purpose,
            reason=told.reason,
            actor=told.actor,
            said_in=None,
            closing_seconds=0,
            said_at=told.said_at,
            via=told.via,
        ),
    )


def _consented_since(tx: Tx, subject: Row, told: ToldRefusal) -> int | None:
    assert told.said_at is not None
    row = tx.one(
        _AGAIN,
        sid=subject.sid,
        proven=str(Ownership.PROVEN),
        said=micros(told.said_at),
        purpose=told.purpose,
    )
    return None if row is None else int(row.given_us)
