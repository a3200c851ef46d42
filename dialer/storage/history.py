"""A campaign's own past as the simulator takes it: outcomes and durations of its last calls, no personal data."""

from dataclasses import dataclass
from typing import Final

from dialer.domain.ids import CampaignId, OrganisationId
from dialer.pacing.history import History
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store

CALLS_MAX: Final = 20_000
"""The newest calls; older ones say little about tomorrow."""
RING_SECONDS_FAILED_MAX: Final = 5.0
"""A call that ended unanswered sooner than this was refused by the network, not left to ring."""


@dataclass(frozen=True, slots=True)
class StoredHistories:
    """`services.simulations.Histories` on the database."""

    store: Store

    async def history(self, org: OrganisationId | None, campaign: CampaignId) -> History | None:
        """The campaign's last calls; None: no such campaign in that organisation (None: in any)."""
        return await self.store.read(lambda tx: history_of(tx, org, campaign))


def history_of(tx: Tx, org: OrganisationId | None, campaign: CampaignId) -> History | None:
    """The same inside a transaction."""
    owner = tx.one("SELECT org_id FROM campaign WHERE id = :id", id=campaign)
    if owner is None or (org is not None and owner.org_id != org):
        return None
    rows = tx.all(
        "SELECT authorised_us, placed_us, answered_us, connected_us, ended_us, sealed_us, answer_class"
        " FROM attempt WHERE campaign_id = :campaign AND placed_us IS NOT NULL AND ended_us IS NOT NULL"
        " ORDER BY authorised_us DESC LIMIT :most",
        campaign=campaign,
        most=CALLS_MAX,
    )
    return _told(rows)


def _told(rows: list[Row]) -> History:
    rings: list[float] = []
    machines: list[float] = []
    talks: list[float] = []
    wraps: list[float] = []
    no_answer = failed = 0
    for row in rows:
        if row.answered_us is None:
            if _seconds(row.placed_us, row.ended_us) < RING_SECONDS_FAILED_MAX:
                failed += 1
            else:
                no_answer += 1
            continue
        ring = _seconds(row.placed_us, row.answered_us)
        # a machine that an agent talked to took the agent's time like anybody else
        caught = row.answer_class == "machine" and row.connected_us is None
        (machines if caught else rings).append(ring)
        if row.connected_us is not None:
            talks.append(_seconds(row.connected_us, row.ended_us))
            if row.sealed_us is not None:
                wraps.append(_seconds(row.ended_us, row.sealed_us))
    return History(no_answer, failed, tuple(rings), tuple(machines), tuple(talks), tuple(wraps))


def _seconds(since_us: int, until_us: int) -> float:
    return max(0.0, (until_us - since_us) / 1_000_000)
