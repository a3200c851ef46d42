"""The demo's dialer process: the product's own, with headless agents seated and, unless it runs once, people who ask."""

import asyncio
import os

from dialer.demo.headless import seat_headless
from dialer.demo.processes import ONCE
from dialer.demo.visitors import let_people_ask
from dialer.processes.dialer import run
from dialer.processes.floor import Floor
from dialer.processes.serving import main
from dialer.settings import Settings


async def open_floor(floor: Floor) -> None:
    """Seat the machines, and let the sample list be all there is when it runs once."""
    await seat_headless(floor)
    if not os.environ.get(ONCE):
        floor.keep(asyncio.create_task(let_people_ask(floor)))


async def run_demo(settings: Settings) -> None:
    """Serve until told to stop."""
    await run(settings, open_floor)


if __name__ == "__main__":
    main("dialer", run_demo)
