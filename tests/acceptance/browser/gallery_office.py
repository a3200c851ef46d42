"""Screenshots of the office: accounts, registers, operations, one's own account. `python -m … gallery_office FOLDER`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Browser, Page

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import PHONE, WIDE, chromium, log_in, visiting
from tests.acceptance.browser.stage import Stage, staged

LOOKS = (("zh-CN", "light", WIDE), ("en-GB", "dark", PHONE))
PAGES = {
    Role.ADMINISTRATOR: (
        ("/people", ".ant-table-row"),
        ("/registers/caller-number/number-400", ".fields li"),
        ("/registers/source/new-site", ".fields li"),
        ("/webhooks", ".ant-table"),
        ("/operations", ".ant-table-row"),
        ("/account", ".ant-table-row"),
    ),
    Role.SUPERVISOR: (("/campaigns/new", ".wizard"), ("/campaigns/campaign-made", ".preflight-counts")),
}


async def walk(browser: Browser, stage: Stage, folder: Path) -> list[str]:
    """Every page in every look; what the browser's console complained about."""
    complaints: list[str] = []
    for locale, scheme, size in LOOKS:
        for role, pages in PAGES.items():
            async with visiting(browser, stage.url, size=size, locale=locale, scheme=scheme) as seen:
                await log_in(seen.page, role)
                for path, ready in pages:
                    await seen.page.goto(path)
                    await seen.page.locator(ready).first.wait_for()
                    await _shot(seen.page, folder, path, f"{locale[:2]}-{scheme}-{size[0]}")
                complaints += seen.complaints
    return complaints


async def _shot(page: Page, folder: Path, path: str, look: str) -> None:
    await page.wait_for_timeout(250)
    await page.screenshot(path=folder / f"{path.strip('/').replace('/', '-')}-{look}.png", full_page=True)


async def main(folder: Path) -> int:
    """Take them all; 1 when a page complained."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        async with staged(Path(scratch)) as stage, chromium() as browser:
            complaints = await walk(browser, stage, folder)
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Path(sys.argv[1]))))
