"""Leads and consents into the database: small batches to staging, visible by one flip (decision 12).

A batch is made ready outside its transaction (`intake_rows`); the transaction looks again at the subjects that it was
made ready for, and is made ready anew when one of them was made or erased meanwhile.
"""

import asyncio
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Final

from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.clock import Clock
from dialer.ports.keys import Keyring
from dialer.services.lead_rows import LeadRow
from dialer.services.views.floor import ImportView, RejectedRow
from dialer.storage.consent_forms import campaign_of
from dialer.storage.intake_rows import Callee, Place, ReadyRow, Registers, make_ready
from dialer.storage.log import LogWriter
from dialer.storage.personal import NUMBER
from dialer.storage.refusal_lift import lift_by_consent
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_organisation import ImportRun
from dialer.storage.tables_people import Consent, ConsentArtefact, Lead
from dialer.storage.tables_people import Subject as SubjectRow
from dialer.storage.times import micros

BATCH_ROWS: Final = 100
AGAIN_MAX: Final = 20
"""Times that a batch is made ready anew because its subjects changed under it, before the import gives up."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows made ready, and what they were made ready for: who was known by hash, and who is new."""

    rows: tuple[ReadyRow, ...]
    known: Mapping[bytes, str]
    new: tuple[Callee, ...]


class SubjectsChangedError(Exception):
    """A subject was made or erased since the batch was made ready: nothing was written."""


class StoredIntake:
    """`services.lead_intake.Intake` on the database."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring
        self._clock = clock

    async def country(self, org: OrganisationId, campaign: CampaignId) -> str | None:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT register_json FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org
            )
        )
        return None if row is None else str(json.loads(row.register_json).get("country", "CN"))

    async def take(
        self,
        org: OrganisationId,
        user: UserId,
        campaign: CampaignId,
        good: list[LeadRow],
        bad: list[RejectedRow],
        rows: int,
    ) -> ImportView:
        import_id = secrets.token_hex(8)
        actor = Actor(ActorKind.USER, user)
        routes = await self._store.read(lambda tx: _routes(tx, org, campaign, good))
        for start in range(0, len(good), BATCH_ROWS):
            batch = good[start : start + BATCH_ROWS]
            places = [Place(org, routes[_purpose_of(row)], "staged", import_id) for row in batch]
            await self._stage(org, batch, places, actor)
        at = self._clock.now()
        view = ImportView(
            id=import_id, campaign_id=campaign, at=at, rows=rows, accepted=len(good), rejected=tuple(bad)
        )

        def flip(tx: Tx) -> None:
            tx.run(
                "UPDATE lead SET state = 'queued' WHERE import_id = :id AND state = 'staged'", id=import_id
            )
            tx.insert(
                ImportRun(
                    id=import_id,
                    org_id=org,
                    campaign_id=campaign,
                    state="visible",
                    at_us=micros(at),
                    rows=rows,
                    accepted=len(good),
                    report_json=json.dumps([asdict(r) for r in bad], ensure_ascii=False),
                )
            )

        await self._store.write(flip)
        return view

    async def _stage(
        self, org: OrganisationId, rows: Sequence[LeadRow], places: Sequence[Place], actor: Actor
    ) -> None:
        hashes = await asyncio.to_thread(self._hashes, org, rows)
        for _ in range(AGAIN_MAX):
            registers, known = await self._store.read(
                lambda tx: (registers_of(tx, org, rows), _known(tx, org, hashes.values()))
            )
            if any(row.wrapped_key is None for row in known.values()):
                await self._store.write(partial(self._revive, org=org, hashes=hashes, known=known))
                continue
            batch = await asyncio.to_thread(self._ready, org, rows, places, actor, registers, hashes, known)
            try:
                await self._store.write(partial(self._write, org=org, batch=batch))
            except SubjectsChangedError:
                continue
            return
        raise SubjectsChangedError

    def put(
        self, tx: Tx, org: OrganisationId, campaign: CampaignId, row: LeadRow, actor: Actor
    ) -> str | None:
        """One lead with its consent, queued by itself, inside `tx`; the consent's id."""
        callee = callee_of(subject_of(tx, self._keyring, org, row.number.e164))
        registers = registers_of(tx, org, [row])
        place = Place(org, campaign, "queued", None)
        ready = make_ready(self._log, self._keyring, registers, callee, row, place, actor)
        self._write(tx, org, _Batch((ready,), {callee.number_hmac: callee.sid}, ()))
        return ready.consent.new.consent_id if ready.consent is not None else None

    # ---------------------------------------------------------------- made ready, outside the transaction

    def _hashes(self, org: OrganisationId, rows: Iterable[LeadRow]) -> dict[str, bytes]:
        return {row.number.e164: self._keyring.number_hmac(org, row.number.e164) for row in rows}

    def _ready(
        self,
        org: OrganisationId,
        rows: Sequence[LeadRow],
        places: Sequence[Place],
        actor: Actor,
        registers: Registers,
        hashes: Mapping[str, bytes],
        known: Mapping[bytes, Row],
    ) -> _Batch:
        callees = {hmac: callee_of(row) for hmac, row in known.items()}
        new: list[Callee] = []
        ready = []
        for row, place in zip(rows, places, strict=True):
            hmac = hashes[row.number.e164]
            if hmac not in callees:
                callees[hmac] = new_callee(self._keyring, org, row.number.e164, hmac)
                new.append(callees[hmac])
            ready.append(make_ready(self._log, self._keyring, registers, callees[hmac], row, place, actor))
        return _Batch(tuple(ready), {hmac: row.sid for hmac, row in known.items()}, tuple(new))

    # ---------------------------------------------------------------- written

    def _write(self, tx: Tx, org: OrganisationId, batch: _Batch) -> None:
        hashes = [*batch.known, *(callee.number_hmac for callee in batch.new)]
        there = _known(tx, org, hashes)
        if {h: r.sid for h, r in there.items() if r.wrapped_key is not None} != dict(batch.known):
            raise SubjectsChangedError
        now_us = tx.now_us()
        tx.put_many(SubjectRow, [self._subject(tx, callee, now_us) for callee in batch.new])
        consents = [row.consent for row in batch.rows if row.consent is not None]
        seqs = self._log.append_all(tx, [c.sealed for c in consents], now_us)
        tx.put_many(Consent, [c.values | {"leaf_seq": seq} for c, seq in zip(consents, seqs, strict=True)])
        tx.put_many(ConsentArtefact, [c.artefact for c in consents if c.artefact is not None])
        tx.put_many(Lead, [row.lead for row in batch.rows])
        refused = _refused(tx, org, hashes)
        placed = iter(seqs)
        for row in batch.rows:
            if row.consent is None:
                continue
            new = replace(row.consent.new, leaf_seq=next(placed))
            if row.callee.number_hmac in refused:
                subject = tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=row.callee.sid)
                lift_by_consent(tx, self._keyring, subject, new)

    def _subject(self, tx: Tx, callee: Callee, now_us: int) -> dict[str, object]:
        return {
            "sid": callee.sid,
            "org_id": callee.org_id,
            "number_hmac": callee.number_hmac,
            "platform_hmac": callee.platform_hmac,
            "key_version": self._keyring.key_version,
            "wrapped_key": callee.wrapped_key,
            "number_ct": callee.number_ct,
            "created_us": now_us,
        }

    def _revive(
        self, tx: Tx, org: OrganisationId, hashes: Mapping[str, bytes], known: Mapping[bytes, Row]
    ) -> None:
        """People who were erased and now ask again get a new key."""
        for number, hmac in hashes.items():
            if hmac in known and known[hmac].wrapped_key is None:
                subject_of(tx, self._keyring, org, number)


def new_callee(keyring: Keyring, org: str, number: str, number_hmac: bytes) -> Callee:
    """A subject that isn't in the database yet."""
    sid = secrets.token_hex(16)
    wrapped = keyring.new_subject_key(sid)
    return Callee(
        sid=sid,
        wrapped_key=wrapped,
        number_hmac=number_hmac,
        platform_hmac=keyring.platform_hmac(number),
        number_ct=keyring.encrypt(wrapped, sid, NUMBER, number.encode()),
        org_id=org,
    )


def callee_of(subject: Row) -> Callee:
    """A subject that has its key."""
    return Callee(
        sid=subject.sid,
        wrapped_key=bytes(subject.wrapped_key),
        number_hmac=bytes(subject.number_hmac),
        platform_hmac=bytes(subject.platform_hmac),
        number_ct=bytes(subject.number_ct),
        org_id=subject.org_id,
    )


def subject_of(tx: Tx, keyring: Keyring, org: str, number: str) -> Row:
    """The subject of a number within an organisation, made when it is new."""
    hmac = keyring.number_hmac(org, number)
    found = tx.one("SELECT * FROM subject WHERE org_id = :org AND number_hmac = :hmac", org=org, hmac=hmac)
    if found is not None and found.wrapped_key is not None:
        return found
    if found is not None:
        # the person was erased and now asks again: a new key, the same hashes
        wrapped = keyring.new_subject_key(found.sid)
        tx.run(
            "UPDATE subject SET wrapped_key = :key, number_ct = :number WHERE sid = :sid",
            key=wrapped,
            number=keyring.encrypt(wrapped, found.sid, NUMBER, number.encode()),
            sid=found.sid,
        )
        return tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=found.sid)
    made = new_callee(keyring, org, number, hmac)
    tx.insert(
        SubjectRow(
            sid=made.sid,
            org_id=org,
            number_hmac=hmac,
            platform_hmac=made.platform_hmac,
            key_version=keyring.key_version,
            wrapped_key=made.wrapped_key,
            number_ct=made.number_ct,
            created_us=tx.now_us(),
        )
    )
    return tx.sole("SELECT * FROM subject WHERE sid = :sid", sid=made.sid)


def registers_of(tx: Tx, org: str, rows: Iterable[LeadRow]) -> Registers:
    """The texts and sources that these rows name."""
    consents = [row.consent for row in rows if row.consent is not None]
    texts = {c.text_version for c in consents}
    sources = {c.source for c in consents}
    return Registers(
        texts={r.id: r for r in _by_id(tx, "consent_text", org, texts)},
        sources={r.id: r for r in _by_id(tx, "consent_source", org, sources)},
    )


def _by_id(tx: Tx, table: str, org: str, ids: set[str]) -> list[Row]:
    found = (tx.one(f"SELECT * FROM {table} WHERE id = :id AND org_id = :org", id=i, org=org) for i in ids)
    return [row for row in found if row is not None]


def _routes(
    tx: Tx, org: OrganisationId, campaign: CampaignId, rows: Iterable[LeadRow]
) -> dict[Purpose | None, CampaignId]:
    """A lead goes to the campaign whose purpose its consent names, where there is one; else to the one that was named.

    There it stays visible, and the gate says that its consent is for another purpose.
    """
    named = tx.sole("SELECT purpose FROM campaign WHERE id = :id", id=campaign)
    routes: dict[Purpose | None, CampaignId] = {None: campaign}
    for purpose in {row.consent.purpose for row in rows if row.consent is not None}:
        other = None if str(purpose) == named.purpose else campaign_of(tx, org, purpose)
        routes[purpose] = campaign if other is None else CampaignId(other.id)
    return routes


def _purpose_of(row: LeadRow) -> Purpose | None:
    return row.consent.purpose if row.consent is not None else None


def _known(tx: Tx, org: str, hashes: Iterable[bytes]) -> dict[bytes, Row]:
    rows = tx.all_in("SELECT * FROM subject WHERE org_id = :org AND number_hmac IN", hashes, org=org)
    return {bytes(row.number_hmac): row for row in rows}


def _refused(tx: Tx, org: str, hashes: Iterable[bytes]) -> frozenset[bytes]:
    rows = tx.all_in(
        "SELECT DISTINCT number_hmac FROM dnc_entry"
        " WHERE org_id = :org AND lifted_by_consent IS NULL AND number_hmac IN",
        hashes,
        org=org,
    )
    return frozenset(bytes(row.number_hmac) for row in rows)
