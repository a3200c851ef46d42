"""The office on the stage: accounts, registers, timers and stops, the real ones on the stage's own database."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from argon2 import PasswordHasher

from dialer.domain.ids import CampaignId, OrganisationId
from dialer.ports.clock import Clock
from dialer.rules.pack import PackError
from dialer.rules.parse import parse_pack
from dialer.rules.shipped import shipped_packs
from dialer.services.campaign_desk import CampaignDesk
from dialer.services.changes import Changes
from dialer.services.identity import IDLE_MINUTES_MAX, PasswordChecker
from dialer.services.job_board import JobBoard
from dialer.services.organisations import Organisations
from dialer.services.own_account import OwnAccount
from dialer.services.pause_codes import PauseCodes
from dialer.services.people import People
from dialer.services.prompt_desk import PromptDesk
from dialer.services.stops import StopDesk
from dialer.services.views.listed import CountsView, ListView, ReasonView
from dialer.services.views.words import Declined, Named, Sentence
from dialer.services.webhooks import Webhooks
from dialer.storage.campaign_desk import StoredCampaignDesk
from dialer.storage.log import start_log
from dialer.storage.organisations import StoredOrganisations, begin_operator
from dialer.storage.own_account import StoredOwnAccount
from dialer.storage.pause_codes import StoredPauseCodes
from dialer.storage.people import StoredPeople
from dialer.storage.prompts import StoredPrompts
from dialer.storage.register_desk import RegisterDesk
from dialer.storage.sql import Tx
from dialer.storage.stops import StoredStops
from dialer.storage.store import Store
from dialer.storage.tables_organisation import CallerId, Campaign, CampaignCallerId, ConsentSource, Script
from dialer.storage.webhooks import StoredWebhooks
from dialer.telephony.prompt_files import PromptFiles
from tests.acceptance.browser.stage_reports import StagedReports
from tests.acceptance.browser.stage_words import decision
from tests.unit.api.api_seed import keyring, log_writer

ORG: Final = OrganisationId("org-sample")
QUICK: Final = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
TIMERS: Final = (("dialing", 0.25, 3.1), ("sign", 1.0, 8.0), ("trunk", 1.0, 2.2), ("retention", 3600.0, 41.0))


@dataclass(frozen=True)
class StagedList:
    """What the gate would say of a campaign's leads: some now, some later, some never and why."""

    clock: Clock

    async def explain_list(
        self,
        org: OrganisationId,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None,
        pack: str | None = None,
    ) -> ListView | Declined | None:
        """The same list; under another campaign nobody waits for the evening; a pack that doesn't load says its line."""
        del at
        try:
            changed = None if pack is None else parse_pack(pack, "pack.toml")
        except PackError as wrong:
            return Declined(
                "pack.invalid", Sentence(f"规则包无法载入：{wrong}", f"The pack doesn't load: {wrong}")
            )
        view = await self.as_if_started(org, campaign)
        if not isinstance(view, ListView) or (under is None and changed is None):
            return view
        only_refused = tuple(r for r in view.counts.reasons if r.code == "DNC_ORGANISATION")
        return replace(view, changed=CountsView(now=381, today=0, later=0, never=31, reasons=only_refused))

    async def as_if_started(self, org: OrganisationId, campaign: CampaignId) -> ListView | Declined | None:
        """A list of 412."""
        del org
        reasons = tuple(
            ReasonView(o.code, leads, o.sentence, o.cure, o.laws)
            for o, leads in zip(
                decision("asked", (("DNC_ORGANISATION", None), ("FREQUENCY_DAY", 14))).objections,
                (31, 12),
                strict=True,
            )
        )
        counts = CountsView(now=318, today=12, later=51, never=31, reasons=reasons)
        return ListView(
            Named(campaign, Sentence("续费回访", "Renewal callbacks")), self.clock.now(), 412, counts, None
        )


def furnish(tx: Tx) -> None:
    """A number, two sources and a script in the registers of the sample organisation."""
    start_log(tx)
    begin_operator(tx, ORG)
    number = {"number_class": "400", "tenure": "own", "risk_score": "0.10", "filed_purposes": ["callback"]}
    parts = [
        {
            "key": "identity",
            "zh": "您好，这里是示例软件。",
            "en": "Hello, this is Sample Software.",
            "required": True,
        }
    ]
    tx.insert(
        CallerId(
            id="number-400", org_id=ORG, number="4000000000", state="active", register_json=json.dumps(number)
        )
    )
    for source, name, state in (
        ("filed-site", "www.example.com 留言区", "verified"),
        ("new-site", "new.example.com", "unverified"),
    ):
        tx.insert(
            ConsentSource(
                id=source, org_id=ORG, kind="filed_site", name=name, state=state, register_json="{}"
            )
        )
    tx.insert(
        Script(
            id="script-callback-1",
            org_id=ORG,
            version=1,
            sha256="0" * 64,
            parts_json=json.dumps(parts, ensure_ascii=False),
            register_json=json.dumps({"purpose": "callback", "filed_sha256": "0" * 64}),
        )
    )
    make_campaign(tx, "campaign-made", "ready")


def office_rooms(store: Store, clock: Clock, changes: Changes, folder: Path) -> dict[str, Any]:
    """The rooms that `Deps` names."""
    log, passwords, jobs = log_writer(keyring()), PasswordChecker(QUICK), JobBoard(clock)
    for name, every, took_ms in TIMERS:
        jobs.planned(name, every)
        jobs.ran(name, took_ms / 1000, "StoreUnavailable" if name == "trunk" else None)
    jobs.planned("erase", 3600.0)
    people = People(StoredPeople(store, log), passwords, clock, IDLE_MINUTES_MAX, frozenset())
    return {
        "people": people,
        "organisations": Organisations(StoredOrganisations(store, log), people, changes),
        "pause_codes": PauseCodes(StoredPauseCodes(store, log), changes),
        "account": OwnAccount(StoredOwnAccount(store, log), passwords, clock),
        "registers": RegisterDesk(store, log, changes),
        "prompts": PromptDesk(StoredPrompts(store, log), PromptFiles(folder / "prompts")),
        "lists": StagedList(clock),
        "campaign_desk": CampaignDesk(
            StoredCampaignDesk(store, log, shipped_packs()), StagedList(clock), changes
        ),
        "reports": StagedReports(),
        "jobs": jobs,
        "stops": StopDesk(StoredStops(store, log), changes),
        "webhooks": Webhooks(StoredWebhooks(store, log, keyring()), is_plain_allowed=lambda: True),
    }


def make_campaign(tx: Tx, campaign: str, state: str) -> None:
    """A campaign of the sample organisation on its script and number."""
    register = {
        "purpose_text": "回复续费咨询",
        "declared_business": "企业软件售后回访",
        "country": "CN",
        "owner": "客服负责人",
        "kept_days": 1095,
        "number_review": {"state": "approved", "reference": "review-1", "modes": [], "rows": []},
    }
    tx.insert(
        Campaign(
            id=campaign,
            org_id=ORG,
            name_zh="续费回访",
            name_en="Renewal callbacks",
            purpose="callback",
            industry="general",
            script_id="script-callback-1",
            mode="progressive",
            state=state,
            abandon_cap_ppm=10_000,
            register_json=json.dumps(register, ensure_ascii=False),
        )
    )
    tx.insert(CampaignCallerId(campaign_id=campaign, caller_id="number-400"))
