"""Ticks of the script on both engines: each is a leaf with the version and the moment, and what is shown is what is proven."""

from __future__ import annotations

from dialer.calls.attempt import AttemptState
from dialer.calls.talk import Tick, Ticked
from dialer.demo.sample_organisation import ORG
from dialer.domain.ids import AttemptId, OrganisationId, UserId
from dialer.ports.calls import MoveFields
from dialer.services.views.trail import AttemptView
from dialer.storage.personal import PersonalReader
from dialer.storage.views_attempt import AttemptReader
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import AGENT, MACHINE, World

__all__ = ["core", "core_url"]


async def talk(core: World, ending: int = 1) -> AttemptId:
    """A talk that is up."""
    permit = await core.placed(await core.lead(ending))
    for state in (AttemptState.RINGING, AttemptState.ANSWERED):
        assert await core.calls.advance(permit.attempt_id, state, MACHINE, {}, {})
    fields: MoveFields = {"agent_id": UserId(AGENT.id), "seat_id": None}
    assert await core.calls.advance(permit.attempt_id, AttemptState.CONNECTED, MACHINE, fields, {})
    return permit.attempt_id


async def page(core: World, attempt: AttemptId) -> AttemptView:
    """What an auditor sees."""
    shown = await AttemptReader(core.store, PersonalReader(core.keys)).view(OrganisationId(ORG), attempt)
    assert shown is not None
    return shown


def said(view: AttemptView) -> dict[str, bool]:
    """Which required sentences were ticked."""
    assert view.script is not None
    return {part.key: part.said_at is not None for part in view.script.parts if part.required}


async def test_a_tick_is_a_leaf_with_its_version_and_an_auditor_sees_what_was_not_ticked(core: World) -> None:
    attempt = await talk(core)
    assert not any(said(await page(core, attempt)).values()), "control"
    first, *others = said(await page(core, attempt))
    assert await core.calls.tick(attempt, first, Tick.SAID, AGENT) is Ticked.KEPT
    assert await core.calls.tick(attempt, first, Tick.SAID, AGENT) is Ticked.KEPT, (
        "the same again is one leaf"
    )
    shown = await page(core, attempt)
    assert said(shown) == {first: True, **dict.fromkeys(others, False)}
    ticks = [event for event in shown.timeline if event.type == "talk.script_ticked"]
    assert len(ticks) == 1
    assert {d.name: d.value for d in ticks[0].details} == {
        "part": first,
        "script": shown.script.id if shown.script else "",
        "tick": "said",
    }
    assert shown.script is not None
    assert shown.script.parts[0].said_at == ticks[0].at


async def test_a_slip_is_taken_back_and_both_stay_on_the_log(core: World) -> None:
    attempt = await talk(core)
    first = next(iter(said(await page(core, attempt))))
    for tick in (Tick.TAKEN_BACK, Tick.SAID, Tick.TAKEN_BACK):
        assert await core.calls.tick(attempt, first, tick, AGENT) is Ticked.KEPT
    assert not said(await page(core, attempt))[first]
    assert core.leaves(attempt).count("talk.script_ticked") == 2, "taking back what was not ticked is nothing"


async def test_a_tick_is_of_the_script_that_the_agent_had_though_the_campaign_has_another_since(
    core: World,
) -> None:
    attempt = await talk(core)
    before = (await page(core, attempt)).script
    assert before is not None
    core.run(
        "INSERT INTO script (id, org_id, version, sha256, parts_json, register_json)"
        " SELECT 'script-later', org_id, 99, sha256, :parts, register_json FROM script WHERE id = :id",
        id=before.id,
        parts='[{"key": "other", "zh": "您好", "en": "Hello", "required": true}]',
    )
    core.run("UPDATE campaign SET script_id = 'script-later' WHERE script_id = :id", id=before.id)
    assert await core.calls.tick(attempt, "other", Tick.SAID, AGENT) is Ticked.NO_SUCH_SENTENCE
    assert await core.calls.tick(attempt, before.parts[0].key, Tick.SAID, AGENT) is Ticked.KEPT
    after = (await page(core, attempt)).script
    assert after is not None
    assert (after.id, after.version) == (before.id, before.version)


async def test_nothing_is_ticked_after_the_talk(core: World) -> None:
    attempt = await talk(core)
    first = next(iter(said(await page(core, attempt))))
    over: MoveFields = {"ended": True, "outcome": "talked"}
    assert await core.calls.advance(attempt, AttemptState.WRAPPING, MACHINE, over, {})
    assert await core.calls.tick(attempt, first, Tick.SAID, AGENT) is Ticked.NOT_IN_TALK
    assert "talk.script_ticked" not in core.leaves(attempt)
