"""The agent's verbs over HTTP, and the floor's numbers from the database."""

from datetime import timedelta

from dialer.domain.ids import AttemptId, CampaignId, UserId
from dialer.services.preview_desk import READ_SECONDS_MAX, SKIP_REASONS
from dialer.services.views.desk import DeskState, PreviewLead, PreviewView
from dialer.services.views.live import AgentNow
from dialer.services.views.session import Role
from dialer.services.views.words import Sentence
from dialer.storage.personal import PersonalReader
from dialer.storage.views_desk import DeskReader
from dialer.storage.views_status import StatusReader
from tests.unit.api.api_seed import HOME, MASKED, user_of
from tests.unit.api.api_world import NOW, Browser, Client, Rooms, browser_of

AGENT = UserId(user_of(HOME, Role.AGENT))
ATTEMPT = AttemptId(f"attempt-made-{HOME}")


def _desk_reader(rooms: Rooms) -> DeskReader:
    leads = rooms.deps.leads
    personal: PersonalReader = leads.personal  # type: ignore[attr-defined]
    return DeskReader(rooms.store, personal, rooms.clock)


async def _in_a_call(client: Client, rooms: Rooms) -> Browser:
    browser = await browser_of(client, HOME, Role.AGENT)
    await browser.ask("POST", "/api/agent/phone")
    assert (await browser.ask("POST", "/api/agent/ready")).status == 200
    call = await _desk_reader(rooms).call(AGENT, ATTEMPT)
    assert call is not None
    rooms.desk.ring(AGENT, call)
    return browser


async def test_an_agent_goes_ready_only_with_a_phone_and_pauses_with_a_reason(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    too_soon = await browser.ask("POST", "/api/agent/ready")
    phone = await browser.ask("POST", "/api/agent/phone")
    ready = await browser.ask("POST", "/api/agent/ready")
    unknown = await browser.ask("POST", "/api/agent/pause", {"reason": "no_such_reason"})
    paused = await browser.ask("POST", "/api/agent/pause", {"reason": "break"})
    assert (too_soon.status, too_soon.code) == (409, "desk.not_now")
    assert isinstance(phone.json, dict)
    assert phone.json["ws_path"] == "/ws"
    assert isinstance(ready.json, dict)
    assert ready.json["state"] == "ready"
    assert unknown.status == 409
    assert isinstance(paused.json, dict)
    assert paused.json["pause_reason"]["code"] == "break"


async def test_of_two_pictures_of_a_desk_the_later_has_the_larger_number(
    client: Client, rooms: Rooms
) -> None:
    browser = await _in_a_call(client, rooms)
    first, second = [(await browser.ask("GET", "/api/agent/desk")).json for _ in range(2)]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first["taken"]["by"] == second["taken"]["by"]
    assert first["taken"]["number"] < second["taken"]["number"]


async def test_the_screen_shows_who_is_on_the_line_and_never_the_whole_number(
    client: Client, rooms: Rooms
) -> None:
    browser = await _in_a_call(client, rooms)
    desk = (await browser.ask("GET", "/api/agent/desk")).json
    assert isinstance(desk, dict)
    call = desk["call"]
    assert desk["state"] == "talking"
    assert (call["number"], call["zone"]) == (MASKED, "Asia/Shanghai")
    assert call["asked"] == "想了解续费价格"
    assert call["consent"]["purpose_name"] == {"zh": "信息咨询", "en": "Information"}
    assert call["script"]["parts"][0]["required"] is True
    assert {d["code"] for d in call["dispositions"]} > {"handled", "wrong_person"}


async def test_a_refusal_says_when_it_took_effect_and_pressing_again_changes_nothing(
    client: Client, rooms: Rooms
) -> None:
    browser = await _in_a_call(client, rooms)
    first = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/refused")
    rooms.clock.advance(5)
    second = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/refused")
    other = await browser.ask("POST", "/api/agent/calls/another/refused")
    assert first.status == 200
    assert first.json == second.json
    assert other.status == 404


async def test_a_call_is_ended_wrapped_up_and_the_agent_is_ready_again(client: Client, rooms: Rooms) -> None:
    browser = await _in_a_call(client, rooms)
    ended = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/hangup")
    wrong = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/disposition", {"code": "no_such_code"})
    done = await browser.ask("POST", f"/api/agent/calls/{ATTEMPT}/disposition", {"code": "handled"})
    assert isinstance(ended.json, dict)
    assert isinstance(done.json, dict)
    assert ended.json["state"] == "wrapping"
    assert wrong.status == 409
    assert (done.json["state"], done.json["today"]["calls"]) == ("ready", 1)


async def test_another_agents_call_is_not_shown(rooms: Rooms) -> None:
    reader = _desk_reader(rooms)
    assert await reader.call(AGENT, ATTEMPT) is not None
    assert await reader.call(UserId("agent-org-other"), ATTEMPT) is None


async def test_the_queue_has_what_is_due_now_and_says_what_opens_later(rooms: Rooms) -> None:
    reader = _desk_reader(rooms)
    due = await reader.queue(AGENT)
    later_us = int((NOW + timedelta(hours=2)).timestamp()) * 1_000_000
    rooms.store.write_now(lambda tx: tx.run("UPDATE lead SET due_us = :later", later=later_us))
    later = await reader.queue(AGENT)
    rooms.store.write_now(lambda tx: tx.run("UPDATE lead SET state = 'done'"))
    none = await reader.queue(AGENT)
    assert [item.number for item in due.items] == [MASKED]
    assert (due.due, due.later) == (1, 0)
    assert (later.due, later.later) == (0, 1)
    assert later.idle_reason.en == "No callback is due right now; 1 open from 12:30."
    assert none.idle_reason.en == "There are no more callbacks today."


async def test_the_agents_day_counts_talks_and_their_seconds(rooms: Rooms) -> None:
    today = await _desk_reader(rooms).today(AGENT)
    assert (today.calls, today.talk_seconds, today.callbacks_kept) == (1, 60, 0)


async def test_the_floor_counts_from_the_database_and_takes_states_from_the_running_process(
    client: Client, rooms: Rooms
) -> None:
    pacing = Sentence("按一个坐席一通电话拨打。", "One call for each free agent.")
    rooms.live.agents[AGENT] = AgentNow(DeskState.READY, NOW, None, staffed_seconds_today=600, alert=None)
    rooms.live.sentences[CampaignId(f"campaign-{HOME}")] = pacing
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    floor = (await supervisor.ask("GET", "/api/floor")).json
    assert isinstance(floor, dict)
    (campaign,) = floor["campaigns"]
    assert [a["state"] for a in floor["agents"]] == ["ready"]
    assert floor["agents"][0]["talk_seconds_today"] == 60
    assert floor["totals"]["talk_share_ppm"] == 100_000
    assert (floor["totals"]["ready"], floor["totals"]["answered_today"]) == (1, 1)
    assert campaign["abandoned"] == {
        "abandoned": 0,
        "live_answers": 1,
        "share_ppm": 0,
        "cap_ppm": 10_000,
        "left": 0,
    }
    assert campaign["dialable"]["now"] == 1
    assert campaign["pacer"]["en"] == pacing.en


async def test_leads_are_counted_by_when_they_may_be_called(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)

    async def dialable(sql: str) -> dict[str, object]:
        rooms.store.write_now(lambda tx: tx.run(sql))
        floor = (await supervisor.ask("GET", "/api/floor")).json
        assert isinstance(floor, dict)
        found = floor["totals"]["dialable"]
        assert isinstance(found, dict)
        return found

    now = await dialable("UPDATE lead SET outcome = NULL")
    never = await dialable("UPDATE decision SET lawful_from_us = NULL WHERE outcome = 'refused'")
    unknown = await dialable("UPDATE lead SET last_decision_id = NULL")
    later = await dialable("UPDATE lead SET due_us = due_us + 3600000000")
    assert (now["now"], never["never"], unknown["unknown"], later["later"]) == (1, 1, 1, 1)
    assert later["opens_at"] == "2026-11-18T03:29:00Z"


async def test_the_status_line_tells_stops_and_a_late_witness(client: Client, rooms: Rooms) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    late = (await auditor.ask("GET", "/api/status")).json
    now_us = int(NOW.timestamp()) * 1_000_000
    rooms.store.write_now(
        lambda tx: [
            tx.run(
                "INSERT INTO dialling_stop (id, code, org_id, at_us) VALUES ('s', 'gate.down', NULL, :now)",
                now=now_us,
            ),
            tx.run(
                "INSERT INTO dialling_stop (id, code, org_id, at_us) VALUES ('t', 'operator', 'org-other', :now)",
                now=now_us,
            ),
            tx.run(
                "INSERT INTO checkpoint (size, note, signed_us, cosigned_us) VALUES (1000, 'n', :now, :now)",
                now=now_us,
            ),
        ]
    )
    stopped = (await auditor.ask("GET", "/api/status")).json
    assert isinstance(late, dict)
    assert isinstance(stopped, dict)
    assert late["dialling"] == {"running": True, "reasons": []}
    assert late["witness"]["late"] is True
    assert stopped["dialling"]["running"] is False
    assert [r["code"] for r in stopped["dialling"]["reasons"]] == ["gate.down"]
    assert stopped["witness"]["late"] is False
    assert stopped["clock"] == {"now": "2026-11-18T02:30:00Z", "offset_seconds": 0, "demo": False}


async def test_a_part_that_is_away_stops_dialling_on_the_status_line_since_it_went(rooms: Rooms) -> None:
    down: set[str] = set()
    reader = StatusReader(rooms.store, rooms.clock, lambda: tuple(sorted(down)))
    before = await reader.view(HOME)
    down.add("exchange.down")
    await reader.view(HOME)
    rooms.clock.advance(30)
    during = await reader.view(HOME)
    down.clear()
    after = await reader.view(HOME)
    assert [v.dialling.running for v in (before, during, after)] == [True, False, True]
    (reason,) = during.dialling.reasons
    assert (reason.code, reason.since) == ("exchange.down", NOW)


def _lead_shown() -> PreviewView:
    lead = PreviewLead(
        lead_id="lead-shown",
        campaign=Sentence("回访", "Callbacks"),
        name=None,
        number=MASKED,
        asked=None,
        asked_at=NOW,
        promised_from=None,
        promised_until=None,
        tries=0,
    )
    return PreviewView(lead, NOW + timedelta(seconds=READ_SECONDS_MAX), round(READ_SECONDS_MAX), SKIP_REASONS)


async def test_the_lead_on_the_screen_is_called_when_the_agent_says_so_and_only_once(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    too_soon = await browser.ask("POST", "/api/agent/preview/call")
    assert (too_soon.status, too_soon.code) == (409, "preview.nothing")
    rooms.desk.preview(AGENT, _lead_shown())
    seen = (await browser.ask("GET", "/api/agent/desk")).json
    assert isinstance(seen, dict)
    assert (seen["preview"]["lead"]["number"], seen["preview"]["seconds"]) == (MASKED, 25)
    called = await browser.ask("POST", "/api/agent/preview/call")
    assert isinstance(called.json, dict)
    assert (called.status, called.json["preview"]) == (200, None)
    again = await browser.ask("POST", "/api/agent/preview/call")
    assert (again.status, again.code) == (409, "preview.nothing")


async def test_a_lead_is_skipped_with_one_of_the_reasons_that_are_offered(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    rooms.desk.preview(AGENT, _lead_shown())
    for wrong in ({}, {"reason": ""}, {"reason": 7}, {"reason": "not_now", "lead": "another"}):
        assert (await browser.ask("POST", "/api/agent/preview/skip", wrong)).status == 422
    unknown = await browser.ask("POST", "/api/agent/preview/skip", {"reason": "no_such_reason"})
    assert (unknown.status, unknown.code) == (409, "preview.reason")
    assert rooms.desk.previewed(AGENT) is not None, "a refused skip leaves the lead on the screen"
    skipped = await browser.ask("POST", "/api/agent/preview/skip", {"reason": "not_now"})
    assert isinstance(skipped.json, dict)
    assert (skipped.status, skipped.json["preview"]) == (200, None)
    assert rooms.desk.previewed(AGENT) is None


async def test_nobody_but_an_agent_decides_about_a_lead_on_a_screen(client: Client, rooms: Rooms) -> None:
    rooms.desk.preview(AGENT, _lead_shown())
    for role in (Role.SUPERVISOR, Role.AUDITOR):
        browser = await browser_of(client, HOME, role)
        assert (await browser.ask("POST", "/api/agent/preview/call")).status == 403
        assert (await browser.ask("POST", "/api/agent/preview/skip", {"reason": "not_now"})).status == 403
    assert rooms.desk.previewed(AGENT) is not None
