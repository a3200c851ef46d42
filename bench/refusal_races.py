"""Races of a refusal against everything that could still become or already is a call, each side in a process of its own.

    originate   a permit is issued, the egress asks the second gate
    claim       a queued lead is claimed, gets its permit, and the egress asks
    callback    the same with a lead that waits for a promised time
    ringing     a placed call begins to ring

The log is the judge: no gate2.passed behind the same person's dnc.added, and every call in front of it marked for cutting.
"""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.domain.ids import AttemptId, CampaignId, LeadId
from dialer.evidence.record import Actor, ActorKind
from dialer.ports.calls import MoveFields
from dialer.ports.gate import GateYes
from tests.contract.postgres_fixture import fresh_url
from tests.unit.storage.storage_racers import Racer, consume_it, race, refuse_it
from tests.unit.storage.storage_world import SECOND_US, World

RACES_A_ROUND = 100
"""So many sample numbers there are."""
HEAD_START_SECONDS_MAX = {"originate": 0.0, "claim": 0.05, "callback": 0.05, "ringing": 0.0}
"""So much longer a way has the call's side to its commit than the refusal."""
FAR_US = 400 * 86_400 * SECOND_US
EXCHANGE = Actor(ActorKind.PROCESS, "bench")


class Against(StrEnum):
    """What a refusal runs against."""

    ORIGINATE = "originate"
    CLAIM = "claim"
    CALLBACK = "callback"
    RINGING = "ringing"


SHARES = {Against.ORIGINATE: 40, Against.CLAIM: 20, Against.CALLBACK: 20, Against.RINGING: 20}


@dataclass(frozen=True, slots=True)
class Entrant:
    """One race: whom the refusal is of, and what the other side has in hand (token, lead or attempt)."""

    against: Against
    sid: str
    has: str


@dataclass(slots=True)
class Result:
    """Races in which the call's side committed first, and the refusal; `wrong`: what must never be."""

    call_first: Counter[Against] = field(default_factory=Counter)
    refusal_first: Counter[Against] = field(default_factory=Counter)
    wrong: int = 0

    def add(self, other: "Result") -> None:
        """One more round."""
        self.call_first += other.call_first
        self.refusal_first += other.refusal_first
        self.wrong += other.wrong

    def __str__(self) -> str:
        """The counts of each kind."""
        kinds = ", ".join(f"{k} {self.call_first[k]} : {self.refusal_first[k]}" for k in Against)
        total = self.call_first.total() + self.refusal_first.total()
        return f"{total} races (call first : refusal first): {kinds}; permits consumed after a refusal {self.wrong}"

    @property
    def occurred(self) -> bool:
        """Whether each kind fell on both sides."""
        return all(self.call_first[k] and self.refusal_first[k] for k in Against)


def go_on_it(world: World, entrant: Entrant) -> str:
    """The call's side."""
    match entrant.against:
        case Against.ORIGINATE:
            return consume_it(world, entrant.has)
        case Against.CLAIM | Against.CALLBACK:
            return asyncio.run(_whole_way(world, LeadId(entrant.has)))
        case Against.RINGING:
            rings = world.calls.advance(
                AttemptId(entrant.has), AttemptState.RINGING, EXCHANGE, MoveFields(), {}
            )
            return "yes" if asyncio.run(rings) else "over"


def refuse_him(world: World, entrant: Entrant) -> str:
    """The refusal's side."""
    time.sleep(random.Random(entrant.sid).uniform(0, HEAD_START_SECONDS_MAX[entrant.against]))
    return refuse_it(world, entrant.sid)


async def _whole_way(world: World, lead: LeadId) -> str:
    # so many calls an hour from one number would themselves be refused: this is about something else
    world.run("UPDATE attempt SET caller_id = NULL")
    world.make_due(lead)
    for claim in await world.ledger.claim(CampaignId(CAMPAIGN), 1):
        answer = await world.ledger.authorise(claim)
        if isinstance(answer, Permit):
            gate = await world.gate(answer.token, f"egress-{world.node}")
            return "yes" if isinstance(gate, GateYes) else gate.why
        return type(answer).__name__
    return "nobody to claim"


async def _permits(world: World, count: int) -> dict[str, str]:
    """Token by attempt of fresh permits to different numbers, good for ten minutes."""
    tokens: dict[str, str] = {}
    while len(tokens) < count and (claims := await world.ledger.claim(CampaignId(CAMPAIGN), 20)):
        for claim in claims:
            answer = await world.ledger.authorise(claim)
            assert isinstance(answer, Permit)
            tokens[answer.attempt_id] = answer.token
        world.run("UPDATE attempt SET caller_id = NULL")
    world.run("UPDATE permit SET expires_us = NOW_US + :us", us=600 * SECOND_US)
    return tokens


async def entrants(world: World) -> list[Entrant]:
    """The races of a round, of all four kinds."""
    called = SHARES[Against.ORIGINATE] + SHARES[Against.RINGING]
    await world.leads(range(called))
    tokens = await _permits(world, called)
    sids = {r.id: r.sid for r in world.all("SELECT id, sid FROM attempt")}
    made = list(tokens.items())
    for _, token in made[SHARES[Against.ORIGINATE] :]:
        assert isinstance(await world.gate(token), GateYes)
    found = [Entrant(Against.ORIGINATE, sids[a], token) for a, token in made[: SHARES[Against.ORIGINATE]]]
    found += [Entrant(Against.RINGING, sids[a], a) for a, _ in made[SHARES[Against.ORIGINATE] :]]
    waiting = await world.leads(range(called, RACES_A_ROUND))
    world.run("UPDATE lead SET due_us = NOW_US + :far WHERE state = 'queued'", far=FAR_US)
    for place, lead in enumerate(waiting):
        is_claim = place < SHARES[Against.CLAIM]
        if not is_claim:
            world.run(
                "UPDATE lead SET promised_from_us = NOW_US - :us, promised_until_us = NOW_US + :us WHERE id = :id",
                us=1800 * SECOND_US,
                id=lead,
            )
        against = Against.CLAIM if is_claim else Against.CALLBACK
        found.append(Entrant(against, world.lead_row(lead).sid, lead))
    return found


def one_round(engine: str, folder: Path, seed: int) -> Result:
    """So many races on a fresh database."""
    world = World(fresh_url(engine, folder))
    try:
        wanted = asyncio.run(entrants(world))
        random.Random(seed).shuffle(wanted)
        gate = Racer("gate", go_on_it, [(world.url, e) for e in wanted])
        dialer = Racer("dialer", refuse_him, [(world.url, e) for e in wanted])
        race([gate, dialer], seed)
        return _judge(world, wanted)
    finally:
        world.close()


def _judge(world: World, raced: list[Entrant]) -> Result:
    result = Result()
    for entrant in raced:
        listed = world.one(
            "SELECT seq FROM leaf WHERE sid = :sid AND type = 'dnc.added'", sid=entrant.sid
        ).seq
        step = "attempt.ringing" if entrant.against is Against.RINGING else "gate2.passed"
        steps = world.all(
            "SELECT seq FROM leaf WHERE sid = :sid AND type = :step", sid=entrant.sid, step=step
        )
        went_first = [row.seq for row in steps if row.seq < listed]
        (result.call_first if went_first else result.refusal_first)[entrant.against] += 1
        passed = world.all(
            "SELECT l.seq, a.cut_wanted_us, a.id FROM leaf l JOIN attempt a ON a.id = l.attempt_id"
            " WHERE l.sid = :sid AND l.type = 'gate2.passed'",
            sid=entrant.sid,
        )
        # consumed behind the refusal, or in front of it and not wanted cut
        result.wrong += sum(row.seq > listed or row.cut_wanted_us is None for row in passed)
    return result
