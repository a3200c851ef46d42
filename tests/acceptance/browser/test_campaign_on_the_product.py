"""A supervisor's campaign through the whole product on real Asterisk: wizard, review by two people, list, pre-flight,
start, calls, report, certificate."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from nacl.signing import SigningKey
from playwright.async_api import Browser, Page, expect

from dialer.demo.sample_leads import DNC_ORGANISATION, number_of, sample_csv
from dialer.demo.stage import site_key_file
from dialer.domain.ids import UserId
from dialer.services.seats import Place
from dialer.signing.keys import read_secret
from tests.acceptance.browser.browsing import Watched, log_in_as, visiting
from tests.acceptance.whole_product import Product, until, whole_product
from tests.unit.api.test_report_files import sheets, shown

pytestmark = [pytest.mark.browser, pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session")]

WANT_A_CALL = (0, 1)
NAME = "Renewals in autumn"
SOON_MS, CALLED_SECONDS = 30_000, 90.0


def _list_file(product: Product) -> bytes:
    """Two people who asked, one who refused after they had asked, and three rows that are no telephone numbers."""
    key = SigningKey(read_secret(site_key_file(product.stage.settings.folders.keys)))
    now = product.floor.core.clock.now()
    return sample_csv(
        now, lambda record: key.sign(record).signature, frozenset({*WANT_A_CALL, DNC_ORGANISATION})
    )


async def _as(seen: Watched, product: Product, role: str) -> Page:
    login = product.login(role)
    await log_in_as(seen.page, login.login, login.password)
    return seen.page


async def test_a_campaign_goes_from_the_wizard_to_its_certificate(browser: Browser, tmp_path: Path) -> None:
    home = Path("/tmp") / f"xc{tmp_path.stat().st_ino % 1_000_000}"
    async with (
        whole_product(home, frozenset(), headless=1) as product,
        visiting(browser, product.url, locale="en-GB") as seen,
    ):
        page = await _as(seen, product, "supervisor")
        campaign = await _wizard(page)
        await expect(page.locator(".preflight .verdict")).to_contain_text("number review is not approved")
        await _review(browser, product, campaign)
        await _import(page, _list_file(product))
        await _hours_of_its_own(page)
        await _start_from_the_pre_flight(page)
        await _calls_are_made(product)
        await page.goto("/calls")
        await expect(page.locator(".ant-table-row", has_text="Sealed")).to_have_count(len(WANT_A_CALL))
        await _report(page)
        journal = product.trio.carrier_settings.journal.read_text()
        assert journal.count("event=INVITE") == len(WANT_A_CALL)
        assert all(number_of(ending).removeprefix("+") in journal for ending in WANT_A_CALL)
        assert seen.complaints == []


async def _wizard(page: Page) -> str:
    """Fill the form in; the new campaign's id."""
    await page.get_by_role("link", name="Campaigns").click()
    await page.get_by_role("button", name="New campaign").click()
    for label, words in (
        ("Name in Chinese", "秋季续费"),
        ("Name in English", NAME),
        ("What the call is about, in words", "回复续费咨询"),
        ("Declared business", "企业软件售后回访"),
        ("Accountable owner", "客服负责人"),
    ):
        await page.get_by_label(label).fill(words)
    await page.get_by_role("combobox", name="Script").click()
    await page.get_by_title("script-callback-1").click()
    await page.get_by_role("combobox", name="Caller IDs").click()
    await page.get_by_title("4000000000").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("combobox", name="Sources").click()
    await page.get_by_title("www.example.com 留言区").click()
    await page.keyboard.press("Escape")
    await page.get_by_role("checkbox", name="演示坐席 1").check()
    await page.get_by_role("button", name="Create").click()
    await page.wait_for_url(re.compile("/campaigns/campaign-[0-9a-f]+$"))
    return page.url.rsplit("/", 1)[1]


async def _review(browser: Browser, product: Product, campaign: str) -> None:
    """An administrator files the number review; only the auditor's approval lets the campaign start."""
    async with visiting(browser, product.url, locale="en-GB") as seen:
        page = await _as(seen, product, "administrator")
        await page.goto(f"/registers/campaign/{campaign}")
        await page.get_by_role("button", name="Change Number review").click()
        await page.get_by_role("combobox", name="State").click()
        await page.get_by_title("Approved").click()
        await page.get_by_label("Reference of the approval").fill("review-2026-118")
        await page.get_by_role("button", name="File", exact=True).click()
        await expect(page.locator(".fields li", has_text="Number review").last).to_contain_text(
            "A change waits"
        )
    async with visiting(browser, product.url, locale="en-GB") as seen:
        page = await _as(seen, product, "auditor")
        await page.goto("/registers/campaign")
        await page.get_by_role("button", name="Approve").click()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


async def _import(page: Page, content: bytes) -> None:
    """The list, through the mapped preview; each bad row is named."""
    await page.reload()
    await page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("input[type=file]").set_input_files(
        {"name": "autumn.csv", "mimeType": "text/csv", "buffer": content}
    )
    await dialog.get_by_role("button", name="Import 6 rows").click()
    await expect(dialog.locator(".import-result")).to_contain_text("3 of 6 rows taken", timeout=SOON_MS)
    await expect(dialog.locator(".import-rows .ant-table-row")).to_have_count(3)
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()


async def _hours_of_its_own(page: Page) -> None:
    """In the afternoon only, at half past ten: the two wait until 14:00 by the campaign's own rule, then by none."""
    counts = page.locator(".preflight-counts dd")
    save = page.get_by_role("button", name="Save")
    await expect(page.get_by_text("Mon–Fri 09:00–21:00")).to_be_visible()
    for label, time in (("Calls from", "14:00"), ("Calls until", "17:00")):
        await page.get_by_role("combobox", name=label).fill(time)
        await page.keyboard.press("Enter")
    await save.click()
    await expect(counts).to_have_text(["0", "2", "0", "1"], timeout=SOON_MS)
    waits = page.locator(".objections > li", has_text="the hours that the campaign keeps (14:00-17:00")
    await expect(waits).to_contain_text("2")
    for label in ("Calls from", "Calls until"):
        field = page.locator(".ant-form-item", has=page.get_by_role("combobox", name=label))
        await field.hover()
        await field.locator(".ant-select-clear").click()
    await save.click()
    await expect(counts).to_have_text(["2", "0", "0", "1"], timeout=SOON_MS)


async def _start_from_the_pre_flight(page: Page) -> None:
    """Two can be called now, one never, and the pre-flight says by which rule."""
    flight = page.locator(".preflight")
    await expect(flight).to_contain_text("over 3 open leads", timeout=SOON_MS)
    counts = await flight.locator(".preflight-counts dd").all_inner_texts()
    assert counts == ["2", "0", "0", "1"]
    reasons = flight.locator(".objections > li")
    await expect(reasons).to_have_count(1)
    await expect(reasons).to_contain_text("DNC")
    await expect(reasons.get_by_role("link", name="Show leads")).to_be_visible()
    await expect(flight.locator(".verdict")).to_contain_text("The campaign may start.")
    await flight.get_by_role("button", name="Start").click()
    await expect(page.locator(".filters")).to_contain_text("Running", timeout=SOON_MS)
    await expect(flight.locator(".verdict")).to_contain_text("is running already")


async def _calls_are_made(product: Product) -> None:
    """An agent whose phone is a machine takes both calls; both are sealed."""
    agent = await product.seat_machine(1)
    store = product.floor.core.store
    for _ in WANT_A_CALL:
        await _one_call(product, agent)
    sealed = "SELECT COUNT(*) AS n FROM attempt WHERE state = 'sealed'"
    await until(lambda: store.read_now(lambda tx: tx.sole(sealed)).n == len(WANT_A_CALL), CALLED_SECONDS)


async def _one_call(product: Product, agent: UserId) -> None:
    """Talk, hang up, dispose."""
    seats, desk, store = product.floor.seats, product.floor.desk, product.floor.core.store

    def works(place: Place) -> bool:
        seated = seats.of_user(agent)
        return seated is not None and seated.place is place

    await until(lambda: works(Place.TALKING), CALLED_SECONDS)
    seated = seats.of_user(agent)
    assert seated is not None
    attempt = seated.attempt_id
    assert attempt is not None
    connected = "SELECT COUNT(*) AS n FROM attempt WHERE id = :id AND state = 'connected'"
    await until(lambda: store.read_now(lambda tx: tx.sole(connected, id=attempt)).n == 1, CALLED_SECONDS)
    await desk.hang_up(agent, attempt)
    await until(lambda: works(Place.WRAPPING), CALLED_SECONDS)
    await desk.dispose(agent, attempt, "handled", None)


async def _report(page: Page) -> None:
    """The tables of the page, and each file that is handed on."""
    await page.goto("/reports")
    certificate = page.locator("section.card", has=page.get_by_role("link", name="Certificate (PDF)"))
    await expect(certificate.locator(".ant-table-row", has_text=NAME)).to_have_count(1)
    links = await page.locator("main a[href^='/api/reports/']").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    files = {
        unquote(link.split("?")[0]).removeprefix("/api/reports/"): await _fetched(page, link)
        for link in links
    }
    rows = list(csv.reader(io.StringIO(files["campaign/table.csv"].decode("utf-8-sig"))))
    (ours,) = [dict(zip(rows[0], row, strict=True)) for row in rows if row[0] == NAME]
    assert ours["Calls made"] == "2"
    assert NAME in files["certificate/table.csv"].decode("utf-8-sig")
    assert NAME in sheets(files["book.xlsx"])
    for paper in ("report.pdf", "certificate.pdf"):
        assert files[paper].startswith(b"%PDF-")
        assert NAME in shown(files[paper])


async def _fetched(page: Page, link: str) -> bytes:
    """A file as the browser would save it, of the session that looks at the page."""
    answer = await page.request.get(link)
    assert answer.ok, link
    return await answer.body()
