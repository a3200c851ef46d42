"""`dialer trunk test` beside the running product: the operator's own consented number is called, and nobody else's."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

import pytest

from dialer.demo.carrier import read_journal
from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.telephony.carrier_behaviour import Behaviour, parse_step
from tests.acceptance.whole_product import Product, whole_product

pytestmark = pytest.mark.asterisk
OWN, STRANGER = 11, 12
SHORT_TALKS = (Behaviour("XX", tuple(map(parse_step, ("ring 300", "answer", "tone 440 6000")))),)


async def run_test(product: Product, number: str) -> asyncio.subprocess.Process:
    """The command as an operator starts it; the number goes in by standard input."""
    settings = product.stage.settings_file
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "dialer",
        "trunk",
        "test",
        "--campaign",
        CAMPAIGN,
        "--settings",
        str(settings),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(f"{number}\n".encode())
    await process.stdin.drain()
    process.stdin.close()
    return process


async def test_the_operators_own_number_is_called_under_a_permit_and_the_carriers_answer_is_said() -> None:
    home = Path(tempfile.mkdtemp(prefix="tc-"))
    async with whole_product(home, frozenset(), SHORT_TALKS) as product:
        journal = product.trio.carrier_settings.journal
        stranger = await run_test(product, number_of(STRANGER))
        _, said = await asyncio.wait_for(stranger.communicate(), 60)
        assert stranger.returncode != 0
        assert b"no queued lead with a consent" in said
        assert number_of(STRANGER).encode() not in said
        assert read_journal(journal) == []

        await product.ask([OWN])
        own = await run_test(product, number_of(OWN))
        assert own.stdout is not None
        waiting = await asyncio.wait_for(own.stdout.readline(), 60)
        assert waiting.startswith(b"your lead is due")
        await product.seat_machine(1)
        told, said = await asyncio.wait_for(own.communicate(), 150)
        assert own.returncode == 0, (told, said)
        assert b"the carrier said SIP 200 OK: ANSWER, rang after " in told
        invites = [record for record in read_journal(journal) if record.event == "INVITE"]
        assert [record.number for record in invites] == [number_of(OWN)]
        permits = product.floor.core.store.read_now(lambda tx: tx.all("SELECT state FROM permit"))
        assert [row.state for row in permits] == ["consumed"]
