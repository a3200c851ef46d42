"""The API on a real database (SQLite, a fresh folder each test) with two organisations and shipped fakes of the rest."""

import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiohttp.web import Application, Request
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine

from dialer.api.app import build_app
from dialer.api.deps import Deps, WebSettings
from dialer.compliance.facts import VaultState
from dialer.compliance.gate import decide
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.pacing.zero import ZeroPacer
from dialer.rules.shipped import shipped_packs
from dialer.services.assignments import Assignments
from dialer.services.board import Board
from dialer.services.campaign_control import CampaignSwitch
from dialer.services.campaign_desk import CampaignDesk
from dialer.services.changes import Changes
from dialer.services.ice import IceServers
from dialer.services.identity import IDLE_MINUTES_MAX, Identity, PasswordChecker
from dialer.services.inbound_trail import InboundTrail
from dialer.services.job_board import JobBoard
from dialer.services.organisations import Organisations
from dialer.services.own_account import OwnAccount
from dialer.services.pause_codes import PauseCodes
from dialer.services.people import People
from dialer.services.prompt_desk import PromptDesk
from dialer.services.seats import Seats
from dialer.services.simulations import Simulations
from dialer.services.stops import StopDesk
from dialer.services.views.session import Role
from dialer.services.webhooks import Webhooks
from dialer.storage.access import AccessLog
from dialer.storage.assignments import StoredAssignments
from dialer.storage.campaign_desk import StoredCampaignDesk
from dialer.storage.consent_capture import StoredCapture
from dialer.storage.control import StoredCampaignStates
from dialer.storage.explain_list import ExplainList
from dialer.storage.explain_replay import StoredReplay
from dialer.storage.facts import FactsReader, Probes
from dialer.storage.history import StoredHistories
from dialer.storage.identity import StoredIdentity
from dialer.storage.intake import StoredIntake
from dialer.storage.organisations import StoredOrganisations
from dialer.storage.own_account import StoredOwnAccount
from dialer.storage.pause_codes import StoredPauseCodes
from dialer.storage.people import StoredPeople
from dialer.storage.personal import PersonalReader
from dialer.storage.prompts import StoredPrompts
from dialer.storage.register_desk import RegisterDesk
from dialer.storage.repeats import StoredRepeats
from dialer.storage.schema import metadata
from dialer.storage.stops import StoredStops
from dialer.storage.store import Store
from dialer.storage.tables_organisation import ClockOffset
from dialer.storage.times import micros
from dialer.storage.views_attempt import AttemptReader
from dialer.storage.views_floor import FloorReader
from dialer.storage.views_inbound import InboundReader
from dialer.storage.views_leads import LeadsReader
from dialer.storage.views_reports import ReportReader
from dialer.storage.views_status import StatusReader
from dialer.storage.views_trail import TrailReader
from dialer.storage.webhooks import StoredWebhooks
from dialer.telephony.prompt_files import PromptFiles
from dialer.testing.clock import HandWoundClock
from dialer.testing.days import DaysHere
from dialer.testing.heard import MemoryHeard
from dialer.testing.inbound_desk import MemoryCallers
from dialer.testing.previews import MemoryPreviews
from dialer.testing.rooms import (
    MemoryDesk,
    MemoryExplain,
    MemoryFloor,
    MemoryImports,
    MemoryReadiness,
    OpenPreflight,
)
from dialer.testing.talks import MemoryCallbacks, MemoryListening, MemoryTalks
from tests.unit.api.api_audit import audit_desk, dossiers
from tests.unit.api.api_inbound import Bytes, OpenVault
from tests.unit.api.api_refusals import refusal_rooms
from tests.unit.api.api_seed import HOME, OTHER, PASSWORD, QUICK, keyring, log_writer, login_of, seed, user_of
from tests.unit.api.api_trail import StoredTrail

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
HOST = "calls.test"
ORIGIN = f"http://{HOST}"
LIST_LEADS_MAX = 1_000
PROBES = Probes(clock_error_ms=lambda: 0, vault_state=lambda region: VaultState.WRITABLE)
EXCHANGE_NOWHERE = "http://127.0.0.1:1/ws"

Client = TestClient[Request, Application]


@dataclass
class Rooms:
    """What a test looks at behind the API."""

    store: Store
    clock: HandWoundClock
    changes: Changes
    identity: Identity
    desk: MemoryDesk
    live: MemoryFloor
    explain: MemoryExplain
    readiness: MemoryReadiness
    deps: Deps
    talks: MemoryTalks
    listening: MemoryListening


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with both organisations, made once and copied for each test."""
    path = tmp_path_factory.mktemp("api") / "seeded.db"
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    engine.dispose()
    filled = Store(f"sqlite:///{path}")
    filled.write_now(lambda tx: tx.insert(ClockOffset(id=1, offset_us=0)))
    filled.write_now(lambda tx: seed(tx, keyring(), micros(NOW)))
    filled.close()
    return path


@pytest.fixture
def store(seeded: Path, tmp_path: Path) -> Iterator[Store]:
    """The test's own copy."""
    path = tmp_path / "dialer.db"
    for part in seeded.parent.glob("seeded.db*"):
        shutil.copy(part, tmp_path / part.name.replace("seeded.db", path.name))
    opened = Store(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def rooms(store: Store, tmp_path: Path) -> Rooms:
    """The rooms behind the API, on the test's own database."""
    return make_rooms(store, tmp_path)


def make_rooms(store: Store, folder: Path, required: frozenset[Role] = frozenset()) -> Rooms:
    """Real readers and logins on `store`; shipped fakes of desk, explain, import and the running process."""
    keys = keyring()
    clock, changes, log = HandWoundClock(NOW), Changes(), log_writer(keys)
    identity = Identity(StoredIdentity(store), clock, PasswordChecker(QUICK), required)
    personal = PersonalReader(keys)
    desk, live, explain, readiness = (
        MemoryDesk(clock, changes),
        MemoryFloor(),
        MemoryExplain(),
        MemoryReadiness(),
    )
    floor = FloorReader(store, clock, live)
    campaigns = {org: frozenset({CampaignId(f"campaign-{org}")}) for org in (HOME, OTHER)}
    agents = {org: (UserId(user_of(org, Role.AGENT)),) for org in (HOME, OTHER)}
    talks = MemoryTalks(desk, clock, agents)
    listening = MemoryListening(talks, clock)
    told = refusal_rooms(store, keys, log, clock, changes, folder)
    lists = ExplainList(store, keys, FactsReader(keys, PROBES), shipped_packs(), LIST_LEADS_MAX)
    people = People(StoredPeople(store, log), PasswordChecker(QUICK), clock, IDLE_MINUTES_MAX, required)
    deps = Deps(
        settings=WebSettings(frozenset({ORIGIN}), EXCHANGE_NOWHERE, folder / "console"),
        clock=clock,
        identity=identity,
        sign_on=None,
        people=people,
        account=OwnAccount(StoredOwnAccount(store, log), PasswordChecker(QUICK), clock),
        organisations=Organisations(StoredOrganisations(store, log), people, changes),
        pause_codes=PauseCodes(StoredPauseCodes(store, log), changes),
        registers=RegisterDesk(store, log, changes),
        prompts=PromptDesk(StoredPrompts(store, log), PromptFiles(folder / "prompts")),
        changes=changes,
        repeats=StoredRepeats(store, keys),
        ice=IceServers((), None, lambda: NOW),
        desk=desk,
        heard=MemoryHeard(desk),
        talks=talks,
        callbacks=MemoryCallbacks(talks),
        jobs=JobBoard(clock),
        stops=StopDesk(StoredStops(store, log), changes),
        listening=listening,
        status=StatusReader(store, clock),
        floor=floor,
        assignments=Assignments(
            StoredAssignments(store, log),
            Seats(),
            Board(Seats(), clock, lambda mode, bounds, learned: ZeroPacer(10.0)),
            floor,
            changes,
        ),
        leads=LeadsReader(store, personal),
        explain=explain,
        replays=StoredReplay(store, keys, lambda facts, now: decide(facts, shipped_packs(), now)),
        lists=lists,
        reports=ReportReader(store),
        campaign_desk=CampaignDesk(StoredCampaignDesk(store, log, shipped_packs()), lists, changes),
        consents=StoredCapture(store, keys, StoredIntake(store, log, keys, clock), changes),
        campaigns=CampaignSwitch(StoredCampaignStates(store, log), OpenPreflight(), floor, changes),
        imports=MemoryImports(campaigns, clock),
        trail=StoredTrail(
            TrailReader(store, personal),
            AttemptReader(store, personal),
            AccessLog(store, log, personal, clock),
        ),
        audit=audit_desk(store, log, keys, clock, folder),
        dossiers=dossiers(store, log, keys, folder),
        refusals=told.desk,
        hooks=told.hooks,
        partners=told.partners,
        webhooks=Webhooks(StoredWebhooks(store, log, keys), is_plain_allowed=lambda: False),
        **told.looked_at(),
        previews=MemoryPreviews(desk),
        inbound_desk=MemoryCallers(desk, clock),
        inbound_trail=InboundTrail(
            InboundReader(store, personal), AccessLog(store, log, personal, clock), OpenVault(), Bytes()
        ),
        simulations=Simulations(DaysHere(), StoredHistories(store, shipped_packs()), lambda _: 0),
        readiness=readiness,
        metrics=CollectorRegistry(),
    )
    return Rooms(store, clock, changes, identity, desk, live, explain, readiness, deps, talks, listening)


@pytest.fixture
async def client(rooms: Rooms) -> AsyncIterator[Client]:
    test_client: Client = TestClient(TestServer(build_app(rooms.deps)))
    await test_client.start_server()
    yield test_client
    await test_client.close()


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    json: object

    @property
    def code(self) -> object:
        """The code of a problem."""
        assert isinstance(self.json, dict)
        return self.json["code"]


@dataclass
class Browser:
    """A browser with its cookie and token by hand, so that a test can leave each out."""

    client: Client
    cookie: str = ""
    csrf: str = ""

    def headers(self, **more: str) -> dict[str, str]:
        """Host, cookie and token; `more` replaces (names with _ for -)."""
        found = {"Host": HOST}
        if self.cookie:
            found["Cookie"] = f"dialer_session={self.cookie}"
        if self.csrf:
            found["X-CSRF"] = self.csrf
        return found | {name.replace("_", "-"): value for name, value in more.items()}

    async def ask(self, method: str, path: str, body: object = None, **more: str) -> Answer:
        """Send one request."""
        sent = await self.client.request(
            method, path, json=body, headers=self.headers(**more), allow_redirects=False
        )
        content = await sent.read()
        kind = sent.headers.get("Content-Type", "")
        parsed = await sent.json(content_type=None) if "json" in kind else None
        self.client.session.cookie_jar.clear()
        if "dialer_session" in sent.cookies:
            self.cookie = sent.cookies["dialer_session"].value
        return Answer(sent.status, dict(sent.headers), content, parsed)

    async def log_in(self, login: str, password: str = PASSWORD, totp: str | None = None) -> Answer:
        """Log in and remember cookie and token."""
        body = {"login": login, "password": password} | ({"totp": totp} if totp else {})
        answer = await self.ask("POST", "/api/session", body)
        if answer.status == 200:
            assert isinstance(answer.json, dict)
            self.csrf = answer.json["csrf"]
        return answer


async def browser_of(client: Client, org: OrganisationId, role: Role) -> Browser:
    """A browser in which that user has logged in."""
    browser = Browser(client)
    answer = await browser.log_in(login_of(org, role))
    assert answer.status == 200, answer.body
    return browser
