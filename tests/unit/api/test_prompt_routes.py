"""Prompts over HTTP: a draft is played by nothing, another person approves the very file, and what is no prompt says why."""

from __future__ import annotations

import io
import json
import math
import struct
import wave
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import FormData

from dialer.services.views.session import Role
from dialer.storage.tables_organisation import ConsentText
from tests.unit.api.api_seed import HOME, OTHER
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

NOTICE = {"purpose": "notice", "language": "zh", "text": "您好，现在没有坐席可以接听。"}


def sound(
    hz: int = 8_000, seconds: float = 0.5, tone_hz: int = 440, channels: int = 1, bits: int = 16
) -> bytes:
    """A tone as a WAV file."""
    count = int(hz * seconds)
    if bits == 16:
        one = [struct.pack("<h", int(9_000 * math.sin(2 * math.pi * tone_hz * n / hz))) for n in range(count)]
    else:
        one = [bytes([128 + int(60 * math.sin(2 * math.pi * tone_hz * n / hz))]) for n in range(count)]
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(bits // 8)
        file.setframerate(hz)
        file.writeframes(b"".join(sample * channels for sample in one))
    return out.getvalue()


async def bring(browser: Browser, content: bytes, said: dict[str, str] = NOTICE) -> Answer:
    """Upload a sound with its words."""
    form = FormData()
    form.add_field("file", io.BytesIO(content), filename="notice.wav")
    path = f"/api/prompts?{urlencode(said)}"
    sent = await browser.client.request("POST", path, data=form, headers=browser.headers())
    body = await sent.read()
    browser.client.session.cookie_jar.clear()
    return Answer(sent.status, dict(sent.headers), body, json.loads(body))


def prompt(answer: Answer, name: str = "notice-zh") -> dict[str, Any]:
    """One prompt of a list."""
    assert answer.status == 200, answer.body
    assert isinstance(answer.json, dict)
    found: dict[str, Any] = next(one for one in answer.json["items"] if one["name"] == name)
    return found


@pytest.fixture
async def administrator(client: Client) -> Browser:
    return await browser_of(client, HOME, Role.ADMINISTRATOR)


@pytest.fixture
async def auditor(client: Client) -> Browser:
    return await browser_of(client, HOME, Role.AUDITOR)


async def test_a_draft_is_heard_by_nobody_until_another_person_has_approved_it(
    administrator: Browser, auditor: Browser, rooms: Rooms
) -> None:
    content = sound()
    draft = prompt(await bring(administrator, content))
    assert draft["approved"] is None
    assert draft["waiting"]["sha256"] == sha256(content).hexdigest(), "8 kHz is kept byte for byte"
    assert draft["waiting"]["own"] is True
    version = draft["waiting"]["id"]
    assert await rooms.deps.prompts.folder.played() == {}  # type: ignore[attr-defined]

    own = await administrator.ask("POST", f"/api/prompts/{version}/approve")
    assert (own.status, own.code) == (409, "prompt.own")
    heard = await auditor.ask("GET", f"/api/prompts/{version}/sound.wav")
    assert (heard.status, heard.body) == (200, content)
    approved = prompt(await auditor.ask("POST", f"/api/prompts/{version}/approve"))
    assert (approved["waiting"], approved["played"]) == (None, True)
    assert approved["approved"]["sha256"] == sha256(content).hexdigest()
    assert await rooms.deps.prompts.folder.played() == {"notice-zh": sha256(content).hexdigest()}  # type: ignore[attr-defined]
    again = await auditor.ask("POST", f"/api/prompts/{version}/approve")
    assert again.status == 404, "an approval is once"


async def test_a_later_draft_leaves_what_is_in_force_alone_and_can_be_rejected(
    administrator: Browser, auditor: Browser
) -> None:
    first, second = sound(tone_hz=440), sound(tone_hz=880)
    version = prompt(await bring(administrator, first))["waiting"]["id"]
    await auditor.ask("POST", f"/api/prompts/{version}/approve")
    both = prompt(await bring(administrator, second))
    assert both["approved"]["sha256"] == sha256(first).hexdigest()
    assert both["played"] is True
    twice = await bring(administrator, second)
    assert (twice.status, twice.code) == (409, "prompt.stands_there")
    left = prompt(await auditor.ask("POST", f"/api/prompts/{both['waiting']['id']}/reject"))
    assert (left["waiting"], left["approved"]["sha256"]) == (None, sha256(first).hexdigest())


async def test_sixteen_kilohertz_are_brought_down_once_and_the_hash_is_of_what_is_played(
    administrator: Browser, auditor: Browser
) -> None:
    content = sound(hz=16_000)
    first = prompt(await bring(administrator, content))["waiting"]
    heard = await auditor.ask("GET", f"/api/prompts/{first['id']}/sound.wav")
    with wave.open(io.BytesIO(heard.body)) as kept:
        assert (kept.getframerate(), kept.getnchannels(), kept.getnframes()) == (8_000, 1, 4_000)
    assert first["sha256"] == sha256(heard.body).hexdigest()
    again = await bring(administrator, content)
    assert again.code == "prompt.stands_there", "the same sound gives the same file"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"this is no sound at all", "prompt.not_wav"),
        (b"", "prompt.not_wav"),
        (b"ID3\x03 an mp3", "prompt.not_wav"),
        (sound()[:30], "prompt.not_wav"),
        (sound()[:-200], "prompt.cut_off"),
        (sound(channels=2), "prompt.not_mono"),
        (sound(bits=8), "prompt.not_pcm16"),
        (sound()[:20] + struct.pack("<H", 7) + sound()[22:], "prompt.not_pcm16"),
        (sound(hz=44_100), "prompt.rate"),
        (sound(seconds=0.1), "prompt.too_short"),
        (sound(seconds=60.5), "prompt.too_long"),
    ],
)
async def test_what_is_no_prompt_is_refused_with_words(
    administrator: Browser, content: bytes, code: str
) -> None:
    refused = await bring(administrator, content)
    assert (refused.status, refused.code) == (409, code)
    assert isinstance(refused.json, dict)
    said = refused.json["detail"]
    assert said["zh"] != said["en"]
    assert prompt(await administrator.ask("GET", "/api/prompts"))["waiting"] is None
    assert prompt(await bring(administrator, sound()))["waiting"] is not None


async def test_a_file_that_is_too_large_is_not_read_to_its_end(administrator: Browser) -> None:
    assert (await bring(administrator, sound() + bytes(2 * 1024 * 1024))).status == 413


async def test_a_consent_that_is_read_out_has_the_words_of_a_registered_text(
    administrator: Browser, rooms: Rooms
) -> None:
    said = NOTICE | {"purpose": "inbound-consent"}
    other = await bring(administrator, sound(), said)
    assert (other.status, other.code) == (409, "prompt.no_such_consent")
    text = "请您确认：您请示例软件的工作人员给本号码回电一次。"
    filed = ConsentText(
        id="text-line", org_id=HOME, purpose="callback", text=text, sha256="ab" * 32, register_json="{}"
    )
    rooms.store.write_now(lambda tx: tx.insert(filed))
    taken = await bring(administrator, sound(), said | {"text": text})
    assert prompt(taken, "inbound-consent-zh")["waiting"]["text"] == text


async def test_who_may_do_what_and_what_other_organisations_see(
    client: Client, administrator: Browser, auditor: Browser
) -> None:
    assert (await bring(auditor, sound())).status == 403
    version = prompt(await bring(administrator, sound()))["waiting"]["id"]
    agent = await browser_of(client, HOME, Role.AGENT)
    assert (await agent.ask("GET", "/api/prompts")).status == 403
    foreign = await browser_of(client, OTHER, Role.AUDITOR)
    assert prompt(await foreign.ask("GET", "/api/prompts"))["waiting"] is None
    for method, act in (("GET", "sound.wav"), ("POST", "approve"), ("POST", "reject")):
        answer = await foreign.ask(method, f"/api/prompts/{version}/{act}")
        assert (answer.status, answer.code) == (404, "not.found")
    theirs = await bring(await browser_of(client, OTHER, Role.ADMINISTRATOR), sound())
    assert theirs.code == "prompt.of_another", "one exchange plays one file under a name"
    assert prompt(await auditor.ask("POST", f"/api/prompts/{version}/approve"))["played"] is True


async def test_an_approval_that_was_not_carried_out_is_at_the_next_start(
    administrator: Browser, auditor: Browser, rooms: Rooms
) -> None:
    version = prompt(await bring(administrator, sound()))["waiting"]["id"]
    await auditor.ask("POST", f"/api/prompts/{version}/approve")
    folder = rooms.deps.prompts.folder  # type: ignore[attr-defined]
    (folder.folder / "notice-zh.wav").write_bytes(sound(tone_hz=999))
    assert prompt(await auditor.ask("GET", "/api/prompts"))["played"] is False
    await rooms.deps.prompts.catch_up()  # type: ignore[attr-defined]
    assert prompt(await auditor.ask("GET", "/api/prompts"))["played"] is True
