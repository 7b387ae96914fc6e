"""A run of schedules says how often each thing happened in it, and what did not."""

from __future__ import annotations

import pytest

from tests.simulator.history import History, Intrusion
from tests.simulator.ledger import PLACES
from tests.simulator.tally import EXPECTED, FATES, Tally
from tests.simulator.tally import INTRUSIONS as HABITS

pytestmark = pytest.mark.once


def test_what_never_happened_is_named() -> None:
    """By its kind: a verb that nobody calls is tested by no schedule."""
    tally = Tally()
    tally.add(History(intrusions=[Intrusion(1, PLACES[0], name, None, None) for name in HABITS]))
    missing = tally.missing()
    assert len(missing) == sum(map(len, EXPECTED.values())) - len(HABITS)
    assert {"verbs: get", "fates: doubled", "verdicts: unknown"} <= set(missing)


def test_every_fault_is_weighed_once() -> None:
    """No two have one name."""
    assert len(set(FATES)) == len(FATES)


def test_the_counts_are_printed() -> None:
    """A line for each kind."""
    tally = Tally()
    tally.counts["verdicts"]["unknown"] = 1234
    assert [line.partition(":")[0] for line in tally.lines()] == list(EXPECTED)
    assert "unknown 1,234" in tally.lines()[2]
