"""Prompts over HTTP: what callees and callers hear, brought by one person and approved by another."""

from typing import Annotated, Final

from pydantic import StringConstraints

from dialer.api.agent import answered
from dialer.api.errors import Fault, Problem, problem
from dialer.api.models import Nothing, Sent
from dialer.api.register_routes import READERS
from dialer.api.route import (
    ADMINISTRATOR,
    Call,
    Download,
    Route,
    Upload,
    file_get,
    json_get,
    json_send,
    upload,
)
from dialer.services.prompt_desk import SOUND_BYTES_MAX, TEXT_CHARACTERS_MAX
from dialer.services.views.prompts import PromptLanguage, PromptList, PromptPurpose

GONE: Final = (Fault.NOT_FOUND,)


class SpokenWords(Sent):
    """When a prompt is heard, in which language, and what it says, word for word."""

    purpose: PromptPurpose
    language: PromptLanguage
    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TEXT_CHARACTERS_MAX)
    ]


async def prompts(call: Call[Nothing, Nothing]) -> PromptList:
    """Every prompt."""
    return await call.deps.prompts.all(call.org, call.user)


async def bring(call: Call[Upload, SpokenWords]) -> PromptList | Problem:
    """A draft."""
    said = call.query
    return answered(
        await call.deps.prompts.bring(
            call.org, call.user, said.purpose, said.language, said.text, call.body.content
        )
    )


async def approve(call: Call[Nothing, Nothing]) -> PromptList | Problem:
    """Put a draft in force."""
    return answered(await call.deps.prompts.approve(call.org, call.user, call.path["version"]))


async def reject(call: Call[Nothing, Nothing]) -> PromptList | Problem:
    """Take a draft off."""
    return answered(await call.deps.prompts.reject(call.org, call.user, call.path["version"]))


async def sound(call: Call[Nothing, Nothing]) -> Download | Problem:
    """A version's sound."""
    content = await call.deps.prompts.sound(call.org, call.user, call.path["version"])
    return problem(Fault.NOT_FOUND) if content is None else Download(content, "")


PROMPTS: Final[tuple[Route, ...]] = (
    json_get(
        "/api/prompts",
        "listPrompts",
        "Everything that callees and callers hear: what is in force, and what waits for a second person",
        READERS,
        query=Nothing,
        answer=PromptList,
        handle=prompts,
    ),
    upload(
        "/api/prompts",
        "bringPrompt",
        "A spoken file with its words, as a draft: mono 16-bit WAV at 8 or 16 kHz, a minute at most",
        ADMINISTRATOR,
        field="file",
        bytes_max=SOUND_BYTES_MAX,
        query=SpokenWords,
        answer=PromptList,
        handle=bring,
    ),
    json_send(
        "/api/prompts/{version}/approve",
        "approvePrompt",
        "Put a draft in force: from now on the exchanges play it; not by who brought it",
        READERS,
        body=Nothing,
        answer=PromptList,
        handle=approve,
        errors=GONE,
    ),
    json_send(
        "/api/prompts/{version}/reject",
        "rejectPrompt",
        "Take a draft off; what is in force stays",
        READERS,
        body=Nothing,
        answer=PromptList,
        handle=reject,
        errors=GONE,
    ),
    file_get(
        "/api/prompts/{version}/sound.wav",
        "getPromptSound",
        "A version's sound, to be listened to before it is approved",
        READERS,
        content_type="audio/wav",
        handle=sound,
        errors=GONE,
    ),
)
