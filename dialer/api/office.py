"""What the API needs of the rooms that run an office: accounts, registers, campaigns being made, reports, webhooks."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from dialer.domain.consent import SourceKind
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.services.identity import LiveSession, LoginLocked
from dialer.services.people import Ended, Invited
from dialer.services.views.campaigns import (
    CampaignChoices,
    CampaignDetail,
    CampaignForm,
    CampaignRows,
    PreflightView,
)
from dialer.services.views.organisations import NewOrganisation, OrganisationList, OrganisationMade
from dialer.services.views.pause_codes import PauseCodeList
from dialer.services.views.people import PersonList, SecondFactorView, TicketView, WelcomeView
from dialer.services.views.prompts import PromptLanguage, PromptList, PromptPurpose
from dialer.services.views.registers import (
    ChangesView,
    NewScript,
    RegisterEntries,
    RegisterKind,
    RegisterView,
    ScriptList,
)
from dialer.services.views.reports import ReportView
from dialer.services.views.session import Role
from dialer.services.views.webhooks import DeliveryPage, WebhookCreated, WebhookList
from dialer.services.views.words import Declined, Sentence


class PeopleService(Protocol):
    """Accounts in an administrator's hands. None: no such account in that organisation."""

    async def all(self, org: OrganisationId) -> PersonList: ...

    async def invite(self, org: OrganisationId, by: UserId, invited: Invited) -> TicketView | Declined: ...

    async def reset(self, org: OrganisationId, by: UserId, user: UserId) -> TicketView | Declined | None: ...

    async def change(
        self, org: OrganisationId, by: UserId, user: UserId, name: str, role: Role
    ) -> tuple[PersonList, Ended] | Declined | None: ...

    async def disable(
        self, org: OrganisationId, by: UserId, user: UserId
    ) -> tuple[PersonList, Ended] | Declined | None: ...

    async def enable(self, org: OrganisationId, by: UserId, user: UserId) -> PersonList | None: ...

    async def forget_second_factor(
        self, org: OrganisationId, by: UserId, user: UserId
    ) -> PersonList | None: ...

    async def unlock(self, org: OrganisationId, by: UserId, user: UserId) -> PersonList | None: ...

    async def end_sessions(
        self, org: OrganisationId, by: UserId, user: UserId
    ) -> tuple[PersonList, Ended] | None: ...

    async def welcome(self, token: str) -> WelcomeView | Declined: ...

    async def accept(self, token: str, password: str) -> Ended | Declined: ...


class OwnAccountService(Protocol):
    """One's own password and second factor. None: the account is gone."""

    async def change_password(
        self, session: LiveSession, current: str, wanted: str
    ) -> tuple[str, ...] | Declined | LoginLocked | None: ...

    async def begin_second_factor(
        self, session: LiveSession, current: str
    ) -> SecondFactorView | Declined | LoginLocked | None: ...

    async def confirm_second_factor(self, session: LiveSession, code: str) -> Declined | None: ...


class OrganisationService(Protocol):
    """Organisations in the hands of the platform's operator. None: no such organisation."""

    async def all(self) -> OrganisationList: ...

    async def create(
        self, by: UserId, new: NewOrganisation, administrator: Invited
    ) -> OrganisationMade | Declined: ...

    async def suspend(
        self, by: UserId, org: OrganisationId, why: str
    ) -> OrganisationList | Declined | None: ...

    async def resume(
        self, by: UserId, org: OrganisationId, why: str
    ) -> OrganisationList | Declined | None: ...


class PauseCodeService(Protocol):
    """Why agents pause. None: no such code in that organisation."""

    async def all(self, org: OrganisationId) -> PauseCodeList: ...

    async def add(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence
    ) -> PauseCodeList | Declined: ...

    async def rename(
        self, org: OrganisationId, by: UserId, code: str, name: Sentence, was: Sentence
    ) -> PauseCodeList | Declined | None: ...

    async def retire(self, org: OrganisationId, by: UserId, code: str) -> PauseCodeList | Declined | None: ...

    async def offer(self, org: OrganisationId, by: UserId, code: str) -> PauseCodeList | Declined | None: ...


class CampaignDeskService(Protocol):
    """Campaigns made and changed, and the pre-flight. None: no such campaign in that organisation."""

    async def all(self, org: OrganisationId) -> CampaignRows: ...

    async def one(self, org: OrganisationId, campaign: CampaignId) -> CampaignDetail | None: ...

    async def choices(self, org: OrganisationId) -> CampaignChoices: ...

    async def create(
        self, org: OrganisationId, user: UserId, form: CampaignForm
    ) -> CampaignDetail | Declined | None: ...

    async def save(
        self, org: OrganisationId, user: UserId, campaign: CampaignId, version: int, form: CampaignForm
    ) -> CampaignDetail | Declined | None: ...

    async def preflight(
        self, org: OrganisationId, campaign: CampaignId
    ) -> PreflightView | Declined | None: ...


class WebhookService(Protocol):
    """Other programs that are told of events. None: no such address in that organisation."""

    async def all(self, org: OrganisationId) -> WebhookList: ...

    async def create(
        self, org: OrganisationId, user: UserId, url: str, events: Sequence[str]
    ) -> WebhookCreated | Declined: ...

    async def disable(self, org: OrganisationId, user: UserId, webhook: str) -> WebhookList | None: ...

    async def deliveries(
        self, org: OrganisationId, webhook: str, after: str | None, limit: int
    ) -> DeliveryPage | None: ...

    async def again(self, org: OrganisationId, webhook: str, delivery: str) -> DeliveryPage | None: ...

    async def test(self, org: OrganisationId, webhook: str) -> DeliveryPage | None: ...


class ReportService(Protocol):
    """What was done in a span, counted out of the attempts themselves."""

    async def view(self, org: OrganisationId, since: datetime, until: datetime) -> ReportView: ...


class PromptService(Protocol):
    """What callees and callers hear. None: no such draft or version in that organisation."""

    async def all(self, org: OrganisationId, user: UserId) -> PromptList: ...

    async def bring(
        self,
        org: OrganisationId,
        user: UserId,
        purpose: PromptPurpose,
        language: PromptLanguage,
        text: str,
        content: bytes,
    ) -> PromptList | Declined: ...

    async def approve(
        self, org: OrganisationId, user: UserId, version: str
    ) -> PromptList | Declined | None: ...

    async def reject(self, org: OrganisationId, user: UserId, version: str) -> PromptList | None: ...

    async def sound(self, org: OrganisationId, user: UserId, version: str) -> bytes | None: ...


class RegisterService(Protocol):
    """What people file about an organisation, its numbers, sources, scripts and campaigns. None: no such entry there."""

    async def entries(self, org: OrganisationId, kind: RegisterKind) -> RegisterEntries: ...

    async def view(self, org: OrganisationId, kind: RegisterKind, entry: str) -> RegisterView | None: ...

    async def set_field(
        self,
        org: OrganisationId,
        user: UserId,
        kind: RegisterKind,
        entry: str,
        name: str,
        value: str,
        was: str | None,
    ) -> RegisterView | Declined | None: ...

    async def waiting(self, org: OrganisationId, user: UserId) -> ChangesView: ...

    async def approve(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined: ...

    async def reject(self, org: OrganisationId, user: UserId, change: str) -> ChangesView | Declined: ...

    async def add_source(
        self, org: OrganisationId, user: UserId, source: str, kind: SourceKind, name: str
    ) -> RegisterView | Declined | None: ...

    async def verify_source(
        self,
        org: OrganisationId,
        user: UserId,
        source: str,
        filing: str,
        checked_on: date,
        expires_on: date | None,
    ) -> RegisterView | Declined | None: ...

    async def hold_source(
        self, org: OrganisationId, user: UserId, source: str, why: str
    ) -> RegisterView | Declined | None: ...

    async def add_number(
        self, org: OrganisationId, user: UserId, entry: str, number: str
    ) -> RegisterView | Declined | None: ...

    async def activate_number(
        self, org: OrganisationId, user: UserId, entry: str
    ) -> RegisterView | Declined | None: ...

    async def suspend_number(
        self, org: OrganisationId, user: UserId, entry: str, why: str
    ) -> RegisterView | Declined | None: ...

    async def scripts(self, org: OrganisationId) -> ScriptList: ...

    async def add_script(
        self, org: OrganisationId, user: UserId, new: NewScript
    ) -> ScriptList | Declined: ...
