"""Which account a subject of the operator's provider is."""

from dataclasses import dataclass
from datetime import datetime

from dialer.domain.ids import UserId
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.services.identity import Account
from dialer.services.sign_on import Vouched
from dialer.storage.identity import account_of
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros


@dataclass(frozen=True, slots=True)
class StoredSignOn:
    """`SignOnStore` on the product's database."""

    store: Store
    log: LogWriter

    async def bind(self, vouched: Vouched, at: datetime) -> tuple[UserId, Account] | None:
        """The account of the subject, bound now where neither the subject nor the account is bound yet."""

        def work(tx: Tx) -> tuple[UserId, Account] | None:
            known = tx.one(
                "SELECT user_id FROM sign_on WHERE issuer = :issuer AND subject = :subject",
                issuer=vouched.issuer,
                subject=vouched.subject,
            )
            if known is None:
                bound = tx.run(
                    "INSERT INTO sign_on (issuer, subject, user_id, bound_us)"
                    " SELECT :issuer, :subject, u.id, :at FROM user_account u WHERE u.login = :login"
                    " AND NOT EXISTS (SELECT 1 FROM sign_on s WHERE s.issuer = :issuer AND s.user_id = u.id)",
                    issuer=vouched.issuer,
                    subject=vouched.subject,
                    login=vouched.login,
                    at=micros(at),
                )
                if bound != 1:
                    return None
            row = tx.one(
                "SELECT u.* FROM sign_on s JOIN user_account u ON u.id = s.user_id"
                " WHERE s.issuer = :issuer AND s.subject = :subject",
                issuer=vouched.issuer,
                subject=vouched.subject,
            )
            if row is None:
                return None
            if known is None:
                self._say(tx, row)
            return UserId(row.id), account_of(row)

        return await self.store.write(work)

    def _say(self, tx: Tx, row: Row) -> None:
        says: dict[str, Json] = {"account": str(row.id), "act": "sign-on bound"}
        actor = Actor(ActorKind.USER, row.id)
        draft = Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=row.org_id)
        self.log.append(tx, draft, tx.now_us())
