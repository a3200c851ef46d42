"""What words do in a talk: trusted or hinted, of the callee or the agent, the first time and the second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dialer.calls.events import CalleeJoined
from dialer.domain.ids import AttemptId, SeatId
from dialer.ports.speech import Model, Side, Trust
from dialer.processes.keeping import CALENDAR
from dialer.rules.shipped import shipped_packs
from dialer.rules.spoken import refusal_phrases
from dialer.services.changes import Changes
from dialer.services.matching import Matching
from dialer.services.refusals import Refusals
from dialer.services.spoken_words import AgentsHeard, SpokenWords
from dialer.services.views.desk import HeardPrompt
from dialer.storage.clock import InstallationClock
from dialer.storage.heard import StoredHeardWords
from dialer.storage.refusal_numbers import StoredDoNotCall
from dialer.testing.speech import ToldWorker
from tests.unit.api.api_refusals import Line, MemorySpool
from tests.unit.services.talk_world import FIRST, SmallFloor, small_floor, until
from tests.unit.storage.storage_world import AGENT

TRUSTED_ZH = Model("sherpa-onnx", "zh", Trust.TRUSTED, "ab" * 32)
HINT_EN = Model("pocketsphinx", "en", Trust.HINT, "cd" * 32)
SEAT = "headless-1"


@dataclass
class Hearing:
    """A talk that is listened to."""

    floor: SmallFloor
    worker: ToldWorker
    words: SpokenWords

    async def talk(self, ending: int) -> AttemptId:
        attempt = await self.floor.talk(FIRST, ending)
        heard = {side: len(streams) for side, streams in self.worker.streams.items()}
        self.words.on_event(CalleeJoined(attempt, SeatId(SEAT), datetime.now(UTC)))
        for side in Side:
            await until(lambda side=side: len(self.worker.streams.get(side, [])) > heard.get(side, 0), 30)
        return attempt

    def prompts(self, attempt: AttemptId) -> tuple[HeardPrompt, ...]:
        view = self.words.view(attempt)
        return () if view is None else view.prompts

    async def heard(self, attempt: AttemptId, count: int = 1) -> tuple[HeardPrompt, ...]:
        await until(lambda: len(self.prompts(attempt)) >= count, 30)
        return self.prompts(attempt)

    def entries(self) -> int:
        return int(self.floor.world.one("SELECT COUNT(*) AS n FROM dnc_entry").n)


@asynccontextmanager
async def hearing(folder: Path) -> AsyncIterator[Hearing]:
    async with small_floor(folder) as floor:
        world, clock, changes, line = floor.world, InstallationClock(floor.world.store), Changes(), Line()
        refusals = Refusals(
            calls=world.calls,
            numbers=StoredDoNotCall(world.store, world.log, world.keys),
            telephony=line,
            egress=line,
            spool=MemorySpool(),
            clock=clock,
        )
        worker = ToldWorker()
        words = SpokenWords(
            worker=worker,
            calls=world.calls,
            refusals=refusals,
            store=StoredHeardWords(world.store, world.log, world.keys),
            telephony=floor.exchange,
            seats=floor.seats,
            matching=Matching(
                telephony=floor.exchange,
                seats=floor.seats,
                board=floor.talks._board,
                clock=clock,
                changes=changes,
            ),
            clock=clock,
            changes=changes,
            lists=refusal_phrases(),
            calendar=shipped_packs().calendars[CALENDAR],
            agents=AgentsHeard.YES,
        )
        running = asyncio.create_task(words.run())
        await until(lambda: words.trouble() == (), 30)
        await floor.ready(FIRST)
        yield Hearing(floor, worker, words)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@pytest.mark.rule("D18")
async def test_no_interest_is_asked_about_and_the_second_time_a_refusal(tmp_path: Path) -> None:
    async with hearing(tmp_path) as here:
        attempt = await here.talk(0)
        here.worker.say(Side.CALLEE, "我没兴趣", TRUSTED_ZH)
        (prompt,) = await here.heard(attempt)
        assert (prompt.kind, prompt.answers) == ("stop_purpose", ("confirm", "dismiss"))
        assert here.entries() == 0
        await here.words.dismiss(attempt, prompt.id, AGENT)
    (again := tmp_path / "again").mkdir()
    async with hearing(again) as here:
        attempt = await here.talk(0)
        # an earlier call to the same number, whose agent chose so
        here.floor.world.copy_attempt(attempt, "earlier", state="sealed", disposition="no_interest")
        here.worker.say(Side.CALLEE, "我没兴趣", TRUSTED_ZH)
        await until(lambda: here.entries() == 1, 30)
        assert here.floor.world.one("SELECT reason FROM dnc_entry").reason == "spoken"


@pytest.mark.rule("D18")
async def test_a_trusted_refusal_is_on_the_list_at_once_and_a_hint_of_it_is_asked_about(
    tmp_path: Path,
) -> None:
    async with hearing(tmp_path) as here:
        attempt = await here.talk(0)
        here.worker.say(Side.CALLEE, "do not call me again", HINT_EN)
        (hint,) = await here.heard(attempt)
        assert (hint.kind, hint.state, hint.answers) == ("dnc", "open", ("confirm", "dismiss"))
        assert here.entries() == 0
        await here.words.dismiss(attempt, hint.id, AGENT)
    (other := tmp_path / "other").mkdir()
    async with hearing(other) as here:
        attempt = await here.talk(0)
        here.worker.say(Side.CALLEE, "不要再给我打电话了", TRUSTED_ZH)
        await until(lambda: here.entries() == 1, 30)


@pytest.mark.rule("A10")
async def test_a_blind_call_phrase_shows_the_agent_the_proof_and_opens_a_case(tmp_path: Path) -> None:
    async with hearing(tmp_path) as here:
        attempt = await here.talk(0)
        here.worker.say(Side.CALLEE, "你怎么有我的号码", TRUSTED_ZH)
        (prompt,) = await here.heard(attempt)
        assert (prompt.kind, prompt.answers) == ("show_proof", ("seen",))
        case = here.floor.world.one("SELECT attempt_id FROM leaf WHERE type = 'incident.opened'")
        assert case.attempt_id == attempt
        assert here.entries() == 0


@pytest.mark.rule("D28")
async def test_what_an_agent_may_not_say_warns_agent_and_supervisor_live_and_is_on_the_log(
    tmp_path: Path,
) -> None:
    async with hearing(tmp_path) as here:
        attempt = await here.talk(0)
        here.worker.say(Side.AGENT, "every investment has risk", HINT_EN)
        here.worker.say(Side.AGENT, "we have guaranteed returns", HINT_EN, 5_000)
        (prompt,) = await here.heard(attempt)
        assert (prompt.kind, prompt.by) == ("warn", "agent")
        assert here.words.warning(attempt) is not None
        leaf = here.floor.world.one("SELECT COUNT(*) AS n FROM leaf WHERE type = 'talk.words_heard'")
        assert leaf.n == 1
        assert here.floor.world.one("SELECT COUNT(*) AS n FROM heard_words").n == 0, "nobody is held by it"


async def test_after_a_broken_link_each_side_is_heard_by_one_stream_and_not_by_the_former_too(
    tmp_path: Path,
) -> None:
    async with hearing(tmp_path) as here:
        attempt = await here.talk(0)
        former = {side: streams[-1] for side, streams in here.worker.streams.items()}
        here.worker.break_off()
        for side in Side:
            await until(lambda side=side: here.worker.streams[side][-1] != former[side], 30)
        assert set(here.worker.ended) == set(former.values())
        here.worker.say(Side.CALLEE, "do not call me again", HINT_EN)
        assert [p.kind for p in await here.heard(attempt)] == ["dnc"]
