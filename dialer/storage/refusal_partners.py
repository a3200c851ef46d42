"""Partners, the answers that their messages got, and the reports of files of refusals."""

import secrets
from typing import Final

from pydantic import TypeAdapter

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.services.refusal_hooks import Answered, PartnerKey
from dialer.services.views.refusals import (
    HookAnswer,
    PartnerCreated,
    PartnerList,
    PartnerView,
    RefusalImportView,
)
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_people import Partner
from dialer.storage.times import micros, moment, moment_or_none

SECRET: Final = "partner-secret"
_ANSWER: Final = TypeAdapter(HookAnswer)
_REPORT: Final = TypeAdapter(RefusalImportView)


class StoredPartners:
    """`services.refusal_hooks.PartnerRegister` on the database. Secrets lie there encrypted, each under its own key."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def key(self, partner_id: str) -> PartnerKey | None:
        row = await self._store.read(
            lambda tx: tx.one("SELECT * FROM partner WHERE id = :id AND disabled_us IS NULL", id=partner_id)
        )
        if row is None:
            return None
        secret = self._keyring.decrypt(bytes(row.wrapped_key), row.id, SECRET, bytes(row.secret_ct))
        return PartnerKey(OrganisationId(row.org_id), secret)

    async def create(self, org: OrganisationId, user: UserId, name: str, secret: bytes) -> PartnerCreated:
        partner_id = secrets.token_hex(8)
        wrapped = self._keyring.new_subject_key(partner_id)

        def work(tx: Tx) -> PartnerView:
            now_us = tx.now_us()
            tx.insert(
                Partner(
                    id=partner_id,
                    org_id=org,
                    name=name,
                    created_by=user,
                    created_us=now_us,
                    wrapped_key=wrapped,
                    secret_ct=self._keyring.encrypt(wrapped, partner_id, SECRET, secret),
                )
            )
            self._say(tx, org, user, "partner.created", partner_id, now_us)
            return PartnerView(partner_id, name, moment(now_us), None)

        return PartnerCreated(await self._store.write(work), secret.hex())

    async def disable(self, org: OrganisationId, user: UserId, partner_id: str) -> PartnerList | None:
        def work(tx: Tx) -> bool:
            found = tx.one(
                "SELECT disabled_us FROM partner WHERE id = :id AND org_id = :org", id=partner_id, org=org
            )
            if found is None:
                return False
            if found.disabled_us is None:
                now_us = tx.now_us()
                tx.run("UPDATE partner SET disabled_us = :now WHERE id = :id", now=now_us, id=partner_id)
                self._say(tx, org, user, "partner.disabled", partner_id, now_us)
            return True

        return await self.all(org) if await self._store.write(work) else None

    async def all(self, org: OrganisationId) -> PartnerList:
        rows = await self._store.read(
            lambda tx: tx.all(
                "SELECT * FROM partner WHERE org_id = :org ORDER BY created_us DESC, id", org=org
            )
        )
        return PartnerList(tuple(_partner(r) for r in rows))

    async def answered(self, partner_id: str, message_id: str) -> Answered | None:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT body_sha256, answer_json FROM partner_message WHERE partner_id = :partner AND message_id = :id",
                partner=partner_id,
                id=message_id,
            )
        )
        return None if row is None else Answered(row.body_sha256, _ANSWER.validate_json(row.answer_json))

    async def keep_answer(
        self, partner_id: str, message_id: str, body_sha256: str, answer: HookAnswer
    ) -> None:
        answer_json = _ANSWER.dump_json(answer).decode()
        await self._store.write(
            lambda tx: tx.run(
                "INSERT INTO partner_message (partner_id, message_id, body_sha256, at_us, answer_json)"
                " VALUES (:partner, :id, :body, NOW_US, :answer) ON CONFLICT (partner_id, message_id) DO NOTHING",
                partner=partner_id,
                id=message_id,
                body=body_sha256,
                answer=answer_json,
            )
        )

    def _say(self, tx: Tx, org: str, user: str, what: str, partner_id: str, now_us: int) -> None:
        draft = Draft(
            type=EventType.CONFIG_CHANGED,
            actor=Actor(ActorKind.USER, user),
            says={"what": what, "partner": partner_id},
            org=org,
        )
        self._log.append(tx, draft, now_us)


class StoredImportReports:
    """`services.refusal_desk.ImportReports` on the database."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def report(self, org: OrganisationId, file_sha256: str) -> RefusalImportView | None:
        row = await self._store.read(
            lambda tx: tx.one(
                "SELECT report_json FROM refusal_import WHERE org_id = :org AND file_sha256 = :digest",
                org=org,
                digest=file_sha256,
            )
        )
        return None if row is None else _REPORT.validate_json(row.report_json)

    async def keep(
        self, org: OrganisationId, user: UserId, file_sha256: str, view: RefusalImportView
    ) -> None:
        report_json = _REPORT.dump_json(view).decode()
        await self._store.write(
            lambda tx: tx.run(
                "INSERT INTO refusal_import (id, org_id, user_id, file_sha256, at_us, report_json)"
                " VALUES (:id, :org, :user, :digest, :at, :report) ON CONFLICT (org_id, file_sha256) DO NOTHING",
                id=secrets.token_hex(8),
                org=org,
                user=user,
                digest=file_sha256,
                at=micros(view.at),
                report=report_json,
            )
        )


def _partner(row: Row) -> PartnerView:
    return PartnerView(row.id, row.name, moment(row.created_us), moment_or_none(row.disabled_us))
