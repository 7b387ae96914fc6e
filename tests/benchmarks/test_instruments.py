"""What instruments add to a get stays in proportion to what cannot be avoided."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynrepo import DynamoStore
from tests.benchmarks import bench_instruments as bench

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.once

TRIES = 12
"""A busy machine disturbs a measure, and does not better it: one that holds is enough."""


def holds(measure: Callable[[], float], limit: float) -> list[float]:
    """The figures up to the first one within a limit; all of some tries where none is."""
    figures: list[float] = []
    while len(figures) < TRIES and not (figures and figures[-1] <= limit):
        figures.append(measure())
    return figures


def test_an_sdk_that_records_costs_little_more_than_it_must() -> None:
    """Beside the same span and measures by the SDK alone, in CPU time of one thread."""
    names = (bench.NONE, bench.ALONE, bench.RECORDING)

    def ratio() -> float:
        found = bench.measure(bench.NoStore(), 60, 9, names)
        none, alone, recording = (found[name] for name in names)
        return (recording - none) / (alone - none)

    figures = holds(ratio, bench.SDK)
    assert figures[-1] <= bench.SDK, figures


def test_the_lines_of_a_call_cost_little_more_than_to_send_them() -> None:
    """Beside a bare `sendto` of the same bytes: one datagram a call, whatever is in it."""
    names = (bench.NONE, bench.BARE, bench.PLAIN)

    def ratio() -> float:
        found = bench.measure(bench.NoStore(), 300, 15, names)
        none, bare, statsd = (found[name] for name in names)
        return (statsd - none) / (bare - none)

    figures = holds(ratio, bench.STATSD)
    assert figures[-1] <= bench.STATSD, figures


def test_where_nothing_is_configured_a_get_is_as_good_as_bare() -> None:
    """The default instruments add two hundredths of a get to it at most."""
    names = (bench.NONE, bench.IDLE)
    with bench.canned() as url, DynamoStore(region="eu-west-1", endpoint=url) as store:

        def share() -> float:
            found = bench.measure(bench.NoStore(), 500, 9, names)
            get = bench.measure(store, 60, 9, [bench.NONE])[bench.NONE]
            return 1 + (found[bench.IDLE] - found[bench.NONE]) / get

        figures = holds(share, bench.UNCONFIGURED)
    assert figures[-1] <= bench.UNCONFIGURED, figures
