"""What a look proves of a write whose answer was lost: that it was applied, or nothing.

It never proves that a write was refused: an item that is not ours may have been written over ours.
Nor does an item that is not there: it may be deleted again, or the request still be on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import canonical, canonical_item
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.operation import Settlement
from dynrepo.operations.reads import get_stored_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper


def settled_create(mapper: Mapper[Any], encoded: Item) -> Settlement:
    """That exactly its item is stored."""
    look = get_stored_at(mapper, mapper.schema.key_of(encoded))
    return Settlement(look, OpaquePartial(_surely, _is_item, encoded))


def settled_save(mapper: Mapper[Any], encoded: Item, key: Item) -> Settlement | None:
    """That its fields are stored as a versioned save left them; None where that proves nothing.

    Two savers of one version may write the same, a counter's next value for instance: only the time
    of the write tells whose it is.
    """
    schema = mapper.schema
    if schema.version is None or schema.updated is None:
        return None
    return Settlement(get_stored_at(mapper, key), OpaquePartial(_surely, _is_save, mapper, encoded))


def settled_edit(mapper: Mapper[Any], left: Item, key: Item) -> Settlement | None:
    """That its fields are stored as a versioned edit left them, as of a save."""
    schema = mapper.schema
    if schema.version is None or schema.updated is None:
        return None
    names = [*(field.attribute for field in schema.stored_fields), *schema.added]
    look = get_stored_at(mapper, key)
    return Settlement(look, OpaquePartial(_surely, _is_edit, names, left))


_ODD = (ArithmeticError, AttributeError, KeyError, TypeError, ValueError)
"""What comparing raises for what is no item of DynamoDB."""


def _surely(check: Callable[..., bool], *known: Any) -> bool:
    """What a check says; False for an odd answer, which proves nothing."""
    try:
        return check(*known)
    except _ODD:
        return False


def _is_item(encoded: Item, stored: Item) -> bool:
    return canonical_item(stored) == canonical_item(encoded)


def _is_edit(names: Sequence[str], left: Item, stored: Item) -> bool:
    return all(
        canonical(left[name]) == canonical(stored[name]) if name in left else name not in stored
        for name in names
    )


def _is_save(mapper: Mapper[Any], encoded: Item, stored: Item) -> bool:
    schema = mapper.schema
    kept = () if schema.created is None else schema.attributes_of(schema.created)
    removed = set(schema.attributes) - encoded.keys()
    return removed.isdisjoint(stored) and all(
        name in stored and canonical(stored[name]) == canonical(value)
        for name, value in encoded.items()
        if name not in kept
    )
