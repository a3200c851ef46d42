"""The console's own verifier (web/src/proof, TypeScript on WebCrypto), run by Node on many bundles at once."""

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "web"
BUILD_SECONDS_MAX = 120
RUN_SECONDS_MAX = 120


@dataclass(frozen=True, slots=True)
class Said:
    """What it says of one bundle: each check's outcome, the exit code, the codes of the faults."""

    checks: dict[str, str]
    exit_code: int
    faults: tuple[str, ...]


def built() -> Path:
    """The verifier as one script for Node, from the sources as they are."""
    npm = shutil.which("npm")
    assert npm is not None, "npm is missing: the console's verifier can't be built"
    if not (WEB / "node_modules").exists():
        subprocess.run([npm, "ci", "--silent"], cwd=WEB, check=True, timeout=BUILD_SECONDS_MAX)
    subprocess.run([npm, "run", "--silent", "proof"], cwd=WEB, check=True, timeout=BUILD_SECONDS_MAX)
    return WEB / "node_modules" / ".cache" / "proof" / "stdio.js"


def third(script: Path, cases: Sequence[tuple[bytes, bytes | None]]) -> list[Said]:
    """(bundle, pinned trust.json or None) → what the console's verifier says of each."""
    lines = [
        json.dumps(
            {
                "bundle": base64.b64encode(bundle).decode(),
                "trust": None if pinned is None else base64.b64encode(pinned).decode(),
            }
        )
        for bundle, pinned in cases
    ]
    ran = subprocess.run(
        ["node", str(script)],
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        check=True,
        timeout=RUN_SECONDS_MAX,
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(cases)
    return [Said(a["checks"], a["exit"], tuple(a["faults"])) for a in answers]
