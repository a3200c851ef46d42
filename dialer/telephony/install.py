"""Finds Asterisk 22 on this machine, or gets it from Debian into a cache folder, without root and without Docker.

`python -m dialer.telephony.install` prints what it does and, last, the path of the program. A system Asterisk of
the right age is preferred. Otherwise the packages pinned in asterisk_conf/packages.toml are unpacked side by side
with their own C library and run through their own loader, so no library of the host is used or changed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from dialer.telephony.debian_packages import (
    PackagesUnavailable,
    PinnedPackage,
    Pins,
    PrivateApt,
    debian_mirrors,
    read_pins,
    write_pins,
)

ASTERISK_CONF: Final = Path(__file__).resolve().parents[2] / "asterisk_conf"
PINS_PATH: Final = ASTERISK_CONF / "packages.toml"
MAJOR_MIN: Final = 22
PROBE_SECONDS_MAX: Final = 20
SYSTEM_CACHE: Final = Path("/var/cache/consent-dialer")
"""What root installed, anybody may run."""
_MARK: Final = "installed.json"

Say = Callable[[str], None]


class Origin(Enum):
    """Where the program comes from."""

    SYSTEM = "system"
    CACHE = "cache"


@dataclass(frozen=True, slots=True)
class AsteriskProgram:
    """An Asterisk that can be started: `argv` comes before Asterisk's own options.

    `modules` holds the .so files, `data` the sounds and documentation that came with it.
    """

    argv: tuple[str, ...]
    version: str
    modules: Path
    data: Path
    origin: Origin


def cache_folder() -> Path:
    """Where downloads are kept: DIALER_CACHE, else a folder of the system (root) or of the user."""
    named = os.environ.get("DIALER_CACHE")
    if named:
        return Path(named)
    if os.geteuid() == 0:
        return SYSTEM_CACHE
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "consent-dialer"


def ensure_asterisk(
    cache: Path | None = None, say: Say = print, pins_path: Path = PINS_PATH
) -> AsteriskProgram:
    """The program to run; fetched on the first call, found at once on every later one.

    Raises:
        PackagesUnavailable: there is no system Asterisk of the right age and none could be fetched.
    """
    system = system_asterisk()
    if system is not None:
        return system
    pins = read_pins(pins_path)
    folder = cache or cache_folder()
    for known in (folder,) if cache is not None else (folder, SYSTEM_CACHE):
        present = _cached(known, pins)
        if present is not None:
            return present
    _make_readable_folder(folder)
    with _one_at_a_time(folder / ".install.lock"):
        present = _cached(folder, pins)
        if present is None:
            _install(folder, pins, say)
            present = _cached(folder, pins)
    if present is None:
        raise PackagesUnavailable(f"Asterisk was unpacked below {folder} but does not answer `-V`")
    return present


def system_asterisk() -> AsteriskProgram | None:
    """The machine's own Asterisk when it is new enough and its modules are where Debian puts them."""
    found = shutil.which("asterisk", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        return None
    version = _version((found,))
    folders = [*Path("/usr/lib").glob("*/asterisk/modules"), Path("/usr/lib/asterisk/modules")]
    modules = next((path for path in folders if (path / "chan_pjsip.so").is_file()), None)
    data = next((p for p in (Path("/usr/share/asterisk"), Path("/var/lib/asterisk")) if p.is_dir()), None)
    if version is None or _major(version) < MAJOR_MIN or modules is None or data is None:
        return None
    return AsteriskProgram((found,), version, modules, data, Origin.SYSTEM)


def _cached(cache: Path, pins: Pins) -> AsteriskProgram | None:
    root = cache / f"asterisk-{pins.digest}"
    try:
        mark = json.loads((root / _MARK).read_text(encoding="utf-8"))
        return _unpacked_program(root, str(mark["version"]))
    except (OSError, KeyError, ValueError):
        return None


def _unpacked_program(root: Path, version: str) -> AsteriskProgram:
    loader = next(
        iter(sorted(root.glob("usr/lib*/ld-linux-*.so.*")) + sorted(root.glob("usr/lib/*/ld-linux-*.so.*")))
    )
    libraries = next(path.parent for path in sorted(root.glob("usr/lib/*/libc.so.6")))
    extra = [
        libraries,
        *(libraries / name for name in ("pulseaudio", "asterisk") if (libraries / name).is_dir()),
    ]
    argv = (
        str(loader),
        "--library-path",
        ":".join(str(path) for path in extra),
        "--argv0",
        "asterisk",
        str(root / "usr/sbin/asterisk"),
    )
    return AsteriskProgram(
        argv, version, libraries / "asterisk/modules", root / "usr/share/asterisk", Origin.CACHE
    )


def _install(cache: Path, pins: Pins, say: Say) -> None:
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=cache) as name:
        work = Path(name)
        # apt's own user, when apt drops root, and our services have to pass through.
        work.chmod(0o755)
        apt, packages = _choose(work / "apt", pins, say)
        say(f"Fetching {len(packages)} packages of Debian {pins.suite}; each is checked by sha256.")
        files = apt.fetch(packages)
        root = work / "root"
        root.mkdir()
        for path in files:
            _unpack(path, root)
        _finish(root)
        program = _unpacked_program(root, "")
        version = _version(program.argv)
        if version is None:
            raise PackagesUnavailable("the fetched Asterisk does not start; nothing was installed")
        mark = {"version": version, "packages": {p.name: [p.version, p.sha256] for p in packages}}
        (root / _MARK).write_text(json.dumps(mark, indent=1), encoding="utf-8")
        subprocess.run(["chmod", "-R", "a+rX,go-w", str(root)], check=True)
        target = cache / f"asterisk-{pins.digest}"
        if target.exists():
            shutil.rmtree(target)
        root.rename(target)
        say(f"Asterisk {version} is ready.")


def _choose(folder: Path, pins: Pins, say: Say) -> tuple[PrivateApt, tuple[PinnedPackage, ...]]:
    """Packages to fetch: the pinned ones where the mirror still has them, with a warning for every other."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise PackagesUnavailable(
            f"this machine has neither Asterisk {MAJOR_MIN} nor apt to fetch it with: install Asterisk {MAJOR_MIN}"
        )
    architecture = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout.strip()
    apt = _reach_a_mirror(folder, pins, architecture, say)
    wanted = []
    pinned = {p.name: p for p in pins.packages} if architecture == pins.architecture else {}
    for name in pins.roots:
        offered = apt.versions(name)
        pin = pinned.get(name)
        newest = next(iter(offered), None)
        if pin is not None and pin.version in offered:
            wanted.append(f"{name}={pin.version}")
            if newest != pin.version:
                say(f"Note: the mirror has a newer {name}, {newest}; the pinned {pin.version} is used.")
        else:
            wanted.append(name)
    packages = apt.resolve(wanted)
    compare_with_pins(packages, pinned, say)
    return apt, packages


def compare_with_pins(
    packages: tuple[PinnedPackage, ...], pinned: dict[str, PinnedPackage], say: Say
) -> None:
    """Warn for each package that is not the pinned one; refuse one whose version is pinned but whose file differs.

    Raises:
        PackagesUnavailable: the index vouches for another file under a pinned version: somebody changed it.
    """
    moved = []
    for package in packages:
        pin = pinned.get(package.name)
        if pin is not None and pin.version == package.version and pin.sha256 != package.sha256:
            raise PackagesUnavailable(
                f"{package.name} {package.version} has another sha256 in the mirror's index than its pin; "
                "nothing was fetched"
            )
        if pin != package:
            moved.append(f"{package.name} {package.version} (pinned: {pin.version if pin else 'not at all'})")
    if moved:
        say(
            f"WARNING: {len(moved)} of {len(packages)} packages are no longer the pinned ones on this mirror. "
            "Their sha256 is vouched for by Debian's signed index only:"
        )
        for line in moved:
            say(f"WARNING:   {line}")


def _reach_a_mirror(folder: Path, pins: Pins, architecture: str, say: Say) -> PrivateApt:
    mirrors = debian_mirrors()
    if not mirrors:
        raise PackagesUnavailable(
            "this machine's apt sources name no Debian mirror, so Asterisk can't be fetched"
        )
    faults = []
    for mirror in mirrors:
        apt = PrivateApt(folder, architecture)
        try:
            say(f"Reading the signed index of Debian {pins.suite} from this machine's mirror.")
            apt.prepare(mirror, pins.suite)
        except PackagesUnavailable as fault:
            faults.append(str(fault))
            shutil.rmtree(folder, ignore_errors=True)
        else:
            return apt
    raise PackagesUnavailable("no mirror of this machine gave a signed index: " + " · ".join(faults))


def _unpack(package: Path, root: Path) -> None:
    """Unpack the files of one .deb; its scripts are never run."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=subprocess.PIPE) as source:
        unpacked = subprocess.run(
            ["tar", "-x", "--no-same-owner", "--keep-directory-symlink", "-C", str(root)],
            stdin=source.stdout,
            check=False,
        )
    if source.returncode != 0 or unpacked.returncode != 0:
        raise PackagesUnavailable(f"{package.name} can't be unpacked; nothing was installed")


def _finish(root: Path) -> None:
    """Do what the packages' own scripts would have done for us: link the English sounds."""
    sounds = root / "usr/share/asterisk/sounds"
    english = sounds / "en"
    spoken = next(iter(sorted(sounds.glob("en_US_*"))), None)
    if spoken is not None and not english.exists():
        english.symlink_to(spoken.name)


def _version(argv: tuple[str, ...]) -> str | None:
    try:
        done = subprocess.run(
            [*argv, "-V"], capture_output=True, text=True, timeout=PROBE_SECONDS_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"^Asterisk (\S+)", done.stdout, flags=re.MULTILINE)
    return found.group(1) if found and done.returncode == 0 else None


def _major(version: str) -> int:
    digits = re.match(r"\d+", version)
    return int(digits.group()) if digits else 0


def _make_readable_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(0o755)
    except OSError as fault:
        raise PackagesUnavailable(f"the cache folder {folder} can't be made: {fault.strerror}") from fault


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def repin(pins_path: Path, say: Say = print) -> None:
    """Write the mirror's newest versions and their sha256 as the new pins; the diff is for a person to judge.

    Raises:
        PackagesUnavailable: no mirror answered; the old pins stay.
    """
    old = read_pins(pins_path)
    with tempfile.TemporaryDirectory() as name:
        apt = _reach_a_mirror(Path(name) / "apt", old, old.architecture, say)
        packages = apt.resolve(old.roots)
    write_pins(pins_path, Pins(old.suite, old.architecture, old.roots, packages, old.host))
    say(f"{len(packages)} packages pinned in {pins_path.name}.")


def main(arguments: list[str]) -> int:
    """Install, or with --repin renew the pins; 0 when the program is there."""
    try:
        if arguments == ["--repin"]:
            repin(PINS_PATH)
            return 0
        program = ensure_asterisk()
    except PackagesUnavailable as fault:
        print(f"Asterisk is not available: {fault}", file=sys.stderr)
        return 1
    print(f"Asterisk {program.version} ({program.origin.value})")
    print(program.argv[-1])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
