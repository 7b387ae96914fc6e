"""Key conditions: the stretch of a partition that a query reads.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

from functools import total_ordering
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dynrepo.expressions.nodes import And, Comparison, Path, Value
from dynrepo.testing.operands import Node, parts, segments
from dynrepo.testing.refusals import invalid
from dynrepo.testing.rules import PARTITION_KEY_BYTES, SORT_KEY_BYTES, key_value
from dynrepo.testing.tables import Keys, Position, View, hash_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@total_ordering
class _Top:
    """Comes after everything."""

    def __lt__(self, other: object) -> bool:
        return False

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


_TOP: Final = _Top()


class Range(NamedTuple):
    """A stretch of one partition, and the prefix that its sort keys begin with."""

    low: Position
    high: Position
    prefix: Any = None

    def positions(self, view: View, after: Position | None, *, forward: bool) -> Iterator[Position]:
        """The positions in this stretch, in order."""
        between: Iterator[Position] = view.between(self.low, self.high, after, forward=forward)
        if self.prefix is None:
            return between
        return (position for position in between if position[2].startswith(self.prefix))


def range_of(keys: Keys, condition: Node) -> Range:
    """The stretch that a key condition describes."""
    conjuncts = list(_conjuncts(condition))
    by_key = {_attribute(conjunct): conjunct for conjunct in conjuncts}
    if len(by_key) != len(conjuncts):
        raise invalid("KeyConditionExpressions must only contain one condition per key")
    if set(by_key) - set(keys.names) or keys.partition not in by_key:
        raise invalid(f"Query condition missed key schema element: {keys.partition}")
    partition = by_key[keys.partition]
    if not isinstance(partition, Comparison) or partition.operator != "=":
        raise invalid("Query key condition not supported")
    (value,) = _values(partition, keys, keys.partition)
    start: Position = (hash_of(value), value)
    sort = by_key.get(keys.sort or "")
    if sort is None:
        return Range(start, (*start, _TOP))
    return _sort_range(start, sort, _values(sort, keys, keys.sort or ""))


def _sort_range(start: Position, sort: Node, values: list[Any]) -> Range:
    if not values:
        raise invalid("Query key condition not supported")
    at: Position = (*start, values[0])
    past: Position = (*start, values[-1], _TOP)
    end: Position = (*start, _TOP)
    ranges = {
        "=": Range(at, past),
        "<": Range(start, at),
        "<=": Range(start, past),
        ">": Range(past, end),
        ">=": Range(at, end),
        "BETWEEN": Range(at, past),
        "begins_with": Range(at, end, values[0]),
    }
    if sort.operator not in ranges:
        raise invalid("Query key condition not supported")
    return ranges[sort.operator]


def _conjuncts(condition: Node) -> Iterator[Node]:
    if isinstance(condition, And):
        for part in parts(condition):
            yield from _conjuncts(part)
    else:
        yield condition


def _attribute(condition: Node) -> str:
    path = parts(condition)[0]
    if not isinstance(path, Path) or len(segments(path)) != 1:
        raise invalid("Invalid operator used in KeyConditionExpression")
    return str(segments(path)[0])


def _values(condition: Node, keys: Keys, name: str) -> list[Any]:
    if not all(isinstance(operand, Value) for operand in parts(condition)[1:]):
        raise invalid("Invalid condition in KeyConditionExpression: Multiple attribute names used")
    limit = PARTITION_KEY_BYTES if name == keys.partition else SORT_KEY_BYTES
    return [
        key_value(operand.value, keys.types[name], limit, name) for operand in parts(condition)[1:]
    ]
