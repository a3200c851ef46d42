"""Campaigns made and changed, in the database. Facts that are the gate's go into the register under their own names."""

import json
import secrets
from dataclasses import dataclass
from datetime import time
from typing import Final

from dialer.compliance.facts import CampaignFacts, ScriptFacts, VaultFacts
from dialer.domain.campaign import AmdUse, CampaignState, PacingMode, Refiling, ReviewState, Speaker
from dialer.domain.ids import CampaignId, OrganisationId, SourceId, UserId
from dialer.domain.organisation import Industry
from dialer.domain.purpose import Purpose
from dialer.evidence.canonical import Json
from dialer.evidence.record import Actor, ActorKind, EventType
from dialer.rules.resolve import PackSet
from dialer.rules.strictness import Span
from dialer.services.campaign_desk import EDITED_MEANWHILE, NOT_YOURS, PAUSE_FIRST
from dialer.services.views.campaigns import (
    CampaignChoices,
    CampaignDetail,
    CampaignForm,
    CampaignHours,
    CampaignRow,
    CampaignRows,
)
from dialer.services.views.register_words import choice_words
from dialer.services.views.vocabulary import PURPOSES
from dialer.services.views.words import Choice, Declined, Sentence
from dialer.storage.campaign_choices import choices_of_campaign, hours_shown
from dialer.storage.log import Draft, LogWriter
from dialer.storage.registers import read_group, to_register
from dialer.storage.sql import Row, Tx
from dialer.storage.store import Store
from dialer.storage.tables_organisation import Campaign, CampaignAgent, CampaignCallerId

KEPT_DAYS: Final = 1095
_LEADS: Final = (
    "(SELECT COUNT(*) FROM lead l WHERE l.campaign_id = c.id AND l.state IN ('queued', 'claimed', 'dialing'))"
)


@dataclass(frozen=True, slots=True)
class StoredCampaignDesk:
    """`services.campaign_desk.CampaignStore`."""

    store: Store
    log: LogWriter
    packs: PackSet

    async def all(self, org: OrganisationId) -> CampaignRows:
        rows = await self.store.read(
            lambda tx: tx.all(
                f"SELECT c.*, {_LEADS} AS leads,"
                " (SELECT COUNT(*) FROM campaign_agent g WHERE g.campaign_id = c.id) AS agents"
                " FROM campaign c WHERE c.org_id = :org ORDER BY c.name_zh, c.id",
                org=org,
            )
        )
        return CampaignRows(tuple(_row(r) for r in rows))

    async def one(self, org: OrganisationId, campaign: CampaignId) -> CampaignDetail | None:
        return await self.store.read(lambda tx: _detail(tx, org, campaign))

    async def choices(self, org: OrganisationId) -> CampaignChoices:
        return await self.store.read(lambda tx: choices_of_campaign(tx, org, self.packs))

    async def create(self, org: OrganisationId, user: UserId, form: CampaignForm) -> CampaignId | Declined:
        campaign = CampaignId(f"campaign-{secrets.token_hex(6)}")

        def work(tx: Tx) -> CampaignId | Declined:
            if not _is_ours(tx, org, form):
                return NOT_YOURS
            register = _register({}, form) | json.loads(
                to_register(
                    CampaignFacts,
                    speaker=Speaker.HUMAN,
                    amd=AmdUse.OFF,
                    refiling=Refiling.NOT_NEEDED,
                    second_person_started_at=None,
                )
            )
            tx.insert(
                Campaign(
                    id=campaign,
                    org_id=org,
                    name_zh=form.name.zh,
                    name_en=form.name.en,
                    purpose=str(form.purpose),
                    industry=str(form.industry),
                    script_id=form.script,
                    mode=str(form.mode),
                    state=str(CampaignState.PENDING_NUMBER_REVIEW),
                    abandon_cap_ppm=form.abandon_cap_ppm,
                    created_by=user,
                    register_json=json.dumps(register, ensure_ascii=False),
                )
            )
            _bind(tx, campaign, form)
            self._say(tx, org, user, campaign, 1, "created")
            return campaign

        return await self.store.write(work)

    async def save(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, version: int, form: CampaignForm
    ) -> Declined | None:
        def work(tx: Tx) -> Declined | None:
            row = tx.sole("SELECT * FROM campaign WHERE id = :id AND org_id = :org", id=campaign, org=org)
            if row.version != version:
                return EDITED_MEANWHILE
            if row.state == CampaignState.RUNNING:
                return PAUSE_FIRST
            if not _is_ours(tx, org, form):
                return NOT_YOURS
            before = json.loads(row.register_json)
            register = _register(before, form)
            if _reviewed(row, before) != (str(form.purpose), str(form.industry), form.declared_business):
                # what was approved was another business (A4, A8): it is reviewed anew
                register.pop("number_review", None)
                tx.run(
                    "UPDATE campaign SET state = :pending WHERE id = :id AND state IN ('ready', 'paused')",
                    pending=str(CampaignState.PENDING_NUMBER_REVIEW),
                    id=campaign,
                )
            tx.run(
                "UPDATE campaign SET name_zh = :zh, name_en = :en, purpose = :purpose, industry = :industry,"
                " script_id = :script, mode = :mode, abandon_cap_ppm = :cap, register_json = :register,"
                " version = version + 1 WHERE id = :id",
                zh=form.name.zh,
                en=form.name.en,
                purpose=str(form.purpose),
                industry=str(form.industry),
                script=form.script,
                mode=str(form.mode),
                cap=form.abandon_cap_ppm,
                register=json.dumps(register, ensure_ascii=False),
                id=campaign,
            )
            _bind(tx, campaign, form)
            self._say(tx, org, user, campaign, version + 1, "saved")
            return None

        return await self.store.write(work)

    def _say(
        self, tx: Tx, org: OrganisationId, user: UserId, campaign: CampaignId, version: int, act: str
    ) -> None:
        says: dict[str, Json] = {"campaign": str(campaign), "version": version, "act": act}
        actor = Actor(ActorKind.USER, user)
        self.log.append(
            tx, Draft(type=EventType.CONFIG_CHANGED, actor=actor, says=says, org=org), tx.now_us()
        )
        # what only a cure could free is looked at again at once; the gate decides anew
        tx.run(
            "UPDATE lead SET due_us = NOW_US WHERE campaign_id = :id AND state = 'queued' AND due_us > NOW_US"
            " AND last_decision_id IN (SELECT id FROM decision WHERE outcome = 'refused' AND lawful_from_us IS NULL)",
            id=campaign,
        )


def _reviewed(row: Row, register: dict[str, object]) -> tuple[str, str, object]:
    return str(row.purpose), str(row.industry), register.get("declared_business")


def _register(before: dict[str, object], form: CampaignForm) -> dict[str, object]:
    filed = to_register(
        CampaignFacts,
        purpose_text=form.purpose_text,
        declared_business=form.declared_business,
        country=form.country,
        owner=form.owner,
        sources=frozenset(SourceId(s) for s in form.sources),
        hours=None if form.hours is None else _span(form.hours),
    )
    kept = to_register(VaultFacts, kept_days=form.kept_days)
    return {**before, **json.loads(filed), **json.loads(kept)}


def _span(hours: CampaignHours) -> Span:
    return Span(time.fromisoformat(hours.opens), time.fromisoformat(hours.closes))


def _is_ours(tx: Tx, org: OrganisationId, form: CampaignForm) -> bool:
    """Script, numbers, sources and agents are the organisation's own (D23), and the script is for that purpose."""
    script = tx.one("SELECT * FROM script WHERE id = :id AND org_id = :org", id=form.script, org=org)
    if script is None or read_group(
        ScriptFacts, script.register_json, script_id="", organisation_id="", text="", text_sha256=""
    ).purpose not in (form.purpose,):
        return False
    numbers = {r.id for r in tx.all("SELECT id FROM caller_id WHERE org_id = :org", org=org)}
    sources = {r.id for r in tx.all("SELECT id FROM consent_source WHERE org_id = :org", org=org)}
    agents = {
        r.id
        for r in tx.all(
            "SELECT id FROM user_account WHERE org_id = :org AND role = 'agent' AND disabled_us IS NULL",
            org=org,
        )
    }
    return set(form.caller_ids) <= numbers and set(form.sources) <= sources and set(form.agents) <= agents


def _bind(tx: Tx, campaign: str, form: CampaignForm) -> None:
    tx.run("DELETE FROM campaign_caller_id WHERE campaign_id = :id", id=campaign)
    tx.run("DELETE FROM campaign_agent WHERE campaign_id = :id", id=campaign)
    for number in dict.fromkeys(form.caller_ids):
        tx.insert(CampaignCallerId(campaign_id=campaign, caller_id=number))
    for agent in dict.fromkeys(form.agents):
        tx.insert(CampaignAgent(campaign_id=campaign, user_id=agent))


def _row(row: Row) -> CampaignRow:
    return CampaignRow(
        id=row.id,
        name=Sentence(row.name_zh, row.name_en),
        purpose=PURPOSES[Purpose(row.purpose)],
        mode=PacingMode(row.mode),
        state=CampaignState(row.state),
        open_leads=int(row.leads),
        agents=int(row.agents),
    )


def _detail(tx: Tx, org: OrganisationId, campaign: str) -> CampaignDetail | None:
    row = tx.one(
        f"SELECT c.*, {_LEADS} AS leads FROM campaign c WHERE c.id = :id AND c.org_id = :org",
        id=campaign,
        org=org,
    )
    if row is None:
        return None
    register = json.loads(row.register_json)
    filed = read_group(CampaignFacts, row.register_json)
    review = register.get("number_review")
    state = review.get("state") if isinstance(review, dict) else None
    numbers = tx.all("SELECT caller_id FROM campaign_caller_id WHERE campaign_id = :id", id=campaign)
    agents = tx.all("SELECT user_id FROM campaign_agent WHERE campaign_id = :id", id=campaign)
    return CampaignDetail(
        id=row.id,
        version=row.version,
        state=CampaignState(row.state),
        review=Choice(state, choice_words(ReviewState, state)) if state is not None else None,
        open_leads=int(row.leads),
        form=CampaignForm(
            name=Sentence(row.name_zh, row.name_en),
            purpose=Purpose(row.purpose),
            purpose_text=str(register.get("purpose_text", "")),
            declared_business=str(register.get("declared_business", "")),
            industry=Industry(row.industry),
            country=str(register.get("country", "CN")),
            script=row.script_id,
            caller_ids=tuple(r.caller_id for r in numbers),
            agents=tuple(r.user_id for r in agents),
            mode=PacingMode(row.mode),
            abandon_cap_ppm=row.abandon_cap_ppm,
            kept_days=int(register.get("kept_days", KEPT_DAYS)),
            owner=str(register.get("owner", "")),
            sources=tuple(sorted(filed.sources)) if isinstance(filed.sources, frozenset) else (),
            hours=hours_shown(filed.hours) if isinstance(filed.hours, Span) else None,
        ),
    )
