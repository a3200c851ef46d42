"""New entries of registers: numbers that a second person lets be shown, scripts whose filed words never change."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.demo.sample_organisation import ORG
from dialer.domain.campaign import ScriptStep
from dialer.domain.ids import OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.services.changes import Changes
from dialer.services.views.registers import NewScript, RegisterKind, RegisterView, ScriptList, ScriptPart
from dialer.services.views.words import Declined
from dialer.storage.register_desk import RegisterDesk
from tests.unit.storage.storage_world import World, fresh_sqlite

HERE = OrganisationId(ORG)
ONE, ANOTHER = UserId("user-one"), UserId("user-another")
WORDS = ScriptPart("identity", "您好，这里是示例软件。", "Hello, this is Sample Software.", True)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Storage as it runs."""
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def desk(world: World) -> RegisterDesk:
    """The registers."""
    return RegisterDesk(world.store, world.log, Changes())


def state_of(world: World, entry: str) -> str:
    """The number's state."""
    return str(world.one("SELECT state FROM caller_id WHERE id = :id", id=entry).state)


async def test_a_number_is_shown_once_another_person_lets_it_be(world: World) -> None:
    registers = desk(world)
    added = await registers.add_number(HERE, ONE, "number-2", "4000000002")
    assert isinstance(added, RegisterView)
    assert state_of(world, "number-2") == "registered"
    own = await registers.activate_number(HERE, ONE, "number-2")
    assert isinstance(own, Declined)
    assert state_of(world, "number-2") == "registered"
    assert isinstance(await registers.activate_number(HERE, ANOTHER, "number-2"), RegisterView)
    assert state_of(world, "number-2") == "active"


async def test_a_suspended_number_comes_back_by_another_person_only(world: World) -> None:
    registers = desk(world)
    await registers.add_number(HERE, ONE, "number-2", "4000000002")
    early = await registers.suspend_number(HERE, ONE, "number-2", "complaints came in")
    assert isinstance(early, Declined), "what isn't shown can't be suspended"
    await registers.activate_number(HERE, ANOTHER, "number-2")
    await registers.suspend_number(HERE, ANOTHER, "number-2", "complaints came in")
    assert state_of(world, "number-2") == "suspended"
    assert isinstance(await registers.activate_number(HERE, ANOTHER, "number-2"), Declined)
    third = await registers.activate_number(HERE, UserId("user-third"), "number-2")
    assert isinstance(third, RegisterView)


async def test_suspending_a_number_voids_its_issued_permits(world: World) -> None:
    permit = await world.permit(await world.lead(1))
    number = world.one("SELECT caller_id FROM permit WHERE attempt_id = :id", id=permit.attempt_id).caller_id
    done = await desk(world).suspend_number(HERE, ONE, number, "complaints came in")
    assert isinstance(done, RegisterView)
    state = world.one("SELECT state FROM permit WHERE attempt_id = :id", id=permit.attempt_id).state
    assert state == "void"


@pytest.mark.parametrize("number", ["", "12", "+1234567890123456", "4000 000", "=1+1", "４００"])
async def test_what_is_no_number_is_not_registered(world: World, number: str) -> None:
    before = world.size()
    assert isinstance(await desk(world).add_number(HERE, ONE, "number-2", number), Declined)
    assert world.size() == before


async def test_an_id_or_a_number_is_registered_once(world: World) -> None:
    registers = desk(world)
    await registers.add_number(HERE, ONE, "number-2", "4000000002")
    assert isinstance(await registers.add_number(HERE, ONE, "number-2", "4000000003"), Declined)
    assert isinstance(await registers.add_number(HERE, ONE, "number-3", "4000000002"), Declined)
    assert isinstance(await registers.add_number(HERE, ONE, "number-3", "4000000003"), RegisterView), (
        "control"
    )


async def test_nobody_touches_the_number_of_another_organisation(world: World) -> None:
    registers = desk(world)
    await registers.add_number(HERE, ONE, "number-2", "4000000002")
    stranger = OrganisationId("elsewhere")
    assert await registers.activate_number(stranger, ANOTHER, "number-2") is None
    assert await registers.suspend_number(stranger, ANOTHER, "number-2", "complaints") is None
    assert state_of(world, "number-2") == "registered"


async def test_another_wording_is_another_version_and_the_filed_one_stays(world: World) -> None:
    registers = desk(world)
    steps = (ScriptStep.IDENTITY, ScriptStep.PURPOSE)
    first = await registers.add_script(HERE, ONE, NewScript("renewal", Purpose.CALLBACK, steps, (WORDS,)))
    assert isinstance(first, ScriptList)
    (version,) = [v for v in first.items if v.family == "renewal"]
    assert (version.id, version.version, version.filed) == ("renewal-1", 1, False)
    digest = json.dumps(version.sha256)
    filed = await registers.set_field(
        HERE, ONE, RegisterKind.SCRIPT, "renewal-1", "filed_sha256", digest, None
    )
    assert isinstance(filed, RegisterView)
    other = ScriptPart("identity", "您好。", "Hello.", True)
    second = await registers.add_script(HERE, ONE, NewScript("renewal", Purpose.CALLBACK, steps, (other,)))
    assert isinstance(second, ScriptList)
    found = {v.id: (v.filed, v.parts[0].zh) for v in second.items if v.family == "renewal"}
    assert found == {"renewal-2": (False, "您好。"), "renewal-1": (True, WORDS.zh)}
    assert [v.id for v in second.items if v.family == "renewal"] == ["renewal-2", "renewal-1"], "newest first"
