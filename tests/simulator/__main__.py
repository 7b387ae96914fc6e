"""Plays schedules, and judges what callers were told in them.

With --seed, plays that one and prints all that happened in it. With --relapses, puts mended faults
back, one after the other, and plays until each is found. Ends with status 1 when a schedule is
wrong, when something never happened in all of them, or when a relapse is not found.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.simulator.relapses import RELAPSES
from tests.simulator.stage import Stage
from tests.simulator.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.simulator.relapses import Relapse
    from tests.simulator.stage import Run

BASE = int(os.environ.get("SIMULATOR_SEED", "20261129"))
"""The first seed, where no other is given."""

SHOWN = 3
"""How many wrong schedules are printed whole."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Plays what is asked for, and returns the status of the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulator", description=__doc__)
    parser.add_argument("--schedules", type=int, default=10_000)
    parser.add_argument("--base", type=int, default=BASE, help="the first seed")
    parser.add_argument("--seed", type=int, help="the one seed to be played")
    parser.add_argument("--relapses", action="store_true")
    asked = parser.parse_args(arguments)
    with Stage() as stage:
        if asked.seed is not None:
            return _one(stage, asked.seed)
        seeds = range(asked.base, asked.base + asked.schedules)
        return _relapses(stage, seeds) if asked.relapses else _all(stage, seeds)


def _one(stage: Stage, seed: int) -> int:
    run = stage.play(seed)
    _say(str(run))
    return bool(run.complaints)


def _all(stage: Stage, seeds: range) -> int:
    tally = Tally()
    wrong: list[Run] = []
    began = time.process_time()
    # Ctrl-C ends a long run with what it has found.
    with suppress(KeyboardInterrupt):
        for run in map(stage.play, seeds):
            tally.add(run.history)
            if run.complaints:
                wrong.append(run)
    spent = time.process_time() - began
    _say(f"{tally.schedules:,} schedules from seed {seeds.start}, in {spent:.1f} s of CPU")
    _say("\n".join(tally.lines()))
    return _judged(wrong, tally.missing())


def _judged(wrong: Sequence[Run], missing: Sequence[str]) -> int:
    for run in wrong[:SHOWN]:
        _say(f"\n{run}\nagain: python -m tests.simulator --seed {run.seed}")
    if missing:
        _say(f"never happened: {', '.join(missing)}")
    seeds = "".join(f" {run.seed}" for run in wrong[:100])
    _say(f"{len(wrong):,} schedules are wrong{':' * bool(wrong)}{seeds}")
    return bool(wrong or missing)


def _relapses(stage: Stage, seeds: Iterable[int]) -> int:
    found = [_found(stage, relapse, seeds) for relapse in RELAPSES]
    return not all(found)


def _found(stage: Stage, relapse: Relapse, seeds: Iterable[int]) -> bool:
    with relapse.context():
        runs = map(stage.play, seeds)
        run = next((run for run in runs if relapse.complaint in "; ".join(run.complaints)), None)
    said = "nothing" if run is None else f"seed {run.seed}, {'; '.join(run.complaints)}"
    _say(f"{relapse.fault}: {said}")
    return run is not None


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
