"""Logins: who gets in, who doesn't, and what ends a session."""

from dialer.services import totp
from dialer.services.identity import FAILURES_MAX, IDLE_MINUTES_MAX, LOCK_MINUTES, LOGIN_HOURS_MAX, hash_of
from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, login_of, user_of
from tests.unit.api.api_world import Browser, Client, Rooms, browser_of

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


async def test_a_login_gives_a_cookie_that_scripts_cant_read_and_that_is_stored_hashed(
    client: Client, rooms: Rooms
) -> None:
    sent = await client.post(
        "/api/session",
        json={"login": login_of(HOME, Role.AGENT), "password": "correct horse battery staple"},
        headers={"Host": "calls.test"},
    )
    cookie = sent.headers["Set-Cookie"]
    value = sent.cookies["dialer_session"].value
    rows = rooms.store.read_now(lambda tx: tx.all("SELECT * FROM login_session"))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert [row.id_sha256 for row in rows] == [hash_of(value)]
    assert value not in str(rows)


async def test_the_session_says_who_and_a_visitor_without_one_is_asked_to_log_in(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    known = await browser.ask("GET", "/api/session")
    stranger = await Browser(client).ask("GET", "/api/session")
    assert isinstance(known.json, dict)
    assert known.json["user"]["role"] == "auditor"
    assert known.json["user"]["org"]["id"] == HOME
    assert (stranger.status, stranger.code) == (401, "login.required")


async def test_every_failed_login_gets_the_same_answer_whatever_was_wrong(
    client: Client, rooms: Rooms
) -> None:
    rooms.store.write_now(
        lambda tx: tx.run(
            "UPDATE user_account SET disabled_us = 1 WHERE id = :id", id=user_of(OTHER, Role.AGENT)
        )
    )
    wrong = await Browser(client).log_in(login_of(HOME, Role.AGENT), "wrong")
    nobody = await Browser(client).log_in("nobody@nowhere", "wrong")
    disabled = await Browser(client).log_in(login_of(OTHER, Role.AGENT))
    assert wrong.status == nobody.status == disabled.status == 401
    assert wrong.body == nobody.body == disabled.body


async def test_after_five_failures_the_right_password_is_locked_out_for_a_quarter_of_an_hour(
    client: Client, rooms: Rooms
) -> None:
    login = login_of(HOME, Role.SUPERVISOR)
    for _ in range(FAILURES_MAX):
        assert (await Browser(client).log_in(login, "wrong")).status == 401
    locked = await Browser(client).log_in(login)
    rooms.clock.advance(LOCK_MINUTES * 60 - 1)
    still = await Browser(client).log_in(login)
    rooms.clock.advance(1)
    opened = await Browser(client).log_in(login)
    assert (locked.status, locked.code) == (429, "login.locked")
    assert locked.headers["Retry-After"] == str(LOCK_MINUTES * 60)
    assert still.status == 429
    assert opened.status == 200


async def test_an_unknown_login_locks_like_a_known_one_so_that_nobody_learns_which_exist(
    client: Client,
) -> None:
    answers = [(await Browser(client).log_in("nobody@nowhere", "x")).status for _ in range(FAILURES_MAX + 1)]
    assert answers == [401] * FAILURES_MAX + [429]


async def test_a_login_that_works_forgets_the_failures_before_it(client: Client) -> None:
    login = login_of(HOME, Role.AGENT)
    for _ in range(2):
        for _ in range(FAILURES_MAX - 1):
            await Browser(client).log_in(login, "wrong")
        assert (await Browser(client).log_in(login)).status == 200


async def test_logging_in_again_gives_a_new_cookie_and_ends_the_old_session(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    old = Browser(client, browser.cookie, browser.csrf)
    await browser.log_in(login_of(HOME, Role.AGENT))
    assert browser.cookie != old.cookie
    assert (await browser.ask("GET", "/api/session")).status == 200
    assert (await old.ask("GET", "/api/session")).status == 401


async def test_logging_out_ends_the_session_on_the_server(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.SUPERVISOR)
    kept = Browser(client, browser.cookie, browser.csrf)
    done = await browser.ask("DELETE", "/api/session")
    assert done.status == 204
    assert "Max-Age=0" in done.headers["Set-Cookie"]
    assert (await kept.ask("GET", "/api/floor")).status == 401


async def test_a_session_ends_when_it_is_idle_too_long_and_lives_on_while_it_is_used(
    client: Client, rooms: Rooms
) -> None:
    first = await browser_of(client, HOME, Role.AUDITOR)
    second = await browser_of(client, HOME, Role.AUDITOR)
    for _ in range(3):
        rooms.clock.advance((IDLE_MINUTES_MAX - 1) * 60)
        assert (await first.ask("GET", "/api/session")).status == 200
    assert (await second.ask("GET", "/api/session")).status == 401


async def test_no_session_outlives_its_day_however_much_it_is_used(client: Client, rooms: Rooms) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    half_hours = LOGIN_HOURS_MAX * 2
    statuses = []
    for _ in range(half_hours):
        rooms.clock.advance(1800)
        statuses.append((await browser.ask("GET", "/api/session")).status)
    assert statuses == [200] * (half_hours - 1) + [401]


async def test_a_session_from_the_future_is_none_and_a_small_step_back_of_the_clock_ends_nothing(
    client: Client, rooms: Rooms
) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    rooms.clock.advance(-4 * 60)
    small = await browser.ask("GET", "/api/session")
    rooms.clock.advance(-86_400)
    assert small.status == 200
    assert (await browser.ask("GET", "/api/session")).status == 401


async def test_a_person_sees_their_own_logins_and_can_end_one_from_elsewhere(client: Client) -> None:
    here = await browser_of(client, HOME, Role.SUPERVISOR)
    there = await browser_of(client, HOME, Role.SUPERVISOR)
    stranger = await browser_of(client, OTHER, Role.SUPERVISOR)
    listed = (await here.ask("GET", "/api/session/logins")).json
    assert isinstance(listed, dict)
    other = next(item for item in listed["items"] if not item["current"])
    foreign = await stranger.ask("DELETE", f"/api/session/logins/{other['id']}")
    ended = await here.ask("DELETE", f"/api/session/logins/{other['id']}")
    assert len(listed["items"]) == 2
    assert foreign.status == 404
    assert ended.status == 204
    assert (await there.ask("GET", "/api/session")).status == 401
    assert (await here.ask("GET", "/api/session")).status == 200


async def test_a_disabled_user_is_out_with_the_next_request(client: Client, rooms: Rooms) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    before = await browser.ask("GET", "/api/session")
    rooms.store.write_now(
        lambda tx: tx.run(
            "UPDATE user_account SET disabled_us = 1 WHERE id = :id", id=user_of(HOME, Role.AUDITOR)
        )
    )
    assert before.status == 200
    assert (await browser.ask("GET", "/api/session")).status == 401


async def test_the_second_factor_is_asked_for_and_each_code_works_once(client: Client, rooms: Rooms) -> None:
    rooms.store.write_now(
        lambda tx: tx.run(
            "UPDATE user_account SET totp_secret = :secret WHERE id = :id",
            secret=SECRET,
            id=user_of(HOME, Role.AUDITOR),
        )
    )
    login = login_of(HOME, Role.AUDITOR)
    step = int(rooms.clock.now().timestamp()) // totp.STEP_SECONDS
    code = totp.code_at(totp.secret_bytes(SECRET), step)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    without = await Browser(client).log_in(login)
    mistyped = await Browser(client).log_in(login, totp=wrong)
    right = await Browser(client).log_in(login, totp=code)
    again = await Browser(client).log_in(login, totp=code)
    assert [without.status, mistyped.status, right.status, again.status] == [401, 401, 200, 401]


async def test_an_agents_phone_ends_with_the_session(client: Client, rooms: Rooms) -> None:
    browser = await browser_of(client, HOME, Role.AGENT)
    phone = await browser.ask("POST", "/api/agent/phone")
    ready = await browser.ask("POST", "/api/agent/ready")
    await browser.ask("DELETE", "/api/session")
    desk = await rooms.desk.view(user_of(HOME, Role.AGENT))  # type: ignore[arg-type]
    assert phone.status == ready.status == 200
    assert desk.state == "offline"
    assert not desk.phone_up


async def test_the_language_is_remembered(client: Client) -> None:
    browser = await browser_of(client, HOME, Role.AUDITOR)
    changed = await browser.ask("PUT", "/api/session/locale", {"locale": "en"})
    kept = await browser.ask("GET", "/api/session")
    assert isinstance(kept.json, dict)
    assert changed.status == 200
    assert kept.json["user"]["locale"] == "en"


def test_the_one_time_codes_are_those_of_rfc_6238() -> None:
    secret = b"12345678901234567890"
    expected = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}
    found = {at: totp.code_at(secret, at // totp.STEP_SECONDS) for at in expected}
    assert found == {at: code[-totp.DIGITS :] for at, code in expected.items()}


def test_a_code_is_good_for_its_own_step_and_one_on_either_side(rooms: Rooms) -> None:
    now = rooms.clock.now()
    step = int(now.timestamp()) // totp.STEP_SECONDS
    good = [
        drift
        for drift in range(-3, 4)
        if totp.matching_step(SECRET, totp.code_at(totp.secret_bytes(SECRET), step + drift), now, None)
    ]
    assert good == [-1, 0, 1]
