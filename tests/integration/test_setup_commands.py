"""The command line on an installation with the sample organisation: explain, import, check-packs, and faults in one sentence."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dialer import rules
from dialer.demo.sample_leads import number_of
from dialer.demo.sample_organisation import CAMPAIGN
from dialer.demo.stage import Stage, prepare

ALLOWED = 1


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """The demo's home before any process is started."""
    folder = Path(tempfile.mkdtemp(prefix="cmd-"))
    yield asyncio.run(prepare(folder / "h", 0, lambda line: None))
    shutil.rmtree(folder, ignore_errors=True)


def dialer(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command as people do."""
    return subprocess.run(
        [sys.executable, "-m", "dialer", *arguments],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def explained(stage: Stage, ending: int, *more: str) -> dict[str, object]:
    """What `explain --json` says of a sample number."""
    done = dialer(
        "explain",
        "--campaign",
        CAMPAIGN,
        "--number",
        "-",
        "--settings",
        str(stage.settings_file),
        "--json",
        *more,
        given=number_of(ending) + "\n",
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert isinstance(loaded, dict)
    return loaded


def test_a_lead_that_may_be_called_and_the_same_one_at_night_are_told_apart(stage: Stage) -> None:
    by_day = explained(stage, ALLOWED)["decision"]
    by_night = explained(stage, ALLOWED, "--at", "2026-11-18T21:00:00+08:00")["decision"]
    assert isinstance(by_day, dict)
    assert isinstance(by_night, dict)
    assert (by_day["outcome"], by_day["objections"]) == ("allowed", [])
    assert by_night["outcome"] == "refused"
    assert [o["code"] for o in by_night["objections"]] == ["WINDOW_CLOSED"]


def test_an_explanation_repeats_no_number(stage: Stage) -> None:
    said = json.dumps(explained(stage, ALLOWED))
    assert number_of(ALLOWED)[-9:] not in said
    assert "****" in said


def test_a_number_is_not_taken_from_the_command_line(stage: Stage) -> None:
    done = dialer(
        "explain", "--campaign", CAMPAIGN, "--number", number_of(1), "--settings", str(stage.settings_file)
    )
    assert done.returncode == 78
    assert number_of(1) not in done.stderr
    assert "--number -" in done.stderr


def test_a_number_without_a_lead_is_answered_and_is_no_success(stage: Stage) -> None:
    done = dialer(
        *("explain", "--campaign", CAMPAIGN, "--number", "-", "--settings", str(stage.settings_file)),
        given=number_of(99) + "\n",
    )
    assert done.returncode == 1
    assert done.stdout.startswith("lead.none:")


def test_a_list_with_no_known_columns_is_refused_whole(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = dialer(
        "import",
        "list",
        str(path),
        "--campaign",
        CAMPAIGN,
        "--as",
        "supervisor",
        "--settings",
        str(stage.settings_file),
    )
    assert done.returncode == 1
    assert done.stdout.startswith("nothing was taken:")


@pytest.mark.parametrize("login", ["agent", "auditor", "nobody"])
def test_a_list_is_taken_in_the_name_of_a_supervisor_only(stage: Stage, tmp_path: Path, login: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    done = dialer(
        "import",
        "list",
        str(path),
        "--campaign",
        CAMPAIGN,
        "--as",
        login,
        "--settings",
        str(stage.settings_file),
    )
    assert done.returncode == 78
    assert "supervisor" in done.stderr


def test_the_cases_of_all_packs_come_out_as_written_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    shipped = dialer("check-packs", "--json")
    assert shipped.returncode == 0
    results = json.loads(shipped.stdout)
    assert len(results) > 50
    assert {result["trouble"] for result in results} == {""}
    wrong = tmp_path / "wrong.cases.toml"
    wrong.write_text(
        '[[case]]\nname = "at night"\nwhy = "21:30 is night"\nat = 2026-11-18T21:30:00+08:00\nexpect = "allowed"\n',
        encoding="utf-8",
    )
    done = dialer("check-packs", str(wrong))
    assert done.returncode == 1
    assert "at night" in done.stdout
    wrong.write_text("[[case]]\nnme = 1\n", encoding="utf-8")
    assert dialer("check-packs", str(wrong)).returncode == 2


def test_a_pack_that_is_being_written_is_tried_and_not_put_in_force(tmp_path: Path) -> None:
    shipped = (Path(str(rules.__file__)).parent / "packs" / "hk.toml").read_text(encoding="utf-8")
    pack, cases = tmp_path / "hk.toml", tmp_path / "hk.cases.toml"
    closed = re.sub(r"(?m)^weekday = .*$", "weekday = []", shipped, count=1)
    assert closed != shipped
    pack.write_text(closed, encoding="utf-8")
    hk = (Path(str(rules.__file__)).parent / "packs" / "hk.cases.toml").read_text(encoding="utf-8")
    cases.write_text(hk, encoding="utf-8")
    assert dialer("check-packs", str(cases)).returncode == 0
    tried = dialer("check-packs", str(cases), "--pack", str(pack))
    assert tried.returncode == 1
    assert "WINDOW_CLOSED" in tried.stdout
    pack.write_text("id = 1\n", encoding="utf-8")
    broken = dialer("check-packs", str(cases), "--pack", str(pack))
    assert broken.returncode == 2
    assert "hk.toml:" in broken.stdout


def test_a_taken_port_stops_the_demo_in_one_sentence_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = dialer("demo", "--port", str(port), "--home", str(tmp_path / "h"))
    assert done.returncode == 78
    assert done.stderr.strip() == f"dialer: port {port} is taken: run the demo with PORT=another"
    assert not (tmp_path / "h").exists()


def test_a_settings_file_with_an_unknown_key_stops_every_command(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "dialer.toml"
    path.write_text('spare = "x"\n' + stage.settings_file.read_text(encoding="utf-8"), encoding="utf-8")
    done = dialer(
        *("explain", "--campaign", CAMPAIGN, "--number", "-", "--settings", str(path)),
        given=number_of(1) + "\n",
    )
    assert done.returncode == 78
    assert "spare" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
