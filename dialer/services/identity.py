"""Logins: passwords, second factor, lock-out and server-side sessions that can be ended from elsewhere."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from dialer.domain.ids import OrganisationId, UserId
from dialer.ports.clock import Clock
from dialer.services.totp import matching_step
from dialer.services.views.session import Locale, LoginView, Role
from dialer.services.views.words import Named

SESSION_BYTES: Final = 32
CSRF_BYTES: Final = 24
IDLE_MINUTES_MAX: Final = 60
LOGIN_HOURS_MAX: Final = 12
CLOCK_BACK_MINUTES_MAX: Final = 5
"""By how much the clock may be set back without ending the sessions that live."""
SEEN_WRITE_SECONDS: Final = 60
"""How stale `seen_us` may be: the moment of use is written at most once in that time."""
FAILURES_MAX: Final = 5
LOCK_MINUTES: Final = 15
HASHES_AT_ONCE_MAX: Final = 2
"""argon2 takes 64 MiB each: more at once would let a flood of logins eat the machine."""
HASHES_WAITING_MAX: Final = 32
LOGINS_SHOWN_MAX: Final = 50
USER_AGENT_CHARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Account:
    """What a login attempt is judged by."""

    user_id: UserId
    password_hash: str
    totp_secret: str | None
    totp_last_step: int | None
    disabled: bool
    failed_logins: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A login that is valid now. `session_id` is the SHA-256 of the cookie's value, in hex.

    `operates_platform`: an administrator of the organisation that operates this installation.
    """

    session_id: str
    user_id: UserId
    org_id: OrganisationId
    org: Named
    user_name: str
    role: Role
    locale: Locale
    has_second_factor: bool
    operates_platform: bool
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SessionRow:
    """The row of one login."""

    session_id: str
    user_id: UserId
    csrf: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    user_agent: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A login that worked: `cookie` is told to the browser once and kept nowhere."""

    cookie: str
    session: LiveSession


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """A login that didn't. The reason is the same sentence whatever was wrong."""


@dataclass(frozen=True, slots=True)
class LoginLocked:
    """Too many failures: not even the right password counts before `until`."""

    until: datetime


class IdentityStore(Protocol):
    """Accounts and sessions, durable."""

    async def account(self, login: str) -> Account | None: ...

    async def failed(self, user: UserId, *, failures_max: int, locked_until: datetime) -> None:
        """Count one failure; the one that reaches `failures_max` locks until then and starts anew."""
        ...

    async def begin(self, session: SessionRow, *, totp_step: int | None) -> bool:
        """Open a session and forget the failures, in one transaction.

        False where `totp_step` was used before (by a login at the same moment): nothing was opened.
        """
        ...

    async def rehash(self, user: UserId, password_hash: str) -> None: ...

    async def session(self, session_id: str) -> LiveSession | None:
        """The session with its user, unless it was ended or the user is disabled. Times are not judged here."""
        ...

    async def seen(self, session_id: str, at: datetime) -> None: ...

    async def end(self, user: UserId, session_id: str, at: datetime) -> None: ...

    async def live(
        self, user: UserId, *, since: datetime, now: datetime, limit: int
    ) -> tuple[SessionRow, ...]:
        """The user's sessions that are not over, newest first."""
        ...

    async def set_locale(self, user: UserId, locale: Locale) -> None: ...


class PasswordChecker:
    """argon2id in threads, few at a time; says no to a stranger's password in the same time as to a known one's."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._slots = asyncio.Semaphore(HASHES_AT_ONCE_MAX)
        self._waiting = 0
        self._nobody = hasher.hash(secrets.token_hex(SESSION_BYTES))

    async def matches(self, password_hash: str | None, password: str) -> bool | None:
        """Whether the password is that hash's; no hash means nobody and is always False.

        None: too many are waiting already; nothing was checked.
        """
        if self._waiting >= HASHES_WAITING_MAX:
            return None
        self._waiting += 1
        try:
            async with self._slots:
                return await asyncio.to_thread(self._check, password_hash, password)
        finally:
            self._waiting -= 1

    async def fresh(self, password: str) -> str:
        """A new hash with the parameters of today."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password)

    def outdated(self, password_hash: str) -> bool:
        """Whether that hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _check(self, password_hash: str | None, password: str) -> bool:
        try:
            self._hasher.verify(password_hash or self._nobody, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
        return password_hash is not None


class StrangerFailures:
    """Failures of logins that name no account, so that an answer never tells which logins exist. Bounded, in memory."""

    ENTRIES_MAX: Final = 10_000

    def __init__(self) -> None:
        self._failures: dict[bytes, tuple[int, datetime | None]] = {}

    def locked_until(self, login: str, now: datetime) -> datetime | None:
        """Until when that login is locked, or None."""
        _, until = self._failures.get(self._key(login), (0, None))
        return until if until is not None and until > now else None

    def failed(self, login: str, locked_until: datetime) -> None:
        """Count one failure; the last one allowed locks."""
        key = self._key(login)
        count, _ = self._failures.pop(key, (0, None))
        locks = count + 1 >= FAILURES_MAX
        self._failures[key] = (0, locked_until) if locks else (count + 1, None)
        while len(self._failures) > self.ENTRIES_MAX:
            self._failures.pop(next(iter(self._failures)))

    @staticmethod
    def _key(login: str) -> bytes:
        return hashlib.sha256(login.encode("utf-8", "surrogatepass")).digest()


class Identity:
    """Who somebody is. Sessions live on the server: ending one takes effect with its next request."""

    def __init__(
        self,
        store: IdentityStore,
        clock: Clock,
        passwords: PasswordChecker,
        second_factor_roles: frozenset[Role] = frozenset(),
    ) -> None:
        """`second_factor_roles`: who does nothing before they have a second factor, as the operator says."""
        self._second_factor_roles = second_factor_roles
        self._store = store
        self._clock = clock
        self._passwords = passwords
        self._strangers = StrangerFailures()

    async def login(
        self, login: str, password: str, totp: str | None, user_agent: str
    ) -> LoggedIn | LoginRefused | LoginLocked:
        """Open a session with a new secret value. Every failure counts; the fifth locks for 15 minutes.

        Raises:
            StoreUnavailable: nobody was let in.
        """
        now = self._clock.now()
        account = await self._store.account(login)
        locked = account.locked_until if account else self._strangers.locked_until(login, now)
        if locked is not None and locked > now:
            return LoginLocked(locked)
        right = await self._passwords.matches(account.password_hash if account else None, password)
        if right is None:
            return LoginLocked(now + timedelta(seconds=5))
        until = now + timedelta(minutes=LOCK_MINUTES)
        if account is None:
            self._strangers.failed(login, until)
            return LoginRefused()
        step = self._second_factor(account, totp, now)
        if not right or account.disabled or step is False:
            await self._store.failed(account.user_id, failures_max=FAILURES_MAX, locked_until=until)
            return LoginRefused()
        if self._passwords.outdated(account.password_hash):
            await self._store.rehash(account.user_id, await self._passwords.fresh(password))
        return await self._open(account.user_id, step, user_agent, now)

    async def vouched(self, user: UserId, user_agent: str) -> LoggedIn | LoginRefused:
        """Open a session for somebody whom the operator's provider vouches for. A disabled account is refused."""
        return await self._open(user, None, user_agent, self._clock.now())

    async def session(self, cookie: str) -> LiveSession | None:
        """The live session behind a cookie's value, or None: unknown, ended, idle too long or too old."""
        found = await self._store.session(hash_of(cookie))
        now = self._clock.now()
        if found is None or not is_live(found, now):
            return None
        if now - found.seen_at >= timedelta(seconds=SEEN_WRITE_SECONDS):
            await self._store.seen(found.session_id, now)
        return found

    async def still_live(self, session: LiveSession, *, in_use: bool) -> bool:
        """Whether an open socket's session is still valid; `in_use` sockets keep it from going idle."""
        found = await self._store.session(session.session_id)
        now = self._clock.now()
        if found is None or not is_live(found, now):
            return False
        if in_use and now - found.seen_at >= timedelta(seconds=SEEN_WRITE_SECONDS):
            await self._store.seen(found.session_id, now)
        return True

    def owes_second_factor(self, session: LiveSession) -> bool:
        """Whether this person must enrol a second factor before anything else."""
        return session.role in self._second_factor_roles and not session.has_second_factor

    async def refreshed(self, session: LiveSession) -> LiveSession | None:
        """The same session as it is stored now."""
        return await self._store.session(session.session_id)

    async def logout(self, session: LiveSession) -> None:
        """End this session."""
        await self._store.end(session.user_id, session.session_id, self._clock.now())

    async def logins(self, session: LiveSession) -> tuple[LoginView, ...]:
        """The person's own live sessions, newest first."""
        return tuple(
            LoginView(
                id=login_id(row.session_id),
                created_at=row.created_at,
                seen_at=row.seen_at,
                user_agent=row.user_agent,
                current=row.session_id == session.session_id,
            )
            for row in await self._live(session)
        )

    async def end_login(self, session: LiveSession, wanted: str) -> str | None:
        """End one of the person's own sessions by the id that `logins` gave; its session id, None: no such login."""
        for row in await self._live(session):
            if login_id(row.session_id) == wanted:
                await self._store.end(session.user_id, row.session_id, self._clock.now())
                return row.session_id
        return None

    async def set_locale(self, session: LiveSession, locale: Locale) -> None:
        """Remember the person's language."""
        await self._store.set_locale(session.user_id, locale)

    async def _live(self, session: LiveSession) -> tuple[SessionRow, ...]:
        now = self._clock.now()
        since = now - timedelta(minutes=IDLE_MINUTES_MAX)
        return await self._store.live(session.user_id, since=since, now=now, limit=LOGINS_SHOWN_MAX)

    def _second_factor(
        self, account: Account, totp: str | None, now: datetime
    ) -> int | Literal[False] | None:
        """The step to remember, None where the account has no second factor, False where it is wrong or missing."""
        if account.totp_secret is None:
            return None
        if totp is None:
            return False
        step = matching_step(account.totp_secret, totp, now, account.totp_last_step)
        return False if step is None else step

    async def _open(
        self, user: UserId, step: int | None, user_agent: str, now: datetime
    ) -> LoggedIn | LoginRefused:
        cookie = secrets.token_urlsafe(SESSION_BYTES)
        row = SessionRow(
            session_id=hash_of(cookie),
            user_id=user,
            csrf=secrets.token_urlsafe(CSRF_BYTES),
            created_at=now,
            seen_at=now,
            expires_at=now + timedelta(hours=LOGIN_HOURS_MAX),
            user_agent=user_agent[:USER_AGENT_CHARS_MAX],
        )
        if not await self._store.begin(row, totp_step=step):
            return LoginRefused()
        opened = await self._store.session(row.session_id)
        return LoginRefused() if opened is None else LoggedIn(cookie, opened)


def hash_of(cookie: str) -> str:
    """What is stored of a cookie's value: 256 random bits need no salt."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def login_id(session_id: str) -> str:
    """The name of a login towards its own user: a part of the stored hash, useless as a cookie."""
    return session_id[:16]


def is_live(session: LiveSession, now: datetime) -> bool:
    """Whether neither the absolute nor the idle time is over. Both bounds are open.

    A session that began in the future is not valid either: the clock was set back (a demo that begins anew), and its
    times say nothing any more.
    """
    idle = now - session.seen_at
    from_here = session.created_at - now < timedelta(minutes=CLOCK_BACK_MINUTES_MAX)
    return from_here and now < session.expires_at and idle < timedelta(minutes=IDLE_MINUTES_MAX)
