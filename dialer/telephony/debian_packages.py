"""Fetches pinned Debian packages without root, without touching the machine's own apt state.

A private apt configuration (own lists, cache and an empty status file) points at one suite of the mirror that
this machine's own apt sources name. apt checks the suite's signature against the Debian archive keyring, and
each package against the signed index; this module checks each package against the pins as well. Nothing here
ever marks a source as trusted without a signature.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dialer.domain.errors import InstallationError

ARCHIVE_KEYRING: Final = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
APT_SECONDS_MAX: Final = 900
SOURCES_MAX: Final = 64
_SUITE_OF_DEBIAN: Final = re.compile(r"^(bookworm|trixie|forky|sid|stable|testing|unstable|oldstable)$")
_URI_LINE: Final = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+)")


class PackagesUnavailable(InstallationError):
    """The packages could not be had; nothing was installed and the cache folder is as it was before."""


@dataclass(frozen=True, slots=True)
class PinnedPackage:
    """One Debian package that was checked: its name, exact version and the sha256 of its file (hex)."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Pins:
    """What asterisk_conf/packages.toml says: the suite, the packages asked for, and every file they pull in."""

    suite: str
    architecture: str
    roots: tuple[str, ...]
    packages: tuple[PinnedPackage, ...]
    host: tuple[str, ...]

    @property
    def digest(self) -> str:
        """Twelve hex digits that name this set of packages."""
        lines = "\n".join(sorted(f"{p.name} {p.version} {p.sha256}" for p in self.packages))
        return hashlib.sha256(lines.encode()).hexdigest()[:12]


def read_pins(path: Path) -> Pins:
    """Read the pins.

    Raises:
        PackagesUnavailable: the file is missing or lacks a key; nothing was fetched.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        packages = tuple(
            PinnedPackage(str(item["name"]), str(item["version"]), str(item["sha256"]))
            for item in data["deb"]
        )
        return Pins(
            suite=str(data["suite"]),
            architecture=str(data["architecture"]),
            roots=tuple(str(name) for name in data["roots"]),
            packages=packages,
            host=tuple(str(name) for name in data["host"]["packages"]),
        )
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as fault:
        raise PackagesUnavailable(f"{path} can't be read as package pins: {fault}") from fault


def write_pins(path: Path, pins: Pins) -> None:
    """Write pins in the form that `read_pins` reads (used when a person moves to newer packages)."""
    head = [
        "# Asterisk and every library it needs: versions and sha256, checked before a file is unpacked.",
        "# Written by `python -m dialer.telephony.install --repin`; a reader of the diff sees what moved.",
        f'suite = "{pins.suite}"',
        f'architecture = "{pins.architecture}"',
        "roots = [" + ", ".join(f'"{name}"' for name in pins.roots) + "]",
        "",
        "# Packages of the host's own suite that the set-up script installs: prompts and test speech.",
        "[host]",
        "packages = [" + ", ".join(f'"{name}"' for name in pins.host) + "]",
    ]
    body = [
        f'\n[[deb]]\nname = "{p.name}"\nversion = "{p.version}"\nsha256 = "{p.sha256}"'
        for p in sorted(pins.packages, key=lambda p: p.name)
    ]
    path.write_text("\n".join([*head, *body]) + "\n", encoding="utf-8")


def debian_mirrors(apt_folder: Path = Path("/etc/apt")) -> tuple[str, ...]:
    """Addresses of Debian mirrors that this machine's apt sources name, most likely first.

    Both forms are read: one-line `.list` and deb822 `.sources`. Only entries with the component `main` and a
    suite of Debian's own count; security suites live in another tree and are left out.
    """
    found: list[str] = []
    for uri, suites, components in _entries(apt_folder):
        of_debian = "main" in components and any(_SUITE_OF_DEBIAN.match(suite) for suite in suites)
        if of_debian and uri.rstrip("/") not in found:
            found.append(uri.rstrip("/"))
    return tuple(found)


def _entries(apt_folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    parts = apt_folder / "sources.list.d"
    lists = [apt_folder / "sources.list", *sorted(parts.glob("*.list"))]
    for path in [p for p in lists if p.is_file()][:SOURCES_MAX]:
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            words = re.sub(r"\[[^\]]*\]", "", line.split("#")[0]).split()
            if len(words) >= 4 and words[0] == "deb":
                yield words[1], [words[2]], words[3:]
    for path in sorted(parts.glob("*.sources"))[:SOURCES_MAX]:
        for paragraph in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
            fields = _deb822(paragraph)
            if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes").strip() != "no":
                for uri in fields.get("uris", "").split():
                    yield uri, fields.get("suites", "").split(), fields.get("components", "").split()


def _deb822(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    last = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1].isspace():
            fields[last] = fields.get(last, "") + " " + line.strip()
        elif ":" in line:
            name, value = line.split(":", 1)
            last = name.strip().lower()
            fields[last] = value.strip()
    return fields


@dataclass(frozen=True, slots=True)
class PrivateApt:
    """apt with its own state below `folder`, reading one suite of one mirror, signature checked."""

    folder: Path
    architecture: str

    def prepare(self, mirror: str, suite: str) -> None:
        """Write the configuration and fetch the signed index.

        Raises:
            PackagesUnavailable: the mirror lacks the suite, is out of reach, or its signature does not hold.
        """
        if not ARCHIVE_KEYRING.is_file():
            raise PackagesUnavailable(
                f"{ARCHIVE_KEYRING} is missing, so no Debian signature can be checked: "
                "install the package debian-archive-keyring"
            )
        for part in ("state/lists/partial", "cache/archives/partial", "etc", "debs"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        (self.folder / "etc/sources.list").write_text(
            f"deb [signed-by={ARCHIVE_KEYRING} arch={self.architecture}] {mirror} {suite} main\n"
        )
        settings = {
            "Dir::State": self.folder / "state",
            "Dir::State::status": self.folder / "status",
            "Dir::Cache": self.folder / "cache",
            "Dir::Cache::pkgcache": "pkgcache.bin",
            "Dir::Cache::srcpkgcache": "srcpkgcache.bin",
            "Dir::Etc::sourcelist": self.folder / "etc/sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "APT::Architecture": self.architecture,
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "Acquire::Retries": "3",
            "Acquire::Languages": "none",
        }
        lines = [f'{key} "{value}";' for key, value in settings.items()]
        # The machine's own hooks after an update are for the machine's own lists.
        lines += [
            f"#clear APT::Update::{hook};" for hook in ("Pre-Invoke", "Post-Invoke", "Post-Invoke-Success")
        ]
        (self.folder / "apt.conf").write_text("\n".join(lines) + "\n")
        self._run("apt-get", "-o", "APT::Update::Error-Mode=any", "update")

    def versions(self, name: str) -> dict[str, str]:
        """Versions of one package that the signed index vouches for, newest first → sha256 of its file."""
        out = self._run("apt-cache", "show", "-a", name)
        found: dict[str, str] = {}
        for paragraph in out.split("\n\n"):
            fields = _deb822(paragraph)
            if fields.get("package") == name and "sha256" in fields:
                found[fields["version"]] = fields["sha256"]
        return found

    def resolve(self, wanted: Iterable[str]) -> tuple[PinnedPackage, ...]:
        """Everything that must be fetched for `wanted` (names or name=version), as the signed index gives it."""
        out = self._run("apt-get", "-y", "-s", "-o", "Debug::NoLocking=1", "install", *wanted)
        chosen = dict(re.findall(r"^Inst (\S+) \((\S+) ", out, flags=re.MULTILINE))
        shown = self._run("apt-cache", "show", *(f"{name}={version}" for name, version in chosen.items()))
        packages = []
        for paragraph in shown.split("\n\n"):
            fields = _deb822(paragraph)
            if "sha256" in fields and chosen.get(fields["package"]) == fields["version"]:
                packages.append(PinnedPackage(fields["package"], fields["version"], fields["sha256"]))
        if len(packages) != len(chosen) or not packages:
            raise PackagesUnavailable("the signed index does not describe every package that is needed")
        return tuple(packages)

    def fetch(self, packages: Iterable[PinnedPackage]) -> list[Path]:
        """Download the packages and check each file's sha256; returns the files.

        Raises:
            PackagesUnavailable: a file is missing or its sha256 differs; nothing was unpacked.
        """
        wanted = tuple(packages)
        folder = self.folder / "debs"
        self._run("apt-get", "download", *(f"{p.name}={p.version}" for p in wanted), cwd=folder)
        by_sum = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in folder.glob("*.deb")}
        for package in wanted:
            if package.sha256 not in by_sum:
                raise PackagesUnavailable(
                    f"{package.name} {package.version} came with another sha256 than its pin"
                )
        return [by_sum[package.sha256] for package in wanted]

    def _run(self, *argv: str, cwd: Path | None = None) -> str:
        command = [argv[0], "-c", str(self.folder / "apt.conf"), *argv[1:]]
        environment = {"LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        try:
            done = subprocess.run(
                command,
                cwd=cwd or self.folder,
                env=environment | _proxies(),
                capture_output=True,
                text=True,
                timeout=APT_SECONDS_MAX,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as fault:
            raise PackagesUnavailable(f"{argv[0]} can't be run here: {fault}") from fault
        if done.returncode != 0:
            last = [line for line in done.stderr.splitlines() if line.startswith("E:")]
            raise PackagesUnavailable(f"{argv[0]} failed: {' '.join(last)[:600] or done.returncode}")
        return done.stdout


def _proxies() -> dict[str, str]:
    names = ("http_proxy", "https_proxy", "no_proxy")
    return {name: os.environ[name] for name in names if name in os.environ}
