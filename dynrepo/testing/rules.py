"""What DynamoDB takes and what it refuses: types, sizes, digits, keys.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from base64 import b64decode
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from dynrepo.sending.outcomes import Refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.codec import AttributeValue, Item

ITEM_BYTES: Final = 400 * 1024
PARTITION_KEY_BYTES: Final = 2048
SORT_KEY_BYTES: Final = 1024
DEPTH: Final = 32
DIGITS: Final = 38
_LARGEST, _SMALLEST = 125, -130


def refused(code: str, message: str, *, status: int = 400, **more: Any) -> Refused:
    """An error answer of the store in memory."""
    metadata = {"HTTPStatusCode": status, "RequestId": "memory"}
    error = {"Code": code, "Message": message}
    return Refused({"Error": error, "ResponseMetadata": metadata, **more})


def invalid(message: str) -> Refused:
    """The refusal of a request that is not valid."""
    return refused("ValidationException", message)


def admitted(item: Mapping[str, AttributeValue]) -> tuple[Item, int]:
    """A copy of an item as it is stored, numbers in one form, and its size in bytes."""
    stored: Item = {}
    size = 0
    for name, value in item.items():
        stored[name], bytes_of_value = admitted_value(value)
        size += len(name.encode()) + bytes_of_value
    if "" in stored:
        raise invalid("One or more parameter values were invalid: empty attribute name")
    if size > ITEM_BYTES:
        raise invalid("Item size has exceeded the maximum allowed size")
    return stored, size


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


def number(content: Any) -> str:
    """The one text of a number: without exponent, without zeros at its ends."""
    if not isinstance(content, str):
        raise refused("SerializationException", "N takes a string")
    try:
        value = Decimal(content)
    except InvalidOperation:
        raise invalid("The parameter cannot be converted to a numeric value") from None
    if not value.is_finite():
        raise invalid("The parameter cannot be converted to a numeric value")
    return number_text(value)


def number_text(value: Decimal) -> str:
    """The one text of a decimal; a refusal when DynamoDB cannot hold it."""
    if not value:
        return "0"
    significant = "".join(map(str, value.as_tuple().digits)).strip("0")
    if len(significant) > DIGITS:
        raise invalid("Attempting to store more than 38 significant digits in a Number")
    if value.adjusted() > _LARGEST:
        raise invalid("Number overflow. Attempting to store a number with magnitude too large")
    if value.adjusted() < _SMALLEST:
        raise invalid("Number underflow. Attempting to store a number with magnitude too small")
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


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
        size += 1 + len(name.encode()) + bytes_of_value
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
