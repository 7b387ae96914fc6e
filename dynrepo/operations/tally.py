"""Counts of what was found in rows: of a bounded size, however many rows and names there are."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

MOST = 100
"""How many names, and reasons of one name, are told apart."""

OTHERS = "..."
"""What all the others are counted under."""


class Tally:
    """Counts by name, such as that of a field, and by reason."""

    def __init__(self) -> None:
        self._counts = defaultdict[str, defaultdict[str, int]](lambda: defaultdict(int))

    def add(self, name: str, reason: str = "") -> None:
        """Counts one more."""
        reasons = self._counts[_bounded(name, self._counts)]
        reasons[_bounded(reason, reasons)] += 1

    def by_name(self) -> dict[str, int]:
        """The counts by name, the greatest first."""
        return _sorted({name: sum(reasons.values()) for name, reasons in self._counts.items()})

    def by_reason(self) -> dict[str, dict[str, int]]:
        """The counts by name and reason, in the order of `by_name`."""
        return {name: _sorted(self._counts[name]) for name in self.by_name()}


def _bounded(name: str, known: Collection[str]) -> str:
    return name if name in known or len(known) < MOST else OTHERS


def _sorted(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))
