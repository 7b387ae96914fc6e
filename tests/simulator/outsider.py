"""Somebody else who writes the same tables, and knows nothing of this library or its versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.simulator.history import Intrusion
from tests.simulator.ledger import PlainLedger, row_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from dynrepo.codec import Item
    from tests.simulator.engine import Engine
    from tests.simulator.history import History
    from tests.simulator.ledger import Place


@dataclass(frozen=True)
class Habit:
    """One way of writing: what it makes of an item, given a tag that nobody else writes."""

    name: str
    weight: int
    made: Callable[[Item | None, str], Item | None]
    versioned: bool = False
    """Whether it writes a version, and so only where there are such."""


def _item(tag: str) -> Item:
    return {"amount": {"N": "5"}, "tag": {"S": tag}}


def _tagged(item: Item | None, tag: str) -> Item | None:
    return item and {**item, "tag": {"S": tag}}


def _spoiled(item: Item | None, _: str) -> Item | None:
    return item and {**item, "note": {"N": "1"}}


def _raised(item: Item | None, _: str) -> Item | None:
    return item and {**item, "amount": {"N": str(int(item["amount"]["N"]) + 10)}}


def _with_version(number: int) -> Callable[[Item | None, str], Item]:
    return lambda _, tag: {**_item(tag), "version": {"N": str(number)}}


def _next_version(item: Item | None, tag: str) -> Item:
    number = int((item or {}).get("version", {"N": "0"})["N"]) + 1
    return {**(item or {}), **_item(tag), "version": {"N": str(number)}}


HABITS = (
    Habit("writes a tag over that of the item", 6, _tagged),
    Habit("adds to the item", 2, _raised),
    Habit("spoils the item's note", 6, _spoiled),
    Habit("puts an item without a version", 3, lambda _, tag: _item(tag)),
    Habit("puts an item of version 0", 3, _with_version(0), versioned=True),
    Habit("puts an item of version 1", 3, _with_version(1), versioned=True),
    Habit("puts the next version", 3, _next_version, versioned=True),
    Habit("removes the item", 4, lambda _, __: None),
)
_EVERYWHERE = tuple(habit for habit in HABITS if not habit.versioned)


class Outsider:
    """Writes one place at a time, when it is told to."""

    def __init__(self, engine: Engine, history: History, dice: Random) -> None:
        self._engine = engine
        self._history = history
        self._dice = dice

    def write(self, places: Sequence[Place]) -> None:
        """Writes at one of some places, by a habit that the dice choose."""
        place, step = self._dice.choice(places), self._history.step()
        habits = _EVERYWHERE if place.table == PlainLedger.table else HABITS
        habit = self._dice.choices(habits, [habit.weight for habit in habits])[0]
        found = self._engine.stored(place)
        self._engine.put(place, habit.made(found, f"other{step}"))
        left = self._engine.stored(place)
        if left != found:
            self._history.intrusions.append(
                Intrusion(step, place, habit.name, row_in(found), row_in(left))
            )
