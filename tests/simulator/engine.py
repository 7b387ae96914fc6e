"""The table server of a schedule: it applies requests as they arrive and keeps count of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.faults import Exchange, unprocessed
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.rules import admitted
from tests.simulator.history import READS
from tests.simulator.ledger import LEDGERS, PLACES, SHELF, Place, row_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import Item
    from dynrepo.operations.operation import Operation
    from tests.simulator.history import Request
    from tests.simulator.ledger import Row


class Engine:
    """DynamoDB in memory, behind the network; `clock` gives the virtual time in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._store = MemoryStore(*LEDGERS, clock=clock)
        # Past the library, as others write.
        self._database = self._store._database
        tables = self._database.tables
        self._spots = {
            place: (tables[place.table], tables[place.table].keys.position(key_of(place)))
            for place in PLACES
        }

    def clear(self) -> None:
        """Removes all items, and forgets the transactions."""
        self._database.tokens.clear()
        for table, position in self._spots.values():
            table.remove(position)

    def answered(
        self, operation: Operation[Any], request: Request, *, in_part: bool = False
    ) -> dict[str, Any] | Refused:
        """The body of the answer to a request, or the error; a batch may be done in part only."""

        def applied(operation: Operation[Any]) -> dict[str, Any]:
            return self._applied(operation, request)

        try:
            if in_part:
                return unprocessed()(Exchange(operation, 0.0, applied))
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
        if attributes is None:
            table.remove(position)
        else:
            table.put(position, *admitted({**attributes, **key_of(place)}))

    def _applied(self, operation: Operation[Any], request: Request) -> dict[str, Any]:
        if operation.name in READS:
            body = self._store._answer(operation)
            request.shown = row_in(body.get("Item"))
            return body
        tokens = len(self._database.tokens)
        places = places_of(operation)
        before = [self.stored(place) for place in places]
        body = self._store._answer(operation)
        if "TransactItems" in operation.request and len(self._database.tokens) == tokens:
            return body  # it was made before, and is not made again
        for place, old in zip(places, before, strict=True):
            request.applied[place] += 1
            request.changed[place] += self.stored(place) != old
        return body


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
