"""The demo's dialer process: the product's own, with headless agents seated."""

from dialer.demo.headless import seat_headless
from dialer.processes.dialer import run
from dialer.processes.serving import main
from dialer.settings import Settings


async def run_demo(settings: Settings) -> None:
    """Serve until told to stop, machines at the phones."""
    await run(settings, seat_headless)


if __name__ == "__main__":
    main("dialer", run_demo)
