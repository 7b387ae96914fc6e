"""Whether an answer of several items can be the one to a request: with rows of its keys and table.

A function here is given an answer whose members have their types; what is in its items it may find
in any shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Answer, Operation


class Identified(Protocol):
    """A write of a batch, as far as an answer tells of it."""

    @property
    def identity(self) -> Hashable:
        """The key that it is of."""
        ...


class AskedItems:
    """The items that a batch of reads asks for, of one table, and those in an answer to it.

    These are found once for an answer, by their identities.
    """

    def __init__(self, mapper: Mapper[Any], asked: AbstractSet[Hashable]) -> None:
        self._mapper = mapper
        self._asked = asked
        self._answer: Answer | None = None
        self._items: dict[Hashable, Any] = {}
        self._are_distinct = True

    def of(self, answer: Answer) -> dict[Hashable, Any]:
        """Those of an answer, in its order, the last of each: instances, where it has them."""
        if answer is not self._answer:
            items = answer.items
            if items is None:
                items = answer.body["Responses"].get(self._mapper.table, ())
            self._answer, self._items = answer, self._mapper.by_identity(items)
            self._are_distinct = len(self._items) == len(items)
        return self._items

    def accepts(self, answer: Answer) -> bool:
        """Whether an answer has these items, each once, and keys that are left.

        DynamoDB names the table also where it found nothing: an answer without it tells of no key
        that it is not stored.
        """
        table, found = self._mapper.table, self.of(answer)
        read, left = answer.body["Responses"], answer.body.get("UnprocessedKeys")
        if not (self._are_distinct and [*read] in ([table], []) and found.keys() <= self._asked):
            return False
        if not left:
            return table in read
        unread = self._mapper.identities(left.get(table, {}).get("Keys", ()))
        told = [*found, *unread]
        is_told = table in read or len(told) == len(self._asked)
        return is_told and left.keys() <= {table} and _are_among(told, self._asked)


def of_writes(mapper: Mapper[Any], writes: Iterable[Identified]) -> Callable[[Answer], bool]:
    """Accepts unprocessed ones of some writes, each once; in one table."""

    def accepts(answer: Answer) -> bool:
        left = answer.body.get("UnprocessedItems")
        if not left:
            return True
        items = [_written(request) for request in left.get(mapper.table, ())]
        asked = {write.identity for write in writes}
        return left.keys() <= {mapper.table} and _are_among(mapper.identities(items), asked)

    return accepts


def of_parts(parts: Sequence[Operation[Any]]) -> Callable[[Answer], bool]:
    """Accepts an answer to each of some reads, in their order."""

    def accepts(answer: Answer) -> bool:
        answers = answers_of_parts(answer)
        return len(answers) == len(parts) and all(
            part.accepts is None or part.accepts(each)
            for part, each in zip(parts, answers, strict=True)
        )

    return accepts


def answers_of_parts(answer: Answer) -> list[Answer]:
    """The answer to each of some reads, with its instance where the sender made one."""
    bodies = answer.body["Responses"]
    instances = [None] * len(bodies) if answer.items is None else answer.items
    return [
        answer.replaced(body=body, items=None if instance is None else (instance,))
        for body, instance in zip(bodies, instances, strict=True)
    ]


def of_count(answer: Answer) -> bool:
    """Accepts a page that has as many items as it says."""
    items = answer.body.get("Items", ()) if answer.items is None else answer.items
    return bool(len(items) == answer.body["Count"])


def _are_among(found: Sequence[Hashable], asked: AbstractSet[Hashable]) -> bool:
    """Whether each of some identities was asked for, and is there once."""
    distinct = set(found)
    return len(distinct) == len(found) and distinct <= asked


def _written(request: Mapping[str, Any]) -> Any:
    """The item of a write, or its key; nothing where it has neither."""
    put, deleted = request.get("PutRequest", {}), request.get("DeleteRequest", {})
    return put.get("Item") or deleted.get("Key") or {}
