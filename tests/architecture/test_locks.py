"""What is installed is what was locked: every package by its hash, no address in any lock."""

import json
import re
import tomllib
from typing import Any

import pytest

from dialer.telephony.install import PINS_PATH
from tests.architecture.checkout import ROOT

LOCKS = ("run.txt", "dev.txt", "uv.txt", "node.txt")


def requirements(name: str) -> dict[str, list[str]]:
    """Locked package with its version → its hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := re.match(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", line):
            found[f"{match[1].lower()}=={match[2]}"] = []
        elif match := re.match(r"\s+--hash=(sha256:[0-9a-f]{64})", line):
            found[next(reversed(found))].append(match[1])
    return found


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_python_package_has_hashes_and_no_address(name: str) -> None:
    locked = requirements(name)
    assert locked
    assert [package for package, hashes in locked.items() if not hashes] == []
    assert "://" not in (ROOT / "requirements" / name).read_text(encoding="utf-8")


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for lock, wanted in (
        ("run.txt", project["project"]["dependencies"]),
        ("dev.txt", [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]),
    ):
        locked = {package.split("==")[0] for package in requirements(lock)}
        names = {re.split(r"[\[<>=~! ]", line)[0].lower() for line in wanted}
        assert names - locked == set(), lock


def test_tests_run_on_the_versions_that_are_shipped() -> None:
    assert set(requirements("run.txt")) - set(requirements("dev.txt")) == set()


def _web(name: str) -> Any:
    return json.loads((ROOT / "web" / name).read_text(encoding="utf-8"))


def test_every_locked_npm_package_has_a_hash_and_no_address() -> None:
    packages = {name: entry for name, entry in _web("package-lock.json")["packages"].items() if name}
    assert packages
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    # A package inside another's archive is covered by that archive's hash.
    assert [
        n for n, entry in packages.items() if "integrity" not in entry and not entry.get("inBundle")
    ] == []


def test_the_npm_lock_belongs_to_its_manifest() -> None:
    manifest, locked = _web("package.json"), _web("package-lock.json")["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert set(manifest[kind]) == set(locked[""][kind]), kind
        assert [name for name in manifest[kind] if f"node_modules/{name}" not in locked] == []


def test_every_optional_npm_package_that_is_named_is_locked() -> None:
    """`npm ci` refuses a lock that names a platform's binary which it doesn't hold."""
    locked = _web("package-lock.json")["packages"]
    names = {name.rpartition("node_modules/")[2] for name in locked}
    named = {name for entry in locked.values() for name in entry.get("optionalDependencies", {})}
    assert named - names == set()
    for processor in ("x64", "arm64"):
        assert f"@rollup/rollup-linux-{processor}-gnu" in names
        assert f"@esbuild/linux-{processor}" in names


def test_every_debian_package_of_the_exchange_is_pinned_by_its_hash() -> None:
    pins = tomllib.loads(PINS_PATH.read_text(encoding="utf-8"))
    assert {"asterisk", "asterisk-modules"} <= {entry["name"] for entry in pins["deb"]}
    assert [
        entry["name"] for entry in pins["deb"] if not re.fullmatch(r"[0-9a-f]{64}", entry["sha256"])
    ] == []
