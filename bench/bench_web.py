"""The console's weight and its floor of many agents, in a real browser.

    PYTHONPATH=. python bench/bench_web.py [--agents 500] [--seconds 20]

`make bench-web` runs it. First load: bytes over the wire until an agent's desk stands, with an empty cache. Floor: while
every agent changes once a second, the processor time of the page's tasks: one of over 50 ms is a frame that a person
sees to be late. Processor time and not the clock's, so that a busy machine tells the same; beside it the same page with
nothing changing.
"""

import argparse
import asyncio
import dataclasses
import json
import random
import tempfile
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from dialer.services.changes import FloorChanged
from dialer.services.views.desk import DeskState
from dialer.services.views.floor import FloorAgent
from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import WIDE, chromium, log_in, visiting
from tests.acceptance.browser.stage import Stage, staged
from tests.acceptance.browser.stage_office import ORG

FIRST_LOAD_BYTES_MAX: Final = 500_000
FRAME_MS_MAX: Final = 50.0


async def first_load(browser: Browser, stage: Stage) -> dict[str, int]:
    """Bytes over the wire by kind, from the empty cache to the agent's desk."""
    async with visiting(browser, stage.url, size=WIDE) as visit:
        session = await visit.page.context.new_cdp_session(visit.page)
        await session.send("Network.enable")
        kinds: dict[str, str] = {}
        sizes: dict[str, int] = {}

        def started(event: dict[str, Any]) -> None:
            kinds[event["requestId"]] = event["type"]

        def finished(event: dict[str, Any]) -> None:
            kind = kinds.get(event["requestId"], "Other")
            sizes[kind] = sizes.get(kind, 0) + int(event["encodedDataLength"])

        session.on("Network.responseReceived", started)
        session.on("Network.loadingFinished", finished)
        await log_in(visit.page, Role.AGENT)
        await visit.page.wait_for_load_state("networkidle")
        return sizes


async def tasks_of(browser: Browser, page: Page, seconds: float) -> list[float]:
    """Processor time of each task of the page's main thread over that many seconds, in ms, longest last."""
    await browser.start_tracing(page=page, categories=["toplevel", "devtools.timeline"])
    await asyncio.sleep(seconds)
    events = json.loads(await browser.stop_tracing())["traceEvents"]
    main = {
        (e["pid"], e["tid"])
        for e in events
        if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"
    }
    tasks = (e for e in events if e["name"].endswith("RunTask") and (e["pid"], e["tid"]) in main)
    return sorted(e.get("tdur", 0) / 1000 for e in tasks)


def shuffled(agents: tuple[FloorAgent, ...], stage: Stage, rng: random.Random) -> tuple[FloorAgent, ...]:
    """Every agent in another state."""
    states = (DeskState.TALKING, DeskState.READY, DeskState.WRAPPING, DeskState.PAUSED)
    now = stage.clock.now()
    return tuple(
        dataclasses.replace(a, state=rng.choice(states), since=now, calls_today=a.calls_today + 1)
        for a in agents
    )


async def floor(browser: Browser, stage: Stage, agents: int, seconds: float) -> None:
    """Print what the floor's page does with that many agents, at rest and changing."""
    rng = random.Random(1)
    pattern = stage.floor_view.agents
    many = tuple(
        dataclasses.replace(pattern[n % len(pattern)], id=f"agent-{n}", name=f"Agent {n}")
        for n in range(agents)
    )
    stage.floor_view = dataclasses.replace(stage.floor_view, agents=many)
    async with visiting(browser, stage.url, size=WIDE) as visit:
        await log_in(visit.page, Role.SUPERVISOR)
        await visit.page.locator(".floor-agents tbody tr").nth(10).wait_for()
        say("at rest", await tasks_of(browser, visit.page, seconds))

        async def change() -> None:
            while True:
                await asyncio.sleep(1.0)
                stage.floor_view = dataclasses.replace(
                    stage.floor_view, agents=shuffled(stage.floor_view.agents, stage, rng)
                )
                stage.changes.touch(FloorChanged(ORG))

        changing = asyncio.create_task(change())
        try:
            say("every agent changing each second", await tasks_of(browser, visit.page, seconds))
        finally:
            changing.cancel()


def say(name: str, tasks: list[float]) -> None:
    """One line of figures."""
    over = sum(1 for ms in tasks if ms > FRAME_MS_MAX)
    print(
        f"  {name}: longest task {tasks[-1]:.0f} ms, in all {sum(tasks):.0f} ms; over {FRAME_MS_MAX:.0f} ms: {over}"
    )


async def run(agents: int, seconds: float) -> None:
    """Both measurements."""
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder)) as stage, chromium() as browser:
            sizes = await first_load(browser, stage)
            total = sum(sizes.values())
            print(
                f"first load of an agent's desk: {total / 1000:.0f} kB (bar {FIRST_LOAD_BYTES_MAX / 1000:.0f})"
            )
            for kind, size in sorted(sizes.items(), key=lambda item: -item[1]):
                print(f"  {kind}: {size / 1000:.0f} kB")
            print(f"floor with {agents} agents, {seconds:.0f} s each:")
            await floor(browser, stage, agents, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--agents", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=20.0)
    asked = parser.parse_args()
    asyncio.run(run(asked.agents, asked.seconds))
