"""The heaviest keys are known within a bound, in memory that does not grow."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from dynrepo.instrumentation.sketch import SpaceSaving

SIZES = (1, 2, 10, 50)


def stream(seed: int) -> list[tuple[str, float]]:
    """2,000 weights of 300 keys, a few of which have most of them; late ones come in anew."""
    chance = Random(seed)  # noqa: S311 - the same numbers in each run
    keys = [f"k{min(int(chance.paretovariate(0.6)), 300)}" for _ in range(1500)]
    keys += [f"n{chance.randrange(200)}" for _ in range(500)]
    return [(key, chance.choice([0.5, 1.0, 4.0, 128.0])) for key in keys]


def filled(size: int, weights: list[tuple[str, float]]) -> tuple[SpaceSaving, Counter[str]]:
    """A sketch of weights, and what they truly are."""
    sketch, true = SpaceSaving(size), Counter[str]()
    for key, weight in weights:
        sketch.add(key, weight)
        true[key] += weight  # type: ignore[assignment]
    return sketch, true


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_each_key_is_told_within_its_error(size: int, seed: int) -> None:
    """What it weighs is between what is told less the error, and what is told."""
    sketch, true = filled(size, stream(seed))
    told = sketch.heaviest(size)
    assert len(told) == size
    for key, total, error in told:
        assert total - error <= true[key] <= total
        assert error <= sketch.total / size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(3))
def test_a_key_that_weighs_more_than_its_share_is_kept(size: int, seed: int) -> None:
    """And one that is not kept weighs no more than the bound, which is no more than a share."""
    sketch, true = filled(size, stream(seed))
    kept = {each.key for each in sketch.heaviest(size)}
    assert {key for key, weight in true.items() if weight > sketch.total / size} <= kept
    assert max(weight for key, weight in true.items() if key not in kept) <= sketch.bound
    assert sketch.bound <= sketch.total / size
    assert sketch.total == sum(true.values())


def test_few_keys_are_told_exactly() -> None:
    """As long as there is room for all."""
    sketch, true = filled(500, stream(1))
    assert {key: total for key, total, _ in sketch.heaviest(500)} == true
    assert {error for _, _, error in sketch.heaviest(500)} == {0.0}
    assert sketch.bound == 0.0


def test_the_heaviest_come_first() -> None:
    """As many as are asked for."""
    sketch, _ = filled(10, [("a", 1.0), ("b", 3.0), ("c", 2.0), ("b", 0.5)])
    assert [each.key for each in sketch.heaviest(2)] == ["b", "c"]
    assert sketch.heaviest(0) == []


def test_memory_does_not_grow_with_the_keys() -> None:
    """Nor with how often they come."""
    sketch = SpaceSaving(5)
    for number in range(10_000):
        sketch.add(f"k{number % 997}", 1.0)
        sketch.add("hot", 1.0)
    assert len(sketch._kept) == len(sketch._lightest) == 5
    assert sketch.heaviest(1)[0].key == "hot"
