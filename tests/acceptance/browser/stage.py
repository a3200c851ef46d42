"""A stage for the console: the real web application, logins on a real database, and rooms that show sample views.

Nothing here answers for the product's rules; what the browser does with the answers is what these tests look at.
"""

import asyncio
import dataclasses
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

from aiohttp import web
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from dialer.api.app import build_app
from dialer.api.deps import Deps, WebSettings
from dialer.domain.campaign import CampaignState, PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.pacing.history import History
from dialer.services.changes import Changes, FloorChanged
from dialer.services.ice import IceServers
from dialer.services.identity import Identity, PasswordChecker
from dialer.services.sign_on import SignOn
from dialer.services.simulations import CampaignSetUp, Simulations
from dialer.services.views.decision import ExplainView
from dialer.services.views.desk import DeskCall
from dialer.services.views.floor import CampaignView, FloorView, ImportView, LeadPage, RejectedRow
from dialer.services.views.queries import LeadFilter
from dialer.services.views.session import (
    ClockView,
    DiallingView,
    Role,
    StatusView,
    StopView,
    WitnessView,
)
from dialer.services.views.trail import (
    AttemptView,
)
from dialer.services.views.words import Declined, Named, Sentence
from dialer.storage.identity import StoredIdentity
from dialer.storage.migrate import migrate
from dialer.storage.sql import Tx
from dialer.storage.store import Store
from dialer.storage.tables_organisation import ClockOffset, Organisation, User
from dialer.testing.days import DaysHere
from dialer.testing.heard import MemoryHeard
from dialer.testing.previews import MemoryPreviews
from dialer.testing.rooms import MemoryDesk, MemoryReadiness
from dialer.testing.talks import MemoryCallbacks, MemoryListening, MemoryTalks
from tests.acceptance.browser.stage_audit import StagedAudit, StagedDossiers
from tests.acceptance.browser.stage_calls import desk_call, evenings, made, not_called, previewed, queue
from tests.acceptance.browser.stage_floor import floor, leads
from tests.acceptance.browser.stage_inbound import inbound_rooms
from tests.acceptance.browser.stage_lists import list_rooms
from tests.acceptance.browser.stage_office import ORG, furnish, office_rooms
from tests.acceptance.browser.stage_refusals import StagedRefusals
from tests.acceptance.browser.stage_trail import StagedTrail
from tests.acceptance.browser.stage_words import CAMPAIGN, NOW, SUPPORT, decision

PASSWORD = "a long sentence nobody guesses"
CONSOLE = Path(__file__).resolve().parents[3] / "dialer" / "api" / "console"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NUMBER = "+8613000000012"
MADE_CAMPAIGN = "campaign-made"
"""The campaign that can be changed on this stage."""
NAMES = {Role.AGENT: "陈晓", Role.SUPERVISOR: "林悦", Role.AUDITOR: "何宁", Role.ADMINISTRATOR: "管理员"}


class RunningClock:
    """The fixed instant, running."""

    def __init__(self) -> None:
        self._from = time.monotonic()

    def now(self) -> datetime:
        """Aware UTC."""
        return NOW + timedelta(seconds=time.monotonic() - self._from)


@dataclasses.dataclass
class Stage:
    """What a test may turn: each field is what the next question is answered with."""

    url: str
    clock: RunningClock
    changes: Changes
    desk: MemoryDesk
    identity: Identity
    store: Store
    floor_view: FloorView
    lead_page: LeadPage
    attempts: dict[str, AttemptView]
    stops: tuple[StopView, ...] = ()
    witness_late: bool = False
    weakened: tuple[Sentence, ...] = ()
    ahead: tuple[Sentence, ...] = ()
    bundle_holds: bool = True
    imported: bytes | None = None
    reveals: list[str] = dataclasses.field(default_factory=list)
    reasons: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.previews = MemoryPreviews(self.desk)

    @property
    def agent(self) -> UserId:
        """The agent's user id."""
        return UserId(f"user-{Role.AGENT.value}")

    @property
    def colleague(self) -> UserId:
        """Another agent of the same campaign, who has no browser."""
        return UserId("user-colleague")

    def ring(self, call: DeskCall | None = None) -> None:
        """Somebody answered and is connected with the agent, who must be ready."""
        now = self.clock.now()
        shown = call or desk_call()
        self.desk.ring(self.agent, dataclasses.replace(shown, answered_at=now, connected_at=now))

    def preview(self, seconds: float = 21.0) -> None:
        """A lead is shown to the agent, who may still read it for so long."""
        until = self.clock.now() + timedelta(seconds=seconds)
        self.desk.preview(self.agent, previewed(until))

    # ---- StatusService

    async def view(self, org: OrganisationId) -> StatusView:
        """Clock, stops and witness."""
        del org
        now = self.clock.now()
        age = 190 if self.witness_late else 12
        return StatusView(
            ClockView(now, -86_400, demo=True),
            DiallingView(not self.stops, self.stops),
            WitnessView(now - timedelta(seconds=age), age, late=self.witness_late),
            weakened=self.weakened,
            ahead=self.ahead,
        )


@dataclasses.dataclass
class StagedFloor:
    """FloorService, LeadsService, CampaignControl, ExplainService and ImportService over the stage."""

    stage: Stage

    async def view(self, org: OrganisationId) -> FloorView:
        del org
        return self.stage.floor_view

    async def assign(
        self,
        org: OrganisationId,
        by: UserId,
        agent: UserId,
        campaigns: Sequence[CampaignId],
        was: Sequence[CampaignId],
    ) -> FloorView:
        del org, by, was
        works = tuple(Named(one, Sentence("续费回访", "Renewal callbacks")) for one in campaigns)
        agents = tuple(
            dataclasses.replace(a, campaigns=works) if a.id == agent else a
            for a in self.stage.floor_view.agents
        )
        self.stage.floor_view = dataclasses.replace(self.stage.floor_view, agents=agents)
        return self.stage.floor_view

    async def page(self, org: OrganisationId, wanted: LeadFilter) -> LeadPage:
        del org
        items = tuple(i for i in self.stage.lead_page.items if wanted.state in (None, i.state))
        return LeadPage(items, None)

    async def explain(
        self,
        org: OrganisationId,
        number: str,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None = None,
        pack: str | None = None,
    ) -> ExplainView | Declined | None:
        """Number 12 is refused; under another campaign or a changed pack only its refusal is left."""
        del org, at
        if campaign not in (CAMPAIGN.id, SUPPORT.id):
            return None
        known = number.replace(" ", "").endswith("0012")
        codes = (("DNC_ORGANISATION", None), ("FREQUENCY_DAY", 14)) if known else ()
        masked = f"130****{number.strip()[-4:]}"
        changed = None if under is None and pack is None else decision("asked", codes[:1])
        return ExplainView(masked, CAMPAIGN, "lead-2" if known else None, decision("asked", codes), changed)

    async def start(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        del user
        return self._become(org, campaign, CampaignState.RUNNING)

    async def pause(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None:
        del user
        return self._become(org, campaign, CampaignState.PAUSED)

    def _become(
        self, org: OrganisationId, campaign: CampaignId, state: CampaignState
    ) -> CampaignView | Declined | None:
        found = next((c for c in self.stage.floor_view.campaigns if c.id == campaign), None)
        if found is None:
            return None
        if state is CampaignState.RUNNING and found.stops:
            return Declined("campaign.stopped", found.stops[0])
        fresh = dataclasses.replace(found, state=state)
        others = tuple(fresh if c.id == campaign else c for c in self.stage.floor_view.campaigns)
        self.stage.floor_view = dataclasses.replace(self.stage.floor_view, campaigns=others)
        self.stage.changes.touch(FloorChanged(org))
        return fresh

    async def take(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, content: bytes
    ) -> ImportView | Declined | None:
        del org, user
        self.stage.imported = content
        rows_in = content.decode().splitlines()[1:]
        bad = tuple(
            RejectedRow(line, "phone", "phone.invalid", Sentence("不是有效的电话号码。", "This is not a valid phone number."))
            for line, row in enumerate(rows_in, start=2)
            if not row.startswith("+")
        )  # fmt: skip
        return ImportView(
            "import-7", campaign, self.stage.clock.now(), len(rows_in), len(rows_in) - len(bad), bad
        )


class StagedHistories:
    """`Histories`: one campaign that has lived through six hundred calls, one that has yet to begin."""

    async def history(self, org: OrganisationId | None, campaign: CampaignId) -> History | None:
        del org
        rings = tuple(3.0 + (n * 7 % 40) / 3 for n in range(180))
        talks = tuple(20.0 + (n * 37 % 200) for n in range(160))
        lived = History(360, 60, rings, (), talks, (6.0, 9.0, 14.0, 22.0))
        return lived if campaign in (CAMPAIGN.id, MADE_CAMPAIGN) else History(0, 0, (), (), (), ())

    async def set_up(self, org: OrganisationId, campaign: CampaignId) -> CampaignSetUp | None:
        del org
        if campaign not in (CAMPAIGN.id, SUPPORT.id, MADE_CAMPAIGN):
            return None
        return CampaignSetUp(CAMPAIGN.name, PacingMode.PROGRESSIVE, 0.01, 4, 2.0, 30.0, 0.01)


class OffStage:
    """A room that no page of the console asks: whoever does is told so."""

    def __init__(self, name: str) -> None:
        self._room = name

    def __getattr__(self, asked: str) -> NoReturn:
        raise LookupError(f"{self._room}.{asked} is not on this stage")


def _people(store: Store) -> None:
    def write(tx: Tx) -> None:
        tx.insert(ClockOffset(id=1, offset_us=0))
        tx.insert(
            Organisation(
                id=ORG,
                name_zh="示例软件有限公司",
                name_en="Sample Software Ltd",
                uscc="USCC-SAMPLE",
                industry="software",
                region="cn",
                packs="cn",
                register_json="{}",
            )
        )
        furnish(tx)
        for role, name in NAMES.items():
            tx.insert(
                User(
                    id=f"user-{role.value}",
                    org_id=ORG,
                    login=role.value,
                    name=name,
                    role=role.value,
                    locale="zh",
                    password_hash=QUICK.hash(PASSWORD),
                )
            )

    store.write_now(write)


NO_EXCHANGE = "ws://127.0.0.1:1/ws"
MakeSignOn = Callable[[Store, RunningClock, Identity, str], SignOn]
MakeDesk = Callable[[RunningClock, Changes], MemoryDesk]


@asynccontextmanager
async def staged(
    folder: Path,
    *,
    make_desk: MakeDesk = MemoryDesk,
    exchange_ws_url: str = NO_EXCHANGE,
    make_sign_on: MakeSignOn | None = None,
) -> AsyncIterator[Stage]:
    """The web application on loopback, until the block is left."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    database = f"sqlite:///{folder / 'stage.db'}"
    await asyncio.to_thread(migrate, database)
    store = Store(database)
    await asyncio.to_thread(_people, store)
    clock, changes = RunningClock(), Changes()
    stage = Stage(
        url=url,
        clock=clock,
        changes=changes,
        desk=make_desk(clock, changes),
        identity=Identity(StoredIdentity(store), clock, PasswordChecker(QUICK)),
        store=store,
        floor_view=floor(),
        lead_page=leads(),
        attempts={view.attempt.id: view for view in (made(), not_called())},
    )
    stage.desk.fill_queue(stage.agent, queue())
    rooms = StagedFloor(stage)
    talks = MemoryTalks(stage.desk, clock, {ORG: (stage.agent, stage.colleague)})
    on_stage: dict[str, Any] = {
        "settings": WebSettings(frozenset({url}), exchange_ws_url, CONSOLE),
        "clock": clock,
        "identity": stage.identity,
        "sign_on": None if make_sign_on is None else make_sign_on(store, clock, stage.identity, url),
        "changes": changes,
        "ice": IceServers((), None, clock.now),
        "desk": stage.desk,
        "talks": talks,
        "callbacks": MemoryCallbacks(talks, unlawful=evenings()),
        "heard": MemoryHeard(stage.desk),
        **dict.fromkeys(("dnc", "reviews", "partners"), StagedRefusals()),
        "listening": MemoryListening(talks, clock),
        "status": stage,
        "floor": rooms,
        "assignments": rooms,
        "leads": rooms,
        "explain": rooms,
        "campaigns": rooms,
        "imports": rooms,
        "previews": stage.previews,
        "simulations": Simulations(DaysHere(), StagedHistories(), lambda _: 0),
        "trail": StagedTrail(stage),
        "audit": StagedAudit(stage),
        "dossiers": StagedDossiers(stage),
        "readiness": MemoryReadiness(),
        "metrics": CollectorRegistry(),
        **(office_rooms(store, clock, changes, folder) | inbound_rooms(stage) | list_rooms(folder, clock)),
    }
    off_stage: dict[str, Any] = {
        f.name: OffStage(f.name) for f in dataclasses.fields(Deps) if f.name not in on_stage
    }
    runner = web.AppRunner(build_app(Deps(**on_stage, **off_stage)))
    await runner.setup()
    await web.SockSite(runner, listener).start()
    try:
        yield stage
    finally:
        await runner.cleanup()
        store.close()
