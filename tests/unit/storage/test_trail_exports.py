"""What goes out: a redacted bundle that verifies and names nobody, a vCon for other tools, a sample that nobody chose."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import AttemptId, OrganisationId
from dialer.evidence.vcon import vcon_of_bundle
from dialer.evidence.verify import verify_bundle
from dialer.services.trail import Shape
from tests.unit.storage.proof_world import ProofWorld, trust
from tests.unit.storage.storage_world import number_of

THE_ORG = OrganisationId(ORG)


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[ProofWorld]:
    opened = ProofWorld(tmp_path)
    yield opened
    opened.close()


async def test_a_redacted_bundle_verifies_as_the_whole_one_does_and_says_nothing_of_who(
    world: ProofWorld,
) -> None:
    attempt = await world.talked(1)
    await world.sign()
    whole = await world.bundle(attempt, ORG)
    redacted = await world.bundles.build(THE_ORG, AttemptId(attempt), Shape.REDACTED)
    assert isinstance(redacted, bytes)
    for data in (whole, redacted):
        report = verify_bundle(data, trust(), None)
        assert report.exit_code == 0, [(c.step.id, c.detail) for c in report.checks if c.outcome == "fail"]
    words = (number_of(1).encode(), number_of(1)[3:].encode(), "同意".encode(), b"Asia/Shanghai", b"fLaC")
    shown = [word for word in words if word in redacted]
    assert shown == []
    assert all(word in whole for word in (number_of(1).encode(), b"fLaC"))
    assert b"allowed" in redacted


async def test_a_bundle_goes_out_as_a_vcon_with_its_dialog(world: ProofWorld) -> None:
    attempt = await world.talked(1)
    await world.sign()
    vcon = json.loads(vcon_of_bundle(await world.bundle(attempt, ORG)))
    assert vcon["parties"]
    assert vcon["dialog"]
