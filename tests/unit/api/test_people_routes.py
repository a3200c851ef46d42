"""Accounts over HTTP: a link opens an account once, a leaver is out with the next request, a second factor is owed."""

from pathlib import Path

from aiohttp.test_utils import TestClient, TestServer

from dialer.api.app import build_app
from dialer.services.identity import FAILURES_MAX
from dialer.services.people import LINK_HOURS
from dialer.services.totp import STEP_SECONDS, code_at, secret_bytes
from dialer.services.views.people import TicketKind
from dialer.services.views.session import Role
from dialer.storage.store import Store
from tests.unit.api.api_seed import HOME, OTHER, PASSWORD, login_of, user_of
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of, make_rooms

CHOSEN = "two herons on a wire"
NEWCOMER = {"login": "li.na", "name": "李娜", "role": "agent"}


def _leaves(rooms: Rooms) -> int:
    return int(rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size))


def _person(answer: Answer, person: str) -> dict[str, object]:
    assert isinstance(answer.json, dict), answer.body
    return next(p for p in answer.json["items"] if p["id"] == person)


async def _invited(client: Client) -> tuple[Browser, str, str]:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    made = await administrator.ask("POST", "/api/people", NEWCOMER)
    assert isinstance(made.json, dict), made.body
    return administrator, str(made.json["person"]["id"]), str(made.json["token"])


def _code(rooms: Rooms, secret: str, *, steps: int = 0) -> str:
    return code_at(secret_bytes(secret), int(rooms.clock.now().timestamp()) // STEP_SECONDS + steps)


async def test_a_link_opens_an_account_once_and_nobody_else_ever_knew_the_password(
    client: Client, rooms: Rooms
) -> None:
    _, person, token = await _invited(client)
    before = await Browser(client).log_in("li.na", "")
    stranger = Browser(client)
    seen = await stranger.ask("POST", "/api/welcome", {"token": token})
    assert isinstance(seen.json, dict)
    assert (before.status, seen.json["login"], seen.json["kind"]) == (422, "li.na", "invitation")
    accepted = await stranger.ask("POST", "/api/welcome/password", {"token": token, "password": CHOSEN})
    again = await stranger.ask("POST", "/api/welcome/password", {"token": token, "password": CHOSEN})
    assert accepted.status == 200, accepted.body
    assert (again.status, again.code) == (409, "link.dead")
    assert (await Browser(client).log_in("li.na", CHOSEN)).status == 200
    stored = rooms.store.read_now(lambda tx: str(tx.all("SELECT * FROM account_ticket")))
    assert person in stored
    assert token not in stored


async def test_a_link_dies_by_time_and_by_the_next_one(client: Client, rooms: Rooms) -> None:
    administrator, person, first = await _invited(client)
    second = await administrator.ask("POST", f"/api/people/{person}/reset")
    assert isinstance(second.json, dict)
    assert second.json["kind"] == "invitation"
    assert (await Browser(client).ask("POST", "/api/welcome", {"token": first})).code == "link.dead"
    live = {"token": second.json["token"]}
    assert (await Browser(client).ask("POST", "/api/welcome", live)).status == 200
    rooms.clock.advance(LINK_HOURS[TicketKind.INVITATION] * 3600)
    assert (await Browser(client).ask("POST", "/api/welcome", live)).code == "link.dead"


async def test_a_weak_password_is_declined_and_leaves_the_link_alive(client: Client) -> None:
    _, _, token = await _invited(client)
    for weak, code in (("zq-8", "password.too_short"), ("xx li.na xxxxx", "password.is_login")):
        refused = await Browser(client).ask(
            "POST", "/api/welcome/password", {"token": token, "password": weak}
        )
        assert (refused.status, refused.code) == (409, code)
        assert weak.encode() not in refused.body
    done = await Browser(client).ask("POST", "/api/welcome/password", {"token": token, "password": CHOSEN})
    assert done.status == 200


async def test_a_leaver_is_out_with_the_next_request_and_back_only_when_enabled(
    client: Client, rooms: Rooms
) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    agent = await browser_of(client, HOME, Role.AGENT)
    await agent.ask("POST", "/api/agent/phone")
    path = f"/api/people/{user_of(HOME, Role.AGENT)}"
    before = _leaves(rooms)
    gone = await administrator.ask("POST", f"{path}/disable")
    assert _person(gone, user_of(HOME, Role.AGENT))["disabled_at"] is not None
    assert (await agent.ask("GET", "/api/session")).status == 401
    assert (await Browser(client).log_in(login_of(HOME, Role.AGENT))).status == 401
    assert _leaves(rooms) == before + 2
    assert (await administrator.ask("POST", f"{path}/reset")).code == "people.disabled"
    await administrator.ask("POST", f"{path}/enable")
    assert (await Browser(client).log_in(login_of(HOME, Role.AGENT))).status == 200


async def test_nobody_disables_themselves_or_the_last_administrator(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    me = user_of(HOME, Role.ADMINISTRATOR)
    own = await administrator.ask("POST", f"/api/people/{me}/disable")
    role = await administrator.ask("PUT", f"/api/people/{me}", {"name": "x", "role": "auditor"})
    assert own.code == role.code == "people.own_account"
    invited = await administrator.ask("POST", "/api/people", NEWCOMER | {"role": "administrator"})
    assert isinstance(invited.json, dict)
    await Browser(client).ask(
        "POST", "/api/welcome/password", {"token": invited.json["token"], "password": CHOSEN}
    )
    second = Browser(client)
    await second.log_in("li.na", CHOSEN)
    assert (await second.ask("POST", f"/api/people/{me}/disable")).status == 200
    third = await second.ask("POST", f"/api/people/{me}/enable")
    assert third.status == 200


async def test_an_administrator_acts_in_their_own_organisation_only(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    mine, theirs = user_of(HOME, Role.AUDITOR), user_of(OTHER, Role.AUDITOR)
    listed = await administrator.ask("GET", "/api/people")
    assert mine in listed.body.decode()
    assert theirs not in listed.body.decode()
    for verb in ("disable", "enable", "reset", "forget-second-factor", "unlock", "end-logins"):
        foreign = await administrator.ask("POST", f"/api/people/{theirs}/{verb}")
        assert foreign.status == 404, verb
        assert (await administrator.ask("POST", f"/api/people/{mine}/{verb}")).status in (200, 409), verb
    renamed = await administrator.ask("PUT", f"/api/people/{theirs}", {"name": "x", "role": "agent"})
    assert renamed.status == 404


async def test_another_role_ends_the_logins_and_the_former_rights(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    agent = await browser_of(client, HOME, Role.AGENT)
    person = user_of(HOME, Role.AGENT)
    changed = await administrator.ask(
        "PUT", f"/api/people/{person}", {"name": "新名字", "role": "supervisor"}
    )
    found = _person(changed, person)
    assert (found["role"], found["name"], found["campaigns"]) == ("supervisor", "新名字", [])
    assert (await agent.ask("GET", "/api/agent/desk")).status == 401


async def test_an_administrator_unlocks_who_forgot_and_ends_their_logins(client: Client) -> None:
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    login, person = login_of(HOME, Role.AUDITOR), user_of(HOME, Role.AUDITOR)
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    for _ in range(FAILURES_MAX):
        await Browser(client).log_in(login, "wrong")
    assert (await Browser(client).log_in(login)).status == 429
    listed = await administrator.ask("GET", "/api/people")
    assert _person(listed, person)["locked_until"] is not None
    await administrator.ask("POST", f"/api/people/{person}/unlock")
    assert (await Browser(client).log_in(login)).status == 200
    ended = await administrator.ask("POST", f"/api/people/{person}/end-logins")
    assert _person(ended, person)["logins"] == 0
    assert (await auditor.ask("GET", "/api/session")).status == 401


async def test_a_password_is_changed_by_who_knows_it_and_other_logins_end(client: Client) -> None:
    first = await browser_of(client, HOME, Role.SUPERVISOR)
    second = await browser_of(client, HOME, Role.SUPERVISOR)
    body = {"current": "wrong", "password": CHOSEN}
    assert (await first.ask("PUT", "/api/session/password", body)).code == "password.wrong"
    body["current"] = PASSWORD
    assert (await first.ask("PUT", "/api/session/password", body)).status == 200
    assert (await first.ask("GET", "/api/session")).status == 200
    assert (await second.ask("GET", "/api/session")).status == 401
    login = login_of(HOME, Role.SUPERVISOR)
    assert (await Browser(client).log_in(login)).status == 401
    assert (await Browser(client).log_in(login, CHOSEN)).status == 200


async def test_guessing_the_present_password_locks_like_guessing_at_the_door(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    body = {"current": "wrong", "password": CHOSEN}
    statuses = [
        (await browser.ask("PUT", "/api/session/password", body)).status for _ in range(FAILURES_MAX + 1)
    ]
    assert statuses == [409] * FAILURES_MAX + [429]


async def test_a_second_factor_counts_once_confirmed_and_is_asked_for_from_then_on(
    client: Client, rooms: Rooms
) -> None:
    auditor = await browser_of(client, HOME, Role.AUDITOR)
    login = login_of(HOME, Role.AUDITOR)
    early = await auditor.ask("POST", "/api/session/second-factor/confirm", {"code": "000000"})
    assert early.code == "second_factor.not_begun"
    begun = await auditor.ask("POST", "/api/session/second-factor", {"current": PASSWORD})
    assert isinstance(begun.json, dict)
    secret = str(begun.json["secret"])
    assert begun.json["uri"].startswith("otpauth://totp/")
    assert (await Browser(client).log_in(login)).status == 200
    wrong = {"code": _code(rooms, secret, steps=9)}
    assert (await auditor.ask("POST", "/api/session/second-factor/confirm", wrong)).status == 409
    right = {"code": _code(rooms, secret)}
    done = await auditor.ask("POST", "/api/session/second-factor/confirm", right)
    assert isinstance(done.json, dict)
    assert done.json["has_second_factor"] is True
    assert (await Browser(client).log_in(login)).status == 401
    rooms.clock.advance(STEP_SECONDS)
    assert (await Browser(client).log_in(login, totp=_code(rooms, secret))).status == 200
    administrator = await browser_of(client, HOME, Role.ADMINISTRATOR)
    await administrator.ask("POST", f"/api/people/{user_of(HOME, Role.AUDITOR)}/forget-second-factor")
    assert (await Browser(client).log_in(login)).status == 200


async def test_who_owes_a_second_factor_does_nothing_but_enrol_one(store: Store, tmp_path: Path) -> None:
    rooms = make_rooms(store, tmp_path, frozenset({Role.AUDITOR}))
    async with TestClient(TestServer(build_app(rooms.deps))) as client:
        auditor = await browser_of(client, HOME, Role.AUDITOR)
        supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
        assert (await supervisor.ask("POST", "/api/attempts/search", {})).status == 200
        refused = await auditor.ask("POST", "/api/attempts/search", {})
        assert (refused.status, refused.code) == (403, "second_factor.owed")
        session = await auditor.ask("GET", "/api/session")
        assert isinstance(session.json, dict)
        assert session.json["owes_second_factor"] is True
        begun = await auditor.ask("POST", "/api/session/second-factor", {"current": PASSWORD})
        assert isinstance(begun.json, dict)
        code = {"code": _code(rooms, str(begun.json["secret"]))}
        assert (await auditor.ask("POST", "/api/session/second-factor/confirm", code)).status == 200
        assert (await auditor.ask("POST", "/api/attempts/search", {})).status == 200
