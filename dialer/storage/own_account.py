"""One's own account in the database."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.identity import Account
from dialer.storage.identity import StoredIdentity, account_of
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import micros


@dataclass(frozen=True, slots=True)
class StoredOwnAccount:
    """`services.own_account.OwnAccountStore`."""

    store: Store
    log: LogWriter

    async def own(self, user: UserId) -> tuple[str, Account, str | None] | None:
        row = await self.store.read(lambda tx: tx.one("SELECT * FROM user_account WHERE id = :id", id=user))
        return None if row is None else (row.login, account_of(row), row.totp_pending)

    async def failed(self, user: UserId, *, failures_max: int, locked_until: datetime) -> None:
        await StoredIdentity(self.store).failed(user, failures_max=failures_max, locked_until=locked_until)

    async def set_password(
        self, user: UserId, password_hash: str, keep_session: str, at: datetime
    ) -> tuple[str, ...]:
        def work(tx: Tx) -> tuple[str, ...]:
            tx.run(
                "UPDATE user_account SET password_hash = :hash, failed_logins = 0 WHERE id = :id",
                hash=password_hash,
                id=user,
            )
            others = tx.all(
                "SELECT id_sha256 FROM login_session"
                " WHERE user_id = :user AND ended_us IS NULL AND id_sha256 <> :keep",
                user=user,
                keep=keep_session,
            )
            tx.run(
                "UPDATE login_session SET ended_us = :at"
                " WHERE user_id = :user AND ended_us IS NULL AND id_sha256 <> :keep",
                at=micros(at),
                user=user,
                keep=keep_session,
            )
            self._say(tx, user, "password set")
            return tuple(str(r.id_sha256) for r in others)

        return await self.store.write(work)

    async def begin_second_factor(self, user: UserId, secret: str) -> None:
        await self.store.write(
            lambda tx: tx.run(
                "UPDATE user_account SET totp_pending = :secret WHERE id = :id", secret=secret, id=user
            )
        )

    async def confirm_second_factor(self, user: UserId, secret: str, step: int) -> bool:
        def work(tx: Tx) -> bool:
            changed = tx.run(
                "UPDATE user_account SET totp_secret = :secret, totp_pending = NULL, totp_last_step = :step"
                " WHERE id = :id AND totp_pending = :secret",
                secret=secret,
                step=step,
                id=user,
            )
            if changed == 1:
                self._say(tx, user, "second factor set")
            return changed == 1

        return await self.store.write(work)

    def _say(self, tx: Tx, user: UserId, act: str) -> None:
        org = tx.sole("SELECT org_id FROM user_account WHERE id = :id", id=user).org_id
        says: dict[str, Json] = {"account": str(user), "act": act}
        actor = Actor(ActorKind.USER, user)
        self.log.append(
            tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us()
        )
