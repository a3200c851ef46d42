"""What people do through the API is the same on a real PostgreSQL server: the stories that SQLite's database is told."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from dialer.services.webhooks import WebhookCourier
from dialer.storage.migrate import sqlalchemy_url
from dialer.storage.store import Store
from tests.acceptance.test_api_engines import filled, postgres_server
from tests.unit.api import (
    test_assignments,
    test_organisations,
    test_pause_codes,
    test_people_routes,
    test_repeats,
    test_webhooks,
)
from tests.unit.api.api_world import Client, Rooms, client, rooms
from tests.unit.api.test_webhooks import Receiver, courier, receiver

__all__ = ["client", "courier", "receiver", "rooms"]

pytestmark = pytest.mark.postgres
Story = Callable[..., Awaitable[None]]
TOLD = (
    test_assignments,
    test_organisations,
    test_pause_codes,
    test_people_routes,
    test_repeats,
    test_webhooks,
)
KNOWN = {"client", "rooms", "receiver", "courier"}
STORIES: dict[str, Story] = {
    name: story
    for module in TOLD
    for name, story in vars(module).items()
    if name.startswith("test_")
    and inspect.iscoroutinefunction(story)
    and set(inspect.signature(story).parameters) <= KNOWN
}
"""Each story of those files that asks for nothing but the API, its rooms and a receiver of webhooks."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server with the two sample organisations in a database of their own, to be copied."""
    with postgres_server() as url:
        _administer(url, "CREATE DATABASE seeded")
        with filled(_of(url, "seeded")):
            pass
        yield url


@pytest.fixture
def store(server: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """The story's own copy."""
    name = f"story_{abs(hash(request.node.name)) % 10**9}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE seeded")
    opened = Store(_of(server, name))
    yield opened
    opened.close()
    _administer(server, f"DROP DATABASE {name}")


def _of(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?")


def _administer(url: str, statement: str) -> None:
    engine = create_engine(sqlalchemy_url(url), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("story", STORIES)
async def test_the_story_ends_alike_on_postgresql(
    story: str, client: Client, rooms: Rooms, receiver: Receiver, courier: WebhookCourier
) -> None:
    told = STORIES[story]
    if inspect.getmodule(told) is test_organisations:
        test_organisations.operate(rooms)
    given: dict[str, Any] = {"client": client, "rooms": rooms, "receiver": receiver, "courier": courier}
    await told(**{name: given[name] for name in inspect.signature(told).parameters})


def test_there_are_stories_of_every_kind() -> None:
    assert len(STORIES) > 30
    assert {inspect.getmodule(story) for story in STORIES.values()} == set(TOLD)
