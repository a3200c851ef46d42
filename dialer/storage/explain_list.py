"""What the gate would say of every open lead of a campaign: counted, in batches, from snapshots. It permits nothing.

What is the same for all leads of a campaign is read once; consent, source, number, contacts and refusals are read for
each lead. The list may change between two batches; each lead's own facts are of one snapshot.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Final

from dialer.compliance.explain import When, as_of, explain
from dialer.compliance.facts import Facts, Unknown, VaultFacts
from dialer.compliance.gate import Together
from dialer.compliance.outcome import Refusal
from dialer.domain.campaign import CampaignState
from dialer.domain.ids import CampaignId, LeadId, OrganisationId
from dialer.ports.keys import Keyring
from dialer.rules.change import with_pack
from dialer.rules.pack import PackError
from dialer.rules.parse import parse_pack
from dialer.rules.resolve import PackSet
from dialer.services.views.decided import live_decision
from dialer.services.views.listed import CountsView, ListView, ReasonView
from dialer.services.views.words import Declined, Named, Sentence
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
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.times import moment

BATCH_LEADS: Final = 200
OPEN_STATES: Final = "('queued', 'claimed', 'dialing')"
_WALKS: Final = ("state = 'dialing'", "state IN ('queued', 'claimed')")
"""One after the other, as an index leads through each: a batch of a long list costs no more than one of a short list."""
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
class _Place:
    """How far the leads were judged: which walk, and the lead that came last in it."""

    walk: int = 0
    requested_us: int = -1
    lead: str = ""


@dataclass(slots=True)
class _Tally:
    """Counts as `compliance.explain.summarise`, one lead at a time, with the first sentence of each reason."""

    when: Counter[When] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    example: dict[str, ReasonView] = field(default_factory=dict)

    def take(self, facts: Facts, packs: PackSet, now: datetime, together: Together) -> None:
        explanation = explain(facts, packs, now, together)
        self.when[explanation.when] += 1
        if not isinstance(explanation.decision, Refusal):
            return
        found = {o.code for o in explanation.decision.objections}
        self.codes.update(found)
        if found - self.example.keys():
            for shown in live_decision(explanation.decision).objections:
                self.example.setdefault(
                    shown.code, ReasonView(shown.code, 0, shown.sentence, shown.cure, shown.laws)
                )

    def view(self) -> CountsView:
        ordered = sorted(self.codes.items(), key=lambda item: (-item[1], item[0]))
        return CountsView(
            now=self.when[When.NOW],
            today=self.when[When.TODAY],
            later=self.when[When.LATER],
            never=self.when[When.NEVER],
            reasons=tuple(replace(self.example[code], leads=leads) for code, leads in ordered),
        )


class ExplainList:
    """`ExplainListService`. `leads_max`: longer lists are declined, so that a page never keeps the dialer busy."""

    def __init__(
        self, store: Store, keyring: Keyring, read_facts: FactsReader, packs: PackSet, leads_max: int
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._read_facts = read_facts
        self._packs = packs
        self._leads_max = leads_max

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
        is_changed = change.packs is not None or change.campaign is not None
        before, after = _Tally(), _Tally()
        place: _Place | None = _Place()
        while place is not None:
            work = partial(
                self._batch,
                campaign=campaign,
                now=now,
                place=place,
                change=change,
                before=before,
                after=after if is_changed else None,
            )
            place = await self._store.read(work)
        return ListView(
            campaign=named,
            at=now,
            leads=before.when.total(),
            counts=before.view(),
            changed=after.view() if is_changed else None,
        )

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

    def _batch(
        self,
        tx: Tx,
        campaign: CampaignId,
        now: datetime,
        place: _Place,
        change: Change,
        before: _Tally,
        after: _Tally | None,
    ) -> _Place | None:
        """Judge the leads after `place`; where to go on, or None after the last."""
        leads = tx.all(
            f"SELECT * FROM lead WHERE campaign_id = :id AND {_WALKS[place.walk]}"
            " AND (requested_us, id) > (:requested_us, :lead) ORDER BY requested_us, id LIMIT :limit",
            id=campaign,
            requested_us=place.requested_us,
            lead=place.lead,
            limit=BATCH_LEADS,
        )
        if not leads:
            return None if place.walk + 1 == len(_WALKS) else _Place(place.walk + 1)
        shared = as_of(self._read_facts(tx, LeadId(leads[0].id), now), now)
        if change.begin is Begin.AS_IF_STARTED:
            shared = _started(shared)
        purpose, reviewed = purpose_of(tx, campaign), reviewed_us_of(tx, leads[0].org_id)
        other = under_campaign(tx, shared, change.campaign, now) if change.campaign is not None else shared
        other_purpose = purpose_of(tx, change.campaign) if change.campaign is not None else purpose
        people, together = People.of(tx, leads), Together()
        for lead in leads:
            facts = self._of_lead(tx, shared, lead, people, purpose, reviewed, now)
            before.take(facts, self._packs, now, together)
            if after is not None:
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
                after.take(changed, change.packs or self._packs, now, together)
        return _Place(place.walk, leads[-1].requested_us, leads[-1].id)

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
