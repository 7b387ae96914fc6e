"""Virtual time: what is to happen, in the order of its time; dice decide between equals."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


class Scheduler:
    """Does what it was told to do, each at its time in seconds; nothing ever waits for a clock."""

    def __init__(self, dice: Random) -> None:
        self.now = 0.0
        self._dice = dice
        self._agenda: list[tuple[float, float, Callable[[], object]]] = []

    def at(self, when: float, action: Callable[[], object]) -> None:
        """Notes an action for a time; of those of one time, the dice choose the first."""
        heappush(self._agenda, (when, self._dice.random(), action))

    def run(self) -> None:
        """Goes on until nothing is left to be done."""
        while self._agenda:
            self.now, _, action = heappop(self._agenda)
            action()
