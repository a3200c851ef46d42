"""A decision is made again from its leaf alone: the same under the same packs, another under others."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.compliance.facts import Facts
from dialer.compliance.gate import decide
from dialer.compliance.outcome import Allowed, Refusal
from dialer.domain.ids import AttemptId
from dialer.ports.ledger import Refused
from dialer.rules.change import without_rules
from dialer.rules.shipped import shipped_packs
from dialer.storage.explain_replay import NO_FACTS, Replayed, replay
from dialer.storage.ledger import Decide
from tests.unit.storage.storage_world import World, fresh_sqlite, judge


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def _again(world: World, attempt: AttemptId, by: Decide = judge) -> Replayed:
    answer = world.store.read_now(lambda tx: replay(tx, world.keys, by, attempt))
    assert isinstance(answer, Replayed), answer
    return answer


async def _refused(world: World, ending: int) -> Refused:
    lead = await world.lead(ending)
    world.run("UPDATE lead SET consent_id = NULL WHERE id = :id", id=lead)
    answer = await world.ledger.authorise(await world.claim(lead))
    assert isinstance(answer, Refused)
    return answer


async def test_a_decision_is_the_same_again_whatever_happened_since(world: World) -> None:
    permit = await world.permit(await world.lead(1))
    refused = await _refused(world, 2)
    world.run("UPDATE campaign SET register_json = '{}', state = 'paused'")
    world.run("UPDATE consent_source SET state = 'held'")
    world.wind(12 * 3600)
    allowed = _again(world, permit.attempt_id)
    assert (allowed.is_same, allowed.codes_now, allowed.packs_changed) == (True, (), ())
    no = _again(world, refused.attempt_id)
    assert no.is_same
    assert no.codes_now == refused.refusal.codes
    assert "CONSENT_MISSING" in no.codes_now


async def test_under_other_packs_the_answer_and_the_packs_differ(world: World) -> None:
    refused = await _refused(world, 3)
    loose = without_rules(shipped_packs(), lambda _, rule: rule.kind == "consent_given")

    def lenient(facts: Facts, now: datetime) -> Allowed | Refusal:
        return decide(facts, loose, now)

    again = _again(world, refused.attempt_id, lenient)
    assert not again.is_same
    assert set(again.codes_then) - set(again.codes_now) == {"CONSENT_MISSING"}


async def test_an_erased_person_s_decision_can_not_be_made_again(world: World) -> None:
    permit = await world.permit(await world.lead(4))
    assert isinstance(permit, Permit)
    assert _again(world, permit.attempt_id).is_same
    world.run("UPDATE subject SET wrapped_key = NULL, number_ct = NULL")
    assert world.store.read_now(lambda tx: replay(tx, world.keys, judge, permit.attempt_id)) == NO_FACTS
    assert world.store.read_now(lambda tx: replay(tx, world.keys, judge, AttemptId("0" * 32))) is None
