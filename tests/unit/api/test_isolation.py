"""Two organisations with the same data: neither sees or changes anything of the other's. Numbers stay masked."""

import json

import pytest

from dialer.domain.ids import AttemptId
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, MASKED, NASTY, NUMBER, OTHER, user_of
from tests.unit.api.api_world import Client, Rooms, browser_of

SEARCHED = NUMBER


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.rule("B1")
async def test_each_list_has_its_own_organisations_rows_and_none_of_the_others(client: Client) -> None:
    for mine, theirs in ((HOME, OTHER), (OTHER, HOME)):
        supervisor = await browser_of(client, mine, Role.SUPERVISOR)
        answers = [
            await supervisor.ask("GET", "/api/floor"),
            await supervisor.ask("GET", "/api/leads"),
            await supervisor.ask("POST", "/api/attempts/search", {}),
            await supervisor.ask("GET", "/api/attempts/filters"),
            await supervisor.ask("POST", "/api/attempts/search", {"number": SEARCHED}),
        ]
        for answer in answers:
            assert answer.status == 200
            assert mine in _text(answer.json)
            assert theirs not in _text(answer.json)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/attempts/attempt-made-{org}", None),
        ("GET", "/api/attempts/attempt-made-{org}/recording.wav", None),
        ("GET", "/api/attempts/attempt-made-{org}/peaks", None),
        ("GET", "/api/attempts/attempt-made-{org}/bundle.zip", None),
        ("GET", "/api/attempts/attempt-made-{org}/redacted.zip", None),
        ("GET", "/api/attempts/attempt-made-{org}/vcon.json", None),
        ("POST", "/api/attempts/attempt-made-{org}/verify", None),
        ("POST", "/api/attempts/attempt-made-{org}/reveal", {"reason": "a written complaint"}),
    ],
)
async def test_another_organisations_attempt_is_not_there(
    client: Client, rooms: Rooms, method: str, path: str, body: object
) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    before = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    foreign = await auditor.ask(method, path.format(org=OTHER), body)
    after = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    own = await auditor.ask(method, path.format(org=HOME), body)
    assert (foreign.status, foreign.code) == (404, "not.found")
    assert after == before
    assert own.status in (200, 409), own.body


async def test_another_organisations_campaign_is_neither_started_nor_paused(
    client: Client, rooms: Rooms
) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)

    async def act(verb: str, org: str) -> int:
        return (await supervisor.ask("POST", f"/api/campaigns/campaign-{org}/{verb}")).status

    def states() -> dict[str, str]:
        return rooms.store.read_now(
            lambda tx: {r.org_id: r.state for r in tx.all("SELECT org_id, state FROM campaign")}
        )

    assert [await act("pause", OTHER), await act("pause", HOME)] == [404, 200]
    assert states() == {OTHER: "running", HOME: "paused"}
    rooms.store.write_now(lambda tx: tx.run("UPDATE campaign SET state = 'paused'"))
    assert [await act("start", OTHER), await act("start", HOME)] == [404, 200]
    assert states() == {OTHER: "paused", HOME: "running"}


async def test_a_row_that_is_still_being_imported_is_not_shown(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    before = (await supervisor.ask("GET", "/api/leads")).json
    rooms.store.write_now(lambda tx: tx.run("UPDATE lead SET state = 'staged' WHERE state = 'queued'"))
    after = (await supervisor.ask("GET", "/api/leads")).json
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert (len(before["items"]), len(after["items"])) == (2, 1)


@pytest.mark.rule("D8")
async def test_no_list_and_no_page_shows_a_number(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    answers = [
        await supervisor.ask("GET", "/api/leads"),
        await supervisor.ask("POST", "/api/attempts/search", {"number": SEARCHED}),
        await auditor.ask("GET", f"/api/attempts/attempt-made-{HOME}"),
        await auditor.ask("GET", f"/api/attempts/attempt-refused-{HOME}"),
    ]
    for answer in answers:
        assert answer.status == 200
        assert MASKED in _text(answer.json)
        assert NUMBER.removeprefix("+86") not in _text(answer.json)


@pytest.mark.rule("D22")
async def test_a_number_is_shown_only_after_who_and_why_are_on_the_log(client: Client, rooms: Rooms) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    shown = await auditor.ask(
        "POST", f"/api/attempts/attempt-made-{HOME}/reveal", {"reason": "complaint 2026-17"}
    )
    assert isinstance(shown.json, dict)
    seq = shown.json["leaf_seq"]
    leaf = rooms.store.read_now(lambda tx: tx.sole("SELECT type, body FROM leaf WHERE seq = :seq", seq=seq))
    assert shown.json["number"] == NUMBER
    assert leaf.type == "number.revealed"
    assert user_of(HOME, Role.AUDITOR).encode() in leaf.body
    assert NUMBER.encode() not in leaf.body
    assert b"complaint" not in leaf.body


async def test_opening_a_page_is_logged_once_however_often_it_reloads(client: Client, rooms: Rooms) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)

    def looks() -> int:
        return int(
            rooms.store.read_now(
                lambda tx: tx.sole("SELECT COUNT(*) AS n FROM leaf WHERE type = 'evidence.accessed'").n
            )
        )

    for _ in range(3):
        assert (await auditor.ask("GET", f"/api/attempts/attempt-made-{HOME}")).status == 200
    once = looks()
    rooms.clock.advance(11 * 60)
    await auditor.ask("GET", f"/api/attempts/attempt-made-{HOME}")
    assert (once, looks()) == (1, 2)


async def test_hostile_text_comes_back_verbatim_as_json_and_never_as_a_page(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    leads = await supervisor.ask("GET", "/api/leads")
    assert isinstance(leads.json, dict)
    assert leads.json["items"][0]["name"] == f"王芳 {NASTY}"
    assert leads.headers["Content-Type"] == "application/json; charset=utf-8"
    assert leads.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in leads.headers["Content-Security-Policy"]
    assert leads.headers["Cache-Control"] == "no-store"


async def test_a_lead_says_why_it_is_not_called_and_can_be_found_by_that_reason(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    found = await supervisor.ask("GET", "/api/leads?code=frequency.day")
    wild = await supervisor.ask("GET", "/api/leads?code=frequency_day")
    assert isinstance(found.json, dict)
    assert isinstance(wild.json, dict)
    (lead,) = found.json["items"]
    assert lead["id"] == f"lead-refused-{HOME}"
    assert lead["objections"][0]["sentence"] == {"zh": "今天已拨打 3 次。", "en": "Called 3 times today."}
    assert lead["objections"][0]["laws"][0]["title"] == "通知"
    assert lead["lawful_from"] == "2026-11-19T02:30:00Z"
    assert wild.json["items"] == []


async def test_a_list_is_walked_page_by_page_without_loss_or_repetition(client: Client) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    for method, path in (("GET", "/api/leads"), ("POST", "/api/attempts/search")):
        seen: list[str] = []
        after: str | None = None
        for _ in range(5):
            if method == "GET":
                page = await supervisor.ask("GET", f"{path}?limit=1" + (f"&after={after}" if after else ""))
            else:
                page = await supervisor.ask("POST", path, {"limit": 1} | ({"after": after} if after else {}))
            assert isinstance(page.json, dict)
            seen += [item["id"] for item in page.json["items"]]
            after = page.json["next"]
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 2


async def test_the_page_of_a_call_goes_from_the_consent_to_the_seal(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    page = (await auditor.ask("GET", f"/api/attempts/attempt-made-{HOME}")).json
    assert isinstance(page, dict)
    assert page["attempt"]["state"] == "sealed"
    assert page["consent"]["text"].startswith("同意")
    assert page["decision"]["rules"][0]["result"] == "passed"
    assert page["second_gate"]["state"] == "consumed"
    assert [e["type"] for e in page["timeline"]][:2] == ["decision.permitted", "attempt.sealed"]
    assert page["proof"]["complete"] is False


async def test_the_proof_of_a_call_not_made_is_the_same_page(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    page = (await auditor.ask("GET", f"/api/attempts/attempt-refused-{HOME}")).json
    assert isinstance(page, dict)
    assert page["attempt"]["state"] == "refused"
    assert page["second_gate"] is None
    assert page["decision"]["objections"][0]["requirements"] == ["B12"]


async def test_a_number_that_is_none_is_told_so_and_an_unknown_one_finds_nothing(client: Client) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    none = await auditor.ask("POST", "/api/attempts/search", {"number": "12"})
    unknown = await auditor.ask("POST", "/api/attempts/search", {"number": "13000000008"})
    assert (none.status, none.code) == (409, "number.invalid")
    assert unknown.json == {"items": [], "next": None}


async def test_a_recording_can_be_played_from_the_middle(client: Client, rooms: Rooms) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    path = f"/api/attempts/attempt-made-{HOME}/recording.wav"
    missing = await auditor.ask("GET", path)
    rooms.deps.trail.audio["attempt-made-org-home"] = bytes(range(100))  # type: ignore[attr-defined]
    whole = await auditor.ask("GET", path)
    middle = await auditor.ask("GET", path, Range="bytes=10-19")
    tail = await auditor.ask("GET", path, Range="bytes=-5")
    beyond = await auditor.ask("GET", path, Range="bytes=100-")
    assert (missing.status, missing.code) == (409, "recording.none")
    assert (whole.status, whole.body) == (200, bytes(range(100)))
    assert (middle.status, middle.body) == (206, bytes(range(10, 20)))
    assert middle.headers["Content-Range"] == "bytes 10-19/100"
    assert (tail.status, tail.body) == (206, bytes(range(95, 100)))
    assert beyond.status == 416


async def test_the_page_itself_knows_its_organisation_and_does_not_lean_on_the_log_for_it(
    rooms: Rooms,
) -> None:
    pages = rooms.deps.trail.attempts  # type: ignore[attr-defined]
    attempt = AttemptId(f"attempt-made-{HOME}")
    assert await pages.view(HOME, attempt) is not None
    assert await pages.view(OTHER, attempt) is None
