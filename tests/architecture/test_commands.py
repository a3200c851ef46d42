"""The two commands, what CI runs, and that the papers speak of files and commands that exist."""

import os
import re
import subprocess

import pytest

from dialer.__main__ import app
from tests.architecture.checkout import ROOT, files

PAPERS = (
    "README.md",
    "README.zh-CN.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/production.md",
    "docs/glossary.md",
)
HAN = re.compile(r"[\u4e00-\u9fff]")


def _make(*arguments: str) -> str:
    done = subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))


def test_continuous_integration_runs_make_test_without_asking() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test </dev/null" in script.read_text(encoding="utf-8")


def test_make_test_runs_every_folder_that_holds_tests() -> None:
    said = _make("-n", "test")
    named = set(re.findall(r"tests/[a-z]+", said))
    holding = {
        f"tests/{path.relative_to(ROOT / 'tests').parts[0]}"
        for path in files("tests")
        if path.name.startswith("test_")
    }
    assert holding - named == set()


def test_make_test_sets_up_first_and_may_skip_nothing() -> None:
    said = _make("-n", "test")
    assert said.index("scripts/setup.sh test") < said.index("scripts/test.sh")
    assert "skip" not in (ROOT / "scripts" / "test.sh").read_text(encoding="utf-8")


def test_no_test_skips_itself_but_for_want_of_root() -> None:
    """Users can't be told apart by one user: only that may go unshown, and pytest says so."""
    here = "tests/architecture/"
    words = re.compile(
        r"pytest\.(skip|importorskip|xfail)|mark\.(skip\b|xfail|skipif(?!\(os\.geteuid\(\) != 0,))"
    )
    found = [
        str(path.relative_to(ROOT))
        for path in files("tests")
        if path.suffix == ".py" and here not in str(path) and words.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("once", ["", "1"])
def test_make_demo_hands_on_the_port_and_whether_to_judge(once: str) -> None:
    said = _make("-n", "demo", "PORT=18999", f"ONCE={once}")
    assert "-m dialer demo --port 18999" in said
    assert ("--once tests/expectations/demo.toml" in said) == bool(once)
    assert (ROOT / "tests/expectations/demo.toml").exists()


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "scripts").glob("*.sh")))
def test_a_script_is_well_formed(script: str) -> None:
    done = subprocess.run(
        ["bash", "-n", f"scripts/{script}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_a_readme_begins_with_the_two_commands(readme: str) -> None:
    lines = [
        line for line in (ROOT / readme).read_text(encoding="utf-8").splitlines() if line.startswith("make ")
    ]
    assert [line.split("#")[0].strip() for line in lines[:2]] == ["make demo", "make test"]


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_names_commands_that_exist(paper: str) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    made = set(re.findall(r"`make ([a-z][a-z-]*)", text)) | set(
        re.findall(r"^make ([a-z][a-z-]*)", text, flags=re.M)
    )
    assert made - _targets() == set()
    commands = {
        command.name or command.callback.__name__ for command in app.registered_commands if command.callback
    } | {str(group.name) for group in app.registered_groups}
    assert set(re.findall(r"(?:-m dialer|`dialer) ([a-z][a-z-]*)", text)) - commands == set()


@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_names_files_that_exist(paper: str) -> None:
    text = (ROOT / paper).read_text(encoding="utf-8")
    linked = {target.split("#")[0] for target in re.findall(r"\]\(([^):]+)\)", text)}
    folder = (ROOT / paper).parent
    assert {target for target in linked if target and not (folder / target).exists()} == set()
    quoted = set(
        re.findall(r"`((?:dialer|tests|docs|scripts|asterisk_conf|web|docker|migrations)/[\w./-]+)`", text)
    )
    assert {path for path in quoted if not (ROOT / path).exists()} == set()


def test_both_readmes_have_the_same_parts_and_commands() -> None:
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in PAPERS[:2])
    assert len(re.findall(r"^## ", english, flags=re.M)) == len(re.findall(r"^## ", chinese, flags=re.M))
    code = [
        re.findall(r"^(?:make|\.venv/bin/python) [^#\n]*", text, flags=re.M) for text in (english, chinese)
    ]
    assert [line.strip() for line in code[0]] == [line.strip() for line in code[1]]
    assert HAN.search(chinese)


def test_the_glossary_gives_every_word_in_both_languages() -> None:
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), flags=re.M
    )
    words = [(en.strip(), zh.strip()) for en, zh in rows if not set(en) <= set("- ")][1:]
    assert len(words) > 25
    assert [en for en, zh in words if not HAN.search(zh) or HAN.search(en)] == []
    assert len({en for en, _ in words}) == len(words) == len({zh for _, zh in words})
