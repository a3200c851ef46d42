"""Whom an agent's skills let the floor dial, and which queue comes first: on the real loop, database and exchange."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import cast

import pytest

from dialer.compliance.agents import AgentRegister
from dialer.compliance.facts import CampaignFacts
from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.campaign import PacingMode
from dialer.domain.ids import CampaignId, OrganisationId, UserId
from dialer.domain.purpose import Purpose
from dialer.ports.people import RunningCampaign
from dialer.rules.shipped import shipped_packs
from dialer.rules.strictness import Span
from dialer.services.assignments import Assigned, Assignments
from dialer.services.dialing import in_order
from dialer.services.seats import Place
from dialer.services.views.floor import FloorView
from dialer.storage.campaigns import StoredCampaigns
from dialer.storage.registers import to_register
from dialer.testing.callees import Answer, Ring, Script, Talk
from tests.unit.services.floor_stage import MACHINES, FloorStage, play

FIRST, SECOND = MACHINES
LONG: Script = (Ring(1.0), Answer(), Talk(300.0))
NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)


def _skills(floor: FloorStage, user: UserId, purposes: set[Purpose], languages: set[str]) -> None:
    register = to_register(
        AgentRegister,
        quiz_passed_at=floor.clock.now() - timedelta(days=10),
        purposes=frozenset(purposes),
        languages=frozenset(languages),
    )
    floor.world.run("UPDATE user_account SET register_json = :said WHERE id = :id", said=register, id=user)


def test_nobody_is_dialled_in_a_language_that_no_ready_agent_speaks(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        _skills(floor, FIRST, set(Purpose), {"zh"})
        lead = await floor.world.lead(1)
        floor.world.run("UPDATE lead SET language = 'en' WHERE id = :id", id=lead)
        await floor.man(FIRST)
        assert await floor.tick() == 0
        assert floor.world.lead_row(lead).state == "queued", "nobody even claimed it"
        _skills(floor, SECOND, set(Purpose), {"en"})
        await floor.man(FIRST, SECOND)
        assert await floor.tick() == 1, "control: an agent who speaks it is ready"

    play(tmp_path, story)


def test_whoever_answers_gets_an_agent_of_their_language(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        _skills(floor, FIRST, set(Purpose), {"zh"})
        _skills(floor, SECOND, set(Purpose), {"en"})
        await floor.man(FIRST, SECOND)
        leads = [await floor.world.lead(n) for n in (1, 2, 3)]
        floor.world.run("UPDATE lead SET language = 'en' WHERE id = :id", id=leads[2])
        assert await floor.tick() == 2, "two agents, two lines: not both in Chinese"
        await floor.until(
            lambda: len(floor.world.all("SELECT id FROM attempt WHERE state = 'connected'")) == 2
        )
        pairs = floor.world.all(
            "SELECT l.language, a.agent_id FROM attempt a JOIN lead l ON l.id = a.lead_id ORDER BY l.language"
        )
        assert [(r.language, r.agent_id) for r in pairs] == [("en", SECOND), ("zh", FIRST)]

    play(tmp_path, story)


def test_an_agent_without_the_purpose_is_not_counted_on(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        _skills(floor, FIRST, {Purpose.INFO_CONSULT}, {"zh"})
        await floor.world.lead(1)
        await floor.man(FIRST)
        assert await floor.tick() == 0
        card = await floor.desk._roster.agent(FIRST)
        assert card is not None
        assert card.campaigns == frozenset()
        _skills(floor, SECOND, {Purpose.CALLBACK}, {"zh"})
        await floor.man(FIRST, SECOND)
        assert await floor.tick() == 1, "control"

    play(tmp_path, story)


def test_somebody_who_answered_is_not_left_alone_for_want_of_a_language(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        _skills(floor, FIRST, set(Purpose), {"en"})
        lead = await floor.world.lead(1)
        floor.world.run("UPDATE lead SET language = 'en' WHERE id = :id", id=lead)
        await floor.man(FIRST)
        attempt = await floor.call(lead)
        agent = floor.seats.of_user(FIRST)
        assert agent is not None
        floor.seats.sit(replace(agent, languages=frozenset({"zh"})))
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        taken = floor.seats.of_user(FIRST)
        assert taken is not None
        assert taken.place is Place.TALKING

    play(tmp_path, story)


def _running(name: str, closes_in: float | None, asked_ago: float | None) -> RunningCampaign:
    return RunningCampaign(
        campaign_id=CampaignId(name),
        day=date(2026, 11, 18),
        org_id=OrganisationId(ORG),
        mode=PacingMode.PROGRESSIVE,
        abandon_cap_ppm=10_000,
        live=0,
        abandoned=0,
        leads_due=0 if asked_ago is None else 1,
        purpose=Purpose.CALLBACK,
        oldest_request_at=None if asked_ago is None else NOW - timedelta(hours=asked_ago),
        closes_at=None if closes_in is None else NOW + timedelta(hours=closes_in),
        languages=frozenset({"zh"}),
        law=None,
        shift_left_seconds=3_600.0,
        caller_id_calls_left=None,
    )


@pytest.mark.parametrize(
    ("campaigns", "order", "why"),
    [
        ([("late", 9, 50), ("soon", 2, 1)], ["soon", "late"], "closes soonest first"),
        ([("young", 2, 1), ("old", 2, 5)], ["old", "young"], "then the oldest request"),
        ([("closed", None, 9), ("open", 2, 1)], ["open", "closed"], "a closed one is asked last"),
        ([("empty", 1, None), ("open", 2, 1)], ["open", "empty"], "nobody waits there"),
    ],
)
def test_campaigns_are_served_in_order(
    campaigns: list[tuple[str, float | None, float | None]], order: list[str], why: str
) -> None:
    running = [_running(*c) for c in campaigns]
    assert [c.campaign_id for c in in_order(running)] == order, why
    assert [c.campaign_id for c in in_order(running[::-1])] == order, why


def own_hours(floor: FloorStage, opens: time | None, closes: time | None) -> None:
    """The campaign's own hours, as its form writes them."""
    register = json.loads(
        floor.world.one("SELECT register_json FROM campaign WHERE id = :id", id=CAMPAIGN).register_json
    )
    hours = None if opens is None or closes is None else Span(opens, closes)
    register |= json.loads(to_register(CampaignFacts, hours=hours))
    floor.world.run(
        "UPDATE campaign SET register_json = :r WHERE id = :id", r=json.dumps(register), id=CAMPAIGN
    )


def test_a_queue_closes_with_the_window_of_its_callees(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        campaigns = StoredCampaigns(floor.world.store, shipped_packs())
        (empty,) = await campaigns.running()
        assert (empty.closes_at, empty.oldest_request_at, empty.languages) == (None, None, frozenset())
        lead = await floor.world.lead(1)
        (here,) = await campaigns.running()
        assert here.campaign_id == CAMPAIGN
        assert here.closes_at == datetime(2026, 11, 18, 13, 0, tzinfo=UTC), "21:00 in Shanghai"
        assert here.languages == frozenset({"zh"})
        own_hours(floor, time(10), time(17))
        (narrow,) = await campaigns.running()
        assert narrow.closes_at == datetime(2026, 11, 18, 9, 0, tzinfo=UTC), "17:00 in Shanghai"
        own_hours(floor, time(14), time(17))
        (shut,) = await campaigns.running()
        assert shut.closes_at is None, "10:30 in Shanghai, and the campaign begins at 14:00"
        own_hours(floor, None, None)
        floor.world.run("UPDATE lead SET zones = 'Asia/Shanghai,Asia/Urumqi' WHERE id = :id", id=lead)
        (early,) = await campaigns.running()
        assert early.closes_at is None, "10:30 in Shanghai is not yet 09:00 in Urumqi"

    play(tmp_path, story)


def test_an_agent_who_is_moved_keeps_the_promise_to_whom_the_phone_is_ringing(tmp_path: Path) -> None:
    async def story(floor: FloorStage) -> None:
        floor.sim._scripts = lambda number: LONG
        lead = await floor.world.lead(1)
        await floor.man(FIRST)
        attempt = await floor.call(lead)
        seated = floor.seats.of_user(FIRST)
        assert seated is not None
        moving = Assignments(DoneStore(), floor.seats, floor.board, NoFloor(), floor.changes)
        other = CampaignId("another")
        await moving.assign(seated.org_id, UserId("supervisor"), FIRST, [other], [])
        both = floor.seats.of_user(FIRST)
        assert both is not None
        assert both.campaigns == seated.campaigns | {other}
        await floor.until(lambda: floor.world.attempt(attempt).state == "connected")
        taken = floor.seats.of_user(FIRST)
        assert taken is not None
        assert taken.attempt_id == attempt
        floor.matching.let_pause()
        left = floor.seats.of_user(FIRST)
        assert left is not None
        assert left.campaigns == {other}
        assert left.attempt_id == attempt

    play(tmp_path, story)


class DoneStore:
    """The change is stored."""

    async def assign(self, *_: object) -> Assigned:
        return Assigned.DONE


class NoFloor:
    """Whoever asks gets nothing to look at."""

    async def view(self, org: OrganisationId) -> FloorView:
        return cast(FloorView, None)
