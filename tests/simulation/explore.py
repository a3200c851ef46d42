"""Walks the protocol in bounds of one's own choice: `python -m tests.simulation.explore --attempts 2 --failures 2`."""

from __future__ import annotations

import argparse
import time

from tests.simulation.explorer import Explorer
from tests.simulation.explorer_env import Bounds
from tests.simulation.explorer_world import ground


def main() -> None:
    """Walk, and print how far it went; a violation is raised with the steps that led to it."""
    words = argparse.ArgumentParser(description=__doc__)
    for name, default in (("attempts", 2), ("failures", 1), ("ticks", 1), ("refusals", 1)):
        words.add_argument(f"--{name}", type=int, default=default)
    words.add_argument("--states-max", type=int, default=5_000_000)
    words.add_argument("--two-numbers", action="store_true")
    said = words.parse_args()
    bounds = Bounds(said.attempts, said.failures, said.ticks, said.refusals, said.states_max)
    began = time.monotonic()
    walk = Explorer(ground((1, 2) if said.two_numbers else (1, 1)), bounds)
    walk.run()
    print(
        f"{bounds}: {len(walk.seen)} states, {walk.steps} steps, {walk.drained} drained, {time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
