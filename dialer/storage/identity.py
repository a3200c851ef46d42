"""Accounts and sessions in the database."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import OrganisationId, UserId
from dialer.services.identity import Account, LiveSession, SessionRow
from dialer.services.views.session import Locale, Role
from dialer.services.views.words import Named, Sentence
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment, moment_or_none

_SESSION = """
    SELECT s.id_sha256, s.user_id, s.csrf, s.created_us, s.seen_us, s.expires_us,
           u.name, u.role, u.locale, u.org_id, o.name_zh, o.name_en,
           CASE WHEN u.totp_secret IS NULL THEN 0 ELSE 1 END AS has_totp,
           (SELECT COUNT(*) FROM setting t WHERE t.name = 'operator' AND t.value = u.org_id) AS operates
      FROM login_session s
      JOIN user_account u ON u.id = s.user_id
      JOIN organisation o ON o.id = u.org_id
     WHERE s.id_sha256 = :session_id AND s.ended_us IS NULL AND u.disabled_us IS NULL
"""


@dataclass(frozen=True, slots=True)
class StoredIdentity:
    """`IdentityStore` on the product's database."""

    store: Store

    async def account(self, login: str) -> Account | None:
        """The account of a login name."""
        row = await self.store.read(
            lambda tx: tx.one(
                "SELECT id, password_hash, totp_secret, totp_last_step, disabled_us, failed_logins, locked_until_us"
                " FROM user_account WHERE login = :login",
                login=login,
            )
        )
        if row is None:
            return None
        return account_of(row)

    async def failed(self, user: UserId, *, failures_max: int, locked_until: datetime) -> None:
        """Count a failure in one statement, so that attempts at the same moment all count."""
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE user_account SET"
                " locked_until_us = CASE WHEN failed_logins + 1 >= :most THEN :until ELSE locked_until_us END,"
                " failed_logins = CASE WHEN failed_logins + 1 >= :most THEN 0 ELSE failed_logins + 1 END"
                " WHERE id = :user",
                most=failures_max,
                until=micros(locked_until),
                user=user,
            )
        )

    async def begin(self, session: SessionRow, *, totp_step: int | None) -> bool:
        """Open a session, unless the second factor's step was used meanwhile."""

        def work(tx: Tx) -> bool:
            changed = tx.run(
                "UPDATE user_account SET failed_logins = 0, locked_until_us = NULL,"
                " totp_last_step = COALESCE(CAST(:step AS BIGINT), totp_last_step)"
                " WHERE id = :user AND disabled_us IS NULL"
                " AND (CAST(:step AS BIGINT) IS NULL OR totp_last_step IS NULL OR totp_last_step < :step)",
                step=totp_step,
                user=session.user_id,
            )
            if changed != 1:
                return False
            tx.run(
                "INSERT INTO login_session"
                " (id_sha256, user_id, csrf, created_us, seen_us, expires_us, ended_us, user_agent)"
                " VALUES (:session_id, :user, :csrf, :created, :seen, :expires, NULL, :agent)",
                session_id=session.session_id,
                user=session.user_id,
                csrf=session.csrf,
                created=micros(session.created_at),
                seen=micros(session.seen_at),
                expires=micros(session.expires_at),
                agent=session.user_agent,
            )
            return True

        return await self.store.write(work)

    async def rehash(self, user: UserId, password_hash: str) -> None:
        """Keep a hash made with today's parameters."""
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE user_account SET password_hash = :hash WHERE id = :user",
                hash=password_hash,
                user=user,
            )
        )

    async def session(self, session_id: str) -> LiveSession | None:
        """The session with its user and organisation, unless it was ended or the user disabled."""
        row = await self.store.read(lambda tx: tx.one(_SESSION, session_id=session_id))
        return None if row is None else _live(row)

    async def seen(self, session_id: str, at: datetime) -> None:
        """Remember when the session was last used; an older moment never replaces a newer one."""
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE login_session SET seen_us = :at WHERE id_sha256 = :session_id AND seen_us < :at",
                at=micros(at),
                session_id=session_id,
            )
        )

    async def end(self, user: UserId, session_id: str, at: datetime) -> None:
        """End one session of that user."""
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE login_session SET ended_us = :at"
                " WHERE id_sha256 = :session_id AND user_id = :user AND ended_us IS NULL",
                at=micros(at),
                session_id=session_id,
                user=user,
            )
        )

    async def live(
        self, user: UserId, *, since: datetime, now: datetime, limit: int
    ) -> tuple[SessionRow, ...]:
        """The user's sessions used since that moment and not over, newest first."""
        rows = await self.store.read(
            lambda tx: tx.all(
                "SELECT id_sha256, user_id, csrf, created_us, seen_us, expires_us, user_agent FROM login_session"
                " WHERE user_id = :user AND ended_us IS NULL AND expires_us > :now AND seen_us > :since"
                " ORDER BY created_us DESC, id_sha256 LIMIT :most",
                user=user,
                now=micros(now),
                since=micros(since),
                most=limit,
            )
        )
        return tuple(
            SessionRow(
                session_id=row.id_sha256,
                user_id=UserId(row.user_id),
                csrf=row.csrf,
                created_at=moment(row.created_us),
                seen_at=moment(row.seen_us),
                expires_at=moment(row.expires_us),
                user_agent=row.user_agent,
            )
            for row in rows
        )

    async def set_locale(self, user: UserId, locale: Locale) -> None:
        """Remember the user's language."""
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE user_account SET locale = :locale WHERE id = :user", locale=locale.value, user=user
            )
        )


def account_of(row: Row) -> Account:
    """An account's row as a login is judged by it."""
    return Account(
        user_id=UserId(row.id),
        password_hash=row.password_hash,
        totp_secret=row.totp_secret,
        totp_last_step=row.totp_last_step,
        disabled=row.disabled_us is not None,
        failed_logins=row.failed_logins,
        locked_until=moment_or_none(row.locked_until_us),
    )


def _live(row: Row) -> LiveSession:
    return LiveSession(
        session_id=row.id_sha256,
        user_id=UserId(row.user_id),
        org_id=OrganisationId(row.org_id),
        org=Named(row.org_id, Sentence(row.name_zh, row.name_en)),
        user_name=row.name,
        role=Role(row.role),
        locale=Locale.ZH if row.locale.startswith("zh") else Locale.EN,
        has_second_factor=bool(row.has_totp),
        operates_platform=bool(row.operates) and row.role == Role.ADMINISTRATOR,
        csrf=row.csrf,
        created_at=moment(row.created_us),
        seen_at=moment(row.seen_us),
        expires_at=moment(row.expires_us),
    )
