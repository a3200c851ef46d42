"""`dialer doctor` beside the running demo: nothing stops calls, until a process is stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dialer.demo.run import Demo
from tests.acceptance.test_worst_minute import floor, invites, until

pytestmark = pytest.mark.asterisk


def examined(demo: Demo) -> tuple[int, dict[str, str]]:
    """Its exit code; what it found that stops calls: code → about."""
    done = subprocess.run(
        [sys.executable, "-m", "dialer", "doctor", "--settings", str(demo.stage.settings_file), "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    found = json.loads(done.stdout)
    return done.returncode, {f["code"]: f["about"] for f in found if f["gravity"] == "stops"}


async def test_the_doctor_finds_nothing_that_stops_calls_and_then_the_signer_that_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Path("/tmp") / f"xd{tmp_path.stat().st_ino % 1_000_000}"
    async with floor(home, frozenset({1}), monkeypatch) as (demo, _core):
        await until(lambda: sum(invites(demo).values()) == 1, 40)
        assert examined(demo) == (0, {})
        await demo.children["signer"].stop()
        assert examined(demo) == (1, {"process.down": "signer"})
