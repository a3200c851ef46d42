"""No store in the organisation's region, or none that takes anything: no new call; with it, the same lead is called."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.compliance.facts import Unknown, VaultState
from dialer.demo.sample_organisation import ORG
from dialer.domain.errors import VaultUnavailable
from dialer.domain.ids import AttemptId
from dialer.ports.ledger import Refused
from dialer.storage.recordings import StoredRegions
from tests.unit.storage.storage_world import World, fresh_sqlite


@pytest.fixture
def states() -> dict[str, VaultState]:
    """What was last measured of each region's store."""
    return {"cn-east": VaultState.WRITABLE, "cn-west": VaultState.WRITABLE}


@pytest.fixture
def world(tmp_path: Path, states: dict[str, VaultState]) -> Iterator[World]:
    opened = World(
        fresh_sqlite(tmp_path), vault_state=lambda region: states.get(region, Unknown("no such store"))
    )
    yield opened
    opened.close()


@pytest.mark.rule("D12")
@pytest.mark.parametrize("state", [VaultState.UNREACHABLE, VaultState.FULL, None])
async def test_a_region_whose_store_is_away_is_not_called_from_and_is_once_it_is_back(
    world: World, states: dict[str, VaultState], state: VaultState | None
) -> None:
    lead = await world.lead(1)
    states.pop("cn-east")
    if state is not None:
        states["cn-east"] = state
    answer = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(answer, Refused)
    assert any("VAULT" in o.code for o in answer.refusal.objections), answer.refusal.codes
    states["cn-east"] = VaultState.WRITABLE
    world.run("UPDATE lead SET state = 'queued', due_us = 0 WHERE id = :id", id=lead)
    await world.permit(lead)


@pytest.mark.rule("D21")
@pytest.mark.rule("D10")
async def test_another_regions_store_is_not_asked(world: World, states: dict[str, VaultState]) -> None:
    states["cn-west"] = VaultState.UNREACHABLE
    permit = await world.permit(await world.lead(1))
    regions = StoredRegions(world.store)
    assert await regions.of_attempt(permit.attempt_id) == "cn-east"
    world.run("UPDATE organisation SET region = 'cn-west' WHERE id = :id", id=ORG)
    assert await regions.of_attempt(permit.attempt_id) == "cn-west"
    assert await regions.all() == ("cn-west",)
    answer = await world.ledger.authorise(await world.claim(await world.lead(2)))
    assert isinstance(answer, Refused)


async def test_a_recording_of_no_attempt_lies_nowhere(world: World) -> None:
    with pytest.raises(VaultUnavailable):
        await StoredRegions(world.store).of_attempt(AttemptId("0" * 32))
