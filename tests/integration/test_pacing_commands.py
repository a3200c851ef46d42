"""Pacing on the command line of an installation: why, in a sentence; and days simulated from a campaign's own calls."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer.demo.sample_organisation import CAMPAIGN
from dialer.demo.stage import Stage, prepare
from dialer.domain.ids import CampaignId
from dialer.pacing.why import Tail, sentence_of
from dialer.processes.opening import open_store
from dialer.storage.pacing_memory import StoredPacingMemory
from dialer.storage.sql import Tx
from dialer.storage.tables_calls import Attempt

SCENARIO = """name = "tomorrow"
days = 1
[shift]
hours = 0.25
[agents]
count = 3
[[list.part]]
answer_share = 0.1
[pacing]
mode = "progressive"
compare = ["fixed_ratio_2"]
"""
CALLS, ANSWERED = 40, 24
SECOND_US = 1_000_000


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The demo's home before any process is started."""
    folder = Path(tempfile.mkdtemp(prefix="pace-"))
    yield asyncio.run(prepare(folder / "h", 0, lambda line: None))
    shutil.rmtree(folder, ignore_errors=True)


def dialer(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as people do."""
    return subprocess.run(
        [sys.executable, "-m", "dialer", *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def _explain(stage: Stage, campaign: str, *more: str) -> subprocess.CompletedProcess[str]:
    return dialer("explain", "--campaign", campaign, "--settings", str(stage.settings_file), *more)


def _live_through(stage: Stage) -> None:
    """Calls that are over: their moments, as the product's moves would have left them."""

    def write(tx: Tx) -> None:
        leads = tx.all(
            "SELECT l.*, s.number_hmac, s.platform_hmac FROM lead l JOIN subject s ON s.sid = l.sid"
            " WHERE l.campaign_id = :id LIMIT 1",
            id=CAMPAIGN,
        )
        for n in range(CALLS):
            lead = leads[0]
            began = tx.now_us() - (n + 1) * 600 * SECOND_US
            answered = n < ANSWERED
            tx.put(
                Attempt,
                id=f"lived-{n}",
                org_id=lead.org_id,
                campaign_id=CAMPAIGN,
                lead_id=lead.id,
                sid=lead.sid,
                consent_id=lead.consent_id,
                caller_id=None,
                platform_hmac=bytes(lead.platform_hmac),
                number_hmac=bytes(lead.number_hmac),
                state="sealed" if answered else "failed",
                node="node-1",
                outcome="talked" if answered else "no_answer",
                authorised_us=began,
                placed_us=began,
                answered_us=began + 6 * SECOND_US if answered else None,
                connected_us=began + 6 * SECOND_US if answered else None,
                ended_us=began + (66 if answered else 22) * SECOND_US,
                sealed_us=began + 76 * SECOND_US if answered else None,
            )

    store = open_store(stage.settings)
    try:
        store.write_now(write)
    finally:
        store.close()


def test_what_pacing_does_and_why_is_said_in_both_languages(stage: Stage) -> None:
    before = _explain(stage, CAMPAIGN)
    assert before.returncode == 78
    assert "has not looked at this campaign yet" in before.stderr
    said = sentence_of(Tail(3, 2, 1.4, 0.8))

    async def keep() -> None:
        store = open_store(stage.settings)
        try:
            await StoredPacingMemory(store).keep(CampaignId(CAMPAIGN), None, said)
        finally:
            store.close()

    asyncio.run(keep())
    told = _explain(stage, CAMPAIGN)
    assert told.returncode == 0, told.stderr
    assert said.en in told.stdout
    assert said.zh in told.stdout
    assert "1.4" in told.stdout
    plain = _explain(stage, CAMPAIGN, "--json")
    assert json.loads(plain.stdout)["sentence"] == {"zh": said.zh, "en": said.en}
    nowhere = _explain(stage, "no-such-campaign")
    assert nowhere.returncode == 78
    assert "there is no campaign" in nowhere.stderr


def test_days_are_drawn_from_the_campaigns_own_calls_once_there_are_enough(
    stage: Stage, tmp_path: Path
) -> None:
    scenario = tmp_path / "tomorrow.toml"
    scenario.write_text(SCENARIO, encoding="utf-8")
    words = ("simulate", str(scenario), "--json")
    own = (*words, "--campaign", CAMPAIGN, "--settings", str(stage.settings_file))
    thin = dialer(*own)
    assert thin.returncode == 78
    assert "at least 30 calls" in thin.stderr
    _live_through(stage)
    textbook, lived = dialer(*words), dialer(*own)
    assert lived.returncode == textbook.returncode == 0, lived.stderr
    shares = [json.loads(done.stdout)["methods"][0]["utilisation"]["mean"] for done in (textbook, lived)]
    assert shares[1] > shares[0], "its own callees answer far more often than the file's one in ten"
    assert "of 2 days" in lived.stderr
