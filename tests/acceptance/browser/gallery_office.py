"""Screenshots of every other page, its dialogs, and what it shows while it loads, fails or has nothing."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.async_api import Page, Route

from dialer.services.views.session import Role
from tests.acceptance.browser.browsing import log_in, visiting
from tests.acceptance.browser.stage_inbound import TALKED

if TYPE_CHECKING:
    from tests.acceptance.browser.gallery import Gallery, Look

DIALOG = ".ant-modal"
SKELETON = ".ant-skeleton"


@dataclass(frozen=True)
class Seen:
    """One picture: a page, what shows that it is there, and what is pressed for a dialog."""

    name: str
    path: str
    ready: str
    press: str | None = None
    opens: str = DIALOG


PAGES: dict[Role, tuple[Seen, ...]] = {
    Role.ADMINISTRATOR: (
        Seen("people", "/people", ".ant-table-row"),
        Seen("people-invite", "/people", ".ant-table-row", ".filters .ant-btn-primary"),
        Seen("registers", "/registers", ".register-list li"),
        Seen("registers-organisation", "/registers/organisation/org-sample", ".fields li"),
        Seen("registers-number", "/registers/caller-number/number-400", ".fields li"),
        Seen("registers-number-add", "/registers/caller-number", ".register-list li", ".office-add"),
        Seen(
            "registers-number-suspend",
            "/registers/caller-number/number-400",
            ".fields li",
            ".card-head .ant-btn-dangerous",
        ),
        Seen("registers-source", "/registers/source/new-site", ".fields li"),
        Seen("registers-source-add", "/registers/source", ".register-list li", ".register .anticon-plus"),
        Seen("registers-script", "/registers/script", ".register-list li"),
        Seen("registers-script-add", "/registers/script", ".register-list li", ".office-add"),
        Seen("registers-campaign", "/registers/campaign/campaign-made", ".fields li"),
        Seen("registers-agent", "/registers/agent/user-agent", ".fields li"),
        Seen("prompts", "/registers/prompt", ".prompts li"),
        Seen("prompts-add", "/registers/prompt", ".prompts li", ".office-add"),
        Seen("pauses", "/registers/pause-code", ".ant-table-row"),
        Seen("pauses-add", "/registers/pause-code", ".ant-table-row", ".office-add"),
        Seen("organisations", "/organisations", ".ant-table-row"),
        Seen("organisations-add", "/organisations", ".ant-table-row", ".filters .ant-btn-primary"),
        Seen("dossiers-admin", "/dossiers", ".ant-table-row"),
        Seen("webhooks", "/webhooks", ".ant-table"),
        Seen("webhooks-add", "/webhooks", ".ant-table", ".filters .ant-btn-primary"),
        Seen("operations-admin", "/operations", ".ant-table-row"),
        Seen("outside-lists", "/refusals", ".ant-table-row"),
        Seen("partners", "/refusals?tab=partners", ".ant-table-row"),
        Seen("account", "/account", ".ant-table-row"),
    ),
    Role.SUPERVISOR: (
        Seen("campaigns", "/campaigns", ".ant-table-row"),
        Seen("campaign-new", "/campaigns/new", ".wizard"),
        Seen("campaign", "/campaigns/campaign-made", ".preflight-counts"),
        Seen("floor-move", "/floor", ".floor-agents .ant-table-row", ".floor-agents .anticon-swap"),
        Seen("why", "/why", ".filters"),
        Seen("reports", "/reports", ".recharts-surface"),
        Seen("refusals", "/refusals", ".ant-table-row"),
        Seen("refusals-reviews", "/refusals?tab=reviews", "[role=tabpanel] p, [role=tabpanel] li"),
        Seen("operations", "/operations", ".ant-table-row"),
    ),
    Role.AUDITOR: (
        Seen("inbound", "/inbound", ".ant-table-row"),
        Seen("inbound-call", f"/inbound/{TALKED}", ".steps"),
        Seen("refusals-auditor", "/refusals", ".ant-table-row"),
    ),
}
ASKED = {
    Role.ADMINISTRATOR: (
        ("people", "/api/people"),
        ("webhooks", "/api/webhooks"),
        ("operations", "/api/stops"),
    ),
    Role.SUPERVISOR: (
        ("refusals", "/api/refusals/search"),
        ("leads", "/api/leads"),
        ("campaigns", "/api/campaigns"),
        ("reports", "/api/reports"),
    ),
    Role.AUDITOR: (("calls", "/api/attempts/search"), ("log", "/api/log"), ("inbound", "/api/inbound")),
}
"""A page, and the question whose answer it waits for."""
NOTHING = {"items": [], "next": None}
EMPTY: dict[Role, tuple[tuple[str, str, str, object], ...]] = {
    Role.ADMINISTRATOR: (
        ("outside-lists", "/refusals", "/api/outside-lists", {"items": [], "wanted": [], "feeds": []}),
        ("partners", "/refusals?tab=partners", "/api/partners", NOTHING),
    ),
    Role.SUPERVISOR: (
        ("refusals", "/refusals", "/api/refusals/search", NOTHING),
        ("refusals-reviews", "/refusals?tab=reviews", "/api/reviews", NOTHING),
    ),
}
"""A page that has nothing to show yet: its name, its place, the question, and the answer with nothing in it."""


async def office(gallery: Gallery, look: Look) -> None:
    """Every page and dialog of the list above."""
    for role, pages in PAGES.items():
        async with visiting(
            gallery.browser, gallery.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            await log_in(seen.page, role)
            for one in pages:
                async with gallery.trying(f"{one.name}-{look.name}"):
                    await seen.page.goto(one.path)
                    await seen.page.locator(one.ready).first.wait_for()
                    if one.press is not None:
                        await seen.page.locator(one.press).first.click()
                        await seen.page.locator(one.opens).first.wait_for()
                    await gallery.shot(seen, look, one.name, whole=one.press is None)


async def waiting_and_failing(gallery: Gallery, look: Look) -> None:
    """What a page shows while its answer is on the way, and when none comes."""
    for role, pages in ASKED.items():
        async with visiting(
            gallery.browser, gallery.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            await log_in(seen.page, role)
            for name, asked in pages:
                for kind, ready in (
                    ("loading", SKELETON),
                    ("failed", "[role=alert], .ant-table-placeholder"),
                ):
                    async with gallery.trying(f"{name}-{kind}-{look.name}"):
                        await _answering(seen.page, asked, kind)
                        await seen.page.goto(f"/{name}")
                        await seen.page.locator(ready).first.wait_for(timeout=20_000)
                        await gallery.shot(seen, look, f"{name}-{kind}")
                    await seen.page.unroute_all(behavior="ignoreErrors")


async def with_nothing(gallery: Gallery, look: Look) -> None:
    """What a page says before there is anything on it."""
    for role, pages in EMPTY.items():
        async with visiting(
            gallery.browser, gallery.stage.url, size=look.size, locale=look.locale, scheme=look.scheme
        ) as seen:
            await log_in(seen.page, role)
            for name, path, asked, answer in pages:
                async with gallery.trying(f"{name}-empty-{look.name}"):
                    await seen.page.route(lambda url, asked=asked: asked in url, _saying(answer))
                    await seen.page.goto(path)
                    await seen.page.locator(".state-icon").first.wait_for()
                    await gallery.shot(seen, look, f"{name}-empty")
                await seen.page.unroute_all(behavior="ignoreErrors")


def _saying(answer: object) -> Callable[[Route], Awaitable[None]]:
    async def fulfil(route: Route) -> None:
        await route.fulfill(status=200, content_type="application/json", body=json.dumps(answer))

    return fulfil


async def _answering(page: Page, asked: str, kind: str) -> None:
    async def never(_: Route) -> None:
        """The browser waits for as long as it likes."""

    async def failing(route: Route) -> None:
        await route.fulfill(status=503, content_type="application/json", body="{}")

    await page.route(lambda url: asked in url, never if kind == "loading" else failing)
