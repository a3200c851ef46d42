"""scripts/setup.sh where it can't go on: one clear sentence, an exit code, nothing installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UNAVAILABLE = 69
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture
def checkout() -> Iterator[Path]:
    """As much of a checkout as set-up reads before it stops, with a package that no Debian has; anybody may write there."""
    folder = Path(tempfile.mkdtemp(prefix="set-"))
    folder.chmod(0o777)
    for name in ("scripts/setup.sh", "asterisk_conf/packages.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    pins = folder / "asterisk_conf" / "packages.toml"
    text = pins.read_text(encoding="utf-8")
    assert 'packages = ["' in text
    pins.write_text(text.replace('packages = ["', 'packages = ["no-such-package", "', 1), encoding="utf-8")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _set_up(
    checkout: Path, *arguments: str, become: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*become, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent",
         "bash", str(checkout / "scripts" / "setup.sh"), *arguments],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)  # fmt: skip


def test_without_root_a_missing_package_is_named_in_one_sentence_with_what_to_type(checkout: Path) -> None:
    done = _set_up(checkout, "demo", become=tuple(NOBODY) if os.geteuid() == 0 else ())
    assert done.returncode == UNAVAILABLE
    assert done.stderr == (
        "set-up stopped: Debian packages are missing. As root, once: apt-get install no-such-package\n"
    )
    assert not (checkout / ".venv").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="one user: separation not shown")
def test_as_root_a_package_that_debian_lacks_stops_it_and_the_reason_is_shown(checkout: Path) -> None:
    done = _set_up(checkout, "demo")
    assert done.returncode == UNAVAILABLE
    assert "set-up stopped: apt-get could not install no-such-package" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("kind", ["", "production", "demo; true"])
def test_it_knows_two_kinds_of_set_up_and_no_other(checkout: Path, kind: str) -> None:
    done = _set_up(checkout, kind)
    assert done.returncode != 0
    assert not (checkout / ".cache").exists()
