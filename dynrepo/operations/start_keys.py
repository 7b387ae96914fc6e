"""The key that a page begins after, where it comes from a stranger: looked at before it is sent.

DynamoDB would answer most of what is refused here with a ValidationException, which is no fault of
whoever runs the query.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-ExclusiveStartKey
"""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

from dynrepo.codec.limits import MAX_BYTES, check_key
from dynrepo.codec.number import read_decimal
from dynrepo.codec.value import class_of
from dynrepo.errors import InvalidCursor
from dynrepo.expressions.key_conditions import comparisons_in
from dynrepo.operations.cursor import foreign
from dynrepo.operations.descriptions import key_of
from dynrepo.templates.asked import Asked
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dynrepo.codec import Item
    from dynrepo.operations.cursor import Cursors
    from dynrepo.schema.keys import KeySchema


def start_of(
    cursor: str,
    cursors: Cursors,
    identity: Callable[[], Any],
    keys: Iterable[KeySchema],
    condition: Any,
) -> Item:
    """The key in a cursor of the query that `identity` tells; else an `InvalidCursor`.

    `condition` is what the query asks of its key. An encrypted cursor was made here: what is in it
    is not looked at.
    """
    try:
        if cursors.are_encrypted:
            return cursors.content_of(cursor, identity())  # type: ignore[no-any-return]
        return checked_start(cursors.content_of(cursor, identity()), keys, condition)
    except InvalidCursor as error:
        raise without_own_frames(error)  # noqa: B904 - itself; they hold the values of the query


def checked_start(found: Any, keys: Iterable[KeySchema], asked: Any) -> Item:
    """A key that a query may go on after; `InvalidCursor` for anything else.

    It has the attributes of `keys`, those of the table and of the index that is read, with values
    that can be keys, and is one of those that the key condition `asked` wants.
    """
    try:
        if _is_key(found, keys) and _is_wanted(found, asked):
            return found  # type: ignore[no-any-return]
    except (ValueError, ArithmeticError):  # of limits, base64, UTF-8 and numbers
        pass
    raise foreign()


def _is_key(found: Any, keys: Iterable[KeySchema]) -> bool:
    """Whether it has the attributes of some keys and no others; ValueError for a wrong value."""
    parts = [part for key in keys for part in zip(key_of(key), MAX_BYTES, strict=False)]
    if class_of(found) is not dict or found.keys() != {name for (name, _), _ in parts}:
        return False
    return all(_is_value(found[name], tag, limit) for (name, tag), limit in parts)


def _is_value(stored: Any, tag: str, limit: int) -> bool:
    if class_of(stored) is not dict or stored.keys() != {tag} or type(stored[tag]) is not str:
        return False
    _READ[tag](stored[tag])
    check_key("", stored, limit)
    return True


def _is_wanted(found: Item, asked: Any) -> bool:
    """Whether a key condition holds for a key; that of a scan, None, does for all."""
    shape, values = comparisons_in(asked)
    return all(
        Asked(operator, compared).holds(found[attribute])
        for (attribute, operator), compared in zip(shape, values, strict=True)
    )


def _binary(text: str) -> bytes:
    return b64decode(text, validate=True)


_READ: dict[str, Callable[[str], object]] = {"S": str.encode, "N": read_decimal, "B": _binary}
