"""T2 on both engines: one statement that reads everything once more; each condition alone says no (rule 5).

Each condition stands beside its near miss, which must still be a yes: a test that only says no would pass a gate that is
broken for everybody.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.ports.gate import GateNo, GateYes
from dialer.storage.sql import Tx
from dialer.storage.tables_organisation import DiallingStop
from dialer.storage.tables_people import DncEntry
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import CALLER_ID_ROW, SECOND_US, World, number_of

__all__ = ["core", "core_url"]

Change = Callable[[World, Permit], None]
LIFE_SECONDS = 10


async def test_a_yes_names_number_caller_and_limits_and_is_on_the_log(core: World) -> None:
    permit = await core.permit(await core.lead(7))
    answer = await core.gate(permit.token, "egress-7")
    assert isinstance(answer, GateYes)
    assert (answer.number, answer.caller_id) == (number_of(7), "4000000000")
    assert 0 < answer.ring_seconds <= 30
    assert 0 < answer.call_seconds_max <= 7200
    stored = core.permit_row(permit.attempt_id)
    assert (stored.state, stored.consumed_uid) == ("consumed", "egress-7")
    attempt = core.attempt(permit.attempt_id)
    assert (attempt.state, attempt.egress_uid) == ("placed", "egress-7")
    assert core.leaves(permit.attempt_id)[-2:] == ["gate2.passed", "attempt.placed"]
    assert number_of(7) not in repr(answer)


# ---------------------------------------------------------------- what refuses, and its near miss


def wind(seconds: float) -> Change:
    return lambda core, permit: core.wind(seconds)


def dial_before(seconds: float) -> Change:
    def change(core: World, permit: Permit) -> None:
        core.run("UPDATE permit SET dial_before_us = :us", us=core.now_us() + int(seconds * SECOND_US))
        core.wind(3)

    return change


def dnc(
    org: str | None, purpose: str | None = None, lifted: str | None = None, number: str = number_of(1)
) -> Change:
    def change(core: World, permit: Permit) -> None:
        hmac = core.keys.platform_hmac(number) if org is None else core.keys.number_hmac(org, number)
        core.store.write_now(
            lambda tx: tx.insert(
                DncEntry(
                    id="entry",
                    org_id=org,
                    number_hmac=hmac,
                    key_version=1,
                    purpose=purpose,
                    reason="said",
                    actor="user:test",
                    at_us=tx.now_us(),
                    lifted_by_consent=lifted,
                    leaf_seq=0,
                )
            )
        )

    return change


def stop(
    *,
    org: str | None = None,
    campaign: str | None = None,
    caller: str | None = None,
    lifted_us: int | None = None,
) -> Change:
    def change(core: World, permit: Permit) -> None:
        core.store.write_now(
            lambda tx: tx.insert(
                DiallingStop(
                    id="stop",
                    code="test",
                    org_id=org,
                    campaign_id=campaign,
                    caller_id=caller,
                    at_us=tx.now_us(),
                    lifted_us=lifted_us,
                )
            )
        )

    return change


def sql(text: str) -> Change:
    def change(core: World, permit: Permit) -> None:
        assert core.run(text) == 1

    return change


def consent_ends_in(seconds: float) -> Change:
    def change(core: World, permit: Permit) -> None:
        core.run("UPDATE consent SET expires_us = :us", us=core.now_us() + int(seconds * SECOND_US))
        core.wind(3)

    return change


CASES: dict[str, tuple[Change, str, Change]] = {
    "expired by the database's clock": (wind(LIFE_SECONDS + 1), "expired", wind(LIFE_SECONDS - 3)),
    "the last moment to dial has passed": (dial_before(2), "too_late", dial_before(60)),
    "on the organisation's list": (dnc(ORG), "no_longer_lawful", dnc("another-organisation")),
    "on the platform's list": (dnc(None), "no_longer_lawful", dnc(None, number=number_of(2))),
    "refused this purpose": (dnc(ORG, "callback"), "no_longer_lawful", dnc(ORG, "info_consult")),
    "on the list until a consent lifts it": (dnc(ORG), "no_longer_lawful", dnc(ORG, lifted="consent-later")),
    "consent withdrawn": (
        sql("UPDATE consent SET withdrawn_us = 1"),
        "no_longer_lawful",
        sql("UPDATE consent SET withdrawn_us = NULL"),
    ),
    "consent over": (consent_ends_in(2), "no_longer_lawful", consent_ends_in(60)),
    "campaign paused": (
        sql("UPDATE campaign SET state = 'paused'"),
        "no_longer_lawful",
        sql("UPDATE campaign SET state = 'running'"),
    ),
    "campaign offline": (
        sql("UPDATE campaign SET state = 'offline'"),
        "no_longer_lawful",
        sql("UPDATE campaign SET mode = 'preview'"),
    ),
    "caller id suspended": (
        sql("UPDATE caller_id SET state = 'suspended'"),
        "no_longer_lawful",
        sql("UPDATE caller_id SET state = 'active'"),
    ),
    "everything stopped": (stop(), "no_longer_lawful", stop(lifted_us=1)),
    "organisation stopped": (stop(org=ORG), "no_longer_lawful", stop(org="another-organisation")),
    "campaign stopped": (stop(campaign=CAMPAIGN), "no_longer_lawful", stop(campaign="another-campaign")),
    "caller id stopped": (stop(caller=CALLER_ID_ROW), "no_longer_lawful", stop(caller="another-number")),
}


@pytest.mark.rule("C1")
@pytest.mark.parametrize("name", CASES)
async def test_each_condition_alone_refuses_and_the_permit_stays_unused(core: World, name: str) -> None:
    change, why, _ = CASES[name]
    permit = await core.permit(await core.lead(1))
    change(core, permit)
    assert await core.gate(permit.token) == GateNo(why)
    assert core.permit_row(permit.attempt_id).state == "issued"
    assert core.attempt(permit.attempt_id).state == "authorised"
    assert core.leaves(permit.attempt_id)[-1] == "gate2.refused"


@pytest.mark.parametrize("name", CASES)
async def test_its_near_miss_is_still_a_yes(core: World, name: str) -> None:
    permit = await core.permit(await core.lead(1))
    CASES[name][2](core, permit)
    assert isinstance(await core.gate(permit.token), GateYes)


# ---------------------------------------------------------------- once, and only what exists


async def test_a_permit_is_consumed_once_whoever_asks_again(core: World) -> None:
    permit = await core.placed(await core.lead(1), "egress-1")
    assert await core.gate(permit.token, "egress-1") == GateNo("consumed")
    assert await core.gate(permit.token, "egress-2") == GateNo("consumed")
    assert core.permit_row(permit.attempt_id).consumed_uid == "egress-1"
    assert core.leaves(permit.attempt_id).count("gate2.passed") == 1


async def test_a_void_or_lapsed_permit_is_not_consumed(core: World) -> None:
    void = await core.permit(await core.lead(1))
    assert await core.calls.void(void.attempt_id, "test")
    assert await core.gate(void.token) == GateNo("void")
    late = await core.permit(await core.lead(2))
    core.wind(LIFE_SECONDS + 1)
    assert await core.calls.lapse_expired() == 1
    assert await core.gate(late.token) == GateNo("lapsed")


async def test_a_token_that_does_not_exist_leaves_no_trace_that_could_flood_the_log(core: World) -> None:
    permit = await core.permit(await core.lead(1))
    size = core.size()
    for n in range(5):
        assert await core.gate(f"pt{n:032x}") == GateNo("unknown")
    assert core.size() == size
    assert isinstance(await core.gate(permit.token), GateYes)
    assert core.size() == size + 2


async def test_an_attempt_held_as_uncertain_may_still_be_the_one_that_asks(core: World) -> None:
    permit = await core.permit(await core.lead(1))
    core.run("UPDATE attempt SET state = 'uncertain' WHERE id = :id", id=permit.attempt_id)
    assert isinstance(await core.gate(permit.token), GateYes)
    assert core.attempt(permit.attempt_id).state == "placed"


async def test_an_attempt_that_is_over_takes_its_permit_back_with_it(core: World) -> None:
    """A permit and an attempt that don't fit are a bug: nothing is consumed, and the answer is no."""
    permit = await core.permit(await core.lead(1))
    core.run("UPDATE attempt SET state = 'lapsed' WHERE id = :id", id=permit.attempt_id)
    size = core.size()
    with pytest.raises(Exception, match="not open"):
        await core.gate(permit.token)
    assert core.permit_row(permit.attempt_id).state == "issued"
    assert core.size() == size


async def test_a_seal_of_another_attempt_is_not_dialled(core: World) -> None:
    first = await core.permit(await core.lead(1))
    second = await core.permit(await core.lead(2))
    core.run(
        "UPDATE permit SET sealed = (SELECT sealed FROM permit WHERE attempt_id = :other) WHERE attempt_id = :id",
        other=second.attempt_id,
        id=first.attempt_id,
    )
    core.run("UPDATE permit SET expires_us = NOW_US + 600000000")  # a slow machine must not end them before
    with pytest.raises(Exception, match="another attempt"):
        await core.gate(first.token)
    assert core.permit_row(first.attempt_id).state == "issued"
    assert isinstance(await core.gate(second.token), GateYes)


async def test_a_permit_that_expires_while_its_transaction_waits_for_a_lock_is_refused(core: World) -> None:
    """S7: the clock is read in the statement. `now()` of the waiting transaction's start would say yes."""
    permit = await core.permit(await core.lead(1))
    held, free = threading.Event(), threading.Event()

    def sit(tx: Tx) -> None:
        tx.run("UPDATE permit SET expires_us = NOW_US + 150000")
        held.set()
        free.wait(5)

    other = core.second_node()
    try:
        sitting = asyncio.create_task(other.store.write(sit))
        await asyncio.to_thread(held.wait, 5)
        asking = asyncio.create_task(core.gate(permit.token))
        await asyncio.sleep(0.3)
        assert not asking.done()
        free.set()
        await sitting
        assert await asking == GateNo("expired")
    finally:
        other.close()
