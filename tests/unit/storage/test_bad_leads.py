"""What people and files get wrong, on the real path: a clear error or a safe refusal, nothing lost, nothing dialled.

The public form's part (a bot's thousand posts, enumeration) is in tests/unit/api/test_public_pages.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dialer.calls.permit import Permit
from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG, SUPERVISOR
from dialer.domain.ids import CampaignId, LeadId, OrganisationId, UserId
from dialer.ports.ledger import Authorisation, NumberBusy, Refused
from dialer.services.changes import Changes
from dialer.services.lead_intake import LeadIntake
from dialer.services.lead_rows import LeadRow
from dialer.services.views.floor import ImportView
from dialer.storage.clock import InstallationClock
from dialer.storage.intake import StoredIntake
from dialer.storage.intake_rows import signed_record
from dialer.storage.personal import LEAD
from tests.unit.storage.storage_world import ASKED_AT, RECORD_KEY, World, fresh_sqlite, lead_row, number_of

HOME, CALLBACKS, BOSS = OrganisationId(ORG), CampaignId(CAMPAIGN), UserId(SUPERVISOR)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    opened = World(fresh_sqlite(tmp_path))
    yield opened
    opened.close()


def intake(world: World) -> StoredIntake:
    return StoredIntake(world.store, world.log, world.keys, InstallationClock(world.store))


async def take(world: World, *rows: LeadRow) -> list[LeadId]:
    """Rows through the intake; their leads in the rows' order."""
    listed = [replace(row, line=n + 2) for n, row in enumerate(rows)]
    view = await intake(world).take(HOME, BOSS, CALLBACKS, listed, [], len(listed))
    found = world.all("SELECT id FROM lead WHERE import_id = :id ORDER BY row", id=view.id)
    return [LeadId(row.id) for row in found]


def given(at: datetime, **changes: object) -> LeadRow:
    """A row whose consent was given then, signed as it is."""
    row = lead_row(number_of(7), at)
    assert row.consent is not None
    consent = replace(row.consent, **changes)  # type: ignore[arg-type]
    signature = RECORD_KEY.sign(signed_record(row.number.e164, consent)).signature.hex()
    return replace(row, consent=replace(consent, signature=signature))


async def decide(world: World, lead: LeadId) -> Authorisation:
    """Claim that lead, and T1."""
    return await world.ledger.authorise(await world.claim(lead))


def codes(answer: Authorisation) -> tuple[str, ...]:
    assert isinstance(answer, Refused), answer
    return answer.refusal.codes


async def test_two_people_on_one_number_are_both_kept_never_called_at_once_and_end_together(
    world: World,
) -> None:
    row = lead_row(number_of(7))
    mother, son = await take(world, replace(row, name="王芳"), replace(row, name="王小明"))
    names = []
    for lead in world.all(
        "SELECT l.payload_ct, s.sid, s.wrapped_key FROM lead l JOIN subject s ON s.sid = l.sid ORDER BY l.row"
    ):
        words = world.keys.decrypt(bytes(lead.wrapped_key), lead.sid, LEAD, bytes(lead.payload_ct))
        names.append(json.loads(words)["name"])
    assert names == ["王芳", "王小明"]
    claims = {c.lead_id: c for c in await world.ledger.claim(CALLBACKS, 2)}
    assert isinstance(await world.ledger.authorise(claims[mother]), Permit)
    second = await world.ledger.authorise(claims[son])
    assert isinstance(second, NumberBusy | Refused), second
    assert len(world.all("SELECT id FROM permit")) == 1
    await world.refuse(mother)
    assert world.lead_row(son).state == "dropped"
    assert world.all("SELECT state FROM permit WHERE state <> 'void'") == []


async def test_a_consent_that_was_withdrawn_and_given_again_is_dialled_by_the_new_one_only(
    world: World,
) -> None:
    old = given(ASKED_AT, withdrawn_at=ASKED_AT + timedelta(minutes=1))
    new = given(ASKED_AT + timedelta(minutes=2))
    withdrawn, again = await take(world, old, new)
    assert "CONSENT_WITHDRAWN" in codes(await decide(world, withdrawn))
    assert isinstance(await decide(world, again), Permit)


async def test_an_older_consent_that_comes_in_after_a_refusal_opens_nothing(world: World) -> None:
    (first,) = await take(world, given(ASKED_AT))
    await world.refuse(first)
    (late,) = await take(world, given(ASKED_AT - timedelta(minutes=5)))
    assert "DNC_ORGANISATION" in codes(await decide(world, late))


async def test_a_consent_of_the_future_is_seen_and_refused(world: World) -> None:
    (lead,) = await take(world, replace(given(DEMO_INSTANT + timedelta(hours=2)), requested_at=ASKED_AT))
    assert "CONSENT_IN_FUTURE" in codes(await decide(world, lead))
    assert world.lead_row(lead).state == "queued"


async def test_a_clock_that_was_stepped_back_stops_every_call_until_it_has_caught_up(world: World) -> None:
    (lead,) = await take(world, given(ASKED_AT))
    world.wind(-600)
    assert "CLOCK_UNSURE" in codes(await decide(world, lead))
    world.wind(600)
    world.make_due(lead)
    assert isinstance(await decide(world, lead), Permit)


async def test_a_number_of_another_country_than_the_campaigns_is_seen_and_refused(world: World) -> None:
    abroad, home = await take(world, lead_row("+12025550100"), lead_row(number_of(8)))
    assert "CALLEE_COUNTRY" in codes(await decide(world, abroad))
    assert isinstance(await decide(world, home), Permit)


async def test_numbers_that_are_nobodys_phone_are_told_by_line_and_the_others_are_taken(world: World) -> None:
    at = ASKED_AT.isoformat()
    numbers = ("110", "12345", "4000000000", "abc", "110101199003070011", number_of(9))
    lines = ["number,requested_at", *(f"{number},{at}" for number in numbers)]
    desk = LeadIntake(intake(world), Changes())
    view = await desk.take(HOME, BOSS, CALLBACKS, "\n".join(lines).encode())
    assert isinstance(view, ImportView)
    assert [(row.line, row.code) for row in view.rejected] == [
        (2, "number.emergency"),
        (3, "number.short_code"),
        (4, "number.not_a_person"),
        (5, "number.not_a_number"),
        (6, "number.identity_card"),
    ]
    assert view.accepted == 1
    (row,) = world.all("SELECT id FROM lead")
    assert "CONSENT_MISSING" in codes(await decide(world, LeadId(row.id)))
