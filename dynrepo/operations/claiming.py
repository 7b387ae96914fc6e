"""The repair of the guards of unique values: for a table that had none, or that others wrote to.

Guards that are of no item are removed first, so that they stand in nobody's way; then each item
gets those that it lacks. Every write is made under the condition that the item is as it was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from dynrepo.errors import CodecError, ConditionFailed, NotUnique, TransactionCanceled
from dynrepo.expressions.nodes import BeginsWith, Value
from dynrepo.expressions.trees import Tree, path_to, render
from dynrepo.operations.accepting import of_count
from dynrepo.operations.claims import Guards, required
from dynrepo.operations.guard_rows import OWNER
from dynrepo.operations.guards import any_of
from dynrepo.operations.operation import Answer, Effect, Operation, nothing
from dynrepo.operations.program import Apply, Progress
from dynrepo.operations.reads import get_stored_at
from dynrepo.operations.refused import REFUSED, refusal_of
from dynrepo.operations.reports import Section, counted, report
from dynrepo.operations.tally import Tally
from dynrepo.operations.transactions import transact_write
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.program import Program
    from dynrepo.operations.unique_values import UniqueValue, UniqueValues


@public
@dataclass(frozen=True)
class Claims:
    """What `claim_unique()` found and did; false where no value is held by two items.

    Attributes:
        rows: How many items were read.
        written: How many guards were written.
        removed: How many guards were removed, which were of no item.
        not_unique: How many items have no guard since another one has their value, by field.
    """

    rows: int = 0
    written: int = 0
    removed: int = 0
    not_unique: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)

    def __bool__(self) -> bool:
        return bool(self.not_unique)

    def __str__(self) -> str:
        facts = (
            f"{counted(self.written, 'guard')} written",
            f"{counted(self.removed, 'guard')} of no item removed",
        )
        taken = Section("items with a value that another item has:", self.not_unique)
        return report(f"{counted(self.rows, 'item')} read", facts, [taken])


class _ScannedRows(NamedTuple):
    rows: Sequence[Item]
    last_key: Item | None


class Claiming:
    """A repair of the guards of one repository: what it has found and done so far."""

    def __init__(
        self,
        mapper: Mapper[Any],
        unique: UniqueValues,
        not_unique: Callable[[Any], object] | None = None,
    ) -> None:
        self._mapper = mapper
        self._unique = unique
        self._table = unique.table(mapper.table, mapper.name)
        self._tell = not_unique
        self._taken = Tally()
        self._rows = self._written = self._removed = 0

    def made(self) -> Program[Claims]:
        """Reads all guards and all items, and mends what is not as it should be."""
        own = any_of(map(self._begun, self._unique.values))
        yield from self._pages(self._table, own, self._guard_mended)
        yield from self._pages(self._mapper.table, self._items(), self._item_mended)
        return Claims(self._rows, self._written, self._removed, self._taken.by_name())

    def _pages(
        self, table: str, where: Condition | None, mended: Callable[[Item], Program[None]]
    ) -> Program[None]:
        start: Item | None = None
        while True:
            page: _ScannedRows = yield _scanned(table, where, start)
            for row in page.rows:
                yield from mended(row)
            yield Progress(
                f"{self._mapper.table}: {counted(self._rows, 'item')} read,"
                f" {counted(self._written, 'guard')} written, {self._removed:,} removed"
            )
            start = page.last_key
            if start is None:
                return

    def _begun(self, value: UniqueValue) -> Condition:
        """That a row is a guard of a value."""
        key = self._unique.guards.of(value.begun)
        name = self._unique.guards.types[0][0]
        return BeginsWith(path_to(name), Value(key[name])) & path_to(OWNER).exists()

    def _items(self) -> Condition | None:
        """That a row is an item."""
        mapper = self._mapper
        if mapper.schema.added:
            return mapper.placed_query(mapper.schema.key_schema, None).filter
        return path_to(OWNER).does_not_exist()

    def _guard_mended(self, guard: Item) -> Program[None]:
        """Removes a guard whose item has not its value."""
        key: Item | None = guard.get(OWNER, {}).get("M")
        if not key:
            return  # no guard of this library's
        stored: Item | None = yield get_stored_at(self._mapper, key)
        held = {name: guard[name] for name, _ in self._unique.guards.types}
        for value in self._unique.values:
            text = value.in_stored(stored) if stored else None
            if text is not None and self._unique.guards.of(text) == held:
                return  # with another end of life it is written again, where the item is read
        removal = Guards(self._mapper, self._unique, key).release_at(held)
        self._removed += yield from self._written_with(key, stored, removal)

    def _item_mended(self, item: Item) -> Program[None]:
        """Writes the guards that an item lacks, or that have another end of life."""
        self._rows += 1
        if self._is_over(item):
            return  # anybody may have its values
        key = self._mapper.schema.key_of(item)
        guards = Guards(self._mapper, self._unique, key)
        for value in self._unique.values:
            text = value.in_stored(item)
            if text is None:
                continue
            at = self._unique.guards.of(text)
            found: Item = (yield _read_guard(self._table, at)) or {}
            if found.get(OWNER) == {"M": key} and self._unique.expires_alike(found, item):
                continue
            try:
                claim = guards.claim(value, text, item)
                self._written += yield from self._written_with(key, item, claim)
            except NotUnique:
                self._taken.add(value.name)
                yield from self._told(item)

    def _is_over(self, item: Item) -> bool:
        """Whether the life of an item has ended, and it is only not yet removed."""
        expiry = self._unique.expiry
        try:
            end = float(item[expiry]["N"]) if expiry in item else None
        except (KeyError, TypeError, ValueError):
            return False
        return end is not None and end <= self._mapper.clock().timestamp()

    def _told(self, item: Item) -> Program[None]:
        if self._tell is None:
            return
        try:
            instance = self._mapper.decode(item)
        except CodecError:
            return  # it is counted
        yield Apply(self._tell, instance)

    def _written_with(self, key: Item, stored: Item | None, guard: Operation[Any]) -> Program[int]:
        """Writes a guard if the item is as it was read: one; none where it, or the guard, is not.

        NotUnique where the guard is one of another item.
        """
        check = _as_it_is(self._mapper, self._unique, key, stored)
        try:
            yield transact_write([check.replaced(parts=(guard,))], str(uuid4()))
        except TransactionCanceled as error:
            reason = next(iter(error.reasons), None)
            if isinstance(reason, NotUnique) or not isinstance(reason, ConditionFailed):
                raise (reason or error) from error
            return 0  # whoever changed it has written its guards
        return 1


def _as_it_is(
    mapper: Mapper[Any], unique: UniqueValues, key: Item, stored: Item | None
) -> Operation[None]:
    """Makes sure that what guards depend on is stored as it was read, or nothing is."""
    exists = mapper.exists if stored else mapper.does_not_exist
    trees: dict[str, Tree] = {"ConditionExpression": exists}
    check = Operation(
        "ConditionCheck",
        mapper.table,
        {"TableName": mapper.table, "Key": key, **render(trees)},
        nothing,
        Effect.NONE,
        expressions=trees,
        refusal=partial(refusal_of, mapper, lambda _: REFUSED),
    )
    return required(mapper, unique, check, stored or {})


def _scanned(table: str, where: Condition | None, start: Item | None) -> Operation[_ScannedRows]:
    """A page of rows as they are stored now, after a key."""

    def read(answer: Answer) -> _ScannedRows:
        return _ScannedRows(
            answer.body.get("Items", ()), answer.body.get("LastEvaluatedKey") or None
        )

    trees: dict[str, Tree] = {} if where is None else {"FilterExpression": where}
    request = {"TableName": table, "ConsistentRead": True, **render(trees)}
    if start is not None:
        request["ExclusiveStartKey"] = start
    return Operation("Scan", table, request, read, expressions=trees, accepts=of_count)


def _read_guard(table: str, key: Item) -> Operation[Item | None]:
    """What is stored under the key of a guard now."""

    def read(answer: Answer) -> Item | None:
        return answer.body.get("Item")

    request = {"TableName": table, "Key": key, "ConsistentRead": True}
    return Operation("GetItem", table, request, read)
