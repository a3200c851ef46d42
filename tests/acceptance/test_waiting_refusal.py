"""A refusal that waits for its commit stops every call of the whole product, also after a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from dialer.demo.processes import wait_for_port
from dialer.demo.run import Demo
from dialer.demo.sample_leads import FILED_SITE, number_of
from dialer.domain.dnc import DncReason, DncScope
from dialer.domain.ids import AttemptId
from dialer.processes.core import Core
from dialer.services.refusals import HeardInCall
from dialer.storage.refusal_spool import RefusalSpool
from tests.acceptance.test_cutting import console
from tests.acceptance.test_worst_minute import floor, invites, until
from tests.unit.api.public_world import hidden

pytestmark = pytest.mark.asterisk
ASKS = 5
UNKNOWN = HeardInCall(AttemptId("f" * 32), DncReason.KEY, DncScope.ORGANISATION, None)
"""Of an attempt that this database doesn't know, as after a restore: it waits until a person has looked."""


async def restart(demo: Demo) -> None:
    await demo.children["dialer"].start()
    await wait_for_port(demo.children["dialer"], demo.stage.ports.web)


def spool_of(demo: Demo, core: Core) -> RefusalSpool:
    return RefusalSpool(demo.stage.settings.folders.vault / "refusals.spool", core.keyring)


async def ask_for_a_call(demo: Demo) -> None:
    """As a person does it on the consent form."""
    url = f"http://127.0.0.1:{demo.stage.ports.web}/f/{FILED_SITE}?lang=zh"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as shown:
            text = hidden(await shown.text(), "text")
        fields = {"text": text, "page": "", "number": number_of(ASKS).removeprefix("+86"), "act": "agree"}
        async with session.post(url, data=fields) as answer:
            assert answer.status == 200
            assert "/r/" in await answer.text()


async def test_while_a_refusal_waits_nobody_is_called_and_afterwards_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xq{tmp_path.stat().st_ino % 1_000_000}"
    async with floor(home, frozenset(), monkeypatch) as (demo, core):
        await demo.children["dialer"].kill()
        spool = spool_of(demo, core)
        await spool.keep(UNKNOWN)
        spool.close()
        await restart(demo)
        await ask_for_a_call(demo)
        async with console(demo, "supervisor") as session, asyncio.timeout(40):
            reasons: set[str] = set()
            while reasons != {"spool.pending"}:
                await asyncio.sleep(0.2)
                async with session.get("/api/status") as status:
                    dialling = (await status.json())["dialling"]
                reasons = {reason["code"] for reason in dialling["reasons"]}
            assert dialling["running"] is False
        await asyncio.sleep(5)  # twenty turns of the dialing loop
        assert invites(demo) == {}
        lead = await core.store.read(lambda tx: tx.sole("SELECT state FROM lead WHERE outcome IS NULL"))
        assert lead.state == "queued"
        await demo.children["dialer"].kill()
        spool = spool_of(demo, core)
        ((place, kept),) = spool.waiting()
        assert kept == UNKNOWN
        await spool.committed(place)
        spool.close()
        await restart(demo)
        await until(lambda: invites(demo)[number_of(ASKS)] == 1, 60)
