"""Why agents pause, over HTTP: administrators keep the list, whoever checks reads it, the desk offers it."""

from typing import Annotated, Final

from pydantic import StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem
from dialer.api.models import Nothing, Sent
from dialer.api.register_routes import READERS
from dialer.api.route import ADMINISTRATOR, Call, Method, Route, json_get, json_send
from dialer.services.views.pause_codes import PauseCodeList
from dialer.services.views.words import Sentence

GONE: Final = (Fault.NOT_FOUND,)
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class NewPauseCode(Sent):
    """A reason to pause: its code, which stays, and its name in both languages."""

    code: Code
    zh: Name
    en: Name


class PauseCodeNames(Sent):
    """The names from now on, and those that the editor saw."""

    zh: Name
    en: Name
    was_zh: Name
    was_en: Name


async def pause_codes(call: Call[Nothing, Nothing]) -> PauseCodeList:
    """Every reason."""
    return await call.deps.pause_codes.all(call.org)


async def add(call: Call[NewPauseCode, Nothing]) -> PauseCodeList | Problem:
    """A new reason."""
    said = call.body
    return answered(
        await call.deps.pause_codes.add(call.org, call.user, said.code, Sentence(said.zh, said.en))
    )


async def rename(call: Call[PauseCodeNames, Nothing]) -> PauseCodeList | Problem:
    """Another name."""
    said = call.body
    name, was = Sentence(said.zh, said.en), Sentence(said.was_zh, said.was_en)
    return answered(await call.deps.pause_codes.rename(call.org, call.user, call.path["code"], name, was))


async def retire(call: Call[Nothing, Nothing]) -> PauseCodeList | Problem:
    """Offered no more."""
    return answered(await call.deps.pause_codes.retire(call.org, call.user, call.path["code"]))


async def offer(call: Call[Nothing, Nothing]) -> PauseCodeList | Problem:
    """Offered again."""
    return answered(await call.deps.pause_codes.offer(call.org, call.user, call.path["code"]))


PAUSE_CODES: Final[tuple[Route, ...]] = (
    json_get(
        "/api/pause-codes",
        "listPauseCodes",
        "Why agents pause, in the order of the desk; retired reasons too",
        READERS,
        query=Nothing,
        answer=PauseCodeList,
        handle=pause_codes,
    ),
    json_send(
        "/api/pause-codes",
        "addPauseCode",
        "A new reason to pause, offered at once",
        ADMINISTRATOR,
        body=NewPauseCode,
        answer=PauseCodeList,
        handle=add,
    ),
    json_send(
        "/api/pause-codes/{code}",
        "renamePauseCode",
        "Another name for a reason; declined where somebody changed it meanwhile",
        ADMINISTRATOR,
        body=PauseCodeNames,
        answer=PauseCodeList,
        handle=rename,
        errors=GONE,
        method=Method.PUT,
    ),
    json_send(
        "/api/pause-codes/{code}/retire",
        "retirePauseCode",
        "Offer a reason no more; the last one stays",
        ADMINISTRATOR,
        body=Nothing,
        answer=PauseCodeList,
        handle=retire,
        errors=GONE,
    ),
    json_send(
        "/api/pause-codes/{code}/offer",
        "offerPauseCode",
        "Offer a retired reason again",
        ADMINISTRATOR,
        body=Nothing,
        answer=PauseCodeList,
        handle=offer,
        errors=GONE,
    ),
)
