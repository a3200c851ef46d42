"""A past decision made again from its own evidence: the facts in its leaf, at its moment, under the packs of now.

Where the packs are the ones of then, the answer must be the same; where they are others, it says what changed.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from dialer.compliance.codec import CodecError, facts_from_plain
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.ports.keys import Keyring
from dialer.services.views.decided import live_decision
from dialer.services.views.listed import ReplayView
from dialer.services.views.words import Declined, Sentence
from dialer.storage.ledger import Decide
from dialer.storage.log import open_payload
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

NO_FACTS = Declined(
    "replay.no_facts",
    Sentence(
        "该决定的事实不在证据中（此人已删除，或由旧版本作出）。",
        "The decision's facts are not in the evidence: the person was erased, or an older version decided.",
    ),
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Then and now. `packs_changed`: ids of packs, calendars and lists whose text is another one today."""

    at: datetime
    codes_then: tuple[str, ...]
    codes_now: tuple[str, ...]
    packs_changed: tuple[str, ...]
    decision: Allowed | Refusal

    @property
    def is_same(self) -> bool:
        """Whether the gate says today what it said then."""
        return self.codes_then == self.codes_now


def replay(tx: Tx, keyring: Keyring, decide: Decide, attempt: AttemptId) -> Replayed | Declined | None:
    """Decide again. None: there is no decision of that attempt."""
    row = tx.one(
        "SELECT at_us, codes, policy_json, leaf_seq FROM decision WHERE attempt_id = :id ORDER BY at_us LIMIT 1",
        id=attempt,
    )
    if row is None:
        return None
    payload = open_payload(tx, keyring, int(row.leaf_seq))
    text = payload.value("facts") if payload is not None else None
    if not isinstance(text, str):
        return NO_FACTS
    try:
        facts = facts_from_plain(json.loads(text))
    except (CodecError, ValueError):
        return NO_FACTS
    at = moment(row.at_us)
    decision = decide(facts, at)
    then = {p["id"]: p["sha256"] for p in json.loads(row.policy_json)}
    now = {p.policy_id: p.sha256 for p in decision.policy}
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    return Replayed(
        at=at,
        codes_then=tuple(c for c in row.codes.split(",") if c),
        codes_now=decision.codes if isinstance(decision, Refusal) else (),
        packs_changed=tuple(changed),
        decision=decision,
    )


@dataclass(frozen=True, slots=True)
class StoredReplay:
    """`ReplayService`."""

    store: Store
    keyring: Keyring
    decide: Decide

    async def replay(self, org: OrganisationId, attempt: AttemptId) -> ReplayView | Declined | None:
        """Decide again. None: there is no decision of such an attempt of that organisation."""

        def work(tx: Tx) -> Replayed | Declined | None:
            own = tx.one("SELECT id FROM attempt WHERE id = :id AND org_id = :org", id=attempt, org=org)
            return None if own is None else replay(tx, self.keyring, self.decide, attempt)

        done = await self.store.read(work)
        if not isinstance(done, Replayed):
            return done
        return ReplayView(
            done.at, done.is_same, done.codes_then, live_decision(done.decision), done.packs_changed
        )
