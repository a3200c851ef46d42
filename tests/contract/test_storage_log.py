"""The log on both engines: no gap, no fork, and roots that anybody can compute again from what is stored."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable
from itertools import pairwise

import pytest

from dialer.demo.sample_organisation import ORG
from dialer.domain.dnc import DncScope
from dialer.domain.errors import SealBroken
from dialer.evidence.dnc_proof import PLATFORM_SCOPE, org_scope
from dialer.evidence.dnc_tree import EMPTY_HEAD, Change, record_changes
from dialer.evidence.merkle import consistency_holds
from dialer.evidence.record import Actor, ActorKind, EventType, parse_leaf
from dialer.evidence.tree import consistency_proof
from dialer.storage.dnc import dnc_head, dnc_node
from dialer.storage.log import Draft, Subject, get_node, open_payload
from dialer.storage.sql import Tx
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_checks import check_log
from tests.unit.storage.storage_world import World, number_of

__all__ = ["core", "core_url"]
LEAVES_EACH = 40


async def test_a_walk_of_calls_leaves_a_log_without_gap_or_fork(core: World) -> None:
    for n in range(5):
        await core.placed(await core.lead(n), f"egress-{n}")
    await core.refuse(await core.lead(9))
    assert check_log(core) > 25


async def test_the_checks_of_this_suite_find_a_leaf_that_was_touched(core: World) -> None:
    await core.placed(await core.lead(1))
    check_log(core)
    core.run("UPDATE leaf SET hash = :hash WHERE seq = 3", hash=b"\x00" * 32)
    with pytest.raises(AssertionError):
        check_log(core)


async def test_a_write_that_fails_leaves_no_gap(core: World) -> None:
    def fails(tx: Tx) -> None:
        core.log.append(tx, _draft(1), tx.now_us())
        raise ValueError("after its leaf")

    writes = [core.store.write(fails if n % 3 == 1 else _appends(core, n)) for n in range(12)]
    answers = await asyncio.gather(*writes, return_exceptions=True)
    assert sum(isinstance(a, ValueError) for a in answers) == 4
    assert check_log(core) == 8


async def test_every_older_root_is_provably_a_beginning_of_the_newer_one(core: World) -> None:
    heads: list[tuple[int, bytes]] = []
    for n in range(9):
        await core.store.write(_appends(core, n))
        row = core.one("SELECT size, root FROM log_head")
        heads.append((row.size, bytes(row.root)))
    for old_size, old_root in heads:
        for new_size, new_root in heads:
            if old_size > new_size:
                continue
            proof = _proof(core, old_size, new_size)
            assert consistency_holds(old_size, old_root, new_size, new_root, proof)
            if old_size < new_size:
                assert not consistency_holds(old_size, b"\x01" * 32, new_size, new_root, proof)


async def test_what_is_said_of_a_person_opens_with_their_key_only_and_never_after_erasure(
    core: World,
) -> None:
    lead = await core.lead(1)
    permit = await core.permit(lead)
    seq = core.one(
        "SELECT seq FROM leaf WHERE attempt_id = :id AND type = 'decision.permitted'", id=permit.attempt_id
    ).seq
    stored = bytes(core.one("SELECT ct FROM payload WHERE seq = :seq", seq=seq).ct)
    assert number_of(1).encode() not in stored
    payload = core.store.read_now(lambda tx: open_payload(tx, core.keys, seq))
    assert payload is not None
    assert number_of(1).encode() in payload.to_bytes()
    core.run(
        "UPDATE payload SET ct = :ct WHERE seq = :seq", ct=stored[:-1] + bytes([stored[-1] ^ 1]), seq=seq
    )
    with pytest.raises(SealBroken):
        core.store.read_now(lambda tx: open_payload(tx, core.keys, seq))
    core.run(
        "UPDATE subject SET wrapped_key = NULL, number_ct = NULL WHERE sid = :sid",
        sid=core.lead_row(lead).sid,
    )
    assert core.store.read_now(lambda tx: open_payload(tx, core.keys, seq)) is None
    check_log(core)  # the log itself still holds


async def test_the_gate_writes_without_any_subjects_key(core: World) -> None:
    permit = await core.placed(await core.lead(1))
    subject = core.one("SELECT * FROM subject")
    draft = Draft(
        type=EventType.GATE2_PASSED,
        actor=Actor(ActorKind.PROCESS, "gate"),
        says={"callee.number": number_of(1)},
        attempt_id=permit.attempt_id,
        subject=Subject(subject.sid, bytes(subject.wrapped_key)),
    )
    with pytest.raises(SealBroken):
        core.store.write_now(lambda tx: core.gate_log.append(tx, draft, tx.now_us()))
    check_log(core)


# ---------------------------------------------------------------- two processes


def _draft(n: int) -> Draft:
    return Draft(type=EventType.CONFIG_CHANGED, actor=Actor(ActorKind.PROCESS, "test"), says={"n": n})


def _appends(core: World, n: int) -> Callable[[Tx], int]:
    return lambda tx: core.log.append(tx, _draft(n), tx.now_us())


def _proof(core: World, old_size: int, new_size: int) -> tuple[bytes, ...]:
    return core.store.read_now(
        lambda tx: consistency_proof(lambda level, index: get_node(tx, level, index), old_size, new_size)
    )


def _writer(url: str, node: str, start: object) -> None:
    world = World(url, node=node)
    start.wait()  # type: ignore[attr-defined]

    async def work() -> None:
        for base in range(0, LEAVES_EACH, 4):
            writes = [world.store.write(_appends(world, n)) for n in range(base, base + 4)]
            await asyncio.gather(*writes)
            await asyncio.sleep(0.005)  # let the other one in

    asyncio.run(work())
    world.close()


def test_two_processes_that_append_at_once_make_one_chain(core: World) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    writers = [context.Process(target=_writer, args=(core.url, f"node-{n}", start)) for n in (1, 2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    assert check_log(core) == 2 * LEAVES_EACH
    nodes = [parse_leaf(bytes(r.body)).event.node for r in core.all("SELECT body FROM leaf ORDER BY seq")]
    switches = sum(a != b for a, b in pairwise(nodes))
    print(f"switches between the writers: {switches}")
    assert switches > 1  # they did run beside each other


# ---------------------------------------------------------------- the DNC tree


async def test_the_dnc_root_is_what_the_entries_give_when_it_is_built_anew(core: World) -> None:
    for n in range(4):
        await core.refuse(await core.lead(n))
    await core.refuse(await core.lead(4), DncScope.PLATFORM)
    await core.refuse(await core.lead(5), DncScope.PURPOSE, purpose="callback")  # stands in no tree
    stored: dict[bytes, bytes] = {}
    again = EMPTY_HEAD
    for row in core.all("SELECT * FROM dnc_entry WHERE purpose IS NULL ORDER BY leaf_seq"):
        ending = next(
            n
            for n in range(5)
            if bytes(row.number_hmac)
            == (
                core.keys.platform_hmac(number_of(n))
                if row.org_id is None
                else core.keys.number_hmac(ORG, number_of(n))
            )
        )
        scope = PLATFORM_SCOPE if row.org_id is None else org_scope(row.org_id)
        grown = record_changes(
            again,
            [Change(core.keys.dnc_place(scope, number_of(ending), row.leaf_seq), row.leaf_seq)],
            stored.__getitem__,
        )
        stored |= grown.nodes
        again = grown.head
    head = core.store.read_now(dnc_head)
    assert head == again
    assert head.size == 5
    kept = core.store.read_now(lambda tx: {digest: dnc_node(tx, digest) for digest in stored})
    assert kept == stored
