"""Organisations over HTTP, for the administrators of the one that operates the platform; others are told no."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar

from pydantic import StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Nothing, Sent
from dialer.api.people import LoginName, PersonName
from dialer.api.register_routes import Why
from dialer.api.route import ADMINISTRATOR, Call, Route, json_get, json_send
from dialer.domain.ids import OrganisationId
from dialer.services.people import Invited
from dialer.services.views.organisations import NewOrganisation, OrganisationList, OrganisationMade
from dialer.services.views.session import Locale, Role

B = TypeVar("B", bound=Sent)
A = TypeVar("A")
GONE: Final = (Fault.NOT_FOUND,)
CompanyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class OrganisationForm(Sent):
    """An organisation and its first administrator, who sets the password by the link that comes back."""

    name_zh: CompanyName
    name_en: CompanyName
    uscc: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z-]+$")]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    login: LoginName
    name: PersonName
    locale: Locale = Locale.ZH


class SuspensionReason(Sent):
    """Why an organisation is held back, or may dial again; it stands on the log."""

    why: Why


def _operators(
    handle: Callable[[Call[B, Nothing]], Awaitable[A | Problem]],
) -> Callable[[Call[B, Nothing]], Awaitable[A | Problem]]:
    async def guarded(call: Call[B, Nothing]) -> A | Problem:
        if not call.who.operates_platform:
            return problem(Fault.ROLE_FORBIDDEN)
        return await handle(call)

    return guarded


async def organisations(call: Call[Nothing, Nothing]) -> OrganisationList | Problem:
    """Every organisation."""
    return await call.deps.organisations.all()


async def create(call: Call[OrganisationForm, Nothing]) -> OrganisationMade | Problem:
    """Take one in."""
    said = call.body
    new = NewOrganisation(said.name_zh, said.name_en, said.uscc, said.country)
    administrator = Invited(said.login, said.name, Role.ADMINISTRATOR, said.locale)
    return answered(await call.deps.organisations.create(call.user, new, administrator))


async def suspend(call: Call[SuspensionReason, Nothing]) -> OrganisationList | Problem:
    """Nothing is dialled for it."""
    org = OrganisationId(call.path["organisation"])
    return answered(await call.deps.organisations.suspend(call.user, org, call.body.why))


async def resume(call: Call[SuspensionReason, Nothing]) -> OrganisationList | Problem:
    """It may dial again."""
    org = OrganisationId(call.path["organisation"])
    return answered(await call.deps.organisations.resume(call.user, org, call.body.why))


ORGANISATIONS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/organisations",
        "listOrganisations",
        "Every organisation here; for the platform operator's administrators",
        ADMINISTRATOR,
        query=Nothing,
        answer=OrganisationList,
        handle=_operators(organisations),
    ),
    json_send(
        "/api/organisations",
        "createOrganisation",
        "Take an organisation in, with a link for its first administrator; for the platform operator's administrators",
        ADMINISTRATOR,
        body=OrganisationForm,
        answer=OrganisationMade,
        handle=_operators(create),
    ),
    json_send(
        "/api/organisations/{organisation}/suspend",
        "suspendOrganisation",
        "Dial nobody for an organisation any more, at once; for the platform operator's administrators",
        ADMINISTRATOR,
        body=SuspensionReason,
        answer=OrganisationList,
        handle=_operators(suspend),
        errors=GONE,
    ),
    json_send(
        "/api/organisations/{organisation}/resume",
        "resumeOrganisation",
        "Let a suspended organisation dial again; for the platform operator's administrators",
        ADMINISTRATOR,
        body=SuspensionReason,
        answer=OrganisationList,
        handle=_operators(resume),
        errors=GONE,
    ),
)
