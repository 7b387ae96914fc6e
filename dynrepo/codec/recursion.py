"""The codec of a type inside itself, which is known only when that of the whole is made."""

from __future__ import annotations

import threading
from typing import Any, get_origin

from pydantic import RootModel

from dynrepo.codec.annotations import is_class
from dynrepo.codec.untyped import MAX_COUNT, MAX_DEPTH
from dynrepo.codec.value import Codec, several
from dynrepo.errors import CodecError


class Levels(threading.local):
    """The values of recursive types that are being written, each inside the one before."""

    def __init__(self) -> None:
        self.open: set[tuple[int, int]] = set()
        self.count = 0
        """How many have been written inside the outermost."""


def reference(annotation: Any, cell: list[Codec], levels: Levels) -> Codec:
    """A codec that asks the one that `cell` will hold, as deep as DynamoDB allows."""
    tags, kinds = _form(get_origin(annotation) or annotation)
    most = MAX_COUNT // 4 if tags else MAX_COUNT  # a map or a list inside another takes four bytes

    def encode(value: Any) -> Any:
        mark = id(cell), id(value)  # one value may be of two types, as of an alias for a model
        if mark in levels.open or len(levels.open) >= MAX_DEPTH:
            raise CodecError(f"a value is nested deeper than {MAX_DEPTH} levels")
        levels.count = levels.count + 1 if levels.open else 0
        if levels.count > most:
            raise CodecError(f"a value holds more than {most} others, which no item can hold")
        levels.open.add(mark)
        try:
            return cell[0].encode(value)
        finally:
            levels.open.remove(mark)

    def decode(stored: Any) -> Any:
        return cell[0].decode(stored)

    def step(place: str | int) -> tuple[str | int, Codec]:
        return cell[0].child(place)

    name = getattr(annotation, "__name__", "type")
    return several(tags, encode, decode, name=name, kinds=kinds, deep=True, step=step)


def _form(kind: Any) -> tuple[frozenset[str], tuple[type, ...]]:
    """The tag of a class and the class of its values, as far as they can be told beforehand."""
    if not is_class(kind) or is_class(kind, RootModel):
        return frozenset(), ()
    if is_class(kind, tuple):
        return frozenset({"L"}), (kind,)
    return frozenset({"M"}), (dict if is_class(kind, dict) else kind,)
