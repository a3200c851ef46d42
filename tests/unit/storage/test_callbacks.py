"""A callback agreed in a talk: only at a lawful time, dialable only with its proof, and only then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.calls.attempt import AttemptState
from dialer.calls.permit import Permit
from dialer.demo.sample_leads import OWN_CALL
from dialer.demo.sample_organisation import DEMO_INSTANT, ORG
from dialer.domain.ids import AttemptId, LeadId, OrganisationId, UserId
from dialer.ports.audio import SealedAudio
from dialer.ports.calls import LeadDone, MoveFields
from dialer.ports.ledger import Refused
from dialer.services.callbacks import Callbacks
from dialer.services.changes import Changes
from dialer.services.views.desk import CallbackSlots, CallbackView
from dialer.services.views.words import Declined
from dialer.storage.callbacks import StoredCallbacks
from dialer.storage.clock import InstallationClock
from dialer.storage.recordings import StoredRecordings
from tests.unit.storage.storage_world import MACHINE, World, fresh_sqlite, judge

HERE, AGENT = OrganisationId(ORG), UserId("user-headless-1")
NEXT_DAY = DEMO_INSTANT.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
LATE = DEMO_INSTANT.replace(hour=14, minute=0, second=0, microsecond=0)
"""22:00 in China: outside the window."""


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Storage as it runs."""
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def callbacks(world: World) -> Callbacks:
    """The service on the real gate."""
    store = StoredCallbacks(world.store, world.log, world.keys, world.facts, judge)
    return Callbacks(store, InstallationClock(world.store), Changes())


async def talk(world: World, ending: int = 1) -> AttemptId:
    """A talk of this agent that is up."""
    permit = await world.placed(await world.lead(ending))
    for state in (AttemptState.RINGING, AttemptState.ANSWERED):
        assert await world.calls.advance(permit.attempt_id, state, MACHINE, {}, {})
    fields: MoveFields = {"agent_id": AGENT, "seat_id": "headless-1"}
    assert await world.calls.advance(permit.attempt_id, AttemptState.CONNECTED, MACHINE, fields, {})
    return permit.attempt_id


async def end(world: World, attempt: AttemptId) -> None:
    """The talk is over and settled."""
    over: MoveFields = {"ended": True, "outcome": "talked"}
    assert await world.calls.advance(attempt, AttemptState.WRAPPING, MACHINE, over, {})
    assert await world.calls.close(attempt, AttemptState.SEALED, MACHINE, {}, {}, LeadDone())


async def seal(world: World, attempt: AttemptId) -> None:
    """Its recording is in the vault."""
    audio = SealedAudio("r" * 32, "rr/r.bin", b"k" * 32, "0" * 64, "1" * 64, "2" * 64, 100, 8000, 8000, 2, ())
    await StoredRecordings(world.store, world.log, world.keys).sealed(attempt, audio)


async def decide_at(world: World, lead: str, at: datetime) -> Permit | Refused:
    """T1 at another moment."""
    world.wind((at - datetime.fromtimestamp(world.now_us() / 1e6, UTC)).total_seconds())
    world.make_due(LeadId(lead))
    answer = await world.ledger.authorise(await world.claim(LeadId(lead)))
    assert isinstance(answer, Permit | Refused), answer
    return answer


async def test_an_agreed_callback_is_dialable_in_its_slot_once_the_recording_is_sealed(world: World) -> None:
    attempt = await talk(world)
    agreed = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    assert isinstance(agreed, CallbackView), agreed
    await end(world, attempt)
    await seal(world, attempt)
    assert isinstance(await decide_at(world, agreed.lead_id, NEXT_DAY + timedelta(minutes=5)), Permit)
    consent = world.one("SELECT * FROM consent WHERE id = :id", id=f"callback-{attempt}")
    assert (consent.origin, consent.ownership, consent.source_id) == ("agent_promise", "unproven", OWN_CALL)


async def test_without_its_recording_an_agreed_callback_is_not_dialable(world: World) -> None:
    attempt = await talk(world)
    agreed = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    assert isinstance(agreed, CallbackView), agreed
    await end(world, attempt)
    refused = await decide_at(world, agreed.lead_id, NEXT_DAY + timedelta(minutes=5))
    assert isinstance(refused, Refused)
    assert any("PROOF" in code or "ARTEFACT" in code for code in refused.refusal.codes), refused.refusal.codes


async def test_outside_its_slot_an_agreed_callback_is_not_dialable(world: World) -> None:
    attempt = await talk(world)
    agreed = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    assert isinstance(agreed, CallbackView), agreed
    await end(world, attempt)
    await seal(world, attempt)
    assert isinstance(await decide_at(world, agreed.lead_id, NEXT_DAY - timedelta(minutes=30)), Refused)


@pytest.mark.parametrize(
    "at", [LATE, LATE - timedelta(hours=1, minutes=15)], ids=["night", "ends in the night"]
)
async def test_a_time_at_which_the_gate_would_refuse_is_not_agreed_and_leaves_nothing(
    world: World, at: datetime
) -> None:
    attempt = await talk(world)
    before = world.size()
    refused = await callbacks(world).agree(HERE, AGENT, attempt, at + timedelta(days=1))
    assert isinstance(refused, Declined)
    assert refused.code == "callback.not_lawful_then"
    assert world.size() == before
    assert world.all("SELECT id FROM consent WHERE origin = 'agent_promise'") == []
    assert isinstance(await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY), CallbackView), "control"


async def test_nobody_agrees_in_another_s_talk_in_the_past_or_without_a_registered_source(
    world: World,
) -> None:
    attempt = await talk(world)
    assert await callbacks(world).agree(HERE, UserId("user-headless-2"), attempt, NEXT_DAY) is None
    assert await callbacks(world).agree(OrganisationId("elsewhere"), AGENT, attempt, NEXT_DAY) is None
    past = await callbacks(world).agree(HERE, AGENT, attempt, DEMO_INSTANT - timedelta(minutes=1))
    assert isinstance(past, Declined)
    world.run("UPDATE consent_source SET state = 'unverified' WHERE id = :id", id=OWN_CALL)
    missing = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    assert isinstance(missing, Declined)
    assert missing.code == "callback.not_set_up"


async def test_agreeing_twice_gives_what_was_agreed_first(world: World) -> None:
    attempt = await talk(world)
    first = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    second = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY + timedelta(hours=2))
    assert first == second


async def test_a_refusal_in_the_talk_leaves_no_callback_to_agree_on(world: World) -> None:
    attempt = await talk(world)
    lead = LeadId(world.attempt(attempt).lead_id)
    await world.refuse(lead, said_in=attempt)
    refused = await callbacks(world).agree(HERE, AGENT, attempt, NEXT_DAY)
    assert isinstance(refused, Declined)


async def test_a_week_says_of_each_slot_what_agreeing_on_it_would_say_and_writes_nothing(
    world: World,
) -> None:
    attempt = await talk(world)
    before = world.size()
    week = await callbacks(world).week(HERE, AGENT, attempt, DEMO_INSTANT.date())
    assert isinstance(week, CallbackSlots), week
    assert world.size() == before
    assert world.all("SELECT id FROM consent WHERE origin = 'agent_promise'") == []
    unlawful = [slot for slot in week.items if slot.why is not None]
    lawful = [slot for slot in week.items if slot.why is None]
    assert len(unlawful) > 20, "evenings and the weekend"
    assert len(lawful) > 40, "working days"
    for slot in unlawful[:: len(unlawful) // 12]:
        refused = await callbacks(world).agree(HERE, AGENT, attempt, slot.opens)
        assert isinstance(refused, Declined), slot
        assert refused.code == "callback.not_lawful_then"
    agreed = await callbacks(world).agree(HERE, AGENT, attempt, lawful[-1].opens)
    assert isinstance(agreed, CallbackView), lawful[-1]


async def test_each_day_s_first_and_last_lawful_slot_can_be_agreed_on(world: World) -> None:
    attempt = await talk(world)
    week = await callbacks(world).week(HERE, AGENT, attempt, DEMO_INSTANT.date())
    assert isinstance(week, CallbackSlots)
    by_day: dict[object, list[datetime]] = {}
    for slot in week.items:
        if slot.why is None:
            by_day.setdefault(slot.opens.date(), []).append(slot.opens)
    for opens in by_day.values():
        for at in (opens[0], opens[-1]):
            agreed = await callbacks(world).agree(HERE, AGENT, attempt, at)
            assert isinstance(agreed, CallbackView), (at, agreed)
            world.run("DELETE FROM lead WHERE id = :id", id=agreed.lead_id)
            world.run("DELETE FROM consent WHERE id = :id", id=f"callback-{attempt}")


async def test_nobody_sees_the_slots_of_another_s_talk(world: World) -> None:
    attempt = await talk(world)
    day = DEMO_INSTANT.date()
    assert await callbacks(world).week(HERE, UserId("user-headless-2"), attempt, day) is None
    assert await callbacks(world).week(OrganisationId("elsewhere"), AGENT, attempt, day) is None
    world.run("UPDATE consent_source SET state = 'unverified' WHERE id = :id", id=OWN_CALL)
    missing = await callbacks(world).week(HERE, AGENT, attempt, day)
    assert isinstance(missing, Declined)
    assert missing.code == "callback.not_set_up"
