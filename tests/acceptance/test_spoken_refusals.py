"""A refusal that is only said, on real Asterisk: trusted it is on the list without anybody's key, and a worker killed in
the call takes nothing of the call with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import ORG
from dialer.processes.core import Core
from dialer.services.changes import Changes
from dialer.storage.sql import Row
from tests.acceptance.test_cutting import at, console
from tests.acceptance.test_worst_minute import floor, journal, until, until_over
from tests.acceptance.whole_product import people_ask

pytestmark = pytest.mark.asterisk
SAYS_NO, SAYS_NO_IN_CHINESE, TALKS = 90, 95, 0
ENTRY_POINTS = "[dialer.spotters]\ntaught = dialer.testing.taught_spotter:open_taught\n"


def plug_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the plug-in as any package would be: by its metadata on the path."""
    info = folder / "taught_spotter-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: taught-spotter\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    folder.chmod(0o755)
    monkeypatch.setenv("PYTHONPATH", str(folder))


async def entry_of(core: Core, ending: int) -> Row | None:
    hmac = core.keyring.number_hmac(ORG, number_of(ending))
    return await core.store.read(
        lambda tx: tx.one("SELECT reason, actor FROM dnc_entry WHERE number_hmac = :hmac", hmac=hmac)
    )


async def test_a_trusted_word_is_on_the_list_and_a_killed_worker_loses_nothing_of_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xw{tmp_path.stat().st_ino % 1_000_000}"
    plugs = Path("/tmp") / f"xp{tmp_path.stat().st_ino % 1_000_000}"
    plug_in(plugs, monkeypatch)
    taught = f'name = "taught"\ntrust = "trusted"\nmodel = "{home}/prompts"'
    monkeypatch.setattr(
        "dialer.demo.stage.SPOTTER", f'{taught}\n[[speech.spotters]]\nlanguage = "zh"\n{taught}'
    )
    async with floor(home, frozenset({SAYS_NO, TALKS}), monkeypatch) as (demo, core):
        await people_ask(core, [SAYS_NO_IN_CHINESE], Changes())
        for ending in (SAYS_NO, SAYS_NO_IN_CHINESE):
            await until(lambda ending=ending: at(demo, ending, "200") is not None, 60)
            async with asyncio.timeout(40):
                while (entry := await entry_of(core, ending)) is None:  # noqa: ASYNC110 - another process writes it
                    await asyncio.sleep(0.1)
            assert entry.reason == "spoken"
            assert str(entry.actor).startswith("callee:")
            assert at(demo, ending, "END") is None  # the conversation has its closing words
        assert await entry_of(core, TALKS) is None
        heard = await core.store.read(lambda tx: tx.all("SELECT state, action FROM heard_words"))
        assert {(row.state, row.action) for row in heard} == {("acted", "dnc")}
        await demo.children["speech"].kill()
        async with console(demo, "supervisor") as session:
            async with asyncio.timeout(10):
                while True:
                    async with session.get("/api/status") as status:
                        said = await status.json()
                    if said["weakened"]:
                        break
                    await asyncio.sleep(0.2)
            assert "away" in said["weakened"][0]["en"]
            assert said["dialling"]["running"] is True
        await until_over(core, 60)
        rows = await core.store.read(
            lambda tx: tx.all("SELECT r.state FROM recording r JOIN attempt a ON a.id = r.attempt_id")
        )
        assert [row.state for row in rows] == ["sealed"] * 3
        assert sum(r.event == "INVITE" for r in journal(demo)) == 3
