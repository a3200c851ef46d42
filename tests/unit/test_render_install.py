"""Getting Asterisk: which mirror, which packages, and what is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from dialer.telephony.debian_packages import (
    PackagesUnavailable,
    PinnedPackage,
    debian_mirrors,
    read_pins,
    write_pins,
)
from dialer.telephony.install import (
    PINS_PATH,
    Origin,
    cache_folder,
    compare_with_pins,
    ensure_asterisk,
    system_asterisk,
)

PACKAGE = PinnedPackage("asterisk", "1:22.1", "ab" * 32)


def executable(path: Path, script: str) -> None:
    """A small program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)


def test_the_mirror_is_read_from_both_forms_of_apt_sources(tmp_path: Path) -> None:
    parts = tmp_path / "sources.list.d"
    parts.mkdir()
    (tmp_path / "sources.list").write_text(
        "# deb http://commented.invalid/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://one.invalid/debian/ bookworm main contrib\n"
        "deb-src http://source.invalid/debian bookworm main\n"
        "deb http://other.invalid/apt nodistro main\n"
        "deb http://security.invalid/debian-security bookworm-security main\n"
    )
    (parts / "a.sources").write_text(
        "Types: deb\n# a comment\nURIs: http://two.invalid/debian\n http://three.invalid/debian\n"
        "Suites: trixie trixie-updates\nComponents: main\n"
        "\nTypes: deb\nURIs: http://four.invalid/debian\nSuites: trixie\nComponents: main\nEnabled: no\n"
        "\nTypes: deb-src\nURIs: http://five.invalid/debian\nSuites: trixie\nComponents: main\n"
    )
    assert debian_mirrors(tmp_path) == (
        "http://one.invalid/debian",
        "http://two.invalid/debian",
        "http://three.invalid/debian",
    )
    assert debian_mirrors(tmp_path / "nothing") == ()


def test_the_pins_name_every_package_with_a_sha256_and_no_address() -> None:
    pins = read_pins(PINS_PATH)
    names = [package.name for package in pins.packages]
    assert set(pins.roots) <= set(names)
    assert len(names) == len(set(names))
    assert all(len(package.sha256) == 64 and package.version for package in pins.packages)
    assert {"espeak-ng", "sox", "flite"} <= set(pins.host)
    assert "://" not in PINS_PATH.read_text(encoding="utf-8")


def test_pins_are_read_as_they_were_written(tmp_path: Path) -> None:
    pins = read_pins(PINS_PATH)
    write_pins(tmp_path / "packages.toml", pins)
    assert read_pins(tmp_path / "packages.toml") == pins
    assert (tmp_path / "packages.toml").read_text() == PINS_PATH.read_text()


def test_pins_that_lack_a_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "packages.toml").write_text('suite = "forky"\n')
    with pytest.raises(PackagesUnavailable):
        read_pins(tmp_path / "packages.toml")


def test_the_pinned_packages_are_taken_without_a_word() -> None:
    said: list[str] = []
    compare_with_pins((PACKAGE,), {"asterisk": PACKAGE}, said.append)
    assert said == []


def test_a_package_that_moved_on_the_mirror_is_named_in_a_warning() -> None:
    said: list[str] = []
    newer = PinnedPackage("asterisk", "1:22.2", "cd" * 32)
    compare_with_pins((newer,), {"asterisk": PACKAGE}, said.append)
    assert any("WARNING" in line and "1:22.2" in line and "1:22.1" in line for line in said)


def test_another_file_under_a_pinned_version_is_refused() -> None:
    forged = PinnedPackage("asterisk", "1:22.1", "cd" * 32)
    compare_with_pins((PACKAGE,), {"asterisk": PACKAGE}, print)
    with pytest.raises(PackagesUnavailable, match="another sha256"):
        compare_with_pins((forged,), {"asterisk": PACKAGE}, print)


def test_the_cache_folder_can_be_named_and_is_the_users_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIALER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.delenv("DIALER_CACHE")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg/consent-dialer"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert cache_folder() == Path("/var/cache/consent-dialer")


def test_an_asterisk_that_is_there_is_found_at_once_and_without_apt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = read_pins(PINS_PATH)
    root = tmp_path / f"asterisk-{pins.digest}"
    executable(root / "usr/lib64/ld-linux-x86-64.so.2", "exit 0\n")
    (root / "usr/lib/x86_64-linux-gnu/asterisk/modules").mkdir(parents=True)
    (root / "usr/lib/x86_64-linux-gnu/libc.so.6").touch()
    (root / "installed.json").write_text(json.dumps({"version": "22.10.1"}))
    monkeypatch.setenv("PATH", str(tmp_path))
    if system_asterisk() is not None:
        pytest.fail("this machine's own Asterisk would be taken: this test can't show the cache")
    said: list[str] = []
    program = ensure_asterisk(tmp_path, said.append)
    assert (program.origin, program.version, said) == (Origin.CACHE, "22.10.1", [])
    assert program.argv[0].startswith(str(root))


def test_a_machine_without_apt_and_without_asterisk_gets_one_clear_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackagesUnavailable, match="neither Asterisk 22 nor apt"):
        ensure_asterisk(tmp_path / "cache", lambda _: None)
    assert [p.name for p in (tmp_path / "cache").iterdir()] == [".install.lock"]


def test_an_old_system_asterisk_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable(tmp_path / "asterisk", 'echo "Asterisk 18.10.0"\n')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert system_asterisk() is None
