"""Plays schedules: `python -m tests.simulator [--schedules N] [--base SEED] [--seed SEED]`.

With `--seed`, plays that one and prints all that happened in it. Ends with status 1 when a
schedule is wrong, or when something never happened in all of them.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from tests.simulator.stage import Stage
from tests.simulator.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.simulator.stage import Run

BASE = 20261129
"""The first seed of a run."""

SHOWN = 3
"""Wrong schedules that are printed whole."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays what is asked for, and returns the status of the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--base", type=int, default=BASE)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args(arguments)
    if asked.seed is not None:
        return _shown(asked.seed)
    return _all(range(asked.base, asked.base + asked.schedules))


def _shown(seed: int) -> int:
    with Stage() as stage:
        run = stage.play(seed)
    _say(str(run))
    return bool(run.complaints)


def _all(seeds: range) -> int:
    tally = Tally()
    wrong: list[Run] = []
    began = time.process_time()
    with Stage() as stage:
        for seed in seeds:
            run = stage.play(seed)
            tally.add(run.history)
            if run.complaints:
                wrong.append(run)
    spent = time.process_time() - began
    _say(f"{tally.schedules:,} schedules from seed {seeds.start}, {spent:.1f} s of CPU")
    _say("\n".join(tally.lines()))
    return _judged(wrong, tally)


def _judged(wrong: list[Run], tally: Tally) -> int:
    missing = tally.missing()
    if missing:
        _say(f"never happened: {', '.join(missing)}")
    for run in wrong[:SHOWN]:
        _say(f"\n{run}\npython -m tests.simulator --seed {run.seed}")
    _say(f"{len(wrong):,} are wrong" + "".join(f" {run.seed}" for run in wrong[:20]))
    return bool(wrong or missing)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
