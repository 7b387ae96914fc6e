"""The table server of a schedule: it applies requests as they arrive and keeps count of them."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.faults import Exchange, unprocessed
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.rules import admitted
from tests.simulator.history import READS
from tests.simulator.ledger import LEDGERS, PLACES, SHELF, Place, row_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation
    from tests.simulator.history import Request
    from tests.simulator.ledger import Row


_SETTLED, _STALE = 1.0, 0.8
"""Seconds after which every read sees a write, and how many do not until then."""


class Engine:
    """DynamoDB in memory, behind the network; `clock` gives the virtual time in seconds.

    A read of one item that does not ask to be consistent may miss a write of the last second.
    """

    def __init__(self, clock: Callable[[], float], dice: Random) -> None:
        self._clock = clock
        self._dice = dice
        self._store = MemoryStore(*LEDGERS, clock=clock)
        # Past the library, as others write.
        self._database = self._store._database
        tables = self._database.tables
        self._spots = {
            place: (tables[place.table], tables[place.table].keys.position(key_of(place)))
            for place in PLACES
        }

    def clear(self) -> None:
        """Removes all items, and forgets what was."""
        self._database.tokens.clear()
        self._before: dict[Place, tuple[float, Item | None]] = {}
        self.had: dict[Place, list[Row | None]] = {place: [None] for place in PLACES}
        for table, position in self._spots.values():
            table.remove(position)

    def answered(
        self, operation: Operation[Any], request: Request, *, undone: int = 0
    ) -> dict[str, Any] | Refused:
        """The body of the answer to a request, or the error; a batch may be done in part only."""

        def applied(operation: Operation[Any]) -> dict[str, Any]:
            return self._applied(operation, request)

        try:
            if undone:
                return unprocessed(undone)(Exchange(operation, 0.0, applied))
            return applied(operation)
        except Refused as refusal:
            return refusal

    def stored(self, place: Place) -> Item | None:
        """What is stored at a place, in DynamoDB JSON."""
        table, position = self._spots[place]
        return table.get(position)

    def row(self, place: Place) -> Row | None:
        """What is stored at a place, as the checker sees it."""
        return row_in(self.stored(place))

    def rows(self) -> dict[Place, Row | None]:
        """All places with what is stored there."""
        return {place: self.row(place) for place in PLACES}

    def put(self, place: Place, attributes: Item | None) -> None:
        """Stores an item, or removes it, as one who knows nothing of this library."""
        table, position = self._spots[place]
        before = self.stored(place)
        if attributes is None:
            table.remove(position)
        else:
            table.put(position, *admitted({**attributes, **key_of(place)}))
        self._note(place, before)

    def _applied(self, operation: Operation[Any], request: Request) -> dict[str, Any]:
        if operation.name in READS:
            return self._read(operation, request)
        tokens = len(self._database.tokens)
        places = places_of(operation)
        before = [self.stored(place) for place in places]
        body = self._store._body(operation)
        if "TransactItems" in operation.request and len(self._database.tokens) == tokens:
            return body  # it was made before, and is not made again
        for place, old in zip(places, before, strict=True):
            request.applied[place] += 1
            request.changed[place] += self.stored(place) != old
            self._note(place, old)
        return body

    def _read(self, operation: Operation[Any], request: Request) -> dict[str, Any]:
        body = self._store._body(operation)
        if operation.name == "GetItem" and not operation.request["ConsistentRead"]:
            body.pop("Item", None)
            item = self._lately(*places_of(operation))
            if item is not None:
                body["Item"] = item
        request.shown = row_in(body.get("Item"))
        return body

    def _lately(self, place: Place) -> Item | None:
        """What is stored at a place, or what was so until a moment ago."""
        changed, before = self._before.get(place, (-inf, None))
        is_stale = self._clock() - changed < _SETTLED and self._dice.random() < _STALE
        return before if is_stale else self.stored(place)

    def _note(self, place: Place, before: Item | None) -> None:
        self._before[place] = (self._clock(), before)
        self.had[place].append(self.row(place))


def key_of(place: Place) -> Item:
    """The key of a place in DynamoDB JSON."""
    return {"shelf": {"S": SHELF}, "number": {"N": str(place.number)}}


def places_of(operation: Operation[Any]) -> list[Place]:
    """Where a request writes."""
    request = operation.request
    if operation.parts:
        return [place for part in operation.parts for place in places_of(part)]
    if "RequestItems" in request:
        return [
            _place(table, next(iter(write.values())))
            for table, writes in request["RequestItems"].items()
            for write in writes
        ]
    return [_place(operation.table, request)]


def _place(table: str, write: Mapping[str, Any]) -> Place:
    key = write.get("Key") or write["Item"]
    return Place(table, int(key["number"]["N"]))
