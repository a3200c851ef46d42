"""New entries of registers over HTTP: caller numbers and versions of scripts."""

from typing import Annotated, Final

from pydantic import Field, StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem
from dialer.api.models import Id, Nothing, Sent
from dialer.api.register_routes import READERS, Why
from dialer.api.route import ADMINISTRATOR, Call, Route, json_get, json_send
from dialer.domain.campaign import ScriptStep
from dialer.domain.purpose import Purpose
from dialer.services.views.registers import NewScript, RegisterView, ScriptList, ScriptPart

GONE: Final = (Fault.NOT_FOUND,)
PARTS_MAX: Final = 30
Words = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
Family = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_-]*$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]


class NewNumber(Sent):
    """A caller number by id and digits; registered, and shown once another person lets it be."""

    id: Id
    number: Annotated[str, StringConstraints(pattern=r"^\+?[0-9]{3,15}$")]


class NumberHold(Sent):
    """Why a number is shown no more; it stands on the log."""

    why: Why


class SpokenPart(Sent):
    """One sentence of a script in both languages."""

    key: Key
    zh: Words
    en: Words
    required: bool


class NewVersion(Sent):
    """A new version of a script: whole, in the order of speaking."""

    family: Family
    purpose: Purpose
    steps: Annotated[tuple[ScriptStep, ...], Field(max_length=len(ScriptStep))]
    parts: Annotated[tuple[SpokenPart, ...], Field(min_length=1, max_length=PARTS_MAX)]


async def add_number(call: Call[NewNumber, Nothing]) -> RegisterView | Problem:
    """A new caller number."""
    return answered(await call.deps.registers.add_number(call.org, call.user, call.body.id, call.body.number))


async def activate_number(call: Call[Nothing, Nothing]) -> RegisterView | Problem:
    """A number may be shown."""
    return answered(await call.deps.registers.activate_number(call.org, call.user, call.path["number"]))


async def suspend_number(call: Call[NumberHold, Nothing]) -> RegisterView | Problem:
    """A number is shown no more."""
    return answered(
        await call.deps.registers.suspend_number(call.org, call.user, call.path["number"], call.body.why)
    )


async def scripts(call: Call[Nothing, Nothing]) -> ScriptList:
    """Every version."""
    return await call.deps.registers.scripts(call.org)


async def add_script(call: Call[NewVersion, Nothing]) -> ScriptList | Problem:
    """A new version; what was there stays."""
    said = call.body
    parts = tuple(ScriptPart(p.key, p.zh, p.en, p.required) for p in said.parts)
    new = NewScript(said.family, said.purpose, said.steps, parts)
    return answered(await call.deps.registers.add_script(call.org, call.user, new))


ENTRIES: Final[tuple[Route, ...]] = (
    json_send(
        "/api/caller-numbers",
        "addCallerNumber",
        "Register a caller number: it isn't shown before another person lets it be",
        ADMINISTRATOR,
        body=NewNumber,
        answer=RegisterView,
        handle=add_number,
    ),
    json_send(
        "/api/caller-numbers/{number}/activate",
        "activateCallerNumber",
        "Let a number be shown; not by who registered or suspended it",
        READERS,
        body=Nothing,
        answer=RegisterView,
        handle=activate_number,
        errors=GONE,
    ),
    json_send(
        "/api/caller-numbers/{number}/suspend",
        "suspendCallerNumber",
        "Show a number no more; its issued permits are void at once",
        READERS,
        body=NumberHold,
        answer=RegisterView,
        handle=suspend_number,
        errors=GONE,
    ),
    json_get(
        "/api/scripts",
        "listScripts",
        "Every version of every script with its words, filing and campaigns",
        READERS,
        query=Nothing,
        answer=ScriptList,
        handle=scripts,
    ),
    json_send(
        "/api/scripts",
        "addScript",
        "A new version of a script; words that were filed never change",
        ADMINISTRATOR,
        body=NewVersion,
        answer=ScriptList,
        handle=add_script,
    ),
)
