"""Whether an item that is written stays as it is when it is read and written again.

Validators run at every read, on what they have made. Where they make something else of that, as a
hash of a hash, the value that was given is lost with the first write, and the next with the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.schema.entity import Fields


def check_settled(schema: Fields[Any], given: BaseModel, stored: Item, read: BaseModel) -> None:
    """CodecError, naming the field, unless the instance that is read is written as it is stored.

    `stored` is what is to be stored for the instance `given`, and `read` is what is read of it.
    """
    again = schema.encode(read)
    if again == stored:
        return
    for field in schema.fields:
        attribute = field.attribute
        if not _is_same(stored.get(attribute), again.get(attribute)) and not _is_equal(
            field, stored, again, given, read
        ):
            raise CodecError(_reason(field.label))
    declared = {field.attribute for field in schema.fields}
    if _without(stored, declared) != _without(again, declared):
        raise CodecError(_reason(f"{schema.name}, an undeclared attribute"))


def _is_same(one: AttributeValue | None, other: AttributeValue | None) -> bool:
    if one is None or other is None:
        return one is other
    return canonical(one) == canonical(other)


def _is_equal(field: Field, stored: Item, again: Item, given: Any, read: Any) -> bool:
    """Whether two values are equal, though their texts differ: a list of a set has any order."""
    if stored.get(field.attribute, {}).keys() != again.get(field.attribute, {}).keys():
        return False
    try:
        return bool(getattr(given, field.name) == getattr(read, field.name))
    except Exception as error:  # noqa: BLE001  # a class of the user's may compare in its own way
        pass_strike(error)
        return False


def _without(item: Item, names: set[str]) -> dict[str, Any]:
    return {name: canonical(stored) for name, stored in item.items() if name not in names}


def _reason(label: str) -> str:
    return (
        f"{label}: what is stored would be read as another value, and written as that: validators,"
        " model_post_init and __init__ run at every read: let them keep what they have made"
    )
