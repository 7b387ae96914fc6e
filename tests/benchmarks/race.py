"""All libraries in turn, operation by operation, and each beside boto3."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.measure import cost, markdown, median_ratio
from tests.benchmarks.peers import OPERATIONS

if TYPE_CHECKING:
    from tests.benchmarks.peers import Peer

BASE = "boto3 client, raw dicts"

Figures: TypeAlias = dict[str, dict[str, list[float]]]
Ratios: TypeAlias = dict[str, dict[str, float]]


def compared(peers: dict[str, Peer], rounds: int) -> Figures:
    """CPU seconds of a call by peer and operation, one for each round."""
    figures: Figures = {name: {one: [] for one in peer} for name, peer in peers.items()}
    for number in range(rounds):
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
        for operation in OPERATIONS:
            for name, peer in peers.items():
                if operation in peer:
                    figures[name][operation].append(cost(peer[operation]))
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
    bold = "**" if name == "dynrepo" else ""
    return [f"{bold}{cell}{bold}" for cell in [name, *cells]]
