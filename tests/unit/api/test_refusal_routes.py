"""The do-not-call desk over HTTP: one number, files, signed messages, SMS replies, and what people see of the list."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import FormData

from dialer.domain.ids import OrganisationId
from dialer.services.refusal_hooks import WINDOW_SECONDS, signature_of
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, MASKED, NUMBER, OTHER
from tests.unit.api.api_world import HOST, NOW, Answer, Browser, Client, Rooms, browser_of

UNKNOWN = "+8613000000042"
SPARE = "+8613000000043"


def entries(rooms: Rooms, org: OrganisationId = HOME) -> int:
    return int(
        rooms.store.read_now(
            lambda tx: tx.sole("SELECT COUNT(*) AS n FROM dnc_entry WHERE org_id = :org", org=org)
        ).n
    )


def size(rooms: Rooms) -> int:
    return int(rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head")).size)


def said(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200, answer.body
    assert isinstance(answer.json, dict)
    return answer.json


@pytest.fixture
async def supervisor(client: Client) -> Browser:
    return await browser_of(client, HOME, Role.SUPERVISOR)


async def send_file(browser: Browser, path: str, content: bytes) -> Answer:
    form = FormData()
    form.add_field("file", content, filename="list.csv")
    sent = await browser.client.request("POST", path, data=form, headers=browser.headers())
    body = await sent.read()
    browser.client.session.cookie_jar.clear()
    return Answer(sent.status, dict(sent.headers), body, json.loads(body))


# ---------------------------------------------------------------- one number


async def test_a_supervisor_enters_a_refusal_and_the_waiting_lead_is_dropped(
    supervisor: Browser, rooms: Rooms
) -> None:
    taken = said(await supervisor.ask("POST", "/api/refusals", {"number": NUMBER, "reason": "complaint"}))
    assert (taken["state"], taken["number"]) == ("entered", MASKED)
    assert taken["stopped"]["leads"] >= 1
    again = said(await supervisor.ask("POST", "/api/refusals", {"number": NUMBER}))
    assert (again["state"], again["entry_id"], again["at"]) == ("known", taken["entry_id"], taken["at"])
    assert (entries(rooms), entries(rooms, OTHER)) == (1, 0)


async def test_a_number_that_nobody_knows_is_entered_all_the_same(supervisor: Browser, rooms: Rooms) -> None:
    assert said(await supervisor.ask("POST", "/api/refusals", {"number": UNKNOWN}))["state"] == "entered"
    assert entries(rooms) == 1


@pytest.mark.parametrize("body", [{"number": "110"}, {"number": "1300000"}], ids=["emergency", "too short"])
async def test_what_is_no_persons_number_is_declined(
    supervisor: Browser, rooms: Rooms, body: dict[str, str]
) -> None:
    answer = await supervisor.ask("POST", "/api/refusals", body)
    assert answer.status == 409
    assert str(answer.code).startswith("number.")
    assert entries(rooms) == 0


@pytest.mark.parametrize("reason", ["fraud_verified", "key", "sip_607", "whatever"])
async def test_reasons_that_only_the_product_hears_can_not_be_told(
    supervisor: Browser, rooms: Rooms, reason: str
) -> None:
    answer = await supervisor.ask("POST", "/api/refusals", {"number": UNKNOWN, "reason": reason})
    assert answer.status == 422
    assert entries(rooms) == 0


async def test_a_moment_in_the_future_does_not_keep_a_refusal_out(supervisor: Browser, rooms: Rooms) -> None:
    body = {"number": UNKNOWN, "at": "2030-01-01T00:00:00Z"}
    assert said(await supervisor.ask("POST", "/api/refusals", body))["state"] == "entered"
    assert entries(rooms) == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR, Role.ADMINISTRATOR])
async def test_only_supervisors_enter_refusals(client: Client, rooms: Rooms, role: Role) -> None:
    browser = await browser_of(client, HOME, role)
    assert (await browser.ask("POST", "/api/refusals", {"number": UNKNOWN})).code == "role.forbidden"
    assert entries(rooms) == 0


async def test_no_address_takes_an_entry_off_the_list(supervisor: Browser, rooms: Rooms) -> None:
    entry = said(await supervisor.ask("POST", "/api/refusals", {"number": UNKNOWN}))["entry_id"]
    for method in ("DELETE", "PUT", "PATCH"):
        for path in (f"/api/refusals/{entry}", "/api/refusals"):
            assert (await supervisor.ask(method, path, {})).status in (404, 405)
    assert entries(rooms) == 1


# ---------------------------------------------------------------- files


GOOD = (
    b"number,when,reason\n"
    b"13000000042,2026-11-01T10:00:00+08:00,complaint\n"
    b"+86 130 0000 0043,,\n"
    b"not a number,,\n"
    b"13000000044,yesterday,said\n"
    b"13000000045,,because\n"
    b"13000000042,,\n"
)


async def taken(browser: Browser, answer: Answer) -> dict[str, Any]:
    """The file's job when it has ended."""
    job = said(answer)
    async with asyncio.timeout(60):
        while job["state"] == "running":
            await asyncio.sleep(0.02)
            job = said(await browser.ask("GET", f"/api/import-jobs/{job['id']}"))
    return dict(job)


async def test_a_file_is_taken_row_by_row_and_the_report_names_what_is_odd(
    supervisor: Browser, rooms: Rooms
) -> None:
    job = await taken(supervisor, await send_file(supervisor, "/api/refusals/import", GOOD))
    assert (job["state"], job["rows"], job["percent"], job["list"]) == ("done", 6, 100, None)
    report = job["refusals"]
    assert (report["rows"], report["entered"], report["known"], report["unreadable"]) == (6, 4, 1, 1)
    assert [(r["line"], r["column"]) for r in report["rejected"]] == [(4, "number")]
    assert [(r["line"], r["code"]) for r in report["remarks"]] == [
        (5, "time.malformed"),
        (6, "reason.unknown"),
    ]
    assert entries(rooms) == 4


async def test_the_same_file_twice_gives_the_same_report_and_does_nothing(
    supervisor: Browser, rooms: Rooms
) -> None:
    async def send(content: bytes) -> dict[str, Any]:
        answer = await send_file(supervisor, "/api/refusals/import", content)
        return dict((await taken(supervisor, answer))["refusals"])

    first = await send(GOOD)
    before = size(rooms)
    assert await send(GOOD) == first
    assert size(rooms) == before
    changed = await send(GOOD + b"13000000046,,\n")
    assert (changed["entered"], changed["known"]) == (1, 5)


@pytest.mark.parametrize(
    "content",
    [b"phone\n13000000042\n", b"number,name\n13000000042,x\n", b"number,number\n1,2\n", b"", b"\xff\xfe\x00"],
    ids=["no number", "a column too many", "twice", "empty", "no text"],
)
async def test_a_file_without_the_right_columns_is_refused_whole(
    supervisor: Browser, rooms: Rooms, content: bytes
) -> None:
    job = await taken(supervisor, await send_file(supervisor, "/api/refusals/import", content))
    assert (job["state"], job["refusals"]) == ("declined", None)
    assert job["why"]["zh"] != job["why"]["en"]
    assert entries(rooms) == 0


async def test_a_file_is_seen_by_its_own_organisation_only(supervisor: Browser, client: Client) -> None:
    job = await taken(supervisor, await send_file(supervisor, "/api/refusals/import", GOOD))
    listed = said(await supervisor.ask("GET", "/api/import-jobs"))
    assert [one["id"] for one in listed["items"]] == [job["id"]]
    stranger = await browser_of(client, OTHER, Role.SUPERVISOR)
    assert said(await stranger.ask("GET", "/api/import-jobs"))["items"] == []
    assert (await stranger.ask("GET", f"/api/import-jobs/{job['id']}")).status == 404


# ---------------------------------------------------------------- what people see


async def test_the_list_shows_where_an_entry_came_from_and_masks_the_number(
    supervisor: Browser, client: Client
) -> None:
    await supervisor.ask("POST", "/api/refusals", {"number": NUMBER, "reason": "sms"})
    await supervisor.ask("POST", "/api/refusals", {"number": UNKNOWN})
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    page = said(await auditor.ask("POST", "/api/refusals/search", {"limit": 1}))
    assert (page["items"][0]["number"], page["items"][0]["reason"]) == ("130****0042", "said")
    rest = said(await auditor.ask("POST", "/api/refusals/search", {"after": page["next"]}))
    assert [(r["number"], r["reason"]) for r in rest["items"]] == [(MASKED, "sms")]
    assert rest["next"] is None
    assert rest["items"][0]["stopped"]["leads"] >= 1
    found = said(await auditor.ask("POST", "/api/refusals/search", {"number": NUMBER}))
    assert [r["reason"] for r in found["items"]] == ["sms"]
    assert NUMBER[3:] not in json.dumps([page, rest, found])


async def test_another_organisation_sees_neither_entry_nor_number(
    supervisor: Browser, client: Client
) -> None:
    entry = said(await supervisor.ask("POST", "/api/refusals", {"number": NUMBER}))["entry_id"]
    stranger = await browser_of(client, OTHER, Role.AUDITOR)
    assert said(await stranger.ask("POST", "/api/refusals/search", {}))["items"] == []
    assert said(await stranger.ask("POST", "/api/refusals/search", {"number": NUMBER}))["items"] == []
    reason = {"reason": "a written complaint"}
    assert (await stranger.ask("POST", f"/api/refusals/{entry}/reveal", reason)).status == 404


async def test_a_number_is_shown_only_after_it_is_on_the_log_who_asked(
    supervisor: Browser, rooms: Rooms
) -> None:
    entry = said(await supervisor.ask("POST", "/api/refusals", {"number": UNKNOWN}))["entry_id"]
    before = size(rooms)
    shown = said(
        await supervisor.ask("POST", f"/api/refusals/{entry}/reveal", {"reason": "asked in writing"})
    )
    assert (shown["number"], size(rooms)) == (UNKNOWN, before + 1)
    kind = rooms.store.read_now(lambda tx: tx.sole("SELECT type FROM leaf WHERE seq = :seq", seq=before)).type
    assert kind == "number.revealed"


# ---------------------------------------------------------------- outside lists


async def test_a_newer_outside_list_is_used_and_an_older_empty_or_shrunken_one_is_not(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)

    async def send(as_of: str, content: str) -> dict[str, Any]:
        path = f"/api/outside-lists?kind=registry&as_of={as_of}"
        return await taken(administrator, await send_file(administrator, path, content.encode()))

    async def declined(as_of: str, content: str) -> str:
        job = await send(as_of, content)
        assert job["state"] == "declined"
        return str(job["why"]["en"])

    whole = "number\n13000000050\n+8613000000051\nrubbish\n13000000050\n130 0000 0052\n"
    report = (await send("2026-11-17T00:00:00Z", whole))["outside"]
    assert (report["rows"], report["unreadable"], report["list"]["entries"]) == (5, 1, 3)
    assert report["list"]["age_hours"] == 26
    assert [(row["line"], row["column"]) for row in report["rejected"]] == [(4, "number")]
    assert "not newer" in await declined("2026-11-16T00:00:00Z", whole)
    assert "from the future" in await declined("2026-12-16T00:00:00Z", whole)
    assert "no readable number" in await declined("2026-11-18T00:00:00Z", "number\n")
    assert "less than half" in await declined("2026-11-18T00:00:00Z", "13000000050\n")
    newer = await send("2026-11-18T00:00:00Z", whole + "13000000053\n")
    assert newer["outside"]["list"]["entries"] == 4
    listed = said(await administrator.ask("GET", "/api/outside-lists"))
    assert [(r["kind"], r["entries"]) for r in listed["items"]] == [("registry", 4)]
    assert {"kind": "gb-tps", "age_days_max": 28} in listed["wanted"]
    assert listed["feeds"] == []


# ---------------------------------------------------------------- partners


class Partner:
    """A partner's own program: it signs what it sends."""

    def __init__(self, client: Client, partner_id: str, secret: str) -> None:
        self.client, self.id, self.secret = client, partner_id, bytes.fromhex(secret)
        self.timestamp = str(int(NOW.timestamp()))

    async def send(self, body: object, path: str = "refusals", **headers: str) -> Answer:
        raw = json.dumps(body).encode()
        found = {
            "Host": HOST,
            "Content-Type": "application/json",
            "X-Dialer-Timestamp": self.timestamp,
            "X-Dialer-Signature": f"v1={signature_of(self.secret, self.timestamp, raw)}",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = await self.client.request("POST", f"/hooks/{path}/{self.id}", data=raw, headers=found)
        return Answer(sent.status, dict(sent.headers), await sent.read(), await sent.json(content_type=None))


@pytest.fixture
async def partner(client: Client) -> Partner:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    made = said(await administrator.ask("POST", "/api/partners", {"name": "complaint feed"}))
    return Partner(client, made["partner"]["id"], made["secret"])


def message(message_id: str, *numbers: str) -> dict[str, Any]:
    return {"id": message_id, "refusals": [{"number": n, "reason": "complaint"} for n in numbers]}


def states(answer: Answer) -> list[str]:
    return [item["state"] for item in said(answer)["items"]]


async def test_a_signed_message_enters_refusals_also_of_numbers_nobody_knows(
    partner: Partner, rooms: Rooms
) -> None:
    answer = await partner.send(message("m1", NUMBER, UNKNOWN, "rubbish 1", UNKNOWN))
    assert states(answer) == ["entered", "entered", "rejected", "known"]
    assert entries(rooms) == 2
    actor = rooms.store.read_now(lambda tx: tx.sole("SELECT actor FROM dnc_entry LIMIT 1")).actor
    assert actor == f"partner:{partner.id}"


async def test_the_same_message_gets_the_same_answer_and_does_nothing(partner: Partner, rooms: Rooms) -> None:
    first = await partner.send(message("m1", UNKNOWN))
    before = size(rooms)
    again = await partner.send(message("m1", UNKNOWN))
    assert states(again) == states(first) == ["entered"]
    assert size(rooms) == before
    other = await partner.send(message("m1", SPARE))
    assert (other.status, other.code) == (409, "hook.id_reused")
    assert entries(rooms) == 1


async def test_what_is_not_signed_now_and_by_the_partner_is_not_believed(
    partner: Partner, client: Client, rooms: Rooms
) -> None:
    body = message("m1", UNKNOWN)
    stranger = Partner(client, "nobody", "00" * 32)
    forger = Partner(client, partner.id, "11" * 32)
    refused = [
        await stranger.send(body),
        await forger.send(body),
        await partner.send(body, X_Dialer_Signature=""),
        await partner.send(body, X_Dialer_Timestamp=str(int(partner.timestamp) + 1)),
        await partner.send(message("m1", SPARE), X_Dialer_Signature="v1=" + "0" * 64),
    ]
    for late in (-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1):
        partner.timestamp = str(int(NOW.timestamp()) + late)
        refused.append(await partner.send(body))
    for odd in ("", "now", "１２３", "9" * 40, "-5"):
        partner.timestamp = odd
        refused.append(await partner.send(body, X_Dialer_Timestamp=odd.encode().decode("latin-1")))
    assert {(a.status, a.code) for a in refused} == {(401, "hook.refused")}
    assert len({a.body for a in refused}) == 1
    assert entries(rooms) == 0
    partner.timestamp = str(int(NOW.timestamp()) + WINDOW_SECONDS)
    assert states(await partner.send(body)) == ["entered"]


async def test_a_disabled_partner_is_not_believed_any_more(partner: Partner, client: Client) -> None:
    assert states(await partner.send(message("m1", UNKNOWN))) == ["entered"]
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    listed = said(await administrator.ask("POST", f"/api/partners/{partner.id}/disable"))
    assert listed["items"][0]["disabled_at"] is not None
    assert (await partner.send(message("m2", SPARE))).code == "hook.refused"
    stranger = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    assert (await stranger.ask("POST", f"/api/partners/{partner.id}/disable")).status == 404
    assert said(await stranger.ask("GET", "/api/partners"))["items"] == []


async def test_a_partners_secret_is_shown_once_and_lies_nowhere_in_the_clear(
    partner: Partner, client: Client, rooms: Rooms
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    assert partner.secret.hex() not in (await administrator.ask("GET", "/api/partners")).body.decode()
    row = rooms.store.read_now(lambda tx: tx.sole("SELECT wrapped_key, secret_ct FROM partner"))
    assert partner.secret not in bytes(row.wrapped_key) + bytes(row.secret_ct)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("TD", "entered"),
        (" 退订 ", "entered"),
        ("Stop!", "entered"),
        ("Please don’t ever call me again", "entered"),
        ("call me tomorrow at three, not now", "not_a_refusal"),
        ("别再给我打电话了", "entered"),
        ("好的，明天下午联系我", "not_a_refusal"),
        ("现在别打，下午三点再打", "not_a_refusal"),
        ("", "not_a_refusal"),
    ],
)
async def test_a_reply_by_sms_is_a_refusal_when_its_words_are_one(
    partner: Partner, rooms: Rooms, text: str, state: str
) -> None:
    reply = {"id": "s1", "number": UNKNOWN, "text": text}
    assert states(await partner.send(reply, "sms")) == [state]
    assert entries(rooms) == (state == "entered")
