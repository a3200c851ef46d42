"""Reasons to pause in the database."""

from dataclasses import dataclass

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.pause_codes import CHANGED, CODES_MAX, DEFAULTS, LAST, TAKEN, TOO_MANY
from dialer.services.views.pause_codes import PauseCodeList, PauseCodeView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_office import PauseCode
from dialer.storage.times import moment_or_none


@dataclass(frozen=True, slots=True)
class StoredPauseCodes:
    """`services.pause_codes.PauseCodeStore` on the product's database."""

    store: Store
    log: LogWriter

    async def all(self, org: OrganisationId) -> PauseCodeList:
        return await self.store.read(lambda tx: PauseCodeList(pause_codes_of(tx, org)))

    async def add(self, org: OrganisationId, by: UserId, code: str, name: Sentence) -> Declined | None:
        def work(tx: Tx) -> Declined | None:
            there = tx.sole(
                "SELECT COUNT(*) AS n, COALESCE(MAX(place), 0) AS last FROM pause_code WHERE org_id = :org",
                org=org,
            )
            if _one(tx, org, code) is not None:
                return TAKEN
            if int(there.n) >= CODES_MAX:
                return TOO_MANY
            tx.insert(
                PauseCode(org_id=org, code=code, name_zh=name.zh, name_en=name.en, place=int(there.last) + 1)
            )
            self._say(tx, org, by, code, {"act": "added", "zh": name.zh, "en": name.en})
            return None

        return await self.store.write(work)

    async def rename(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence, was: Sentence
    ) -> bool | Declined:
        def work(tx: Tx) -> bool | Declined:
            row = _one(tx, org, code)
            if row is None:
                return False
            if (row.name_zh, row.name_en) != (was.zh, was.en):
                return CHANGED
            tx.run(
                "UPDATE pause_code SET name_zh = :zh, name_en = :en WHERE org_id = :org AND code = :code",
                zh=name.zh,
                en=name.en,
                org=org,
                code=code,
            )
            self._say(tx, org, by, code, {"act": "renamed", "zh": name.zh, "en": name.en})
            return True

        return await self.store.write(work)

    async def retire(self, org: OrganisationId, by: UserId, code: str) -> bool | Declined:
        def work(tx: Tx) -> bool | Declined:
            row = _one(tx, org, code)
            if row is None or row.retired_us is not None:
                return row is not None
            others = tx.sole(
                "SELECT COUNT(*) AS n FROM pause_code WHERE org_id = :org AND code <> :code AND retired_us IS NULL",
                org=org,
                code=code,
            )
            if int(others.n) == 0:
                return LAST
            tx.run(
                "UPDATE pause_code SET retired_us = NOW_US WHERE org_id = :org AND code = :code",
                org=org,
                code=code,
            )
            self._say(tx, org, by, code, {"act": "retired"})
            return True

        return await self.store.write(work)

    async def offer(self, org: OrganisationId, by: UserId, code: str) -> bool | Declined:
        def work(tx: Tx) -> bool:
            row = _one(tx, org, code)
            if row is None or row.retired_us is None:
                return row is not None
            tx.run(
                "UPDATE pause_code SET retired_us = NULL WHERE org_id = :org AND code = :code",
                org=org,
                code=code,
            )
            self._say(tx, org, by, code, {"act": "offered again"})
            return True

        return await self.store.write(work)

    def _say(self, tx: Tx, org: OrganisationId, by: UserId, code: str, said: dict[str, Json]) -> None:
        says: dict[str, Json] = {"register": "pause-code", "entry": code, **said}
        draft = Draft(type=EventType.CONFIG_CHANGED, actor=Actor(ActorKind.USER, by), says=says, org=org)
        self.log.append(tx, draft, tx.now_us())


def seed_pause_codes(tx: Tx, org: str) -> None:
    """What a new organisation begins with."""
    tx.insert_many(
        [
            PauseCode(org_id=org, code=code, name_zh=name.zh, name_en=name.en, place=place)
            for place, (code, name) in enumerate(DEFAULTS, start=1)
        ]
    )


def pause_codes_of(tx: Tx, org: str) -> tuple[PauseCodeView, ...]:
    """Every reason of an organisation in its order, retired ones too."""
    rows = tx.all("SELECT * FROM pause_code WHERE org_id = :org ORDER BY place, code", org=org)
    return tuple(
        PauseCodeView(r.code, Sentence(r.name_zh, r.name_en), moment_or_none(r.retired_us)) for r in rows
    )


def _one(tx: Tx, org: str, code: str) -> Row | None:
    return tx.one("SELECT * FROM pause_code WHERE org_id = :org AND code = :code", org=org, code=code)
