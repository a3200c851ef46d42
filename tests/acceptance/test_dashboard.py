"""The Grafana dashboard asks for metrics that the running dialer has, and for events that the log knows."""

from __future__ import annotations

import asyncio
import fnmatch
import json
import re
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from dialer.evidence.record import EventType
from tests.acceptance.test_worst_minute import floor, invites, until

pytestmark = pytest.mark.asterisk
DASHBOARD = Path(__file__).parents[2] / "docs" / "grafana" / "dialer.json"


def expressions() -> list[str]:
    board = json.loads(DASHBOARD.read_text())
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]]


def test_the_events_that_the_dashboard_asks_for_are_events_of_the_log() -> None:
    known = [kind.value for kind in EventType]
    asked = {
        word
        for expr in expressions()
        for words in re.findall(r'type=~?"([^"]+)"', expr)
        for word in words.split("|")
    }
    assert len(asked) > 3
    for word in asked:
        assert fnmatch.filter(known, word.replace(".*", "*")), word


async def test_every_metric_of_the_dashboard_is_served_and_counts_the_call_that_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xm{tmp_path.stat().st_ino % 1_000_000}"
    async with floor(home, frozenset({1}), monkeypatch) as (demo, _core), aiohttp.ClientSession() as session:
        address = f"http://127.0.0.1:{demo.stage.ports.web}/metrics"
        served: dict[str, float] = {}
        kinds: dict[str, float] = {}

        async def scrape() -> None:
            async with session.get(address) as answer:
                text = await answer.text()
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    served[sample.name] = served.get(sample.name, 0) + sample.value
                    if sample.name == "dialer_log_events_total":
                        kinds[sample.labels["type"]] = sample.value

        await until(lambda: sum(invites(demo).values()) == 1, 40)
        for _ in range(60):
            await scrape()
            if kinds.get("attempt.placed"):
                break
            await asyncio.sleep(0.5)
        assert kinds["attempt.placed"] == 1
        assert served["dialer_log_size"] > 0
        assert served["dialer_agents"] > 0
        named = {name for expr in expressions() for name in re.findall(r"\bdialer_[a-z_]+", expr)}
        assert len(named) > 8
        # gauges without a value have no sample, and nothing is away or found here: their families are named all the same
        assert named - set(served) <= {"dialer_down", "dialer_findings"}
