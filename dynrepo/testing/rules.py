"""What DynamoDB takes and what it refuses: types, sizes, digits, keys.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from dynrepo.testing.numbers import number
from dynrepo.testing.refusals import invalid, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import AttributeValue, Item

ITEM_BYTES: Final = 400 * 1024
PARTITION_KEY_BYTES: Final = 2048
SORT_KEY_BYTES: Final = 1024
DEPTH: Final = 32
NAME_BYTES: Final = 65_535
"""Bytes that the name of an attribute may have; that of a key attribute, `KEY_NAME_BYTES`."""
KEY_NAME_BYTES: Final = 255


def admitted(item: Mapping[str, AttributeValue]) -> tuple[Item, int]:
    """A copy of an item as it is stored, numbers in one form, and its size in bytes."""
    stored: Item = {}
    size = 0
    for name, value in item.items():
        stored[name], bytes_of_value = admitted_value(value)
        size += name_bytes(name) + bytes_of_value
    if size > ITEM_BYTES:
        raise invalid("Item size has exceeded the maximum allowed size")
    return stored, size


def name_bytes(name: str) -> int:
    """The bytes of an attribute name; refuses one that is empty or too long.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
    """
    size = len(name.encode())
    if not size:
        raise invalid("One or more parameter values were invalid: Empty attribute name")
    if size > NAME_BYTES:
        raise invalid(f"Attribute name is too large, must be less than {NAME_BYTES + 1} bytes")
    return size


def admitted_value(value: AttributeValue, depth: int = 1) -> tuple[dict[str, Any], int]:
    """A copy of one value as it is stored, and its size in bytes."""
    if len(value) != 1:
        raise invalid("Supplied AttributeValue has more than one datatype set, or none")
    ((tag, content),) = value.items()
    if depth > DEPTH:
        raise invalid("Nesting Levels have exceeded supported limits")
    try:
        rule = _RULES[tag]
    except KeyError:
        raise invalid(f"Supplied AttributeValue has an unknown type: {tag}") from None
    stored, size = rule(content, depth)
    return {tag: stored}, size


def _text(content: Any, _: int) -> tuple[str, int]:
    if not isinstance(content, str):
        raise refused("SerializationException", "S takes a string")
    return content, len(content.encode())


def _number(content: Any, _: int) -> tuple[str, int]:
    text = number(content)
    return text, (len(text.strip("-0.")) + 1) // 2 + 1 + text.startswith("-")


def _binary(content: Any, _: int) -> tuple[str, int]:
    try:
        return content, len(b64decode(content, validate=True))
    except (TypeError, ValueError):
        raise refused("SerializationException", "B takes base64 text") from None


def _boolean(content: Any, _: int) -> tuple[bool, int]:
    if not isinstance(content, bool):
        raise refused("SerializationException", "BOOL takes true or false")
    return content, 1


def _null(content: Any, _: int) -> tuple[bool, int]:
    if content is not True:
        raise invalid("Null attribute value types must have the value of true")
    return content, 1


def _set_of(
    rule: Callable[[Any, int], tuple[Any, int]],
) -> Callable[[Any, int], tuple[list[Any], int]]:
    def admit(content: Any, depth: int) -> tuple[list[Any], int]:
        if not content:
            raise invalid("One or more parameter values were invalid: An set may not be empty")
        elements, sizes = zip(*(rule(element, depth) for element in content), strict=True)
        if len(set(elements)) != len(elements):
            raise invalid("One or more parameter values were invalid: a set contains duplicates")
        return list(elements), sum(sizes)

    return admit


def _list(content: Any, depth: int) -> tuple[list[Any], int]:
    elements = [admitted_value(element, depth + 1) for element in content]
    size = 3 + sum(1 + size for _, size in elements)
    return [element for element, _ in elements], size


def _map(content: Any, depth: int) -> tuple[Item, int]:
    stored: Item = {}
    size = 3
    for name, value in content.items():
        stored[name], bytes_of_value = admitted_value(value, depth + 1)
        size += 1 + name_bytes(name) + bytes_of_value
    return stored, size


_RULES: Final[dict[str, Callable[[Any, int], tuple[Any, int]]]] = {
    "S": _text,
    "N": _number,
    "B": _binary,
    "BOOL": _boolean,
    "NULL": _null,
    "SS": _set_of(_text),
    "NS": _set_of(_number),
    "BS": _set_of(_binary),
    "L": _list,
    "M": _map,
}


def copied(value: Any) -> Any:
    """A copy of JSON, all the way down."""
    if value.__class__ is dict:
        return {name: copied(inner) for name, inner in value.items()}
    return [copied(inner) for inner in value] if value.__class__ is list else value


ORDERED: Final = ("S", "N", "B")
"""The types that have an order, and so can be keys."""

SETS: Final = ("SS", "NS", "BS")

TYPES: Final = ("S", "N", "B", "BOOL", "NULL", "L", "M", *SETS)


def sortable(tag: str, content: Any) -> Any:
    """What orders values of one type as DynamoDB does: texts by code point, bytes unsigned."""
    if tag == "N":
        return Decimal(content)
    return b64decode(content) if tag == "B" else content


def key_value(value: AttributeValue, tag: str, limit: int, attribute: str) -> Any:
    """What orders a key attribute; refuses what cannot be one."""
    if tag not in value:
        raise invalid(
            f"One or more parameter values were invalid: Type mismatch for key {attribute}"
            f" expected: {tag} actual: {next(iter(value), 'none')}"
        )
    content, size = _RULES[tag](value[tag], 1)
    if not size:
        raise invalid(
            "One or more parameter values are not valid. The AttributeValue for a key attribute"
            f" cannot contain an empty value. Key: {attribute}"
        )
    if size > limit:
        raise invalid(
            "One or more parameter values were invalid: Aggregated size of all range keys, or size"
            f" of hashkey, has exceeded the size limit of {limit} bytes"
        )
    return sortable(tag, content)
