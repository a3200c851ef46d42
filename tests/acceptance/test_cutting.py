"""A refusal from outside cuts the live leg within a second: while it rings and while it talks, from three sides.

Measured at the carrier: from the moment at which the refusal was sent to the end of the call in the carrier's journal.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from dialer.demo.run import Demo
from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import ORG
from dialer.processes.core import Core
from dialer.services.refusal_hooks import signature_of
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.test_worst_minute import Running, floor, invites, journal, until, until_over

pytestmark = pytest.mark.asterisk
CUT_SECONDS_MAX = 1.0
TONE_SECONDS = 20.0
"""So long everybody talks whom nobody cuts: time enough to refuse on a busy machine."""
RINGING_API, RINGING_PROCESS = 30, 31
TALKING_API, TALKING_PROCESS, TALKING_HOOK, LEFT_ALONE = 0, 1, 2, 3
WITHOUT_SIGNER = 99
CALLEES = (
    Behaviour("3X", (parse_step("ring_for_ever"),)),
    Behaviour("0X", tuple(map(parse_step, ("ring 1000", "answer", f"tone 440 {TONE_SECONDS * 1000:.0f}")))),
)
Refuse = Callable[[int], Awaitable[float]]
"""Tells of a refusal of the number with that ending; the time at which it began to."""


@asynccontextmanager
async def console(demo: Running, role: str) -> AsyncIterator[aiohttp.ClientSession]:
    """That role, logged in."""
    login = next(item for item in demo.stage.logins if item.role == role)
    jar = aiohttp.CookieJar(unsafe=True)
    url = f"http://127.0.0.1:{demo.stage.ports.web}"
    async with aiohttp.ClientSession(url, cookie_jar=jar) as session:
        body = {"login": login.login, "password": login.password}
        async with session.post("/api/session", json=body) as answer:
            session.headers["X-CSRF"] = (await answer.json())["csrf"]
        yield session


async def post(session: aiohttp.ClientSession, path: str, body: object) -> dict[str, object]:
    async with session.post(path, json=body) as answer:
        said = await answer.json()
        assert answer.status == 200, said
        assert isinstance(said, dict)
        return said


async def by_api(stack: AsyncExitStack, demo: Running) -> Refuse:
    session = await stack.enter_async_context(console(demo, "supervisor"))

    async def refuse(ending: int) -> float:
        began = time.time()
        await post(session, "/api/refusals", {"number": number_of(ending)})
        return began

    return refuse


async def by_hook(stack: AsyncExitStack, demo: Demo) -> Refuse:
    session = await stack.enter_async_context(console(demo, "administrator"))
    made = await post(session, "/api/partners", {"name": "complaint feed"})
    partner, secret = made["partner"], bytes.fromhex(str(made["secret"]))
    assert isinstance(partner, dict)

    async def refuse(ending: int) -> float:
        async with session.get("/api/status") as status:
            now = (await status.json())["clock"]["now"]
        timestamp = str(int(_seconds(now)))
        body = json.dumps({"id": f"m{ending}", "refusals": [{"number": number_of(ending)}]}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Dialer-Timestamp": timestamp,
            "X-Dialer-Signature": f"v1={signature_of(secret, timestamp, body)}",
        }
        began = time.time()
        async with session.post(f"/hooks/refusals/{partner['id']}", data=body, headers=headers) as answer:
            said = await answer.json()
            assert answer.status == 200, said
            assert said["items"][0]["state"] == "entered"
        return began

    return refuse


async def by_another_process(stack: AsyncExitStack, demo: Running) -> Refuse:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.acceptance.refusing_process", str(demo.stage.home / "dialer.toml"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    async def stop() -> None:
        stdin.close()
        await asyncio.wait_for(process.wait(), 10)

    stack.push_async_callback(stop)
    assert (await stdout.readline()).strip() == b"READY"

    async def refuse(ending: int) -> float:
        stdin.write(number_of(ending).encode() + b"\n")
        await stdin.drain()
        return float(await stdout.readline())

    return refuse


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def at(demo: Demo, ending: int, event: str) -> float | None:
    """When the carrier wrote that event down for the number."""
    found = [r.at.timestamp() for r in journal(demo) if r.number == number_of(ending) and r.event == event]
    return found[0] if found else None


async def cut_after(demo: Demo, ending: int, event: str, wait_seconds: float, refuse: Refuse) -> float:
    """Refuse once the call is that far; seconds from telling to the end at the carrier."""
    await until(lambda: at(demo, ending, event) is not None, 90)
    await asyncio.sleep(wait_seconds)
    assert at(demo, ending, "END") is None, "the call was over before the refusal"
    began = await refuse(ending)
    await until(lambda: at(demo, ending, "END") is not None, 5)
    ended = at(demo, ending, "END")
    assert ended is not None
    return ended - began


async def legs_cut(core: Core, ending: int) -> int | None:
    """What the entry of a number says that it cut; None: it isn't on the list."""
    hmac = core.keyring.number_hmac(ORG, number_of(ending))
    row = await core.store.read(
        lambda tx: tx.one("SELECT legs_cut FROM dnc_entry WHERE number_hmac = :hmac", hmac=hmac)
    )
    return None if row is None else int(row.legs_cut)


async def test_a_refusal_from_outside_cuts_a_ringing_and_a_talking_leg_within_a_second_with_a_signer_or_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xc{tmp_path.stat().st_ino % 1_000_000}"
    endings = frozenset(
        {RINGING_API, RINGING_PROCESS, TALKING_API, TALKING_PROCESS, TALKING_HOOK, LEFT_ALONE}
    )
    monkeypatch.setattr("dialer.demo.trio.read_behaviours", lambda _: CALLEES)
    async with floor(home, endings, monkeypatch) as (demo, core), AsyncExitStack() as stack:
        api = await by_api(stack, demo)
        hook = await by_hook(stack, demo)
        process = await by_another_process(stack, demo)
        wanted = {
            "ringing, by API": (RINGING_API, "180", 1.0, api),
            "ringing, by another process": (RINGING_PROCESS, "180", 1.0, process),
            "talking, by API": (TALKING_API, "200", 2.0, api),
            "talking, by another process": (TALKING_PROCESS, "200", 2.0, process),
            "talking, by signed message": (TALKING_HOOK, "200", 2.0, hook),
        }
        seconds = dict(
            zip(
                wanted,
                await asyncio.gather(*(cut_after(demo, *how) for how in wanted.values())),
                strict=True,
            )
        )
        print({name: f"{value * 1000:.0f} ms" for name, value in seconds.items()})
        assert max(seconds.values()) <= CUT_SECONDS_MAX, seconds
        await until_over(core, 60)
        answered, ended = at(demo, LEFT_ALONE, "200"), at(demo, LEFT_ALONE, "END")
        assert answered is not None
        assert ended is not None
        assert ended - answered > TONE_SECONDS - 0.5  # nothing but a refusal cuts
        assert all(count == 1 for count in invites(demo).values())

        for ending, _, _, _ in wanted.values():
            assert await legs_cut(core, ending) == 1
        assert await legs_cut(core, LEFT_ALONE) is None
        # decision 13: a refusal waits for no signature
        await demo.children["signer"].kill()
        await api(WITHOUT_SIGNER)
        assert await legs_cut(core, WITHOUT_SIGNER) == 0
