"""All libraries in turn, operation by operation, and each beside boto3.

Each has a process of its own, as it has where it is used: in memory that others have left in pieces
a hundred models take a twentieth more. `python -m tests.benchmarks.libraries LIBRARY URL` is such a
process: it prints the operations that work, and for each that it reads the CPU seconds of a call.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.measure import SLICE, cost, markdown, median_ratio
from tests.benchmarks.peers import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from tests.benchmarks.peers import Peer

TURNS = 3
"""How often the racers of a round measure an operation by turns."""

BASE = "boto3 client, raw dicts"
OURS = ("dynrepo", "dynrepo, async")

Figures: TypeAlias = dict[str, dict[str, list[float]]]
Ratios: TypeAlias = dict[str, dict[str, float]]


class Racer:
    """The process of a library."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.operations: list[str] = json.loads(self._line() or "[]")

    def cost(self, operation: str) -> float:
        """CPU seconds of one call."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{operation}\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def racer(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Generator[Racer]:
    """A process that measures what it is asked for, while the context lasts."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as process:
        try:
            yield Racer(process)
        finally:
            process.kill()


def command(python: str, *arguments: str) -> list[str]:
    """Runs a module of these benchmarks."""
    return [python, "-W", "ignore", "-m", *arguments]


def compared(
    libraries: Iterable[str], url: str, rounds: int, pythons: Mapping[str, str]
) -> Figures:
    """CPU seconds of a call by library and operation, one for each round."""
    with ExitStack() as ending:
        racers = {
            name: ending.enter_context(
                racer(command(pythons[name], "tests.benchmarks.libraries", name, url))
            )
            for name in libraries
        }
        figures: Figures = {
            name: {operation: [] for operation in racer.operations}
            for name, racer in racers.items()
            if racer.operations
        }
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
            for operation in OPERATIONS:
                for name, values in figures.items():
                    if operation in values:
                        values[operation].append(racers[name].cost(operation))
    return figures


def ratios_of(figures: Figures) -> Ratios:
    """Medians over the rounds of the ratio to boto3 within each."""
    base = figures[BASE]
    return {
        name: {one: median_ratio(values, base[one]) for one, values in by_operation.items()}
        for name, by_operation in figures.items()
    }


def table(title: str, ratios: Ratios, figures: Figures) -> str:
    """The ratios as Markdown, and what they are ratios of."""
    rows = [_row(name, by_operation) for name, by_operation in ratios.items()]
    base = [statistics.median(figures[BASE][one]) * 1e6 for one in OPERATIONS]
    rows.append(["1.00 is, in µs", *[f"{one:,.0f}" for one in base]])
    return markdown([title, *OPERATIONS], rows)


def _row(name: str, by_operation: dict[str, float]) -> list[str]:
    cells = [f"{by_operation[one]:.2f}" if one in by_operation else "-" for one in OPERATIONS]
    bold = "**" if name in OURS else ""
    return [f"{bold}{cell}{bold}" for cell in [name, *cells]]


def least(
    racers: Mapping[str, Racer], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], float]:
    """What racers take for operations, measured by turns; the least counts.

    Whatever else the machine does can only add to it.
    """
    costs = dict.fromkeys(pairs, inf)
    for _ in range(TURNS):
        for name, operation in pairs:
            costs[name, operation] = min(costs[name, operation], racers[name].cost(operation))
    return costs


def measure(peer: Peer, seconds: float = SLICE) -> None:
    """Prints the operations of a library, and the cost of each that it reads, until the end."""
    print(json.dumps([*peer]), flush=True)
    numbers = dict.fromkeys(peer, 1)
    for line in sys.stdin:
        operation = line.strip()
        figure = cost(peer[operation], seconds, numbers[operation])
        numbers[operation] = int(1.1 * seconds / figure) + 1
        print(figure, flush=True)
