"""Races between operating-system processes on both engines. Each prints how many fell on which side, and both must occur."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import AttemptId, CampaignId
from tests.contract.postgres_fixture import ENGINES, core, core_url, fresh_url
from tests.unit.storage.storage_racers import (
    Racer,
    authorise_hastily,
    claim_some,
    consume_it,
    race,
    refuse_it,
)
from tests.unit.storage.storage_world import SECOND_US, World

__all__ = ["core", "core_url"]
RACES_A_ROUND = 100
CALLS_AN_HOUR = 20
ROUNDS = 3
SEED = 20261118


async def _permits(world: World, count: int) -> list[tuple[str, str, str]]:
    """Token, subject and attempt of fresh permits to different numbers, good for ten minutes."""
    tokens: dict[AttemptId, str] = {}
    await world.leads(range(count))
    while claims := await world.ledger.claim(CampaignId(CAMPAIGN), CALLS_AN_HOUR):
        answers = await asyncio.gather(*(world.ledger.authorise(claim) for claim in claims))
        assert all(isinstance(answer, Permit) for answer in answers)
        tokens |= {answer.attempt_id: answer.token for answer in answers if isinstance(answer, Permit)}
        # so many calls an hour would themselves be refused: this is about something else
        world.run("UPDATE attempt SET caller_id = NULL")
    world.run("UPDATE permit SET expires_us = NOW_US + :us", us=600 * SECOND_US)
    return [
        (tokens[AttemptId(r.id)], r.sid, r.id) for r in world.all("SELECT id, sid FROM attempt ORDER BY id")
    ]


@pytest.mark.rule("D18")
@pytest.mark.parametrize("engine", ENGINES)
async def test_a_refusal_and_a_second_gate_never_both_win(engine: str, tmp_path: Path) -> None:
    """S2 in 300 races: nothing is consumed after the refusal's commit, and what was consumed before is cut (L2)."""
    before = after = 0
    worlds: list[World] = []
    try:
        races: list[tuple[World, tuple[str, str, str]]] = []
        for number in range(ROUNDS):
            (folder := tmp_path / str(number)).mkdir()
            worlds.append(World(fresh_url(engine, folder)))
            races += [(worlds[-1], permit) for permit in await _permits(worlds[-1], RACES_A_ROUND)]
        gate = Racer("gate", consume_it, [(w.url, token) for w, (token, _, _) in races])
        dialer = Racer("dialer", refuse_it, [(w.url, sid) for w, (_, sid, _) in races])
        said, done = race([gate, dialer], SEED)
        for (world, (_, sid, attempt)), answer, cut in zip(races, said, done, strict=True):
            fell_before = _check_one(world, sid, attempt, answer, cut)
            before += fell_before
            after += not fell_before
    finally:
        for world in worlds:
            world.close()
    print(f"{engine}: consumed before the refusal {before}, refused before the gate {after}, seed {SEED}")
    assert before + after == ROUNDS * RACES_A_ROUND
    assert before > 0
    assert after > 0


def _check_one(world: World, sid: str, attempt: str, answer: str, cut: str) -> bool:
    """Whether the permit was consumed before the refusal; the log's order is the judge."""
    listed = world.one("SELECT seq FROM leaf WHERE sid = :sid AND type = 'dnc.added'", sid=sid).seq
    passed = world.all("SELECT seq FROM leaf WHERE attempt_id = :id AND type = 'gate2.passed'", id=attempt)
    row = world.one(
        "SELECT a.state, a.cut_wanted_us, p.state AS permit FROM attempt a JOIN permit p ON p.attempt_id = a.id"
        " WHERE a.id = :id",
        id=attempt,
    )
    if answer == "yes":
        assert passed[0].seq < listed
        assert (cut, row.permit, row.state) == ("cut", "consumed", "placed")
        assert row.cut_wanted_us is not None
        return True
    assert answer == "void"
    assert passed == []
    assert (cut, row.permit, row.state) == ("void", "void", "lapsed")
    return False


async def test_two_gates_consume_one_permit_exactly_once(core: World) -> None:
    permits = await _permits(core, RACES_A_ROUND)
    tokens = [(core.url, token) for token, _, _ in permits]
    first, second = race([Racer("gate-1", consume_it, tokens), Racer("gate-2", consume_it, tokens)], SEED)
    for one, other in zip(first, second, strict=True):
        assert sorted((one, other)) == ["consumed", "yes"]
    print(f"gate-1 won {first.count('yes')}, gate-2 won {second.count('yes')}, seed {SEED}")
    assert first.count("yes") > 0
    assert second.count("yes") > 0
    assert core.one("SELECT COUNT(*) AS n FROM leaf WHERE type = 'gate2.passed'").n == len(tokens)


async def test_two_claimers_share_the_queue_and_never_a_lead(core: World) -> None:
    leads = set(await core.leads(range(60)))
    turns = [(core.url, 3)] * 15
    answers = race([Racer("node-1", claim_some, turns), Racer("node-2", claim_some, turns)], SEED)
    first, second = [[lead for words in answer for lead in words.split(",") if lead] for answer in answers]
    print(f"node-1 claimed {len(first)}, node-2 claimed {len(second)}, seed {SEED}")
    assert first
    assert second
    assert len(first) + len(second) == len({*first, *second})
    assert {*first, *second} == leads
    owners = {r.id: r.owner for r in core.all("SELECT id, owner FROM lead")}
    assert all(owners[lead] == "node-1" for lead in first)
    assert all(owners[lead] == "node-2" for lead in second)


async def test_two_nodes_with_old_facts_never_hold_two_permits_for_one_number(core: World) -> None:
    """S3 by the unique index alone: both nodes read “no open attempt”."""
    races = 40
    await core.leads(range(races))
    await core.leads(range(races))
    other = core.second_node()
    try:
        pairs: dict[str, list[tuple[str, str, int]]] = {}
        for node in (core, other):
            for claim in await node.ledger.claim(CampaignId(CAMPAIGN), races):
                sid = core.lead_row(claim.lead_id).sid
                pairs.setdefault(sid, []).append((str(claim.lead_id), claim.owner, claim.fence))
    finally:
        other.close()
    core.run("UPDATE lead SET lease_until_us = NOW_US + :us", us=600 * SECOND_US)
    couples = [[(core.url, claim) for claim in claims] for claims in pairs.values()]
    first, second = race(
        [
            Racer("node-1", authorise_hastily, [couple[0] for couple in couples]),
            Racer("node-2", authorise_hastily, [couple[1] for couple in couples]),
        ],
        SEED,
    )
    for one, another in zip(first, second, strict=True):
        assert sorted((one, another)) == ["NumberBusy", "permit"]
    print(f"node-1 got {first.count('permit')}, node-2 got {second.count('permit')}, seed {SEED}")
    assert core.one("SELECT COUNT(*) AS n FROM permit").n == races
