"""Accounts and one-time links in the database; each act of an administrator has its leaf, which names ids only."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.people import Ended, Invited, Ticket
from dialer.services.views.people import AccountView, TicketKind, WelcomeView
from dialer.services.views.session import Role
from dialer.services.views.words import Named, Sentence
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_office import AccountTicket
from dialer.storage.tables_organisation import User
from dialer.storage.times import micros, moment_or_none

_PEOPLE = """
    SELECT u.id, u.login, u.name, u.role, u.disabled_us, u.totp_secret, u.locked_until_us,
           CASE WHEN u.password_hash = '' THEN 0 ELSE 1 END AS has_password,
           (SELECT MAX(t.expires_us) FROM account_ticket t
             WHERE t.user_id = u.id AND t.ended_us IS NULL AND t.expires_us > :now) AS link_us,
           (SELECT COUNT(*) FROM login_session s WHERE s.user_id = u.id AND s.ended_us IS NULL
               AND s.expires_us > :now AND s.seen_us > :since) AS logins,
           (SELECT MAX(s.seen_us) FROM login_session s WHERE s.user_id = u.id) AS seen_us
      FROM user_account u WHERE u.org_id = :org ORDER BY u.login
"""


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """`services.people.PeopleStore` on the product's database."""

    store: Store
    log: LogWriter

    async def all(self, org: OrganisationId, since: datetime, now: datetime) -> tuple[AccountView, ...]:
        def work(tx: Tx) -> tuple[AccountView, ...]:
            works: dict[str, list[Named]] = {}
            for row in tx.all(
                "SELECT g.user_id, c.id, c.name_zh, c.name_en FROM campaign_agent g"
                " JOIN campaign c ON c.id = g.campaign_id WHERE c.org_id = :org ORDER BY c.id",
                org=org,
            ):
                works.setdefault(row.user_id, []).append(Named(row.id, Sentence(row.name_zh, row.name_en)))
            rows = tx.all(_PEOPLE, org=org, now=micros(now), since=micros(since))
            return tuple(_person(r, tuple(works.get(r.id, ())), micros(now)) for r in rows)

        return await self.store.read(work)

    async def add(self, org: OrganisationId, by: UserId, invited: Invited, ticket: Ticket) -> bool:
        return await self.store.write(lambda tx: self.add_within(tx, org, by, invited, ticket))

    def add_within(self, tx: Tx, org: OrganisationId, by: UserId, invited: Invited, ticket: Ticket) -> bool:
        """`add` as a part of a larger act."""
        if tx.one("SELECT id FROM user_account WHERE login = :login", login=invited.login) is not None:
            return False
        tx.insert(
            User(
                id=ticket.user_id,
                org_id=org,
                login=invited.login,
                name=invited.name,
                role=str(invited.role),
                locale=str(invited.locale),
                password_hash="",
            )
        )
        _put(tx, by, ticket)
        self._say(tx, org, by, ticket.user_id, "invited", role=str(invited.role))
        return True

    async def put_ticket(self, org: OrganisationId, by: UserId, ticket: Ticket) -> bool:
        def work(tx: Tx) -> bool:
            if not _is_there(tx, org, ticket.user_id):
                return False
            _end_tickets(tx, ticket.user_id, micros(ticket.created_at))
            _put(tx, by, ticket)
            self._say(tx, org, by, ticket.user_id, "link made", kind=str(ticket.kind))
            return True

        return await self.store.write(work)

    async def rename(self, org: OrganisationId, by: UserId, user: UserId, name: str, role: Role) -> bool:
        def work(tx: Tx) -> bool:
            before = tx.one(
                "SELECT role FROM user_account WHERE id = :id AND org_id = :org", id=user, org=org
            )
            if before is None:
                return False
            tx.run(
                "UPDATE user_account SET name = :name, role = :role WHERE id = :id",
                name=name,
                role=str(role),
                id=user,
            )
            if before.role != role:
                # a role is a set of rights: what somebody else needs agents for is not theirs any more
                tx.run("DELETE FROM campaign_agent WHERE user_id = :id", id=user)
            self._say(tx, org, by, user, "changed", was=str(before.role), role=str(role))
            return True

        return await self.store.write(work)

    async def set_disabled(self, org: OrganisationId, by: UserId, user: UserId, at: datetime | None) -> bool:
        def work(tx: Tx) -> bool:
            if not _is_there(tx, org, user):
                return False
            at_us = None if at is None else micros(at)
            tx.run("UPDATE user_account SET disabled_us = :at WHERE id = :id", at=at_us, id=user)
            if at_us is not None:
                _end_tickets(tx, user, at_us)
            self._say(tx, org, by, user, "enabled" if at is None else "disabled")
            return True

        return await self.store.write(work)

    async def forget_second_factor(self, org: OrganisationId, by: UserId, user: UserId) -> bool:
        def work(tx: Tx) -> bool:
            if not _is_there(tx, org, user):
                return False
            tx.run(
                "UPDATE user_account SET totp_secret = NULL, totp_pending = NULL, totp_last_step = NULL"
                " WHERE id = :id",
                id=user,
            )
            self._say(tx, org, by, user, "second factor forgotten")
            return True

        return await self.store.write(work)

    async def unlock(self, org: OrganisationId, by: UserId, user: UserId) -> bool:
        def work(tx: Tx) -> bool:
            if not _is_there(tx, org, user):
                return False
            tx.run(
                "UPDATE user_account SET failed_logins = 0, locked_until_us = NULL WHERE id = :id", id=user
            )
            self._say(tx, org, by, user, "unlocked")
            return True

        return await self.store.write(work)

    async def end_sessions(
        self, org: OrganisationId, by: UserId, user: UserId, at: datetime
    ) -> tuple[str, ...]:
        def work(tx: Tx) -> tuple[str, ...]:
            if not _is_there(tx, org, user):
                return ()
            ended = _end_sessions(tx, user, micros(at))
            if ended:
                self._say(tx, org, by, user, "logins ended", logins=len(ended))
            return ended

        return await self.store.write(work)

    async def ticket(self, token_sha256: str, now: datetime) -> WelcomeView | None:
        row = await self.store.read(lambda tx: _ticket(tx, token_sha256, micros(now)))
        if row is None:
            return None
        org = Named(row.org_id, Sentence(row.name_zh, row.name_en))
        return WelcomeView(row.login, row.name, org, TicketKind(row.kind))

    async def use_ticket(self, token_sha256: str, password_hash: str, now: datetime) -> Ended | None:
        def work(tx: Tx) -> Ended | None:
            now_us = micros(now)
            row = _ticket(tx, token_sha256, now_us)
            if row is None:
                return None
            _end_tickets(tx, row.user_id, now_us)
            tx.run(
                "UPDATE user_account SET password_hash = :hash, failed_logins = 0, locked_until_us = NULL"
                " WHERE id = :id",
                hash=password_hash,
                id=row.user_id,
            )
            ended = _end_sessions(tx, row.user_id, now_us)
            user = UserId(row.user_id)
            self._say(tx, OrganisationId(row.org_id), user, user, "password set", kind=str(row.kind))
            return Ended(user, Role(row.role), ended)

        return await self.store.write(work)

    def _say(self, tx: Tx, org: OrganisationId, by: UserId, account: UserId, act: str, **more: Json) -> None:
        says: dict[str, Json] = {"account": str(account), "act": act, **more}
        actor = Actor(ActorKind.USER, by)
        self.log.append(
            tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us()
        )


def _is_there(tx: Tx, org: OrganisationId, user: UserId) -> bool:
    return (
        tx.one("SELECT id FROM user_account WHERE id = :id AND org_id = :org", id=user, org=org) is not None
    )


def _put(tx: Tx, by: UserId, ticket: Ticket) -> None:
    tx.insert(
        AccountTicket(
            token_sha256=bytes.fromhex(ticket.token_sha256),
            user_id=ticket.user_id,
            kind=str(ticket.kind),
            created_by=by,
            created_us=micros(ticket.created_at),
            expires_us=micros(ticket.expires_at),
        )
    )


def _ticket(tx: Tx, token_sha256: str, now_us: int) -> Row | None:
    return tx.one(
        "SELECT t.user_id, t.kind, u.login, u.name, u.role, u.org_id, o.name_zh, o.name_en FROM account_ticket t"
        " JOIN user_account u ON u.id = t.user_id JOIN organisation o ON o.id = u.org_id"
        " WHERE t.token_sha256 = :token AND t.ended_us IS NULL AND t.expires_us > :now AND u.disabled_us IS NULL",
        token=bytes.fromhex(token_sha256),
        now=now_us,
    )


def _end_tickets(tx: Tx, user: str, at_us: int) -> None:
    tx.run(
        "UPDATE account_ticket SET ended_us = :at WHERE user_id = :user AND ended_us IS NULL",
        at=at_us,
        user=user,
    )


def _end_sessions(tx: Tx, user: str, at_us: int) -> tuple[str, ...]:
    live = tx.all("SELECT id_sha256 FROM login_session WHERE user_id = :user AND ended_us IS NULL", user=user)
    tx.run(
        "UPDATE login_session SET ended_us = :at WHERE user_id = :user AND ended_us IS NULL",
        at=at_us,
        user=user,
    )
    return tuple(str(r.id_sha256) for r in live)


def _person(row: Row, campaigns: tuple[Named, ...], now_us: int) -> AccountView:
    locked = row.locked_until_us if row.locked_until_us and row.locked_until_us > now_us else None
    return AccountView(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        disabled_at=moment_or_none(row.disabled_us),
        has_password=bool(row.has_password),
        has_second_factor=row.totp_secret is not None,
        locked_until=moment_or_none(locked),
        open_link=moment_or_none(row.link_us),
        logins=int(row.logins),
        seen_at=moment_or_none(row.seen_us),
        campaigns=campaigns,
    )
