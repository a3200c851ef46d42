"""The supervisor's floor: agents, campaigns and totals of one organisation, of today in its zone."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.ports.clock import Clock
from dialer.services.views.desk import DeskState
from dialer.services.views.floor import (
    AbandonedView,
    CampaignView,
    DialableView,
    FloorAgent,
    FloorView,
    Totals,
)
from dialer.services.views.live import LiveFloor
from dialer.services.views.vocabulary import PURPOSES, stop_sentence
from dialer.services.views.words import Named, Sentence
from dialer.storage.facts import BUSINESS_ZONE
from dialer.storage.pause_codes import pause_codes_of
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import micros, moment_or_none

PPM: Final = 1_000_000
COUNT_SECONDS_FREE: Final = 0.1
COUNT_REST: Final = 10
_TALKING: Final = frozenset({DeskState.TALKING, DeskState.CLOSING})

_AGENTS: Final = """
    SELECT u.id, u.name,
           (SELECT COUNT(*) FROM attempt a WHERE a.agent_id = u.id AND a.connected_us >= :day) AS calls,
           (SELECT COALESCE(SUM(COALESCE(a.ended_us, :now) - a.connected_us), 0) FROM attempt a
             WHERE a.agent_id = u.id AND a.connected_us >= :day) AS talk_us
      FROM user_account u
     WHERE u.org_id = :org AND u.role = 'agent' AND u.disabled_us IS NULL
     ORDER BY u.name, u.id
"""
_COUNTS: Final = """
    SELECT campaign_id, COUNT(*) AS attempts,
           SUM(CASE WHEN state = 'ringing' THEN 1 ELSE 0 END) AS ringing,
           SUM(CASE WHEN answered_us IS NOT NULL THEN 1 ELSE 0 END) AS answered,
           SUM(CASE WHEN answered_us IS NOT NULL AND (abandon_cause IS NOT NULL OR answer_class = 'human')
               THEN 1 ELSE 0 END) AS live,
           SUM(CASE WHEN answered_us IS NOT NULL AND abandon_cause IS NOT NULL THEN 1 ELSE 0 END) AS abandoned,
           SUM(CASE WHEN outcome = 'refused_by_callee' OR outcome = 'unwanted' THEN 1 ELSE 0 END) AS refused
      FROM attempt
     WHERE org_id = :org AND authorised_us >= :day AND state <> 'refused'
     GROUP BY campaign_id
"""
_DIALABLE: Final = """
    SELECT campaign_id, bucket, COUNT(*) AS n, MIN(opens) AS opens FROM (
        SELECT l.campaign_id,
               CASE WHEN l.state = 'dropped' THEN 'never'
                    WHEN d.outcome = 'refused' AND d.lawful_from_us IS NULL THEN 'never'
                    WHEN l.due_us > :now THEN 'later'
                    WHEN d.id IS NULL THEN 'unknown'
                    ELSE 'now' END AS bucket,
               l.due_us AS opens
          FROM lead l LEFT JOIN decision d ON d.id = l.last_decision_id
         WHERE l.org_id = :org AND l.state IN ('queued', 'claimed', 'dropped')) AS leads
     GROUP BY campaign_id, bucket
"""


@dataclass(frozen=True, slots=True)
class _Counted:
    """Leads counted by when they may be called, and what the counting cost."""

    rows: list[Row]
    done_at: float
    took_seconds: float


@dataclass(slots=True)
class FloorReader:
    """Reads `FloorView`."""

    store: Store
    clock: Clock
    live: LiveFloor
    _counted: dict[OrganisationId, _Counted] = field(default_factory=dict)

    async def view(self, org: OrganisationId) -> FloorView:
        """The whole floor of that organisation."""
        now = self.clock.now()
        return await self.store.read(lambda tx: self.read(tx, org, now))

    def read(self, tx: Tx, org: OrganisationId, now: datetime) -> FloorView:
        """The same inside a transaction."""
        day_us = micros(day_start(now))
        agents = self._agents(tx, org, day_us, micros(now))
        counts = {r.campaign_id: r for r in tx.all(_COUNTS, org=org, day=day_us)}
        buckets = self._buckets(tx, org, micros(now))
        campaigns = tuple(
            self._campaign(tx, row, counts.get(row.id), buckets, agents)
            for row in tx.all("SELECT * FROM campaign WHERE org_id = :org ORDER BY id", org=org)
        )
        staffed = sum(n.staffed_seconds_today for n in (self.live.agent(UserId(a.id)) for a in agents) if n)
        talked = sum(a.talk_seconds_today for a in agents)
        return FloorView(
            at=now,
            agents=agents,
            campaigns=campaigns,
            totals=_totals(agents, counts.values(), _dialable(buckets), _share(talked, staffed)),
        )

    def _buckets(self, tx: Tx, org: OrganisationId, now_us: int) -> list[Row]:
        # counting hundreds of thousands of leads takes long; the floor, which is read every second, may
        # spend a tenth of the time on it. A short list is always counted anew.
        last, began = self._counted.get(org), time.monotonic()
        if (
            last is not None
            and last.took_seconds > COUNT_SECONDS_FREE
            and began - last.done_at < COUNT_REST * last.took_seconds
        ):
            return last.rows
        rows = tx.all(_DIALABLE, org=org, now=now_us)
        done_at = time.monotonic()
        self._counted[org] = _Counted(rows, done_at, done_at - began)
        return rows

    def _agents(self, tx: Tx, org: OrganisationId, day_us: int, now_us: int) -> tuple[FloorAgent, ...]:
        works: dict[str, list[Named]] = {}
        for row in tx.all(
            "SELECT g.user_id, c.id, c.name_zh, c.name_en FROM campaign_agent g JOIN campaign c ON c.id = g.campaign_id"
            " WHERE c.org_id = :org ORDER BY c.id",
            org=org,
        ):
            works.setdefault(row.user_id, []).append(Named(row.id, Sentence(row.name_zh, row.name_en)))
        pauses = {p.code: p.name for p in pause_codes_of(tx, org)}
        return tuple(
            self._agent(row, tuple(works.get(row.id, ())), pauses)
            for row in tx.all(_AGENTS, org=org, day=day_us, now=now_us)
        )

    def _agent(self, row: Row, campaigns: tuple[Named, ...], pauses: dict[str, Sentence]) -> FloorAgent:
        now = self.live.agent(UserId(row.id))
        return FloorAgent(
            id=row.id,
            name=row.name,
            state=DeskState.OFFLINE if now is None else now.state,
            since=None if now is None else now.since,
            campaigns=campaigns,
            attempt_id=None if now is None else now.attempt_id,
            calls_today=int(row.calls),
            talk_seconds_today=int(row.talk_us) // 1_000_000,
            alert=None if now is None else now.alert,
            pause_reason=None if now is None or now.pause_code is None else pauses.get(now.pause_code),
        )

    def _campaign(
        self, tx: Tx, row: Row, counts: Row | None, buckets: list[Row], agents: tuple[FloorAgent, ...]
    ) -> CampaignView:
        mine = [a for a in agents if any(c.id == row.id for c in a.campaigns)]
        stops = tx.all(
            "SELECT code FROM dialling_stop WHERE lifted_us IS NULL AND campaign_id = :id ORDER BY at_us",
            id=row.id,
        )
        purpose = Purpose(row.purpose)
        return CampaignView(
            id=row.id,
            name=Sentence(row.name_zh, row.name_en),
            purpose=purpose,
            purpose_name=PURPOSES[purpose],
            mode=PacingMode(row.mode),
            state=CampaignState(row.state),
            abandoned=_abandoned(counts, row.abandon_cap_ppm),
            dialable=_dialable([b for b in buckets if b.campaign_id == row.id]),
            agents_ready=sum(1 for a in mine if a.state is DeskState.READY),
            agents_talking=sum(1 for a in mine if a.state in _TALKING),
            ringing=0 if counts is None else int(counts.ringing),
            attempts_today=0 if counts is None else int(counts.attempts),
            pacer=self.live.pacer(CampaignId(row.id)),
            stops=tuple(stop_sentence(s.code) for s in stops),
        )


def day_start(now: datetime) -> datetime:
    """When the business day of `now` began."""
    return now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


def _abandoned(counts: Row | None, cap_ppm: int) -> AbandonedView:
    abandoned = 0 if counts is None else int(counts.abandoned)
    live = 0 if counts is None else int(counts.live)
    return AbandonedView(
        abandoned=abandoned,
        live_answers=live,
        share_ppm=_share(abandoned, live),
        cap_ppm=cap_ppm,
        left=max(0, cap_ppm * live // PPM - abandoned),
    )


def _dialable(buckets: Iterable[Row]) -> DialableView:
    count = {"now": 0, "later": 0, "never": 0, "unknown": 0}
    opens: list[int] = []
    for row in buckets:
        count[row.bucket] += int(row.n)
        if row.bucket == "later":
            opens.append(row.opens)
    return DialableView(
        now=count["now"],
        later=count["later"],
        never=count["never"],
        unknown=count["unknown"],
        opens_at=moment_or_none(min(opens, default=None)),
    )


def _totals(
    agents: tuple[FloorAgent, ...], counts: Iterable[Row], dialable: DialableView, talk_share_ppm: int
) -> Totals:
    by_campaign = list(counts)

    def people(*states: DeskState) -> int:
        return sum(1 for a in agents if a.state in states)

    return Totals(
        ready=people(DeskState.READY),
        incoming=people(DeskState.INCOMING),
        talking=people(*_TALKING),
        wrapping=people(DeskState.WRAPPING),
        paused=people(DeskState.PAUSED),
        offline=people(DeskState.OFFLINE),
        ringing=sum(int(c.ringing) for c in by_campaign),
        attempts_today=sum(int(c.attempts) for c in by_campaign),
        answered_today=sum(int(c.answered) for c in by_campaign),
        abandoned_today=sum(int(c.abandoned) for c in by_campaign),
        refused_today=sum(int(c.refused) for c in by_campaign),
        talk_share_ppm=talk_share_ppm,
        dialable=dialable,
    )


def _share(part: int, whole: int) -> int:
    return part * PPM // whole if whole else 0
