"""Items that an older version of a model stored, brought to today's before they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynrepo.codec import decode_any, encode_any
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from dynrepo.codec import AttributeValue, Item

Upcast: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the attributes of an older version, as plain values, into those of today."""


def upcasted(item: Mapping[str, AttributeValue], upcast: Upcast, model: str) -> Item:
    """The attribute map that an upcast makes of an older one; CodecError where it makes none."""
    old = {name: decode_any(stored) for name, stored in item.items()}
    try:
        plain: Any = upcast(old)
    except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
        pass_strike(error)
        reason = f"raised {type(error).__name__}"
    else:
        if isinstance(plain, Mapping):
            return _stored(cast("Mapping[str, Any]", plain), model)
        reason = f"returned {type(plain).__name__}, which is no mapping of attributes"
    # Raised outside the handler: the error in hand may quote the item.
    raise CodecError(f"{model}: its upcast {reason}")


def _stored(plain: Mapping[str, Any], model: str) -> Item:
    try:
        return {name: encode_any(value) for name, value in plain.items()}
    except CodecError as error:
        reason = str(error)
    raise CodecError(f"{model}: its upcast made what is no attribute: {reason}")
