"""What people do with their own account: another password, a second factor. Both ask for the password once more."""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import quote

from dialer.domain.ids import UserId
from dialer.ports.clock import Clock
from dialer.services.identity import (
    FAILURES_MAX,
    LOCK_MINUTES,
    Account,
    LiveSession,
    LoginLocked,
    PasswordChecker,
)
from dialer.services.people import weakness
from dialer.services.totp import matching_step
from dialer.services.views.people import SecondFactorView
from dialer.services.views.words import Declined, Sentence

SECRET_BYTES: Final = 20
ISSUER: Final = "Dialer"

PASSWORD_WRONG: Final = Declined(
    "password.wrong", Sentence("当前密码不正确。", "The present password is not right.")
)
CODE_WRONG: Final = Declined(
    "second_factor.wrong",
    Sentence(
        "验证码不正确，请核对手机时间后重试。",
        "The code is not right: check the phone's clock and try again.",
    ),
)
NOT_BEGUN: Final = Declined(
    "second_factor.not_begun", Sentence("请先生成密钥。", "There is no secret yet: begin first.")
)


class OwnAccountStore(Protocol):
    """One's own account, durable; every change has its leaf."""

    async def own(self, user: UserId) -> tuple[str, Account, str | None] | None:
        """Login, account, and the second factor that was begun."""
        ...

    async def failed(self, user: UserId, *, failures_max: int, locked_until: datetime) -> None: ...

    async def set_password(
        self, user: UserId, password_hash: str, keep_session: str, at: datetime
    ) -> tuple[str, ...]:
        """The new password; every other session ends. Their ids."""
        ...

    async def begin_second_factor(self, user: UserId, secret: str) -> None: ...

    async def confirm_second_factor(self, user: UserId, secret: str, step: int) -> bool:
        """The pending secret counts from now on. False: another one is pending by now."""
        ...


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """`OwnAccountService`."""

    store: OwnAccountStore
    passwords: PasswordChecker
    clock: Clock

    async def change_password(
        self, session: LiveSession, current: str, wanted: str
    ) -> tuple[str, ...] | Declined | LoginLocked | None:
        """Another password; other logins end, this one goes on. Their session ids; None: the account is gone."""
        refused = await self._asked_again(session, current)
        if isinstance(refused, Declined | LoginLocked):
            return refused
        if refused is None:
            return None
        weak = weakness(wanted, refused)
        if weak is not None:
            return weak
        fresh = await self.passwords.fresh(wanted)
        return await self.store.set_password(session.user_id, fresh, session.session_id, self.clock.now())

    async def begin_second_factor(
        self, session: LiveSession, current: str
    ) -> SecondFactorView | Declined | LoginLocked | None:
        """A new secret, which counts once a code of it was told."""
        login = await self._asked_again(session, current)
        if isinstance(login, Declined | LoginLocked) or login is None:
            return login
        secret = base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()
        await self.store.begin_second_factor(session.user_id, secret)
        label = quote(f"{ISSUER}:{login}")
        return SecondFactorView(secret, f"otpauth://totp/{label}?secret={secret}&issuer={quote(ISSUER)}")

    async def confirm_second_factor(self, session: LiveSession, code: str) -> Declined | None:
        """From now on every login asks for a code."""
        found = await self.store.own(session.user_id)
        if found is None or found[2] is None:
            return NOT_BEGUN
        step = matching_step(found[2], code, self.clock.now(), None)
        if step is None:
            return CODE_WRONG
        done = await self.store.confirm_second_factor(session.user_id, found[2], step)
        return None if done else NOT_BEGUN

    async def _asked_again(self, session: LiveSession, current: str) -> str | Declined | LoginLocked | None:
        """The login of whoever said the right password; failures count as those of a login do."""
        found = await self.store.own(session.user_id)
        if found is None:
            return None
        login, account, _ = found
        now = self.clock.now()
        if account.locked_until is not None and account.locked_until > now:
            return LoginLocked(account.locked_until)
        right = await self.passwords.matches(account.password_hash, current)
        if right is None:
            return LoginLocked(now + timedelta(seconds=5))
        if not right:
            until = now + timedelta(minutes=LOCK_MINUTES)
            await self.store.failed(session.user_id, failures_max=FAILURES_MAX, locked_until=until)
            return PASSWORD_WRONG
        return login
