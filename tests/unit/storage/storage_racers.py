"""Two operating-system processes that do something to the same rows at the same moment, and say what they got."""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import BrokenBarrierError
from typing import Any, Final

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import CampaignId, LeadId, OrganisationId, SubjectId
from dialer.ports.calls import Refusing
from dialer.ports.gate import GateYes
from dialer.ports.ledger import Claim
from tests.unit.storage.storage_world import AGENT, World

SECONDS_MAX: Final = 120
JITTER_SECONDS_MAX: Final = 0.003

Deed = Callable[[World, Any], str]
"""What a racer does with one item: a word for what came of it."""


@dataclass(frozen=True, slots=True)
class Racer:
    """One process: its deed, and what it does it to, one a race, in the order of the races: (database, item)."""

    node: str
    deed: Deed
    items: Sequence[tuple[str, Any]]


def race(racers: Sequence[Racer], seed: int) -> list[list[str]]:
    """Run each racer in a process of its own, race by race from one barrier; what each of them got."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(len(racers))
    pipes = [context.Pipe(duplex=False) for _ in racers]
    processes = [
        context.Process(target=_run, args=(racer, barrier, sender, seed + place))
        for place, (racer, (_, sender)) in enumerate(zip(racers, pipes, strict=True))
    ]
    for process in processes:
        process.start()
    try:
        answers = [receiver.recv() if receiver.poll(SECONDS_MAX) else None for receiver, _ in pipes]
    finally:
        for process in processes:
            process.join(10)
            if process.is_alive():
                process.kill()
                process.join(10)
    assert [process.exitcode for process in processes] == [0] * len(racers)
    assert all(answer is not None for answer in answers)
    return [answer for answer in answers if answer is not None]


def _run(racer: Racer, barrier: Any, sender: Any, seed: int) -> None:
    dice = random.Random(seed)
    worlds = {url: World(url, node=racer.node) for url, _ in racer.items}
    for world in worlds.values():
        world.store.write_now(lambda tx: tx.now_us())  # connections are open before the first start
    got = []
    try:
        for url, item in racer.items:
            barrier.wait(SECONDS_MAX)
            time.sleep(dice.uniform(0, JITTER_SECONDS_MAX))
            got.append(racer.deed(worlds[url], item))
    except BrokenBarrierError:
        got.append("the other one fell")
    except BaseException:
        barrier.abort()
        raise
    finally:
        for world in worlds.values():
            world.close()
    sender.send(got)


# ---------------------------------------------------------------- deeds


def consume_it(world: World, token: str) -> str:
    """T2."""
    answer = asyncio.run(world.gate(token, f"egress-{world.node}"))
    return "yes" if isinstance(answer, GateYes) else answer.why


def refuse_it(world: World, sid: str) -> str:
    """T3."""
    refusing = Refusing(
        sid=SubjectId(sid),
        org_id=OrganisationId(ORG),
        scope=DncScope.ORGANISATION,
        purpose=None,
        reason=DncReason.FORM,
        actor=AGENT,
        said_in=None,
        closing_seconds=0,
    )
    heard = asyncio.run(world.calls.refuse(refusing))
    return "cut" if heard.cut else "void" if heard.permits_void else "listed"


def claim_some(world: World, count: int) -> str:
    """Claim, and name the leads."""
    return ",".join(c.lead_id for c in asyncio.run(world.ledger.claim(CampaignId(CAMPAIGN), count)))


def authorise_hastily(world: World, claim: tuple[str, str, int]) -> str:
    """T1 with facts from before the other node's commit; once more when the lock was held for too long."""
    lead, owner, fence = claim
    taken = Claim(LeadId(lead), CampaignId(CAMPAIGN), owner, fence)
    while True:
        try:
            answer = asyncio.run(world.hasty_ledger().authorise(taken))
        except StoreUnavailable:
            continue
        return "permit" if isinstance(answer, Permit) else type(answer).__name__
