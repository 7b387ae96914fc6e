"""Tables in memory: items in the order of their keys, and the same for every index."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from zlib import crc32

from dynrepo.codec.limits import size_of
from dynrepo.sending.outcomes import Refused
from dynrepo.testing.refusals import invalid
from dynrepo.testing.rules import PARTITION_KEY_BYTES, SORT_KEY_BYTES, admitted_value, key_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dynrepo.codec import Item

_LIMITS: Final = (PARTITION_KEY_BYTES, SORT_KEY_BYTES)

HASHES: Final = 2**32
"""Partitions are laid out by a hash below this, as a scan meets them."""

Position: TypeAlias = tuple[Any, ...]
"""Where an item stands: hash and value of the partition key, the sort key, what makes it unique."""


class Row(NamedTuple):
    """A stored item, which is never changed in place, and its size in bytes."""

    item: Item
    size: int


class IndexRow(NamedTuple):
    """What an index has of an item."""

    position: Position
    item: Item
    size: int


@dataclass
class Keys:
    """The key attributes of a table or an index, with their types."""

    partition: str
    sort: str | None
    types: Mapping[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The key attributes, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    def values(self, item: Mapping[str, Any]) -> list[Any]:
        """What orders the key of an item; refuses a key that is missing or wrong."""
        return [
            key_value(item.get(name, {}), self.types[name], limit, name)
            for name, limit in zip(self.names, _LIMITS, strict=False)
        ]

    def position(self, item: Mapping[str, Any]) -> Position:
        """Where an item with this key stands."""
        values = self.values(item)
        return (hash_of(values[0]), *values)


def hash_of(value: Any) -> int:
    """Where the partition of a key is laid out."""
    return crc32(value if isinstance(value, bytes) else str(value).encode())


@dataclass
class View:
    """The items of a table, or those that an index has, in their order.

    `projection` names the attributes that an index has of each; None is all of them.
    """

    keys: Keys
    rows: dict[Position, Row] = field(default_factory=dict[Position, Row])
    order: list[Position] = field(default_factory=list[Position])
    name: str = ""
    local: bool = False
    projection: frozenset[str] | None = None

    def put(self, position: Position, row: Row) -> None:
        """Adds or replaces a row."""
        if position not in self.rows:
            insort(self.order, position)
        self.rows[position] = row

    def remove(self, position: Position) -> None:
        """Takes a row out."""
        if self.rows.pop(position, None) is not None:
            del self.order[bisect_left(self.order, position)]

    def lacking(self, names: Iterable[str]) -> list[str]:
        """Those of some attributes, sorted, that it does not have of any item."""
        return [] if self.projection is None else sorted(set(names) - self.projection)

    def part_of(self, item: Item) -> Item:
        """What it has of an item."""
        if self.projection is None:
            return item
        return {name: item[name] for name in item if name in self.projection}

    def between(
        self, low: Position, high: Position, after: Position | None, *, forward: bool
    ) -> Any:
        """The positions of a range, from its start or its end, after one of them."""
        first, last = bisect_left(self.order, low), bisect_left(self.order, high)
        if after is not None and forward:
            first = max(first, bisect_right(self.order, after))
        elif after is not None:
            last = min(last, bisect_left(self.order, after))
        indexes = range(first, last) if forward else range(last - 1, first - 1, -1)
        return (self.order[index] for index in indexes)


@dataclass
class IndexView(View):
    """A secondary index, which has the items that have its key."""

    def position_of(self, item: Item, primary: Position) -> Position | None:
        """Where an item stands in this index; None when it lacks a key attribute."""
        if any(name not in item for name in self.keys.names):
            return None
        return (*self.keys.position(item), *primary)

    def sizes_written(self, old: Row | None, new: Row | None, primary: Position) -> list[int]:
        """The bytes of each write that a change of an item makes here: two where its key changes.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
        """
        before, after = self._entry(old, primary), self._entry(new, primary)
        if before and after and before.position == after.position:
            same = before.item == after.item
            return [] if same else [max(before.size, after.size)]
        return [entry.size for entry in (before, after) if entry]

    def _entry(self, row: Row | None, primary: Position) -> IndexRow | None:
        """What it has of an item; None of none, and of one that lacks a key attribute."""
        position = None if row is None else self.position_of(row.item, primary)
        if row is None or position is None:
            return None
        part = self.part_of(row.item)
        return IndexRow(position, part, row.size if part is row.item else size_of(part))


class MemoryTable:
    """One table: its description, its items and its indexes."""

    def __init__(self, request: Mapping[str, Any]) -> None:
        self.request = dict(request)
        self.name: str = request["TableName"]
        self.status = "ACTIVE"
        self.ttl: str | None = None
        self.keys = self._keys(request["KeySchema"])
        self.items = View(self.keys)
        self.indexes = {
            element["IndexName"]: self._index(element, local=local)
            for kind, local in (("GlobalSecondaryIndexes", False), ("LocalSecondaryIndexes", True))
            for element in request.get(kind) or ()
        }

    def _keys(self, elements: Sequence[Mapping[str, str]]) -> Keys:
        types = {
            definition["AttributeName"]: definition["AttributeType"]
            for definition in self.request["AttributeDefinitions"]
        }
        names = {element["KeyType"]: element["AttributeName"] for element in elements}
        if not set(names.values()) <= set(types):
            raise invalid("One or more parameter values were invalid: a key has no definition")
        return Keys(names["HASH"], names.get("RANGE"), types)

    def _index(self, element: Mapping[str, Any], *, local: bool) -> IndexView:
        keys = self._keys(element["KeySchema"])
        projection = element.get("Projection", {"ProjectionType": "ALL"})
        attributes = None
        if projection["ProjectionType"] != "ALL":
            more = projection.get("NonKeyAttributes", ())
            attributes = frozenset((*keys.names, *self.keys.names, *more))
        return IndexView(keys, name=element["IndexName"], local=local, projection=attributes)

    def view(self, index: str | None) -> View:
        """The table itself, or one of its indexes."""
        if index is None:
            return self.items
        if index not in self.indexes:
            raise invalid(f"The table does not have the specified index: {index}")
        return self.indexes[index]

    def position(self, key: Mapping[str, Any]) -> Position:
        """Where the item with this key stands; refuses anything but the key attributes."""
        if set(key) != set(self.keys.names):
            raise invalid("The provided key element does not match the schema")
        try:
            return self.keys.position(key)
        except Refused as error:
            if "Type mismatch" in error.response["Error"]["Message"]:
                raise invalid("The provided key element does not match the schema") from None
            raise

    def get(self, position: Position) -> Item | None:
        """The item that stands there."""
        row = self.items.rows.get(position)
        return None if row is None else row.item

    def size(self, position: Position) -> int:
        """The bytes of the item that stands there; 0 when there is none."""
        row = self.items.rows.get(position)
        return 0 if row is None else row.size

    def check(self, item: Item) -> None:
        """Refuses an item whose index keys have the wrong type or are empty."""
        for index in self.indexes.values():
            for name, limit in zip(index.keys.names, _LIMITS, strict=False):
                if name in item:
                    key_value(item[name], index.keys.types[name], limit, name)

    def put(self, position: Position, item: Item, size: int) -> None:
        """Stores an item, in the indexes too."""
        self.remove(position)
        row = Row(item, size)
        self.items.put(position, row)
        for index in self.indexes.values():
            indexed = index.position_of(item, position)
            if indexed is not None:
                index.put(indexed, row)

    def remove(self, position: Position) -> None:
        """Removes an item, from the indexes too."""
        item = self.get(position)
        if item is None:
            return
        self.items.remove(position)
        for index in self.indexes.values():
            indexed = index.position_of(item, position)
            if indexed is not None:
                index.remove(indexed)

    def sizes_written(self, position: Position, new: Row | None) -> list[int]:
        """The bytes of each write that a new item, or none, makes in the indexes."""
        old = self.items.rows.get(position)
        views = self.indexes.values()
        return [size for view in views for size in view.sizes_written(old, new, position)]

    def start(self, view: View, key: Mapping[str, Any] | None) -> Position | None:
        """The position that an ExclusiveStartKey names, whether or not an item stands there."""
        if key is None:
            return None
        names = {*self.keys.names, *view.keys.names}
        if set(key) != names:
            raise invalid("The provided starting key is invalid")
        own = {name: admitted_value(value)[0] for name, value in key.items()}
        try:
            primary = self.keys.position(own)
            return view.position_of(own, primary) if isinstance(view, IndexView) else primary
        except Refused:
            raise invalid("The provided starting key is invalid") from None

    def last(self, view: View, item: Item) -> Item:
        """The key to go on after an item."""
        return {name: item[name] for name in dict.fromkeys((*self.keys.names, *view.keys.names))}
