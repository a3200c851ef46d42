"""A campaign's own history on both engines: what its calls were like, as the simulator takes it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dialer.demo.sample_organisation import CAMPAIGN, ORG
from dialer.domain.ids import AttemptId, CampaignId, OrganisationId
from dialer.pacing.history import CALLS_MIN, lived_through
from dialer.pacing.world import ListPart, Shape
from dialer.pacing.world import World as Simulated
from dialer.rules.shipped import shipped_packs
from dialer.storage.history import StoredHistories
from tests.contract.postgres_fixture import core, core_url
from tests.unit.storage.storage_world import SECOND_US, World

__all__ = ["core", "core_url"]
HERE = CampaignId(CAMPAIGN)
HOME = OrganisationId(ORG)


@dataclass(frozen=True)
class Lived:
    """Seconds from placing to each moment of a call; None: it never came."""

    answered: float | None
    connected: float | None
    ended: float | None
    sealed: float | None
    answer_class: str | None = None


TALKED = Lived(7.0, 7.5, 67.5, 79.5, "human")
VOICEMAIL_TALKED_TO = Lived(9.0, 9.5, 19.5, 24.5, "machine")
CAUGHT = Lived(5.0, None, 6.0, None, "machine")
ABANDONED = Lived(8.0, None, 10.0, None)
RANG_OUT = Lived(None, None, 22.0, None)
BUSY = Lived(None, None, 1.5, None)
STILL_TALKING = Lived(6.0, 6.5, None, None)


async def _live_through(core: World, calls: list[Lived], first: int = 1) -> None:
    """Each is an attempt that the product itself made; only its moments are set."""
    for ending, lived in enumerate(calls, start=first):
        permit = await core.permit(await core.lead(ending))
        began = core.now_us()

        def at(seconds: float | None, began: int = began) -> int | None:
            return None if seconds is None else began + int(seconds * SECOND_US)

        changed = core.run(
            "UPDATE attempt SET state = 'sealed', placed_us = :placed, answered_us = :answered, connected_us = :connected,"
            " ended_us = :ended, sealed_us = :sealed, answer_class = :answer_class WHERE id = :id",
            placed=began,
            answered=at(lived.answered),
            connected=at(lived.connected),
            ended=at(lived.ended),
            sealed=at(lived.sealed),
            answer_class=lived.answer_class,
            id=AttemptId(permit.attempt_id),
        )
        assert changed == 1


def _histories(core: World) -> StoredHistories:
    return StoredHistories(core.store, shipped_packs())


async def test_each_kind_of_call_is_counted_for_what_it_took_of_the_agents_time(core: World) -> None:
    await _live_through(core, [TALKED, VOICEMAIL_TALKED_TO, CAUGHT, ABANDONED, RANG_OUT, BUSY, STILL_TALKING])
    history = await _histories(core).history(HOME, HERE)
    assert history is not None
    assert (history.no_answer, history.failed) == (1, 1)
    assert sorted(history.ring_seconds) == [7.0, 8.0, 9.0], "a machine that an agent talked to was an answer"
    assert history.machine_seconds == (5.0,)
    assert sorted(history.talk_seconds) == [10.0, 60.0]
    assert sorted(history.wrap_seconds) == [5.0, 12.0]
    assert history.calls == 6, "the call that goes on isn't over, so nothing is known of it"


async def test_a_history_becomes_a_scenario_with_its_own_shares_and_durations(core: World) -> None:
    await _live_through(core, [TALKED] * 12 + [RANG_OUT] * 15 + [BUSY] * 3)
    history = await _histories(core).history(HOME, HERE)
    assert history is not None
    assert history.calls == CALLS_MIN
    lived = lived_through(history, Simulated(agents=4, shift_seconds=3_600.0, parts=(ListPart(1.0, 0.7),)))
    assert lived.parts[0].answer_share == pytest.approx(0.4)
    assert lived.fail_share == pytest.approx(0.1)
    assert (lived.talk.shape, set(lived.talk.samples), set(lived.wrap.samples)) == (
        Shape.SAMPLES,
        {60.0},
        {12.0},
    )
    assert set(lived.ring.samples) == {7.0}


async def test_a_campaign_has_a_history_for_its_own_organisation_only(core: World) -> None:
    await _live_through(core, [TALKED])
    histories = _histories(core)
    assert await histories.history(OrganisationId("org-other"), HERE) is None
    assert await histories.history(HOME, CampaignId("no-such-campaign")) is None
    anybody = await histories.history(None, HERE)
    assert anybody is not None
    assert anybody.calls == 1


async def test_the_cap_that_is_forecast_with_is_never_above_the_strictest_packs(core: World) -> None:
    core.run("UPDATE campaign SET abandon_cap_ppm = 5000, mode = 'progressive' WHERE id = :id", id=CAMPAIGN)
    lower = await _histories(core).set_up(HOME, HERE)
    core.run("UPDATE campaign SET abandon_cap_ppm = 900000 WHERE id = :id", id=CAMPAIGN)
    higher = await _histories(core).set_up(HOME, HERE)
    assert lower is not None
    assert higher is not None
    assert lower.cap == 0.005
    assert higher.cap == higher.cap_max == 0.01
    assert await _histories(core).set_up(OrganisationId("org-other"), HERE) is None
