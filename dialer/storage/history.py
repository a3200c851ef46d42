"""A campaign's own past as the simulator takes it: outcomes and durations of its last calls, no personal data."""

from dataclasses import dataclass
from typing import Final

from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.pacing.history import History
from dialer.rules.resolve import PackSet
from dialer.services.comparison import PPM
from dialer.services.simulations import CampaignSetUp
from dialer.services.views.words import Sentence
from dialer.storage.pacing_law import law_of_campaign
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

CALLS_MAX: Final = 20_000
"""The newest calls; older ones say little about tomorrow."""
RING_SECONDS_FAILED_MAX: Final = 5.0
"""A call that ended unanswered sooner than this was refused by the network, not left to ring."""


@dataclass(frozen=True, slots=True)
class StoredHistories:
    """`services.simulations.Histories` on the database."""

    store: Store
    packs: PackSet

    async def set_up(self, org: OrganisationId, campaign: CampaignId) -> CampaignSetUp | None:
        """The campaign as it is set; None: no such campaign in that organisation, or no call of it is lawful."""
        return await self.store.read(lambda tx: _set_up(tx, org, campaign, self.packs))

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


def _set_up(tx: Tx, org: OrganisationId, campaign: CampaignId, packs: PackSet) -> CampaignSetUp | None:
    row = tx.one("SELECT * FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org)
    law = None if row is None else law_of_campaign(tx, row, packs, moment(tx.now_us()))
    if row is None or law is None:
        return None
    agents = tx.sole("SELECT COUNT(*) AS n FROM campaign_agent WHERE campaign_id = :id", id=campaign)
    return CampaignSetUp(
        name=Sentence(row.name_zh, row.name_en),
        mode=PacingMode(row.mode),
        cap=min(row.abandon_cap_ppm, law.cap_ppm_max) / PPM,
        agents=int(agents.n),
        patience_seconds=law.patience_ms / 1000.0,
        ring_seconds_max=float(law.ring_seconds_max),
        cap_max=law.cap_ppm_max / PPM,
    )


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
