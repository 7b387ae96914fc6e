"""Items that an older version of a model stored, brought to today's before they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynrepo.callbacks import is_closed
from dynrepo.codec import decode_any, encode_any
from dynrepo.codec.value import class_of
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from dynrepo.codec import AttributeValue, Item

Upcast: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the attributes of an older version, as plain values, into those of today."""


def upcasted(
    item: Mapping[str, AttributeValue],
    upcast: Upcast,
    model: str,
    added: AbstractSet[str] = frozenset(),
) -> Item:
    """The attribute map that an upcast makes of an older one; CodecError where it makes none.

    It is not given the `added` attributes, which are none of the model's, and stay as they are. An
    item that it leaves as it is, in all its parts, stays as it is stored.
    """
    if added:
        own = {name: stored for name, stored in item.items() if name not in added}
        rest = {name: item[name] for name in item.keys() - own.keys()}
        return {**upcasted(own, upcast, model), **rest}
    old: dict[str, Any] = decode_any({"M": item})
    kept = _Kept(old)
    try:
        plain: Any = upcast(old)
    except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
        pass_strike(error)
        reason = f"raised {type(error).__name__}"
    else:
        if kept.is_left(plain):
            return cast("Item", item)
        if isinstance(plain, Mapping):
            return _stored(cast("Mapping[str, Any]", plain), item, model)
        is_closed(plain)
        reason = f"returned {type(plain).__name__}, which is no mapping of attributes"
    # Raised outside the handler: the error in hand may quote the item.
    raise CodecError(f"{model}: its upcast {reason}")


class _Kept:
    """Plain values as they were given to a hook, which may change them in place."""

    def __init__(self, plain: dict[str, Any]) -> None:
        self._values = plain.copy()
        self._copies = [
            (value, _copy(value)) for value in plain.values() if type(value) in _CHANGEABLE
        ]

    def is_left(self, made: Any) -> bool:
        """Whether what a hook has made is of the same values, and not of others that are equal."""
        return (
            class_of(made) is dict
            and [*made] == [*self._values]
            and all(map(is_, made.values(), self._values.values()))
            and all(_is_left(value, copy) for value, copy in self._copies)
        )


def _copy(value: Any) -> Any:
    """A copy of a container with copies of those in it, and otherwise of the same parts."""
    kind, copy = class_of(value), value.copy()
    if kind is not set:
        for place, part in value.items() if kind is dict else enumerate(value):
            if type(part) in _CHANGEABLE:
                copy[place] = _copy(part)
    return copy


def _is_left(value: Any, copy: Any) -> bool:
    kind = class_of(copy)
    if class_of(value) is not kind or len(value) != len(copy):
        return False
    if kind is set:
        return bool(value == copy)
    if kind is dict:
        if [*value] != [*copy]:
            return False
        value, copy = value.values(), copy.values()
    return all(map(is_, value, copy)) or all(map(_is_part_left, value, copy))


def _is_part_left(value: Any, copy: Any) -> bool:
    return value is copy or (type(copy) in _CHANGEABLE and _is_left(value, copy))


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


_CHANGEABLE = (dict, list, set)
"""The classes of plain values that a hook may change in place."""
