"""What goes out: a redacted bundle that verifies and names nobody, a vCon for other tools, a sample that nobody chose."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.demo.sample_organisation import ORG, SUPERVISOR
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.evidence.checks import verify_bundle
from dialer.evidence.draw import drawn
from dialer.evidence.vcon import vcon_of_bundle
from dialer.services.trail import Shape
from dialer.storage.log import open_payload
from dialer.storage.personal import PersonalReader
from dialer.storage.sampling import NOT_OVER, TOO_MANY, Sample, Sampling
from dialer.storage.times import moment
from dialer.storage.views_trail import TrailReader
from tests.unit.storage.proof_world import ProofWorld, trust
from tests.unit.storage.storage_world import World, number_of

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
        assert report.exit_code == 0, [(c.id, c.detail) for c in report.checks if c.outcome == "fail"]
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


def sampling_of(core: World) -> Sampling:
    return Sampling(core.store, core.log, core.keys, TrailReader(core.store, PersonalReader(core.keys)))


@pytest.mark.rule("D30")
async def test_a_sample_can_be_drawn_again_by_anybody_from_the_seed_on_the_log(world: ProofWorld) -> None:
    core = world.core
    made = {str(await world.talked(ending)) for ending in range(4)}
    core.wind(60)
    now = moment(core.now_us())
    sampling = sampling_of(core)
    period = (now - timedelta(days=1), now - timedelta(seconds=1))
    sample = await sampling.draw(THE_ORG, UserId(SUPERVISOR), *period, 2)
    assert isinstance(sample, Sample), sample
    payload = core.store.read_now(lambda tx: open_payload(tx, core.keys, sample.seq))
    assert payload is not None
    seed = bytes.fromhex(str(payload.value("seed")))
    assert drawn(seed, "attempt", sorted(made, reverse=True), 2) == sample.attempts
    assert len(set(sample.attempts)) == 2
    assert set(sample.attempts) < made
    auditors = {r.id for r in core.all("SELECT id FROM user_account WHERE role = 'auditor'")}
    assert sample.inspector in auditors
    again = await sampling.draw(THE_ORG, UserId(SUPERVISOR), *period, 2)
    assert isinstance(again, Sample)
    assert (again.seq, again.seed) != (sample.seq, sample.seed), "each draw stands on the log"
    shown = await sampling.drawn_at(THE_ORG, sample.seq)
    assert shown is not None
    assert tuple(row.id for row in shown.attempts) == sample.attempts
    assert shown.seed == sample.seed.hex()
    assert await sampling.drawn_at(OrganisationId("other"), sample.seq) is None
    assert await sampling.drawn_at(THE_ORG, 0) is None
    elsewhere = await sampling.draw(OrganisationId("other"), UserId(SUPERVISOR), *period, 2)
    assert isinstance(elsewhere, Sample)
    assert (elsewhere.attempts, elsewhere.inspector) == ((), None)


async def test_a_sample_of_a_time_that_is_not_over_is_declined(world: ProofWorld) -> None:
    now = moment(world.core.now_us())
    sampling = sampling_of(world.core)
    user = UserId(SUPERVISOR)
    hour = timedelta(hours=1)
    before = world.core.size()
    assert await sampling.draw(THE_ORG, user, now - hour, now + hour, 2) == NOT_OVER
    assert await sampling.draw(THE_ORG, user, now - hour, now - 2 * hour, 2) == NOT_OVER
    assert await sampling.draw(THE_ORG, user, now - hour, now, 0) == TOO_MANY
    assert world.core.size() == before


def test_every_attempt_is_as_likely_to_be_drawn() -> None:
    items = [f"attempt-{n}" for n in range(20)]
    hits = Counter(item for n in range(4000) for item in drawn(n.to_bytes(32, "big"), "attempt", items, 2))
    # 400 expected each, standard deviation 19: six of them
    assert all(abs(hits[item] - 400) < 115 for item in items)
