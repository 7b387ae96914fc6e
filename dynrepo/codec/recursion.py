"""The codec of a type inside itself, which is known only when that of the whole is made."""

from __future__ import annotations

import threading
from typing import Any, get_origin

from pydantic import RootModel

from dynrepo.codec.annotations import is_class
from dynrepo.codec.untyped import MAX_DEPTH
from dynrepo.codec.value import Codec, several
from dynrepo.errors import CodecError


class Levels(threading.local):
    """How deep the value being written is nested in values of recursive types."""

    count = 0


def reference(annotation: Any, cell: list[Codec], levels: Levels) -> Codec:
    """A codec that asks the one that `cell` will hold, as deep as DynamoDB allows."""

    def encode(value: Any) -> Any:
        if levels.count >= MAX_DEPTH:
            raise CodecError(f"a value is nested deeper than {MAX_DEPTH} levels")
        levels.count += 1
        try:
            return cell[0].encode(value)
        finally:
            levels.count -= 1

    def decode(stored: Any) -> Any:
        return cell[0].decode(stored)

    def step(place: str | int) -> tuple[str | int, Codec]:
        return cell[0].child(place)

    tags, kinds = _form(get_origin(annotation) or annotation)
    name = getattr(annotation, "__name__", "type")
    return several(tags, encode, decode, name=name, kinds=kinds, deep=True, step=step)


def _form(kind: Any) -> tuple[frozenset[str], tuple[type, ...]]:
    """The tag of a class and the class of its values, as far as they can be told beforehand."""
    if not is_class(kind) or is_class(kind, RootModel):
        return frozenset(), ()
    if is_class(kind, tuple):
        return frozenset({"L"}), (kind,)
    return frozenset({"M"}), (dict if is_class(kind, dict) else kind,)
