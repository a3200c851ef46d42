"""A supervisor moves an agent between campaigns: as it was seen, of one's own organisation, on the log."""

from dialer.services.views.session import Role
from tests.unit.api.api_seed import HOME, OTHER, user_of
from tests.unit.api.api_world import Answer, Browser, Client, Rooms, browser_of

MINE, THEIRS = f"campaign-{HOME}", f"campaign-{OTHER}"
AGENT = user_of(HOME, Role.AGENT)


async def _move(browser: Browser, to: list[str], was: list[str], agent: str = AGENT) -> Answer:
    return await browser.ask("PUT", f"/api/floor/agents/{agent}/campaigns", {"campaigns": to, "was": was})


def _works(rooms: Rooms, agent: str = AGENT) -> set[str]:
    rows = rooms.store.read_now(
        lambda tx: tx.all("SELECT campaign_id FROM campaign_agent WHERE user_id = :id", id=agent)
    )
    return {row.campaign_id for row in rows}


async def test_an_agent_is_moved_and_the_floor_shows_it(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    size = rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size)
    gone = await _move(supervisor, [], [MINE])
    assert gone.status == 200
    assert isinstance(gone.json, dict)
    (shown,) = [agent for agent in gone.json["agents"] if agent["id"] == AGENT]
    assert (shown["campaigns"], _works(rooms)) == ([], set())
    assert (await _move(supervisor, [MINE], [])).status == 200
    assert _works(rooms) == {MINE}
    assert rooms.store.read_now(lambda tx: tx.sole("SELECT size FROM log_head").size) == size + 2


async def test_of_two_who_move_the_same_agent_the_second_is_told(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    await _move(supervisor, [], [MINE])
    late = await _move(supervisor, [], [MINE])
    assert (late.status, late.code) == (409, "agents.changed_meanwhile")


async def test_an_open_form_of_the_campaign_can_not_undo_it(client: Client, rooms: Rooms) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)

    def version() -> int:
        return int(
            rooms.store.read_now(
                lambda tx: tx.sole("SELECT version FROM campaign WHERE id = :id", id=MINE).version
            )
        )

    before = version()
    await _move(supervisor, [], [MINE])
    assert version() == before + 1


async def test_neither_agents_nor_campaigns_of_another_organisation_are_moved(
    client: Client, rooms: Rooms
) -> None:
    supervisor = await browser_of(client, HOME, Role.SUPERVISOR)
    theirs = user_of(OTHER, Role.AGENT)
    assert (await _move(supervisor, [], [THEIRS], theirs)).status == 404
    assert (await _move(supervisor, [], [], user_of(HOME, Role.AUDITOR))).status == 404
    foreign = await _move(supervisor, [MINE, THEIRS], [MINE])
    assert (foreign.status, foreign.code) == (409, "agents.not_yours")
    assert (_works(rooms), _works(rooms, theirs)) == ({MINE}, {THEIRS})
