"""Organisations in the database: taken in and held back by the platform's operator."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dialer.compliance.facts import OrganisationFacts
from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.gate import StopOpened
from dialer.services.organisations import REGISTERED_ALREADY
from dialer.services.people import LOGIN_TAKEN, Invited, Ticket
from dialer.services.stops import SUSPENDED
from dialer.services.views.organisations import NewOrganisation, OrganisationView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.pause_codes import seed_pause_codes
from dialer.storage.people import StoredPeople
from dialer.storage.registers import to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.stops import lift_stop, stop_dialling
from dialer.storage.store import Store
from dialer.storage.tables_organisation import Organisation
from dialer.storage.times import moment_or_none

OPERATOR: Final = "operator"
"""The setting that names the organisation whose administrators operate the platform."""
_ALL: Final = """
    SELECT o.id, o.name_zh, o.name_en, o.uscc, o.region,
           (SELECT COUNT(*) FROM user_account u WHERE u.org_id = o.id AND u.disabled_us IS NULL) AS people,
           (SELECT COUNT(*) FROM campaign c WHERE c.org_id = o.id AND c.state = 'running') AS running,
           (SELECT COUNT(*) FROM setting s WHERE s.name = 'operator' AND s.value = o.id) AS operates,
           (SELECT MIN(d.at_us) FROM dialling_stop d
             WHERE d.org_id = o.id AND d.code = :code AND d.lifted_us IS NULL) AS suspended_us
      FROM organisation o ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class StoredOrganisations:
    """`services.organisations.OrganisationStore` on the product's database."""

    store: Store
    log: LogWriter

    async def all(self) -> Sequence[OrganisationView]:
        rows = await self.store.read(lambda tx: tx.all(_ALL, code=SUSPENDED))
        return [_view(row) for row in rows]

    async def add(
        self, org: OrganisationId, by: UserId, new: NewOrganisation, invited: Invited, ticket: Ticket
    ) -> Declined | None:
        people = StoredPeople(self.store, self.log)

        def work(tx: Tx) -> Declined | None:
            if tx.one("SELECT id FROM organisation WHERE uscc = :uscc", uscc=new.uscc) is not None:
                return REGISTERED_ALREADY
            if tx.one("SELECT id FROM user_account WHERE login = :login", login=invited.login) is not None:
                return LOGIN_TAKEN
            tx.insert(organisation_of(org, new))
            seed_pause_codes(tx, org)
            says: dict[str, Json] = {"organisation": str(org), "act": "taken in"}
            draft = Draft(type=EventType.CONFIG_CHANGED, actor=Actor(ActorKind.USER, by), says=says, org=org)
            self.log.append(tx, draft, tx.now_us())
            people.add_within(tx, org, by, invited, ticket)
            return None

        return await self.store.write(work)

    async def suspend(self, org: OrganisationId, by: UserId, why: str) -> bool:
        def work(tx: Tx) -> bool:
            if _suspension(tx, org) is not None:
                return False
            opened = StopOpened(stop_id=f"suspended-{org}-{tx.now_us()}", code=SUSPENDED, why=why, org_id=org)
            return stop_dialling(tx, self.log, Actor(ActorKind.USER, by), opened)

        return await self.store.write(work)

    async def resume(self, org: OrganisationId, by: UserId, why: str) -> bool:
        def work(tx: Tx) -> bool:
            stop = _suspension(tx, org)
            return stop is not None and lift_stop(tx, self.log, Actor(ActorKind.USER, by), org, stop, why)

        return await self.store.write(work)


def organisation_of(org: str, new: NewOrganisation) -> Organisation:
    """An organisation of which nothing is filed but where it is: all else is unknown, and what is unknown refuses."""
    return Organisation(
        id=org,
        name_zh=new.name_zh,
        name_en=new.name_en,
        uscc=new.uscc,
        industry="general",
        region=new.country.lower(),
        packs="cn-platform" if new.country == "CN" else "",
        register_json=to_register(OrganisationFacts, country=new.country),
    )


def begin_operator(tx: Tx, org: str) -> None:
    """The first organisation of an installation: its administrators operate the platform; default registers."""
    tx.run("INSERT INTO setting (name, value) VALUES (:name, :org)", name=OPERATOR, org=org)
    seed_pause_codes(tx, org)


def _suspension(tx: Tx, org: str) -> str | None:
    row = tx.one(
        "SELECT id FROM dialling_stop WHERE org_id = :org AND code = :code AND lifted_us IS NULL",
        org=org,
        code=SUSPENDED,
    )
    return None if row is None else str(row.id)


def _view(row: Row) -> OrganisationView:
    return OrganisationView(
        id=row.id,
        name=Sentence(row.name_zh, row.name_en),
        uscc=row.uscc,
        region=row.region,
        people=int(row.people),
        campaigns_running=int(row.running),
        operates=bool(row.operates),
        suspended_at=moment_or_none(row.suspended_us),
    )
