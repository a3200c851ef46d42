"""Measured days kept between runs, so that a long table can be measured in slices and goes on where it was interrupted.

A day depends on nothing but its order and the code of pacing: it is kept under both, and never read after either changed.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeVar

from dialer.jobs.simulation_pool import run_days
from dialer.pacing.result import DayResult

ROOT: Final = Path(__file__).resolve().parents[1]
KEPT: Final = ROOT / ".cache" / "bench-pacing"
Order = TypeVar("Order")


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted((ROOT / "dialer" / "pacing").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


async def kept_days(
    work: Callable[[Order], DayResult], orders: Sequence[Order], processes: int
) -> tuple[DayResult, ...]:
    """`work` on every order, in their order; only those that no earlier run left behind are simulated."""
    code = _code()
    files = [KEPT / f"{hashlib.sha256((code + repr(order)).encode()).hexdigest()}.json" for order in orders]
    missing = [index for index, file in enumerate(files) if not file.exists()]
    KEPT.mkdir(parents=True, exist_ok=True)
    for begun in range(0, len(missing), SLICE):
        slice_ = missing[begun : begun + SLICE]
        results = await run_days(work, [orders[index] for index in slice_], processes, _untold)
        for index, result in zip(slice_, results, strict=True):
            files[index].write_text(json.dumps(asdict(result)), encoding="utf-8")
    return tuple(DayResult(**json.loads(file.read_text(encoding="utf-8"))) for file in files)


SLICE: Final = 64
"""Days that an interruption may lose."""


def _untold(ready: int) -> None:
    """Rows are the progress that is shown."""
