"""What the gate would say of every open lead of a campaign: counted, in batches, from snapshots. It permits nothing.

What is the same for all leads of a campaign is read once a batch; consent, source, number, contacts and refusals are read
for each lead. Processes of this machine may share a long list, stretch by stretch (`explain_counts.py`). Each batch is a
snapshot of its own, in one process as in several: the list may change between two batches, and each lead's own facts are
of one snapshot.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Final

from dialer.compliance.explain import as_of
from dialer.compliance.facts import Facts, Unknown, VaultFacts
from dialer.compliance.gate import Together
from dialer.domain.campaign import CampaignState
from dialer.domain.ids import CampaignId, LeadId, OrganisationId
from dialer.ports.keys import Keyring
from dialer.rules.change import with_pack
from dialer.rules.pack import PackError
from dialer.rules.parse import parse_pack
from dialer.rules.resolve import PackSet
from dialer.services.views.listed import ListView
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.explain_counts import Counted, Stretch, is_long, next_of, stretches
from dialer.storage.explain_people import People
from dialer.storage.facts import BUSINESS_ZONE, FactsReader
from dialer.storage.facts_callee import callee_facts, lead_group
from dialer.storage.facts_caller import (
    caller_id_facts,
    campaign_facts,
    choose_caller_id,
    floor_facts,
    script_facts,
)
from dialer.storage.registers import read_group
from dialer.storage.sharing import share
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

BATCH_LEADS: Final = 200
OPEN_STATES: Final = "('queued', 'claimed', 'dialing')"
TOO_LONG: Final = Declined(
    "list.too_long",
    Sentence(
        "名单过长，请在命令行使用 dialer explain-list。",
        "The list is too long for this page: use `dialer explain-list` on the command line.",
    ),
)


class Begin(Enum):
    """Whether a campaign is judged as it stands or as if it had been started."""

    AS_IT_IS = "as it is"
    AS_IF_STARTED = "as if started"


@dataclass(frozen=True, slots=True)
class Change:
    """What is asked for beside what is: the packs, and the campaign under which the leads would be called."""

    packs: PackSet | None
    campaign: CampaignId | None
    begin: Begin = Begin.AS_IT_IS


AS_IT_IS: Final = Change(None, None)
"""Nothing is changed."""

NOT_BEGUN: Final = frozenset(
    {
        CampaignState.DRAFT,
        CampaignState.PENDING_NUMBER_REVIEW,
        CampaignState.READY,
        CampaignState.PAUSED,
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which list, judged for which moment, and what is changed."""

    campaign: CampaignId
    now: datetime
    change: Change

    @property
    def is_changed(self) -> bool:
        """Whether the leads are judged a second time."""
        return self.change.packs is not None or self.change.campaign is not None


@dataclass(frozen=True, slots=True)
class Crew:
    """Processes that share long lists. `open`: pickled, makes in each of them what this process has."""

    open: "Callable[[], ExplainList]"
    processes: int


class ExplainList:
    """`ExplainListService`. `leads_max`: longer lists are declined, so that a page never keeps the dialer busy."""

    def __init__(
        self,
        store: Store,
        keyring: Keyring,
        read_facts: FactsReader,
        packs: PackSet,
        leads_max: int,
        crew: Crew | None = None,
    ) -> None:
        """`crew`: None where this process counts alone."""
        self._store = store
        self._keyring = keyring
        self._read_facts = read_facts
        self._packs = packs
        self._leads_max = leads_max
        self._crew = crew

    async def explain_list(
        self,
        org: OrganisationId,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None,
        pack: str | None = None,
    ) -> ListView | Declined | None:
        """Every open lead of the campaign. None: no such campaign of that organisation, or no such other one.

        `pack`: the text of a rule pack that stands in for the one of its id.
        """
        packs = read_pack(self._packs, pack)
        if isinstance(packs, Declined):
            return packs
        return await self.what_if(org, campaign, at, Change(packs, under))

    async def as_if_started(self, org: OrganisationId, campaign: CampaignId) -> ListView | Declined | None:
        """Every open lead, were the campaign running: what a start would mean."""
        return await self.what_if(org, campaign, None, Change(None, None, Begin.AS_IF_STARTED))

    async def what_if(
        self, org: OrganisationId, campaign: CampaignId, at: datetime | None, change: Change
    ) -> ListView | Declined | None:
        """The same beside what changed packs or another campaign would say."""
        begun = await self._store.read(lambda tx: self._begin(tx, org, campaign, at, change))
        if begun is None:
            return None
        named, now, leads = begun
        if leads > self._leads_max:
            return TOO_LONG
        asked, counted = Asked(campaign, now, change), Counted()
        async for more in self._each(asked, await self._store.read(partial(stretches, campaign=campaign))):
            counted.add(more)
        return ListView(
            campaign=named,
            at=now,
            leads=counted.before.leads,
            counts=counted.before.view(),
            changed=counted.after.view() if asked.is_changed else None,
        )

    async def _each(self, asked: Asked, of: list[Stretch]) -> AsyncIterator[Counted]:
        if self._crew is None or not is_long(of):
            for stretch in of:
                yield await asyncio.to_thread(self.count, asked, stretch)
            return
        async for counted in share(partial(_opened, self._crew, asked), of, self._crew.processes):
            yield counted

    def count(self, asked: Asked, stretch: Stretch) -> Counted:
        """Judge the leads of a stretch, batch by batch."""
        counted = Counted()
        left: Stretch | None = stretch
        while left is not None:
            left = self._store.read_now(partial(self._batch, asked, left, counted))
        return counted

    def _begin(
        self, tx: Tx, org: OrganisationId, campaign: CampaignId, at: datetime | None, change: Change
    ) -> tuple[Named, datetime, int] | None:
        row = tx.one(
            "SELECT id, name_zh, name_en FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org
        )
        if row is None:
            return None
        if change.campaign is not None:
            other = tx.one(
                "SELECT id FROM campaign WHERE id = :id AND org_id = :org", id=change.campaign, org=org
            )
            if other is None:
                return None
        leads = tx.sole(
            f"SELECT COUNT(*) AS n FROM lead WHERE campaign_id = :id AND state IN {OPEN_STATES}", id=campaign
        )
        named = Named(row.id, Sentence(row.name_zh, row.name_en))
        return named, at or moment(tx.now_us()), int(leads.n)

    def _batch(self, asked: Asked, stretch: Stretch, counted: Counted, tx: Tx) -> Stretch | None:
        """Judge the next leads of a stretch; what is left of it, or None after the last."""
        campaign, now, change = asked.campaign, asked.now, asked.change
        leads = next_of(tx, campaign, stretch, BATCH_LEADS)
        if not leads:
            return None
        shared = as_of(self._read_facts(tx, LeadId(leads[0].id), now), now)
        if change.begin is Begin.AS_IF_STARTED:
            shared = _started(shared)
        purpose, reviewed = purpose_of(tx, campaign), reviewed_us_of(tx, leads[0].org_id)
        other = under_campaign(tx, shared, change.campaign, now) if change.campaign is not None else shared
        other_purpose = purpose_of(tx, change.campaign) if change.campaign is not None else purpose
        people, together = People.of(tx, leads), Together()
        for lead in leads:
            facts = self._of_lead(tx, shared, lead, people, purpose, reviewed, now)
            counted.before.take(facts, self._packs, now, together)
            if asked.is_changed:
                changed = replace(
                    facts,
                    vault=other.vault,
                    platform=other.platform,
                    campaign=other.campaign,
                    script=other.script,
                    caller_id=other.caller_id,
                    floor=other.floor,
                )
                if other_purpose != purpose:
                    changed = replace(changed, dnc=people.dnc(tx, lead, other_purpose, reviewed))
                counted.after.take(changed, change.packs or self._packs, now, together)
        return stretch.behind(leads[-1])

    def _of_lead(
        self,
        tx: Tx,
        shared: Facts,
        lead: Row,
        people: People,
        purpose: str,
        reviewed_us: int | None,
        now: datetime,
    ) -> Facts:
        subject = people.subjects[lead.sid]
        return replace(
            shared,
            consent=people.consent(tx, lead),
            source=people.source(lead),
            callee=callee_facts(tx, self._keyring, subject, lead.register_json, people.case(tx, lead.sid)),
            lead=lead_group(lead, lead.sid in people.with_words),
            contact=people.contact(tx, lead, now),
            dnc=people.dnc(tx, lead, purpose, reviewed_us),
        )


def _opened(crew: Crew, asked: Asked) -> Callable[[Stretch], Counted]:
    """What a process of the crew does: count the stretches that it is given, from its own connection."""
    return partial(crew.open().count, asked)


def read_pack(packs: PackSet, text: str | None) -> PackSet | Declined | None:
    """`packs` with the pack of that text in place of the one of its id; None: no text was given."""
    try:
        return None if text is None else with_pack(packs, parse_pack(text, "pack.toml"))
    except PackError as wrong:
        return Declined(
            "pack.invalid", Sentence(f"规则包无法载入：{wrong}", f"The pack doesn't load: {wrong}")
        )


def _started(shared: Facts) -> Facts:
    campaign = shared.campaign
    if isinstance(campaign, Unknown) or campaign.state not in NOT_BEGUN:
        return shared
    return replace(shared, campaign=replace(campaign, state=CampaignState.RUNNING))


def purpose_of(tx: Tx, campaign: str) -> str:
    """What a campaign calls for."""
    return str(tx.sole("SELECT purpose FROM campaign WHERE id = :id", id=campaign).purpose)


def reviewed_us_of(tx: Tx, org: str) -> int | None:
    """When somebody last reviewed the organisation's own list."""
    row = tx.one("SELECT value FROM setting WHERE name = :name", name=f"dnc_reviewed_us:{org}")
    return None if row is None else int(row.value)


def under_campaign(tx: Tx, shared: Facts, campaign: CampaignId, now: datetime) -> Facts:
    """The facts of a lead, or of a list, with those that another campaign would bring."""
    row = tx.sole("SELECT * FROM campaign WHERE id = :id", id=campaign)
    script = tx.sole("SELECT * FROM script WHERE id = :id", id=row.script_id)
    chosen = choose_caller_id(tx, row.id)
    day_start = now.astimezone(BUSINESS_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    stops = tx.all(
        "SELECT code FROM dialling_stop WHERE lifted_us IS NULL AND (org_id IS NULL OR org_id = :org)"
        " AND (campaign_id IS NULL OR campaign_id = :campaign) AND (caller_id IS NULL OR caller_id = :caller)",
        org=row.org_id,
        campaign=row.id,
        caller=chosen.id if chosen is not None else "",
    )
    stopped_by = tuple(sorted({s.code for s in stops}))
    platform = shared.platform
    if not isinstance(platform, Unknown):
        platform = replace(platform, stops=stopped_by)
    state = shared.vault if isinstance(shared.vault, Unknown) else shared.vault.state
    return replace(
        shared,
        platform=platform,
        vault=read_group(VaultFacts, row.register_json, state=state),
        campaign=campaign_facts(tx, row, day_start, now),
        script=script_facts(script),
        caller_id=caller_id_facts(tx, chosen, day_start, now),
        floor=floor_facts(tx, row.id, row.org_id, day_start),
    )
