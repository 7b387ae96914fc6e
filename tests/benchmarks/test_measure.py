"""What the benchmarks say of figures."""

from __future__ import annotations

from tests.benchmarks.against import Costs, table
from tests.benchmarks.measure import median_ratio, spread


def test_a_ratio_is_taken_within_a_round() -> None:
    """A round in which everything is slow says no more than the others."""
    assert median_ratio([2.0, 20.0, 3.0], [1.0, 10.0, 1.0]) == 2.0


def test_half_of_the_ratios_lie_within_the_spread() -> None:
    """One round out of line does not widen it."""
    assert spread([1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0], [1.0] * 7) == 0


def test_a_ratio_that_noise_does_not_explain_is_bold() -> None:
    """1.05 is much where the same code gives 1.00, and nothing where it gives 1.03."""
    old, new = [1.0, 1.0, 1.0], [1.05, 1.05, 1.05]
    figures = {"get": Costs(old, old, new), "put": Costs(old, [1.03] * 3, new)}
    _, _, get, put = table("revision", figures).splitlines()
    assert "**1.050**" in get
    assert "| 1.050 |" in put
