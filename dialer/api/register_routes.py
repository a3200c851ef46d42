"""Registers over HTTP: what is filed about the organisation, its numbers, sources, scripts and campaigns."""

from datetime import date
from typing import Annotated, Final, TypeVar

from pydantic import StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Id, Nothing, Sent
from dialer.api.route import (
    ADMINISTRATOR,
    AUDITOR,
    SUPERVISOR,
    Call,
    Method,
    Route,
    json_get,
    json_send,
)
from dialer.domain.consent import SourceKind
from dialer.services.views.registers import ChangesView, RegisterEntries, RegisterKind, RegisterView

GONE: Final = (Fault.NOT_FOUND,)
READERS: Final = ADMINISTRATOR | SUPERVISOR | AUDITOR
VALUE_CHARS_MAX: Final = 8_000
B = TypeVar("B", bound=Sent)
JsonText = Annotated[str, StringConstraints(min_length=1, max_length=VALUE_CHARS_MAX)]
Why = Annotated[str, StringConstraints(min_length=5, max_length=500)]


class FieldValue(Sent):
    """A field's value as JSON text, and what it was when the editor looked (none: not filed)."""

    value: JsonText
    was: JsonText | None


class NewSource(Sent):
    """A source of consents by id, kind and name; unverified at first."""

    id: Id
    kind: SourceKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class SourceCheck(Sent):
    """The number of filing, certification or contract, and the day on which site, scene and scope were checked."""

    filing: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    checked_on: date
    expires_on: date | None = None


class SourceHold(Sent):
    """Why a source is held; it stands on the log."""

    why: Why


async def list_entries(call: Call[Nothing, Nothing]) -> RegisterEntries | Problem:
    """Entries of one register."""
    kind = _kind(call)
    return problem(Fault.NOT_FOUND) if kind is None else await call.deps.registers.entries(call.org, kind)


async def entry(call: Call[Nothing, Nothing]) -> RegisterView | Problem:
    """One entry with its fields."""
    kind = _kind(call)
    if kind is None:
        return problem(Fault.NOT_FOUND)
    return answered(await call.deps.registers.view(call.org, kind, call.path["entry"]))


async def set_field(call: Call[FieldValue, Nothing]) -> RegisterView | Problem:
    """File one fact."""
    kind = _kind(call)
    if kind is None:
        return problem(Fault.NOT_FOUND)
    said, path = call.body, call.path
    return answered(
        await call.deps.registers.set_field(
            call.org, call.user, kind, path["entry"], path["field"], said.value, said.was
        )
    )


async def changes(call: Call[Nothing, Nothing]) -> ChangesView:
    """What waits for a second person."""
    return await call.deps.registers.waiting(call.org, call.user)


async def approve(call: Call[Nothing, Nothing]) -> ChangesView | Problem:
    """Put a change in force; never one's own."""
    return answered(await call.deps.registers.approve(call.org, call.user, call.path["change"]))


async def reject(call: Call[Nothing, Nothing]) -> ChangesView | Problem:
    """Drop a change."""
    return answered(await call.deps.registers.reject(call.org, call.user, call.path["change"]))


async def add_source(call: Call[NewSource, Nothing]) -> RegisterView | Problem:
    """A new source."""
    said = call.body
    return answered(await call.deps.registers.add_source(call.org, call.user, said.id, said.kind, said.name))


async def verify_source(call: Call[SourceCheck, Nothing]) -> RegisterView | Problem:
    """A source was checked."""
    said = call.body
    return answered(
        await call.deps.registers.verify_source(
            call.org, call.user, call.path["source"], said.filing, said.checked_on, said.expires_on
        )
    )


async def hold_source(call: Call[SourceHold, Nothing]) -> RegisterView | Problem:
    """A source and its leads are held."""
    return answered(
        await call.deps.registers.hold_source(call.org, call.user, call.path["source"], call.body.why)
    )


def _kind(call: Call[B, Nothing]) -> RegisterKind | None:
    try:
        return RegisterKind(call.path["kind"])
    except ValueError:
        return None


REGISTERS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/registers/{kind}",
        "listRegister",
        "Entries of a register with how much is not filed",
        READERS,
        query=Nothing,
        answer=RegisterEntries,
        handle=list_entries,
        errors=GONE,
    ),
    json_get(
        "/api/registers/{kind}/{entry}",
        "getRegisterEntry",
        "One entry; what isn't filed is unknown, and the gate refuses",
        READERS,
        query=Nothing,
        answer=RegisterView,
        handle=entry,
        errors=GONE,
    ),
    json_send(
        "/api/registers/{kind}/{entry}/{field}",
        "setRegisterField",
        "File one fact, logged; what lifts a stop waits for a second person",
        ADMINISTRATOR,
        body=FieldValue,
        answer=RegisterView,
        handle=set_field,
        errors=GONE,
        method=Method.PUT,
    ),
    json_get(
        "/api/register-changes",
        "listRegisterChanges",
        "Changes that wait for a second person",
        READERS,
        query=Nothing,
        answer=ChangesView,
        handle=changes,
    ),
    json_send(
        "/api/register-changes/{change}/approve",
        "approveRegisterChange",
        "Put a change in force; not by who proposed it",
        READERS,
        body=Nothing,
        answer=ChangesView,
        handle=approve,
        errors=GONE,
    ),
    json_send(
        "/api/register-changes/{change}/reject",
        "rejectRegisterChange",
        "Drop a change",
        READERS,
        body=Nothing,
        answer=ChangesView,
        handle=reject,
        errors=GONE,
    ),
    json_send(
        "/api/sources",
        "addSource",
        "Register a source, unverified: its leads are visible and not dialable",
        ADMINISTRATOR,
        body=NewSource,
        answer=RegisterView,
        handle=add_source,
        errors=GONE,
    ),
    json_send(
        "/api/sources/{source}/verify",
        "verifySource",
        "A source was checked; not by who registered it",
        READERS,
        body=SourceCheck,
        answer=RegisterView,
        handle=verify_source,
        errors=GONE,
    ),
    json_send(
        "/api/sources/{source}/hold",
        "holdSource",
        "Hold a source with its leads; its issued permits are void at once",
        READERS,
        body=SourceHold,
        answer=RegisterView,
        handle=hold_source,
        errors=GONE,
    ),
)
