"""The codecs of lists, tuples, sets and maps, by their annotations."""

from __future__ import annotations

import collections
import collections.abc
import re
from typing import TYPE_CHECKING, Any, Unpack, get_args, get_origin

from dynrepo.codec.lists import ListCodec, TupleCodec
from dynrepo.codec.maps import MapCodec
from dynrepo.codec.scalars import BYTES, STR, PatternCodec
from dynrepo.codec.sets import set_of
from dynrepo.codec.untyped import ANY, ANY_IN_LIST, ANY_IN_MAP
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.codec.value import Codec

_LISTS: dict[Any, type] = {
    list: list,
    collections.abc.Sequence: list,
    collections.abc.MutableSequence: list,
    collections.deque: collections.deque,
}
_SETS: dict[Any, type] = {
    set: set,
    frozenset: frozenset,
    collections.abc.Set: set,
    collections.abc.MutableSet: set,
}
_MAPS: dict[Any, type] = {
    dict: dict,
    collections.abc.Mapping: dict,
    collections.abc.MutableMapping: dict,
    collections.defaultdict: collections.defaultdict,
    collections.Counter: collections.Counter,
}


def container(annotation: Any, compile_: Callable[[Any], Codec], *, strict: bool) -> Codec | None:
    """The codec of a container, whose parts `compile_` makes; None for any other type.

    `strict` says that Pydantic takes no list for a set.
    """
    origin, arguments = get_origin(annotation) or annotation, get_args(annotation)
    if origin is tuple:
        return _tuple(arguments, compile_)
    if origin in _LISTS:
        return ListCodec(_LISTS[origin], _within(ANY_IN_LIST, _element(arguments, compile_)))
    if origin in _SETS:
        return set_of(_SETS[origin], _element(arguments, compile_), strict=strict)
    if origin in _MAPS:
        return _map(_MAPS[origin], arguments, compile_)
    if origin is re.Pattern:
        return PatternCodec(BYTES if arguments == (bytes,) else STR)
    return None


def _element(arguments: tuple[Any, ...], compile_: Callable[[Any], Codec]) -> Codec:
    return compile_(arguments[0]) if arguments else ANY


def _map(kind: type, arguments: tuple[Any, ...], compile_: Callable[[Any], Codec]) -> Codec:
    if kind is collections.Counter:
        arguments = (*arguments, int) if arguments else (Any, int)
    key, value = arguments or (str, Any)
    entry = _within(ANY_IN_MAP, compile_(value))
    return MapCodec(kind, STR if key is Any else compile_(key), entry)


def _within(untyped: Codec, codec: Codec) -> Codec:
    """A codec; that of any type as it is in its place."""
    return untyped if codec is ANY else codec


def _tuple(arguments: tuple[Any, ...], compile_: Callable[[Any], Codec]) -> Codec:
    if not arguments:
        return ListCodec(tuple, ANY_IN_LIST)
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004
        return ListCodec(tuple, _within(ANY_IN_LIST, compile_(arguments[0])))
    if any(map(_is_unpacked, arguments)):
        raise SchemaError("a tuple with an unpacked part has no one form: declare a list")
    return TupleCodec(tuple(compile_(argument) for argument in arguments))


def _is_unpacked(argument: Any) -> bool:
    """Whether a part of a tuple is `*tuple[...]` or `Unpack[tuple[...]]`."""
    return get_origin(argument) is Unpack or bool(getattr(argument, "__unpacked__", False))
