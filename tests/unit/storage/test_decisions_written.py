"""A decision is written the same way whether its parts were written before or not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.compliance.codec import facts_from_plain, facts_to_plain
from dialer.evidence.canonical import encode
from dialer.storage import decisions
from dialer.storage.decisions import decision_row, facts_text, says_of_decision
from dialer.storage.times import moment
from tests.unit.storage.storage_world import World, fresh_sqlite, judge


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def _forget() -> None:
    decisions._RULES.clear()
    decisions._LAWS.clear()
    decisions._group_text.cache_clear()


async def test_what_is_kept_from_earlier_decisions_changes_no_byte(world: World) -> None:
    now = moment(world.now_us())
    leads = await world.leads(range(3))
    world.run("UPDATE lead SET consent_id = NULL WHERE id = :id", id=leads[2])
    kept, fresh = [], []
    for lead in leads:
        facts = world.store.read_now(lambda tx, lead=lead: world.facts(tx, lead, now))
        decision = judge(facts, now)
        kept.append((facts_text(facts), encode(says_of_decision(decision))))
    for lead in leads:
        _forget()
        facts = world.store.read_now(lambda tx, lead=lead: world.facts(tx, lead, now))
        decision = judge(facts, now)
        fresh.append((facts_text(facts), encode(says_of_decision(decision))))
        whole = json.dumps(facts_to_plain(facts), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert facts_text(facts) == whole
        assert facts_from_plain(json.loads(facts_text(facts))) == facts
    assert kept == fresh
    assert len({text for text, _ in kept}) == 3, "three people, three texts"


async def test_a_decisions_row_names_packs_with_their_versions(world: World) -> None:
    (lead,) = await world.leads(range(1))
    now = moment(world.now_us())
    decision = judge(world.store.read_now(lambda tx: world.facts(tx, lead, now)), now)
    row = decision_row("d", world.lead_row(lead), "a", decision, 1, 2)  # type: ignore[arg-type]
    packs = {p["id"]: p for p in json.loads(str(row["policy_json"]))}
    assert {p.policy_id for p in decision.policy} == set(packs)
    assert all(packs[p.policy_id]["version"] == p.version for p in decision.policy)
    assert json.loads(str(row["rules_json"]))["rules"][0]["check"]
