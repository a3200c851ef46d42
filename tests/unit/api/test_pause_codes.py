"""Why agents pause: kept by administrators, of one's own organisation, on the log, and what the desk then offers."""

from dialer.domain.ids import UserId
from dialer.services.pause_codes import CODES_MAX, DEFAULTS
from dialer.services.views.desk import DeskState
from dialer.services.views.live import AgentNow
from dialer.services.views.session import Role
from dialer.storage.views_desk import DeskReader
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import NOW, Answer, Browser, Client, Rooms, browser_of

LUNCH = {"code": "lunch", "zh": "午餐", "en": "Lunch"}


def _codes(answer: Answer) -> dict[str, tuple[str, str, bool]]:
    assert isinstance(answer.json, dict), answer.body
    return {
        item["code"]: (item["name"]["zh"], item["name"]["en"], item["retired_at"] is None)
        for item in answer.json["items"]
    }


def _leaves(rooms: Rooms) -> int:
    return int(rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size))


async def _offered(rooms: Rooms, org: str = HOME) -> list[str]:
    leads = rooms.deps.leads
    reader = DeskReader(rooms.store, leads.personal, rooms.clock)  # type: ignore[attr-defined]
    codes = await reader.pause_codes(UserId(f"agent-{org}"))
    return [one.code for one in codes if one.retired_at is None]


async def _administrator(client: Client) -> Browser:
    return await browser_of(client, HOME, Role.ADMINISTRATOR)


async def test_an_organisation_begins_with_reasons_in_both_languages(client: Client, rooms: Rooms) -> None:
    administrator = await _administrator(client)
    codes = _codes(await administrator.ask("GET", "/api/pause-codes"))
    assert list(codes) == [code for code, _ in DEFAULTS]
    assert codes["break"] == ("休息", "Break", True)
    assert await _offered(rooms) == list(codes)


async def test_a_reason_is_added_renamed_retired_and_offered_again_each_with_its_leaf(
    client: Client, rooms: Rooms
) -> None:
    administrator, before = await _administrator(client), _leaves(rooms)
    added = await administrator.ask("POST", "/api/pause-codes", LUNCH)
    assert _codes(added)["lunch"] == ("午餐", "Lunch", True)
    assert (await _offered(rooms))[-1] == "lunch"
    names = {"zh": "午休", "en": "Lunch break", "was_zh": "午餐", "was_en": "Lunch"}
    renamed = await administrator.ask("PUT", "/api/pause-codes/lunch", names)
    assert _codes(renamed)["lunch"] == ("午休", "Lunch break", True)
    retired = await administrator.ask("POST", "/api/pause-codes/lunch/retire")
    assert _codes(retired)["lunch"][2] is False
    assert "lunch" not in await _offered(rooms)
    offered = await administrator.ask("POST", "/api/pause-codes/lunch/offer")
    assert _codes(offered)["lunch"][2] is True
    assert _leaves(rooms) == before + 4
    assert "lunch" not in await _offered(rooms, OTHER)


async def test_of_two_who_rename_the_same_reason_the_second_is_told(client: Client) -> None:
    administrator = await _administrator(client)
    names = {"zh": "小憩", "en": "Rest", "was_zh": "休息", "was_en": "Break"}
    first = await administrator.ask("PUT", "/api/pause-codes/break", names)
    late = await administrator.ask("PUT", "/api/pause-codes/break", names | {"zh": "歇会儿"})
    assert first.status == 200
    assert (late.status, late.code) == (409, "pause_code.changed")
    assert _codes(await administrator.ask("GET", "/api/pause-codes"))["break"][:2] == ("小憩", "Rest")


async def test_the_last_reason_stays_and_a_code_is_given_once(client: Client) -> None:
    administrator = await _administrator(client)
    codes = list(_codes(await administrator.ask("GET", "/api/pause-codes")))
    done = [(await administrator.ask("POST", f"/api/pause-codes/{code}/retire")) for code in codes]
    assert [answer.status for answer in done] == [200, 200, 200, 409]
    assert done[-1].code == "pause_code.last"
    taken = await administrator.ask("POST", "/api/pause-codes", LUNCH | {"code": codes[0]})
    assert (taken.status, taken.code) == (409, "pause_code.taken")
    assert (await administrator.ask("POST", "/api/pause-codes/nothing/retire")).status == 404
    for place in range(CODES_MAX - len(codes)):
        assert (
            await administrator.ask("POST", "/api/pause-codes", LUNCH | {"code": f"more_{place}"})
        ).status == 200
    many = await administrator.ask("POST", "/api/pause-codes", LUNCH)
    assert (many.status, many.code) == (409, "pause_code.too_many")


async def test_others_read_the_reasons_and_change_none(client: Client, rooms: Rooms) -> None:
    before = _leaves(rooms)
    for role, read in ((Role.SUPERVISOR, 200), (Role.AUDITOR, 200), (Role.AGENT, 403)):
        browser = await browser_of(client, HOME, role)
        assert (await browser.ask("GET", "/api/pause-codes")).status == read
        assert (await browser.ask("POST", "/api/pause-codes", LUNCH)).status == 403
    assert _leaves(rooms) == before


async def test_another_organisations_reasons_are_not_there(client: Client, rooms: Rooms) -> None:
    administrator = await _administrator(client)
    await administrator.ask("POST", "/api/pause-codes", LUNCH)
    foreign = await browser_of(client, OTHER, Role.ADMINISTRATOR)
    assert "lunch" not in _codes(await foreign.ask("GET", "/api/pause-codes"))
    assert (await foreign.ask("POST", "/api/pause-codes/lunch/retire")).status == 404
    assert "lunch" in await _offered(rooms)


async def test_the_floor_says_why_an_agent_pauses_even_with_a_retired_reason(
    client: Client, rooms: Rooms
) -> None:
    agent = UserId(user_of(HOME, Role.AGENT))
    rooms.live.agents[agent] = AgentNow(DeskState.PAUSED, NOW, None, 0, None, "break")
    administrator = await _administrator(client)
    assert (await administrator.ask("POST", "/api/pause-codes/break/retire")).status == 200
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    floor = (await supervisor.ask("GET", "/api/floor")).json
    assert isinstance(floor, dict)
    (shown,) = [one for one in floor["agents"] if one["id"] == agent]
    assert shown["pause_reason"] == {"zh": "休息", "en": "Break"}
