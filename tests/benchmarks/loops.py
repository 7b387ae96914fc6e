"""The asynchronous libraries in turn, one call at a time and a hundred at once.

Each has a process of its own, whose CPU time counts with all its threads: a Rust core works in
some. They measure by turns, a few times in a round; the least counts. A ratio is taken within a
round, and the median over the rounds is shown with half the width of their middle half.
`python -m tests.benchmarks.loops LIBRARY URL LOOP` is the process of one.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from tests.benchmarks.async_peers import ASYNC_PEERS, MANY, at_once, repeated
from tests.benchmarks.libraries import is_there, working
from tests.benchmarks.measure import markdown, median_ratio, spread
from tests.benchmarks.race import command, least, measure, racer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.benchmarks.async_peers import AsyncPeer
    from tests.benchmarks.peers import Peer

LOOPS = ("asyncio", "uvloop")
OURS = "dynrepo"
BOTOCORE = "aiobotocore + serializers + Pydantic"
CALLS = {"get": 1, "set": 1, f"{MANY} gets at once": MANY, f"{MANY} sets at once": MANY}
"""What is measured, and how many calls that are."""

Costs: TypeAlias = dict[str, list[float]]
"""CPU seconds of a call in each round, by what is measured."""


def loops(url: str, rounds: int, pythons: Mapping[str, str]) -> str:
    """A table for each loop, as Markdown."""
    return "\n\n".join(_table(loop, _figures(url, loop, rounds, pythons)) for loop in LOOPS)


def _figures(url: str, loop: str, rounds: int, pythons: Mapping[str, str]) -> dict[str, Costs]:
    with ExitStack() as ending:
        racers = {
            name: ending.enter_context(
                racer(command(pythons[name], "tests.benchmarks.loops", name, url, loop))
            )
            for name in ASYNC_PEERS
        }
        pairs = [(name, call) for call in CALLS for name in racers if racers[name].operations]
        figures: dict[str, Costs] = {name: {call: [] for call in CALLS} for name, _ in pairs}
        for number in range(rounds):
            print(f"{loop}: round {number + 1} of {rounds}", file=sys.stderr)
            for (name, call), cost in least(racers, pairs).items():
                figures[name][call].append(cost / CALLS[call])
    return figures


def _table(loop: str, figures: Mapping[str, Costs]) -> str:
    rows = [[name, *_medians(costs)] for name, costs in figures.items()]
    ours = figures.get(OURS)
    others = {name: costs for name, costs in figures.items() if name != OURS}
    if ours and others:
        best = {call: min(others.values(), key=partial(_median, call)) for call in CALLS}
        rows.append(["dynrepo to the best of the others", *_ratios(ours, best)])
    if ours and BOTOCORE in others:
        botocore = dict.fromkeys(CALLS, others[BOTOCORE])
        rows.append(["dynrepo to aiobotocore", *_ratios(ours, botocore)])
    return markdown([f"{loop}, µs a call", *CALLS], rows)


def _median(call: str, costs: Costs) -> float:
    return statistics.median(costs[call])


def _medians(costs: Costs) -> list[str]:
    return [f"{_median(call, costs) * 1e6:,.0f}" for call in CALLS]


def _ratios(ours: Costs, others: Mapping[str, Costs]) -> list[str]:
    return [
        f"{median_ratio(ours[call], others[call][call]):.2f}"
        f" ± {spread(ours[call], others[call][call]):.2f}"
        for call in CALLS
    ]


def _made(make: AsyncPeer, url: str, kind: str) -> Peer:
    loop = _new_loop(kind)
    asyncio.set_event_loop(loop)
    get, put, *_ = loop.run_until_complete(make(url))
    calls = (get, put, at_once(get), at_once(put))
    return {name: repeated(loop, call) for name, call in zip(CALLS, calls, strict=True)}


def _new_loop(kind: str) -> asyncio.AbstractEventLoop:
    if kind == "asyncio":
        return asyncio.new_event_loop()
    import uvloop  # noqa: PLC0415

    return uvloop.new_event_loop()


def main(name: str, url: str, loop: str) -> None:
    """Measures what it is asked for."""
    make = ASYNC_PEERS[name]
    found = is_there(name, make.__name__)
    measure(working(name, lambda: _made(make, url, loop)) if found else {})


if __name__ == "__main__":
    main(*sys.argv[1:])
