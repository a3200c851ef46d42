"""Addresses that are told of events, and the deliveries made from the evidence log."""

import json
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from dialer.domain.ids import OrganisationId, UserId
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.ports.keys import Keyring
from dialer.services.views.webhooks import (
    DeliveryPage,
    DeliveryState,
    DeliveryView,
    WebhookCreated,
    WebhookList,
    WebhookView,
)
from dialer.services.webhooks import (
    KEPT_DAYS,
    OFFERED,
    PER_ROUND_MAX,
    WEBHOOKS_MAX,
    Due,
    message_body,
    shown_secret,
)
from dialer.storage.log import Draft, LogWriter
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_api import Webhook, WebhookDelivery
from dialer.storage.times import moment, moment_or_none

SECRET: Final = "webhook-secret"
LEAVES_PER_ROUND_MAX: Final = 500
PAGE_ITEMS: Final = 50
_DAY_US: Final = 86_400_000_000
_COUNTS: Final = (
    "SELECT w.*,"
    " (SELECT COUNT(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting,"
    " (SELECT COUNT(*) FROM webhook_delivery d WHERE d.webhook_id = w.id AND d.state = 'failed') AS failed"
    " FROM webhook w WHERE w.org_id = :org"
)


class StoredWebhooks:
    """`services.webhooks.WebhookRegister` on the database. Secrets lie there encrypted, each under its own key."""

    def __init__(self, store: Store, log: LogWriter, keyring: Keyring) -> None:
        self._store = store
        self._log = log
        self._keyring = keyring

    async def all(self, org: OrganisationId) -> WebhookList:
        rows = await self._store.read(
            lambda tx: tx.all(f"{_COUNTS} ORDER BY w.created_us DESC, w.id", org=org)
        )
        return WebhookList(tuple(_webhook(r) for r in rows), tuple(str(event) for event in OFFERED))

    async def create(
        self, org: OrganisationId, user: UserId, url: str, events: Sequence[str], secret: bytes
    ) -> WebhookCreated | None:
        webhook = secrets.token_hex(8)
        wrapped = self._keyring.new_subject_key(webhook)

        def work(tx: Tx) -> WebhookView | None:
            in_use = tx.sole(
                "SELECT COUNT(*) AS n FROM webhook WHERE org_id = :org AND disabled_us IS NULL", org=org
            ).n
            if int(in_use) >= WEBHOOKS_MAX:
                return None
            now_us = tx.now_us()
            self._say(tx, org, user, "webhook.created", webhook, now_us)
            tx.insert(
                Webhook(
                    id=webhook,
                    org_id=org,
                    url=url,
                    events=",".join(events),
                    created_by=user,
                    created_us=now_us,
                    # its own making is not told to it
                    next_seq=int(tx.sole("SELECT size FROM log_head WHERE id = 1").size),
                    wrapped_key=wrapped,
                    secret_ct=self._keyring.encrypt(wrapped, webhook, SECRET, secret),
                )
            )
            return _webhook(tx.sole(f"{_COUNTS} AND w.id = :id", org=org, id=webhook))

        made = await self._store.write(work)
        return None if made is None else WebhookCreated(made, shown_secret(secret))

    async def disable(self, org: OrganisationId, user: UserId, webhook: str) -> WebhookList | None:
        def work(tx: Tx) -> bool:
            if not _is_of(tx, org, webhook):
                return False
            if _end(tx, webhook, "by_staff"):
                self._say(tx, org, user, "webhook.disabled", webhook, tx.now_us())
            return True

        return await self.all(org) if await self._store.write(work) else None

    async def deliveries(
        self, org: OrganisationId, webhook: str, after: str | None, limit: int
    ) -> DeliveryPage | None:
        return await self._store.read(lambda tx: _page(tx, org, webhook, after, limit))

    async def again(self, org: OrganisationId, webhook: str, delivery: str) -> DeliveryPage | None:
        def work(tx: Tx) -> DeliveryPage | None:
            if not _is_of(tx, org, webhook):
                return None
            changed = tx.run(
                "UPDATE webhook_delivery SET state = 'waiting', due_us = NOW_US, tries = 0"
                " WHERE id = :id AND webhook_id = :webhook",
                id=delivery,
                webhook=webhook,
            )
            return _page(tx, org, webhook, None, PAGE_ITEMS) if changed else None

        return await self._store.write(work)

    async def enqueue(self, org: OrganisationId, webhook: str, event: str, body: str) -> DeliveryPage | None:
        def work(tx: Tx) -> DeliveryPage | None:
            if not _is_of(tx, org, webhook):
                return None
            tx.insert(_delivery(webhook, event, body, tx.now_us()))
            return _page(tx, org, webhook, None, PAGE_ITEMS)

        return await self._store.write(work)

    async def gather(self) -> int:
        def behind(tx: Tx) -> list[tuple[Row, int, list[Row]]]:
            size = int(tx.sole("SELECT size FROM log_head WHERE id = 1").size)
            hooks = tx.all("SELECT * FROM webhook WHERE disabled_us IS NULL AND next_seq < :size", size=size)
            return [(hook, *_news(tx, hook, size)) for hook in hooks]

        found = await self._store.read(behind)
        if not found:
            return 0

        def work(tx: Tx) -> int:
            made, now_us = 0, tx.now_us()
            for hook, until, leaves in found:
                # the place moves only from where it was read: two rounds never make the same delivery
                moved = tx.run(
                    "UPDATE webhook SET next_seq = :until WHERE id = :id AND next_seq = :was",
                    until=until,
                    id=hook.id,
                    was=hook.next_seq,
                )
                if moved:
                    rows = [
                        _delivery(hook.id, leaf.type, _told(leaf), now_us, int(leaf.seq)) for leaf in leaves
                    ]
                    tx.insert_many(rows)
                    made += len(rows)
            return made

        return await self._store.write(work)

    async def due(self) -> Sequence[Due]:
        def work(tx: Tx) -> list[tuple[Row, Row]]:
            hooks = tx.all("SELECT * FROM webhook WHERE disabled_us IS NULL")
            found: list[tuple[Row, Row]] = []
            for hook in hooks:
                waiting = tx.all(
                    "SELECT * FROM webhook_delivery WHERE webhook_id = :id AND state = 'waiting' AND due_us <= NOW_US"
                    " ORDER BY id LIMIT :limit",
                    id=hook.id,
                    limit=PER_ROUND_MAX,
                )
                found += [(hook, row) for row in waiting]
            return found

        pairs = await self._store.read(work)
        opened: dict[str, bytes] = {}
        for hook, _ in pairs:
            if hook.id not in opened:
                opened[hook.id] = self._keyring.decrypt(
                    bytes(hook.wrapped_key), hook.id, SECRET, bytes(hook.secret_ct)
                )
        return [
            Due(row.id, hook.id, hook.url, row.body, int(row.tries), opened[hook.id]) for hook, row in pairs
        ]

    async def tried(self, delivery: Due, state: DeliveryState, result: str, wait: timedelta | None) -> None:
        wait_us = 0 if wait is None else int(wait.total_seconds() * 1_000_000)
        await self._store.write(
            lambda tx: tx.run(
                "UPDATE webhook_delivery SET state = :state, result = :result, tries = :tries, tried_us = NOW_US,"
                " due_us = NOW_US + :wait WHERE id = :id",
                state=str(state),
                result=result,
                tries=delivery.tries + 1,
                wait=wait_us,
                id=delivery.id,
            )
        )

    async def gone(self, webhook: str) -> None:
        await self._store.write(lambda tx: _end(tx, webhook, "gone"))

    async def purge(self) -> int:
        return await self._store.write(
            lambda tx: tx.run(
                "DELETE FROM webhook_delivery WHERE state <> 'waiting' AND tried_us <= :old",
                old=tx.now_us() - KEPT_DAYS * _DAY_US,
            )
        )

    def _say(self, tx: Tx, org: str, user: str, what: str, webhook: str, now_us: int) -> None:
        draft = Draft(
            type=EventType.CONFIG_CHANGED,
            actor=Actor(ActorKind.USER, user),
            says={"what": what, "webhook": webhook},
            org=org,
        )
        self._log.append(tx, draft, now_us)


def _is_of(tx: Tx, org: str, webhook: str) -> bool:
    return tx.one("SELECT id FROM webhook WHERE id = :id AND org_id = :org", id=webhook, org=org) is not None


def _end(tx: Tx, webhook: str, why: str) -> int:
    ended = tx.run(
        "UPDATE webhook SET disabled_us = NOW_US, disabled_why = :why WHERE id = :id AND disabled_us IS NULL",
        why=why,
        id=webhook,
    )
    if ended:
        tx.run(
            "UPDATE webhook_delivery SET state = 'failed', tried_us = NOW_US, result = 'disabled'"
            " WHERE webhook_id = :id AND state = 'waiting'",
            id=webhook,
        )
    return ended


def _news(tx: Tx, hook: Row, size: int) -> tuple[int, list[Row]]:
    """Where the next look begins, and the leaves before it that the address wants, of its own organisation."""
    until = min(size, int(hook.next_seq) + LEAVES_PER_ROUND_MAX)
    leaves = tx.all_in(
        "SELECT seq, type, attempt_id, consent_id, body FROM leaf WHERE seq >= :since AND seq < :until AND type IN",
        str(hook.events).split(","),
        since=int(hook.next_seq),
        until=until,
    )
    own = [leaf for leaf in leaves if json.loads(bytes(leaf.body)).get("org") == hook.org_id]
    return until, sorted(own, key=lambda leaf: int(leaf.seq))


def _told(leaf: Row) -> str:
    said = json.loads(bytes(leaf.body))
    data: dict[str, object] = {"organisation": said["org"], "seq": int(leaf.seq)}
    for name in ("attempt_id", "consent_id"):
        if getattr(leaf, name) is not None:
            data[name] = getattr(leaf, name)
    return message_body(str(leaf.type), moment(int(said["ts"])), data)


def _delivery(webhook: str, event: str, body: str, now_us: int, seq: int = 0) -> WebhookDelivery:
    return WebhookDelivery(
        # ids sort as they were made, those of one moment by their place in the log
        id=f"msg_{now_us:014x}{seq:010x}{secrets.token_hex(8)}",
        webhook_id=webhook,
        event=event,
        body=body,
        state=str(DeliveryState.WAITING),
        created_us=now_us,
        due_us=now_us,
    )


def _page(tx: Tx, org: str, webhook: str, after: str | None, limit: int) -> DeliveryPage | None:
    if not _is_of(tx, org, webhook):
        return None
    older = {} if after is None else {"after": after}
    rows = tx.all(
        f"SELECT * FROM webhook_delivery WHERE webhook_id = :webhook {'AND id < :after' if older else ''}"
        " ORDER BY id DESC LIMIT :limit",
        webhook=webhook,
        limit=limit + 1,
        **older,
    )
    shown = rows[:limit]
    return DeliveryPage(tuple(_shown(row) for row in shown), str(shown[-1].id) if len(rows) > limit else None)


def _shown(row: Row) -> DeliveryView:
    state = DeliveryState(row.state)
    due = moment(row.due_us) if state is DeliveryState.WAITING else None
    return DeliveryView(
        row.id,
        row.event,
        state,
        moment(row.created_us),
        due,
        int(row.tries),
        moment_or_none(row.tried_us),
        row.result,
    )


def _webhook(row: Row) -> WebhookView:
    return WebhookView(
        id=row.id,
        url=row.url,
        events=tuple(str(row.events).split(",")),
        created_at=moment(row.created_us),
        disabled_at=moment_or_none(row.disabled_us),
        disabled_why=row.disabled_why,
        waiting=int(row.waiting),
        failed=int(row.failed),
    )
