"""The console and its API, wired."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from aiohttp import web
from argon2 import PasswordHasher
from prometheus_client import CollectorRegistry

from dialer.api.app import build_app
from dialer.api.deps import Deps, WebSettings
from dialer.domain.errors import InstallationError, StoreUnavailable
from dialer.jobs.couriers import read_line_secret
from dialer.processes.core import Core, judge
from dialer.processes.doctor import look_at_calendars
from dialer.processes.floor import Floor
from dialer.processes.keeping import audit_desk
from dialer.processes.opening import CONSOLE
from dialer.processes.prompting import prompt_desk
from dialer.processes.public import public_pages
from dialer.rules.pack import Place
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.assignments import Assignments
from dialer.services.callbacks import Callbacks
from dialer.services.campaign_control import CampaignSwitch
from dialer.services.campaign_desk import CampaignDesk
from dialer.services.dossiers import Dossiers
from dialer.services.ice import IceServers, TurnAccess
from dialer.services.identity import IDLE_MINUTES_MAX, Identity, PasswordChecker
from dialer.services.import_jobs import Imports
from dialer.services.inbound_trail import InboundTrail
from dialer.services.lead_intake import LeadIntake
from dialer.services.organisations import Organisations
from dialer.services.own_account import OwnAccount
from dialer.services.pause_codes import PauseCodes
from dialer.services.people import People
from dialer.services.refusal_desk import RefusalDesk
from dialer.services.refusal_hooks import Partners, RefusalHooks
from dialer.services.refusal_reviews import Reviews
from dialer.services.sign_on import SignOn
from dialer.services.stops import StopDesk
from dialer.services.trail import Trail
from dialer.services.views.words import Sentence
from dialer.services.webhooks import Webhooks
from dialer.settings import Settings
from dialer.signing.openid import OpenIdProvider
from dialer.storage.access import AccessLog
from dialer.storage.assignments import StoredAssignments
from dialer.storage.callbacks import StoredCallbacks
from dialer.storage.campaign_desk import StoredCampaignDesk
from dialer.storage.consent_capture import StoredCapture
from dialer.storage.consent_record import StoredConsents
from dialer.storage.control import StoredCampaignStates
from dialer.storage.dnc_desk import DncDesk
from dialer.storage.dossiers import StoredDossiers
from dialer.storage.explain import Explain
from dialer.storage.explain_list import ExplainList
from dialer.storage.explain_replay import StoredReplay
from dialer.storage.identity import StoredIdentity
from dialer.storage.intake import StoredIntake
from dialer.storage.organisations import StoredOrganisations
from dialer.storage.own_account import StoredOwnAccount
from dialer.storage.pause_codes import StoredPauseCodes
from dialer.storage.people import StoredPeople
from dialer.storage.refusal_partners import StoredImportReports, StoredPartners
from dialer.storage.refusal_reviews import StoredReviews
from dialer.storage.register_desk import RegisterDesk
from dialer.storage.repeats import StoredRepeats
from dialer.storage.sign_on import StoredSignOn
from dialer.storage.views_attempt import AttemptReader
from dialer.storage.views_floor import FloorReader
from dialer.storage.views_inbound import InboundReader
from dialer.storage.views_leads import LeadsReader
from dialer.storage.views_reports import ReportReader
from dialer.storage.views_status import StatusReader
from dialer.storage.views_trail import TrailReader
from dialer.storage.webhooks import StoredWebhooks
from dialer.telephony.exchange import Exchange
from dialer.vault.sound import FlacSound

LIST_LEADS_MAX = 10_000
"""A longer list is explained on the command line, beside the dialer and not inside it."""


def _ahead(places: tuple[Place, ...], now: datetime) -> tuple[Sentence, ...]:
    """What will stop calls unless somebody acts, each with its cure."""
    found = look_at_calendars(shipped_packs(), places, now)
    return tuple(Sentence(f"{f.sentence.zh}；{f.cure.zh}", f"{f.sentence.en}. {f.cure.en}") for f in found)


class PartsReady:
    """`Readiness`."""

    def __init__(self, core: Core, exchange: Exchange) -> None:
        self._core = core
        self._exchange = exchange

    async def failing(self) -> tuple[str, ...]:
        found = [] if self._exchange.is_up() else ["exchange"]
        try:
            await self._core.store.read(lambda tx: tx.now_us())
        except StoreUnavailable:
            found.append("store")
        return tuple(found)


def build_web(floor: Floor, registry: CollectorRegistry) -> web.Application:
    """The console and its API."""
    core, settings = floor.core, floor.core.settings
    scheme = "https" if settings.web.certificate else "http"
    hosts = {settings.web.host, "localhost", "127.0.0.1"}
    floor_reader = FloorReader(core.store, core.clock, floor.live)
    partners = StoredPartners(core.store, core.log, core.keyring)
    refusal_desk = RefusalDesk(floor.refusals, StoredImportReports(core.store), core.clock, floor.changes)
    web_settings = WebSettings(
        origins=frozenset(f"{scheme}://{host}:{settings.web.port}" for host in hosts)
        | frozenset(settings.web.addresses),
        exchange_ws_url=f"ws://127.0.0.1:{settings.exchange.http_port}/ws",
        seat_ws_urls={
            seat: f"ws://{said.ami_host}:{said.http_port}/ws"
            for said in settings.further_exchanges
            for seat in said.browser_seats
        },
        console=CONSOLE,
        proxies=settings.web.proxies,
    )
    intake = StoredIntake(core.store, core.log, core.keyring, core.clock)
    passwords = PasswordChecker(PasswordHasher())
    required = settings.logins.second_factor
    lists = ExplainList(core.store, core.keyring, core.facts, shipped_packs(), LIST_LEADS_MAX)
    campaign_desk = CampaignDesk(
        StoredCampaignDesk(core.store, core.log, shipped_packs()), lists, floor.changes
    )
    identity = Identity(StoredIdentity(core.store), core.clock, passwords, required)
    people = People(StoredPeople(core.store, core.log), passwords, core.clock, IDLE_MINUTES_MAX, required)
    return build_app(
        Deps(
            settings=web_settings,
            clock=core.clock,
            identity=identity,
            sign_on=_sign_on(core, identity, scheme),
            people=people,
            account=OwnAccount(StoredOwnAccount(core.store, core.log), passwords, core.clock),
            organisations=Organisations(StoredOrganisations(core.store, core.log), people, floor.changes),
            pause_codes=PauseCodes(StoredPauseCodes(core.store, core.log), floor.changes),
            registers=RegisterDesk(core.store, core.log, floor.changes),
            prompts=prompt_desk(core),
            changes=floor.changes,
            repeats=StoredRepeats(core.store, core.keyring),
            ice=_ice(settings),
            desk=floor.desk,
            heard=floor.heard,
            talks=floor.talks,
            callbacks=Callbacks(
                StoredCallbacks(core.store, core.log, core.keyring, core.facts, judge),
                core.clock,
                floor.changes,
            ),
            jobs=floor.jobs,
            stops=StopDesk(floor.stops, floor.changes),
            listening=floor.listening,
            status=StatusReader(core.store, core.clock, floor.down, floor.spoken.words.trouble, _ahead),
            floor=floor_reader,
            assignments=Assignments(
                StoredAssignments(core.store, core.log),
                floor.seats,
                floor.board,
                floor_reader,
                floor.changes,
            ),
            leads=LeadsReader(core.store, core.personal),
            explain=Explain(core.store, core.keyring, core.facts, shipped_packs()),
            replays=StoredReplay(core.store, core.keyring, judge),
            lists=lists,
            campaign_desk=campaign_desk,
            reports=ReportReader(core.store),
            consents=StoredCapture(core.store, core.keyring, intake, floor.changes),
            campaigns=CampaignSwitch(
                StoredCampaignStates(core.store, core.log), campaign_desk, floor_reader, floor.changes
            ),
            imports=LeadIntake(intake, floor.changes),
            trail=Trail(
                TrailReader(core.store, core.personal),
                AttemptReader(core.store, core.personal),
                AccessLog(core.store, core.log, core.personal, core.clock),
                core.bundles,
                FlacSound(),
            ),
            audit=audit_desk(core),
            dossiers=Dossiers(StoredDossiers(core.store, core.log), core.bundles),
            refusals=refusal_desk,
            hooks=RefusalHooks(refusal_desk, partners, core.clock, refusal_phrases()),
            partners=Partners(partners),
            webhooks=Webhooks(
                StoredWebhooks(core.store, core.log, core.keyring),
                is_plain_allowed=lambda: bool(settings.webhooks.private_networks),
            ),
            reviews=Reviews(StoredReviews(core.store, core.log, core.keyring), floor.refusals, floor.changes),
            dnc=DncDesk(core.store, core.log, core.keyring),
            outside_lists=floor.lists.desk,
            refusal_files=Imports(refusal_desk, floor.lists.store, core.clock),
            simulations=floor.simulations,
            previews=floor.previews,
            inbound_desk=floor.inbound_desk,
            inbound_trail=InboundTrail(
                InboundReader(core.store, core.personal),
                AccessLog(core.store, core.log, core.personal, core.clock),
                core.vault,
                FlacSound(),
            ),
            readiness=PartsReady(core, floor.exchange),
            metrics=registry,
        ),
        public_pages(
            web_settings,
            settings.sms,
            StoredConsents(core.store, core.log, core.keyring),
            floor.refusals,
            core.clock,
            floor.changes,
        ),
    )


def _ice(settings: Settings) -> IceServers:
    """The STUN and TURN servers that the settings name."""
    said = settings.media
    turn = None
    if said.turn is not None:
        secret = read_line_secret(said.turn.secret_file).encode()
        turn = TurnAccess(said.turn.urls, secret, timedelta(hours=said.turn.hours))
    return IceServers(said.stun, turn, lambda: datetime.now(UTC))


def _sign_on(core: Core, identity: Identity, scheme: str) -> SignOn | None:
    """Signing on at the operator's provider, where the settings name one; people come back to the first address."""
    said, web_said = core.settings.openid, core.settings.web
    if said is None:
        return None
    if said.issuer.startswith("http://") and urlsplit(said.issuer).hostname not in ("127.0.0.1", "localhost"):
        raise InstallationError("openid.issuer: outside loopback the provider is asked over https")
    address = web_said.addresses[0] if web_said.addresses else f"{scheme}://{web_said.host}:{web_said.port}"
    provider = OpenIdProvider(
        issuer=said.issuer,
        client_id=said.client_id,
        client_secret=read_line_secret(said.client_secret_file),
        redirect=f"{address}/signed-on",
        login_claim=said.login_claim,
    )
    return SignOn(provider, StoredSignOn(core.store, core.log), identity, core.clock)
