"""What holds in every dialog: it can be used by everybody (axe), in both languages, and fits the screen of a telephone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import pytest
from playwright.async_api import Browser, Locator, Page

from dialer.services.views.session import Role
from dialer.storage.tables_organisation import DiallingStop
from tests.acceptance.browser.browsing import PHONE, WIDE, log_in, visiting
from tests.acceptance.browser.conftest import WEB
from tests.acceptance.browser.stage import Stage
from tests.acceptance.browser.stage_calls import MADE
from tests.acceptance.browser.test_every_page import serious_faults

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NAMES = {"zh-CN": ("zh-CN", "audit.zh-CN"), "en-GB": ("en", "audit.en")}
DIALOGS: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.ADMINISTRATOR: (
        ("/people", "people.invite"),
        ("/webhooks", "hook.add"),
        ("/registers/source", "registers.addSource"),
        ("/registers/source/new-site", "registers.verify"),
        ("/registers/source/new-site", "registers.hold"),
        ("/registers/caller-number", "registers.addNumber"),
        ("/registers/caller-number/number-400", "registers.suspend"),
        ("/registers/script", "scripts.add"),
        ("/registers/pause-code", "pauses.add"),
        ("/registers/pause-code", "pauses.renameOne"),
        ("/organisations", "organisations.add"),
        ("/operations", "operations.lift"),
    ),
    Role.SUPERVISOR: (
        ("/floor", "campaign.import"),
        ("/floor", "explain.title"),
        ("/floor", "floor.move.of"),
        ("/refusals", "refusals.import"),
    ),
    Role.AUDITOR: ((f"/calls/{MADE}", "proof.reveal"), ("/calls", "explain.title")),
}
"""Where each dialog is, and the words of the button that opens it."""


def words(locale: str) -> dict[str, str]:
    """Everything that the console says in a language, by its key."""

    def flat(tree: dict[str, object], path: str = "") -> Iterable[tuple[str, str]]:
        for key, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{path}{key}.")
            else:
                yield f"{path}{key}", str(value)

    found: dict[str, str] = {}
    for name in NAMES[locale]:
        text = (WEB / "src/i18n" / f"{name}.json").read_text(encoding="utf-8")
        found |= dict(flat(json.loads(text)))
    return found


def button(page: Page, said: str) -> Locator:
    """The first button of these words, whatever name stands in their gap."""
    parts = re.split(r"{{\w+}}", said)
    return page.get_by_role("button", name=re.compile(".+".join(map(re.escape, parts)))).first


async def held(page: Page, where: tuple[str, str], width: int) -> None:
    """The open dialog is one that everybody can use, and it has a name."""
    dialog = page.get_by_role("dialog").last
    await dialog.wait_for()
    await page.wait_for_timeout(300)  # it has come to rest: axe judges contrasts of what it sees
    assert await serious_faults(page) == [], where
    box = await dialog.bounding_box()
    assert box is not None
    assert box["x"] >= 0, where
    assert box["x"] + box["width"] <= width, where
    assert await dialog.get_by_role("heading").or_(dialog.locator(".ant-modal-title")).first.inner_text(), (
        where
    )


@pytest.mark.parametrize(
    ("locale", "scheme", "size"),
    [("zh-CN", "dark", PHONE), ("en-GB", "light", PHONE), ("en-GB", "dark", WIDE)],
)
@pytest.mark.parametrize("role", DIALOGS)
async def test_no_dialog_has_a_serious_fault_for_anybody(
    browser: Browser, stage: Stage, role: Role, locale: str, scheme: str, size: tuple[int, int]
) -> None:
    said = words(locale)
    stage.store.write_now(
        lambda tx: tx.insert(
            DiallingStop(id="trunk-1", code="trunk.failing", org_id="org-sample", at_us=tx.now_us())
        )
    )
    async with visiting(browser, stage.url, size=size, locale=locale, scheme=scheme) as seen:
        page = seen.page
        await log_in(page, role)
        for where in DIALOGS[role]:
            await page.goto(where[0])
            await button(page, said[where[1]]).click()
            await held(page, where, size[0])
        assert seen.complaints == []
