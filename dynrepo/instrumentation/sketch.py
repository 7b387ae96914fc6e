"""The heaviest of any number of keys, in memory that does not grow with them.

It is the algorithm *Space-Saving*: Metwally, Agrawal and El Abbadi, Efficient computation of
frequent and top-k elements in data streams, 2005, https://doi.org/10.1007/978-3-540-30570-5_27
"""

from __future__ import annotations

from heapq import heappop, heappush, heapreplace
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Weight(NamedTuple):
    """What a key weighs: `total` at most, and at least `total - error`."""

    key: str
    total: float
    error: float


class SpaceSaving:
    """What keys weigh, of which `size` are kept: the heaviest.

    Let W be the weight of all that was added. A key that weighs more than W / `size` is surely
    kept; each that is kept is told with an `error` of W / `size` at most.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.total = 0.0
        self._kept: dict[str, Weight] = {}
        # Each key that is kept stands here once, with a weight that it had: they only grow, so
        # that the lightest is found by bringing up to date what comes first.
        self._lightest: list[tuple[float, str]] = []

    @property
    def bound(self) -> float:
        """What a key that is not kept weighs at most."""
        return self._least().total if self._is_full else 0.0

    def add(self, key: str, weight: float) -> None:
        """Adds to the weight of a key; in place of the lightest where it is a new one too many."""
        self.total += weight
        known = self._kept.get(key)
        if known is not None:
            self._kept[key] = known._replace(total=known.total + weight)
            return
        error = self._forget_least() if self._is_full else 0.0
        self._kept[key] = Weight(key, error + weight, error)
        heappush(self._lightest, (error + weight, key))

    def heaviest(self, count: int) -> Sequence[Weight]:
        """So many keys at most, the heaviest first."""
        return sorted(self._kept.values(), key=attrgetter("total"), reverse=True)[:count]

    @property
    def _is_full(self) -> bool:
        return len(self._kept) == self.size

    def _forget_least(self) -> float:
        """Leaves out the lightest of the keys that are kept; its weight."""
        least = self._least()
        heappop(self._lightest)
        del self._kept[least.key]
        return least.total

    def _least(self) -> Weight:
        """The lightest of the keys that are kept, which then stands first in the heap."""
        while True:
            weight, key = self._lightest[0]
            known = self._kept[key]
            if known.total == weight:
                return known
            heapreplace(self._lightest, (known.total, key))
