"""`dialer simulate` as people run it."""

import json
import subprocess
import sys
from pathlib import Path

SCENARIO = """name = "small"
days = 2
[shift]
hours = 0.25
[agents]
count = 4
[[list.part]]
answer_share = 0.3
[pacing]
mode = "progressive"
compare = ["fixed_ratio_2", "clairvoyant"]
"""


def _simulate(tmp_path: Path, text: str, *more: str) -> subprocess.CompletedProcess[str]:
    scenario = tmp_path / "small.toml"
    scenario.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "dialer", "simulate", str(scenario), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_methods_stand_side_by_side_with_bands_and_the_days_are_counted(tmp_path: Path) -> None:
    done = _simulate(tmp_path, SCENARIO, "--leave", "2@09:05", "--json")
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    by_name = {method["method"]: method for method in said["methods"]}
    assert list(by_name) == ["progressive", "fixed_ratio_2", "clairvoyant"]
    assert by_name["progressive"]["abandoned_share"]["high"] == 0
    assert by_name["clairvoyant"]["utilisation"]["low"] > by_name["progressive"]["utilisation"]["high"]
    assert said["what_if"][0]["dials_an_hour"]["mean"] < by_name["progressive"]["dials_an_hour"]["mean"]
    assert "of 8 days" in done.stderr


def test_the_same_seed_says_the_same_again(tmp_path: Path) -> None:
    first, second = (_simulate(tmp_path, SCENARIO, "--compare", "fixed_ratio_2").stdout for _ in range(2))
    assert first == second
    assert "Fixed ratio 2" in first
    assert "Clairvoyant" not in first


def test_an_unknown_key_is_refused_with_its_line(tmp_path: Path) -> None:
    done = _simulate(tmp_path, SCENARIO.replace("count = 4", "count = 4\ncolor = 1"))
    assert done.returncode == 78
    assert "small.toml: line 7: unknown key color" in done.stderr
    assert done.stdout == ""
