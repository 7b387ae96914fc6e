"""A revision of dynrepo and today's code in turn, operation by operation.

A round has a process of today's code and two of the revision, each new: where a process lies in
memory, and how it hashes, belongs to its figures. They measure an operation by turns, a few times
over; the least of a process counts, for whatever else runs can only add to it. A ratio is taken
within a round and the median over the rounds is shown; that of the two processes of the revision,
which are the same code, shows how far a ratio strays by itself. The last column, the ratio of the
least of all rounds, strays less on a machine that is never quiet.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from tests.benchmarks.measure import markdown, median_ratio, spread
from tests.benchmarks.race import least, racer
from tests.benchmarks.revisions import installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.race import Racer
    from tests.benchmarks.revisions import Installed

LIMIT = 1.03
"""A ratio above it, and above what noise explains, is shown in bold."""


class Costs(NamedTuple):
    """CPU seconds of an operation in each round."""

    old: list[float]
    again: list[float]
    new: list[float]


Figures: TypeAlias = dict[str, Costs]


def against(revision: str, url: str, rounds: int) -> str:
    """The ratios to a revision, or to a folder that has a checkout, as Markdown."""
    with installed(revision) as (old, new):
        return table(revision, _figures({"old": old, "again": old, "new": new}, url, rounds))


def _figures(runners: Mapping[str, Installed], url: str, rounds: int) -> Figures:
    figures: Figures = defaultdict(lambda: Costs([], [], []))
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        with ExitStack() as ending:
            racers = {
                name: ending.enter_context(
                    racer(runner.command("tests.benchmarks.verbs", url), runner.environment)
                )
                for name, runner in runners.items()
            }
            _round(racers, figures)
    return figures


def _round(racers: Mapping[str, Racer], figures: Figures) -> None:
    for operation in racers["old"].operations:
        costs = least(racers, [(name, operation) for name in racers])
        for (name, _), cost in costs.items():
            getattr(figures[operation], name).append(cost)


def table(revision: str, figures: Figures) -> str:
    """The figures as Markdown."""
    head = ["operation", f"{revision}, µs", "today, µs", "ratio"]
    head += ["old to old", "± half the rounds", "ratio of the least"]
    return markdown(head, [_row(operation, costs) for operation, costs in figures.items()])


def _row(operation: str, costs: Costs) -> list[str]:
    ratio, noise = median_ratio(costs.new, costs.old), median_ratio(costs.again, costs.old)
    bold = "**" if ratio > LIMIT + abs(noise - 1) else ""
    return [
        operation,
        *[f"{statistics.median(values) * 1e6:,.1f}" for values in (costs.old, costs.new)],
        f"{bold}{ratio:.3f}{bold}",
        f"{noise:.3f}",
        f"{spread(costs.again, costs.old):.3f}",
        f"{min(costs.new) / min(costs.old):.3f}",
    ]
