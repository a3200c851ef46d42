"""Changes of registers that lift a stop: one person proposes, another approves (A4-A6, B5, decision 21).

What makes the gate stricter is in force at once, whoever files it. What makes it laxer waits for a second person. A
record of a serious violation never lapses: it can't be taken off by anybody.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dialer.compliance.agents import Conduct
from dialer.domain.caller_id import AppealState
from dialer.domain.campaign import Refiling
from dialer.domain.organisation import ChannelState, Standing
from dialer.services.views.words import Declined, Sentence
from dialer.storage.sql import Row, Tx
from dialer.storage.tables_organisation import RegisterChange

IsStricter = Callable[[Any, Any], bool]


def _rises(before: Any, after: Any) -> bool:
    return bool(after >= before)


def _never(before: Any, after: Any) -> bool:
    del before, after
    return False


def _cleared(before: Any, after: Any) -> bool:
    del before
    return after is None


def _unless(clear: object) -> IsStricter:
    return lambda before, after: after == before or after != clear


STRICTER: Final[dict[tuple[str, str], IsStricter]] = {
    ("organisation", "standing"): _unless(Standing.GOOD),
    ("organisation", "channel"): _unless(ChannelState.ACTIVE),
    ("organisation", "channel_complainants"): _rises,
    ("organisation", "channel_months_in_row"): _rises,
    ("organisation", "channel_outcries"): _rises,
    ("campaign", "number_review"): _never,
    ("campaign", "refiling"): _unless(Refiling.NOT_NEEDED),
    ("campaign", "second_person_started_at"): _cleared,
    ("caller-number", "risk_score"): _rises,
    ("caller-number", "alarms"): _rises,
    ("caller-number", "linked_suspension"): _unless(""),
    ("caller-number", "appeal"): _unless(AppealState.NONE),
    ("agent", "conduct"): _unless(Conduct.CLEAR),
}
"""Fields that hold something back, and when a change makes them hold back at least as much (sets: `>=` is superset)."""
ALWAYS: Final = frozenset({("campaign", "number_review"), ("campaign", "second_person_started_at")})
"""Approvals: the second person is needed even where nothing was filed before."""
ONLY_GROWS: Final = frozenset({("organisation", "serious_strikes_at")})

NEVER_LAPSES: Final = Declined(
    "register.never_lapses",
    Sentence(
        "违规记录永久保留，不能删除或修改，只能追加。",
        "A record of a violation stays for ever: it can be added to, not taken off.",
    ),
)
NO_CHANGE: Final = Declined(
    "register.no_such_change",
    Sentence("没有这项待审批的变更。", "There is no such change waiting for approval."),
)
OWN_PROPOSAL: Final = Declined(
    "register.own_proposal",
    Sentence(
        "提出变更的人不能批准自己的变更，需要第二人。",
        "Who proposed a change can't approve it: that takes a second person.",
    ),
)


@dataclass(frozen=True, slots=True)
class Proposed:
    """The change waits for a second person; nothing is different yet."""

    change_id: str


def needs_second(kind: str, name: str, before: object, after: object) -> bool | Declined:
    """Whether that change waits for a second person. `before`: None where nothing was filed."""
    field = (kind, name)
    if field in ONLY_GROWS:
        return NEVER_LAPSES if before is not None and not set(before) <= set(after) else False  # type: ignore[call-overload]
    is_stricter = STRICTER.get(field)
    if is_stricter is None or (before is None and field not in ALWAYS):
        return False
    return not is_stricter(before, after)


def propose(tx: Tx, org: str, user: str, kind: str, entry: str, name: str, value: object) -> Proposed:
    """Keep a change until somebody else approves it; an older one of the same field is replaced."""
    now_us = tx.now_us()
    tx.run(
        "UPDATE register_change SET outcome = 'replaced', settled_by = :user, settled_us = :now"
        " WHERE org_id = :org AND kind = :kind AND entry = :entry AND field = :field AND settled_us IS NULL",
        user=user,
        now=now_us,
        org=org,
        kind=kind,
        entry=entry,
        field=name,
    )
    change_id = secrets.token_hex(8)
    tx.insert(
        RegisterChange(
            id=change_id,
            org_id=org,
            kind=kind,
            entry=entry,
            field=name,
            value_json=json.dumps(value, ensure_ascii=False),
            proposed_by=user,
            proposed_us=now_us,
        )
    )
    return Proposed(change_id)


def waiting(tx: Tx, org: str) -> list[Row]:
    """Changes that wait for a second person, oldest first."""
    return tx.all(
        "SELECT c.*, u.name AS proposer FROM register_change c LEFT JOIN user_account u ON u.id = c.proposed_by"
        " WHERE c.org_id = :org AND c.settled_us IS NULL ORDER BY c.proposed_us, c.id",
        org=org,
    )


def settle(tx: Tx, org: str, user: str, change_id: str, outcome: str) -> Row | Declined:
    """Take a waiting change off the list as approved or rejected. Anybody else may approve, anybody may reject."""
    row = tx.one(
        "SELECT * FROM register_change WHERE id = :id AND org_id = :org AND settled_us IS NULL",
        id=change_id,
        org=org,
    )
    if row is None:
        return NO_CHANGE
    if outcome == "approved" and row.proposed_by == user:
        return OWN_PROPOSAL
    tx.run(
        "UPDATE register_change SET outcome = :outcome, settled_by = :user, settled_us = NOW_US WHERE id = :id",
        outcome=outcome,
        user=user,
        id=change_id,
    )
    return row
