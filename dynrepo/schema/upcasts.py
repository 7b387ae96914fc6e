"""Items that an older version of a model stored, brought to today's before they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynrepo.callbacks import is_closed
from dynrepo.codec import decode_any, encode_any
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue, Item

Upcast: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the attributes of an older version, as plain values, into those of today."""


def upcasted(item: Mapping[str, AttributeValue], upcast: Upcast, model: str) -> Item:
    """The attribute map that an upcast makes of an older one; CodecError where it makes none."""
    old = _plain(item)
    try:
        plain: Any = upcast(old)
    except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
        pass_strike(error)
        reason = f"raised {type(error).__name__}"
    else:
        if isinstance(plain, Mapping):
            return _stored(cast("Mapping[str, Any]", plain), item, model)
        is_closed(plain)
        reason = f"returned {type(plain).__name__}, which is no mapping of attributes"
    # Raised outside the handler: the error in hand may quote the item.
    raise CodecError(f"{model}: its upcast {reason}")


def _plain(item: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """What `decode_any` reads; most attributes are texts, which take no more than a look."""
    try:
        return {
            name: text
            if type(text := stored.get("S")) is str and len(stored) == 1
            else decode_any(stored)
            for name, stored in item.items()
        }
    except AttributeError:  # what is no attribute value may be anything
        return {name: decode_any(stored) for name, stored in item.items()}


def _stored(plain: Mapping[str, Any], item: Mapping[str, AttributeValue], model: str) -> Item:
    try:
        # A text that was left as it was is stored as it was.
        return {
            name: stored
            if type(value) is str
            and (stored := item.get(name)) is not None
            and stored.get("S") is value
            else encode_any(value)
            for name, value in plain.items()
        }
    except CodecError as error:
        reason = str(error)
    raise CodecError(f"{model}: its upcast made what is no attribute: {reason}")
