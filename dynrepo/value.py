"""Attribute values compared as DynamoDB compares them.

`1` and `1.0` are one number, and a set has no order; their texts say otherwise.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping


def canonical(value: Mapping[str, Any]) -> Hashable:
    """A form of an attribute value, in DynamoDB JSON, that is equal where DynamoDB says equal."""
    ((tag, content),) = value.items()
    made = _CANONICAL.get(tag)
    return tag, content if made is None else made(content)


def canonical_item(item: Mapping[str, Mapping[str, Any]]) -> Hashable:
    """A form of an attribute map, of a key for instance, that can be compared and hashed."""
    return frozenset((name, canonical(value)) for name, value in item.items())


_CANONICAL: dict[str, Callable[[Any], Hashable]] = {
    "N": Decimal,
    "NS": lambda numbers: frozenset(map(Decimal, numbers)),
    "SS": frozenset,
    "BS": frozenset,
    "L": lambda values: tuple(map(canonical, values)),
    "M": canonical_item,
}
