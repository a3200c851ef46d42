"""What the API is built from: settings and the services behind its Protocols."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry

from dialer.api.audit_services import AuditService, DossierService
from dialer.api.inbound_services import InboundDeskService, InboundTrailService
from dialer.api.office import (
    CampaignDeskService,
    OrganisationService,
    OwnAccountService,
    PauseCodeService,
    PeopleService,
    PromptService,
    RegisterService,
    ReportService,
    WebhookService,
)
from dialer.api.origins import Network
from dialer.api.services import (
    AssignmentService,
    CampaignControl,
    ConsentCapture,
    DeskService,
    DncService,
    ExplainListService,
    ExplainService,
    FloorService,
    HeardService,
    HookService,
    ImportService,
    JobService,
    LeadsService,
    OutsideListService,
    PartnerService,
    PreviewService,
    Readiness,
    RefusalFileService,
    RefusalService,
    ReplayService,
    ReviewService,
    SimulationService,
    StatusService,
    StopService,
    TrailService,
)
from dialer.api.talk_services import CallbackService, ListeningService, TalkService
from dialer.ports.clock import Clock
from dialer.services.changes import Changes
from dialer.services.ice import IceServers
from dialer.services.identity import Identity
from dialer.services.repeats import Repeats
from dialer.services.sign_on import SignOn


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the console lives.

    `origins`: the addresses people use, such as `https://calls.example`; any other Origin or Host is refused. A port
    that the scheme implies is left out, as browsers do.
    `exchange_ws_url`: the exchange's own WebSocket, on loopback or a private net; `seat_ws_urls`: those of seats that live on
    another exchange. `console`: the built console's folder.
    """

    origins: frozenset[str]
    exchange_ws_url: str
    console: Path
    seat_ws_urls: Mapping[str, str] = field(default_factory=dict)
    proxies: tuple[Network, ...] = ()
    """Whose `X-Forwarded-For` is believed."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "origins", frozenset(_as_browsers_write(o) for o in self.origins))

    @property
    def tls(self) -> bool:
        """Whether every address is https: then cookies are Secure and browsers are told to stay with https."""
        return all(origin.startswith("https://") for origin in self.origins)

    @property
    def hosts(self) -> frozenset[str]:
        """The values of `Host` that are ours."""
        return frozenset(origin.split("://", 1)[1] for origin in self.origins)


def _as_browsers_write(origin: str) -> str:
    if origin.startswith("https://"):
        return origin.removesuffix(":443")
    return origin.removesuffix(":80")


@dataclass(frozen=True, slots=True)
class Deps:
    """The rooms below, as the API sees them."""

    settings: WebSettings
    clock: Clock
    identity: Identity
    sign_on: SignOn | None
    people: PeopleService
    account: OwnAccountService
    organisations: OrganisationService
    pause_codes: PauseCodeService
    registers: RegisterService
    prompts: PromptService
    campaign_desk: CampaignDeskService
    reports: ReportService
    changes: Changes
    repeats: Repeats
    ice: IceServers
    desk: DeskService
    heard: HeardService
    talks: TalkService
    callbacks: CallbackService
    jobs: JobService
    stops: StopService
    listening: ListeningService
    status: StatusService
    floor: FloorService
    assignments: AssignmentService
    leads: LeadsService
    explain: ExplainService
    lists: ExplainListService
    replays: ReplayService
    consents: ConsentCapture
    campaigns: CampaignControl
    imports: ImportService
    trail: TrailService
    audit: AuditService
    dossiers: DossierService
    refusals: RefusalService
    hooks: HookService
    partners: PartnerService
    webhooks: WebhookService
    dnc: DncService
    outside_lists: OutsideListService
    refusal_files: RefusalFileService
    reviews: ReviewService
    simulations: SimulationService
    previews: PreviewService
    inbound_desk: InboundDeskService
    inbound_trail: InboundTrailService
    readiness: Readiness
    metrics: CollectorRegistry
