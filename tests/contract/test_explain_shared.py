"""A long list counted by several processes says what one process says of it, on both engines."""

from collections.abc import AsyncIterator
from functools import partial
from os import _exit

import pytest

from dialer.demo.sample_organisation import CAMPAIGN, DEMO_INSTANT, ORG
from dialer.domain.errors import StoreUnavailable
from dialer.domain.ids import CampaignId, OrganisationId
from dialer.rules.change import without_rules
from dialer.rules.shipped import shipped_packs
from dialer.services.views.listed import ListView
from dialer.storage import explain_counts, explain_list
from dialer.storage.explain_list import Change, Crew, ExplainList
from dialer.storage.sharing import share
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import World

__all__ = ["core", "core_url"]
NOTHING = Change(None, None)


def _open(url: str) -> ExplainList:
    """What each process has: keys and a store of its own."""
    world = World(url)
    return ExplainList(world.store, world.keys, world.facts, shipped_packs(), 1_000)


async def _view(core: World, change: Change, crew: Crew | None) -> ListView:
    lists = ExplainList(core.store, core.keys, core.facts, shipped_packs(), 1_000, crew)
    view = await lists.what_if(OrganisationId(ORG), CampaignId(CAMPAIGN), DEMO_INSTANT, change)
    assert isinstance(view, ListView)
    return view


async def _mixed(core: World) -> None:
    """Twelve leads: two that are being dialled, two refused, one without consent, one of a bought source."""
    leads = await core.leads(range(12))
    core.run("UPDATE lead SET state = 'dialing' WHERE id IN (:a, :b)", a=leads[2], b=leads[9])
    await core.refuse(leads[0])
    await core.refuse(leads[7])
    core.run("UPDATE lead SET state = 'queued' WHERE id IN (:a, :b)", a=leads[0], b=leads[7])
    core.run("UPDATE lead SET consent_id = NULL WHERE id = :id", id=leads[11])
    core.run(
        "UPDATE consent SET source_id = 'source-bought' WHERE id = (SELECT consent_id FROM lead WHERE id = :id)",
        id=leads[5],
    )


async def test_a_list_counted_by_two_processes_is_the_list_counted_by_one(
    core: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _mixed(core)
    loose = without_rules(shipped_packs(), lambda _, rule: rule.kind == "source_kinds")
    alone = await _view(core, Change(loose, None), None)
    monkeypatch.setattr(explain_counts, "STRETCH_LEADS", 2)
    monkeypatch.setattr(explain_list, "BATCH_LEADS", 1)
    shared = await _view(core, Change(loose, None), Crew(partial(_open, core.url), 2))
    assert shared == alone
    assert alone.leads == 12
    codes = {reason.code for reason in alone.counts.reasons}
    assert {"CONSENT_MISSING", "CONSENT_SOURCE_THIRD_PARTY"} <= codes
    assert alone.changed is not None
    assert "CONSENT_SOURCE_THIRD_PARTY" not in {reason.code for reason in alone.changed.reasons}


async def test_a_short_list_starts_no_process(core: World) -> None:
    await core.leads(range(3))
    assert (await _view(core, NOTHING, Crew(partial(_die, 0), 2))).leads == 3


def _die(_: object) -> ExplainList:
    _exit(9)


def _dying() -> "partial[ExplainList]":
    return partial(_die)


def _failing() -> "partial[int]":
    return partial(int, base=10)


async def _all(answers: AsyncIterator[object]) -> list[object]:
    return [answer async for answer in answers]


async def test_a_process_that_ends_leaves_the_work_undone_and_says_so() -> None:
    with pytest.raises(StoreUnavailable):
        await _all(share(_dying, range(3), 2))


async def test_what_fails_on_a_piece_is_raised_where_its_answer_was_due() -> None:
    answers = share(_failing, ["1", "2", "no number", "4"], 2)
    assert [await anext(answers), await anext(answers)] == [1, 2]
    with pytest.raises(ValueError, match="no number"):
        await anext(answers)
