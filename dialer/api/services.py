"""What the API needs of the rooms below, as small Protocols. `None` means: not there, or another organisation's.

Every question names the organisation or the user of the session, so that no implementation can forget whose data it
reads. `Declined` is an answer: the act may not be done now, and why. The world's failures are exceptions of
`dialer.domain.errors` and become 503 with nothing done.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dialer.domain.ids import AttemptId, CampaignId, LeadId, OrganisationId, UserId
from dialer.evidence.record import Actor
from dialer.services.heard_desk import HeardAnswer
from dialer.services.lead_rows import LeadRow
from dialer.services.refusal_desk import Report
from dialer.services.refusal_hooks import Signed
from dialer.services.refusal_reviews import ReviewDecision
from dialer.services.simulations import Form, Text, Wish
from dialer.services.views.captured import CapturedView
from dialer.services.views.decision import ExplainView
from dialer.services.views.desk import (
    DeskView,
    PhoneView,
    RefusedView,
)
from dialer.services.views.floor import CampaignView, FloorView, ImportView, LeadPage
from dialer.services.views.listed import ListView, ReplayView
from dialer.services.views.operations import JobList, StopRows
from dialer.services.views.queries import AttemptFilter, LeadFilter
from dialer.services.views.refusals import (
    DncPage,
    HookAnswer,
    ImportJob,
    ImportJobs,
    OutsideLists,
    PartnerCreated,
    PartnerList,
    RefusalTaken,
    ReviewDone,
    ReviewPage,
)
from dialer.services.views.session import Role, StatusView
from dialer.services.views.simulation import ForecastView, SimulationView
from dialer.services.views.trail import (
    AttemptPage,
    AttemptView,
    FiltersView,
    PeaksView,
    Revealed,
    VerifyView,
)
from dialer.services.views.words import Declined


class DeskService(Protocol):
    """The agent's verbs. Each answers with the whole desk as it is afterwards."""

    async def view(self, user: UserId) -> DeskView: ...

    async def phone(self, user: UserId, session_id: str) -> PhoneView | Declined:
        """Give this session the agent's seat and a fresh SIP password; a former session's password ends."""
        ...

    async def seat_user(self, user: UserId, session_id: str) -> str | None:
        """The SIP user that belongs to this very session, empty while it has none."""
        ...

    async def session_ended(self, user: UserId, session_id: str) -> None:
        """The login is over: its SIP password ends, an agent without another login goes offline."""
        ...

    async def ready(self, user: UserId) -> DeskView | Declined: ...

    async def pause(self, user: UserId, reason: str) -> DeskView | Declined: ...

    async def refused(self, user: UserId, attempt: AttemptId) -> RefusedView | Declined | None: ...

    async def hang_up(self, user: UserId, attempt: AttemptId) -> DeskView | Declined | None: ...

    async def dispose(
        self, user: UserId, attempt: AttemptId, code: str, note: str | None
    ) -> DeskView | Declined | None: ...


class PreviewService(Protocol):
    """The lead on an agent's screen before it is dialled."""

    async def call(self, user: UserId) -> Declined | None: ...

    async def skip(self, user: UserId, reason: str) -> Declined | None: ...


class JobService(Protocol):
    """Timers of the dialer's process."""

    async def jobs(self) -> JobList: ...


class StopService(Protocol):
    """Stops in force, and lifting one with a reason that goes onto the log."""

    async def view(self, org: OrganisationId) -> StopRows: ...

    async def past(self, org: OrganisationId) -> StopRows: ...

    async def lift(
        self, org: OrganisationId, user: UserId, role: Role, stop_id: str, reason: str
    ) -> StopRows | Declined | None: ...


class StatusService(Protocol):
    """Clock, stops and witness, for the line at the top of every page."""

    async def view(self, org: OrganisationId) -> StatusView: ...


class HeardService(Protocol):
    """The agent's answers to words that were heard."""

    async def answer(
        self, user: UserId, attempt: AttemptId, heard_id: str, answer: HeardAnswer
    ) -> DeskView | Declined | None:
        """Take an answer. None: not this agent's call, or no such prompt."""
        ...


class FloorService(Protocol):
    """The supervisor's picture."""

    async def view(self, org: OrganisationId) -> FloorView: ...


class AssignmentService(Protocol):
    """Agents moved between campaigns. None: no such agent in that organisation."""

    async def assign(
        self,
        org: OrganisationId,
        by: UserId,
        agent: UserId,
        campaigns: Sequence[CampaignId],
        was: Sequence[CampaignId],
    ) -> FloorView | Declined | None: ...


class SimulationService(Protocol):
    """Days of pacing simulated beside the dialer, and what each campaign as it is set would bring."""

    async def ask(self, org: OrganisationId, order: Form | Text) -> SimulationView | Declined | None: ...

    async def view(self, org: OrganisationId, simulation: str) -> SimulationView | None: ...

    async def cancel(self, org: OrganisationId, simulation: str) -> SimulationView | None: ...

    async def forecast(
        self, org: OrganisationId, campaign: CampaignId, wish: Wish
    ) -> ForecastView | None: ...


class LeadsService(Protocol):
    """Leads with the reasons of their last decision."""

    async def page(self, org: OrganisationId, wanted: LeadFilter) -> LeadPage: ...


class ExplainService(Protocol):
    """What the gate would say, read from the facts of this moment (or for another one). It permits nothing.

    `under`, `pack`: beside what another campaign, or the text of a rule pack, would bring.
    """

    async def explain(
        self,
        org: OrganisationId,
        number: str,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None = None,
        pack: str | None = None,
    ) -> ExplainView | Declined | None: ...


class ExplainListService(Protocol):
    """The same for every open lead of a campaign, counted; `under`: beside what another campaign would bring."""

    async def explain_list(
        self,
        org: OrganisationId,
        campaign: CampaignId,
        at: datetime | None,
        under: CampaignId | None,
        pack: str | None = None,
    ) -> ListView | Declined | None: ...


class ReplayService(Protocol):
    """A past decision made again from its own evidence."""

    async def replay(self, org: OrganisationId, attempt: AttemptId) -> ReplayView | Declined | None: ...


class ConsentCapture(Protocol):
    """Consents that a source's own system signed. The signature says whose they are: no organisation is named."""

    async def capture(self, row: LeadRow) -> CapturedView | Declined: ...


class CampaignControl(Protocol):
    """Start and pause; pausing voids the issued permits in the same transaction."""

    async def start(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None: ...

    async def pause(
        self, org: OrganisationId, user: UserId, campaign: CampaignId
    ) -> CampaignView | Declined | None: ...


class ImportService(Protocol):
    """A file of leads and consents: all good rows become visible at one moment, or none."""

    async def take(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, content: bytes
    ) -> ImportView | Declined | None: ...


class TrailService(Protocol):
    """The auditor's questions. Whatever opens personal data in full is a leaf of the log before it is answered."""

    async def search(
        self, org: OrganisationId, user: UserId, wanted: AttemptFilter
    ) -> AttemptPage | Declined: ...

    async def filters(self, org: OrganisationId) -> FiltersView: ...

    async def attempt(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> AttemptView | None: ...

    async def recording(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        """A WAV of both legs, two channels."""
        ...

    async def peaks(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> PeaksView | Declined | None: ...

    async def bundle(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        """The evidence bundle, a ZIP."""
        ...

    async def redacted_bundle(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> bytes | Declined | None:
        """The same without who, words and voice."""
        ...

    async def trust(self) -> bytes:
        """The installation's public keys as a trust.json."""
        ...

    async def vcon(self, org: OrganisationId, user: UserId, attempt: AttemptId) -> bytes | Declined | None:
        """The bundle as an IETF vCon, JSON."""
        ...

    async def verify(
        self, org: OrganisationId, user: UserId, attempt: AttemptId
    ) -> VerifyView | Declined | None: ...

    async def reveal(
        self, org: OrganisationId, user: UserId, attempt: AttemptId, reason: str
    ) -> Revealed | Declined | None: ...


class RefusalService(Protocol):
    """Refusals that people enter or upload."""

    async def enter(self, org: OrganisationId, actor: Actor, report: Report) -> RefusalTaken | Declined: ...


class HookService(Protocol):
    """Signed messages of partners. None: not believed."""

    async def refusals(
        self, signed: Signed, message_id: str, reports: Sequence[Report]
    ) -> HookAnswer | Declined | None: ...

    async def sms(
        self, signed: Signed, message_id: str, text: str, report: Report
    ) -> HookAnswer | Declined | None: ...


class PartnerService(Protocol):
    """Who may send such messages."""

    async def all(self, org: OrganisationId) -> PartnerList: ...

    async def create(self, org: OrganisationId, user: UserId, name: str) -> PartnerCreated: ...

    async def disable(self, org: OrganisationId, user: UserId, partner_id: str) -> PartnerList | None: ...


class DncService(Protocol):
    """The do-not-call list as people may see it."""

    async def search(
        self, org: OrganisationId, number: str | None, after: str | None, limit: int
    ) -> DncPage | Declined: ...

    async def reveal(
        self, org: OrganisationId, user: UserId, entry_id: str, reason: str
    ) -> Revealed | Declined | None: ...


class OutsideListService(Protocol):
    """Outside lists as people may see them."""

    async def view(self) -> OutsideLists: ...


class RefusalFileService(Protocol):
    """Files of refusals and of outside lists, taken in the background."""

    async def refusals(
        self, org: OrganisationId, user: UserId, country: str, content: bytes
    ) -> ImportJob | Declined: ...

    async def outside_list(
        self, org: OrganisationId, user: UserId, kind: str, as_of: datetime, country: str, content: bytes
    ) -> ImportJob | Declined: ...

    async def job(self, org: OrganisationId, job_id: str) -> ImportJob | None: ...

    async def jobs(self, org: OrganisationId) -> ImportJobs: ...


class ReviewService(Protocol):
    """Leads held because somebody may have refused."""

    async def page(self, org: OrganisationId, after: str | None, limit: int) -> ReviewPage: ...

    async def decide(
        self, org: OrganisationId, user: UserId, lead: LeadId, decision: ReviewDecision
    ) -> ReviewDone | Declined | None: ...


class Readiness(Protocol):
    """Whether this process can do its work."""

    async def failing(self) -> tuple[str, ...]:
        """Names of the parts that don't answer (`store`, `exchange`, …), empty when all do."""
        ...
