"""The types that are known by themselves, and those that are refused, each with its cure."""

from __future__ import annotations

import collections
import typing
from types import NoneType
from typing import Any

import typing_extensions
from pydantic import FutureDate, FutureDatetime, ImportString, JsonValue, ValidateAs

from dynrepo.codec.scalars import NONE, SCALARS, TEXTS
from dynrepo.codec.times import TIMES
from dynrepo.codec.untyped import ANY, JSON_VALUE
from dynrepo.errors import SchemaError

if typing.TYPE_CHECKING:
    from dynrepo.codec.value import Codec

KNOWN: dict[Any, Codec] = {
    **SCALARS,
    **TIMES,
    **TEXTS,
    Any: ANY,
    object: ANY,
    JsonValue: JSON_VALUE,
    None: NONE,
    NoneType: NONE,
}
"""The codec of each type that has one of its own."""

SELF: tuple[Any, ...] = tuple(vars(module)["Self"] for module in (typing, typing_extensions))
"""What stands for the class itself, of which Python 3.11 may have two."""

# Type checkers see no class in what Pydantic imports.
TAKES_ANOTHER: tuple[Any, ...] = (ValidateAs, ImportString)
"""The classes of metadata that make a value of another type than the one that is stored."""


def cure_of(name: str) -> str:
    """What to declare for a type without a stored form of its own, by its name in Python."""
    return (
        "give it functions of its own, as in"
        f" Annotated[{name}, Encoding('S', encode=str, decode={name})]"
    )


REFUSED: dict[Any, str] = {
    FutureDate: "a date in the future is read back in vain once it has passed: declare `date`, and"
    " check that it is in the future where it is made",
    FutureDatetime: "a time in the future is read back in vain once it has passed: declare"
    " `AwareDatetime`, and check that it is in the future where it is made",
    collections.OrderedDict: "a map of DynamoDB has no order: declare `dict`, or a list of pairs",
    complex: f"complex has no DynamoDB type: {cure_of('complex')}",
}
"""Why a type is refused, and what to declare instead."""


def refuse_one_way(piece: Any) -> None:
    """SchemaError for metadata by which what is stored could not be read back."""
    if isinstance(piece, TAKES_ANOTHER):
        raise SchemaError(
            f"{type(piece).__name__} takes another value than it gives, so what is stored"
            f" could not be read back: {cure_of('T')}"
        )
    if getattr(piece, "path_type", None):
        raise SchemaError(
            "whether a path exists may have changed when the item is read: declare `Path`,"
            " and check it where it is made"
        )


def refuse_secret(kind: Any) -> None:
    """SchemaError for a secret that is not marked to be stored."""
    name = str(kind) if typing.get_origin(kind) else kind.__name__
    raise SchemaError(
        "a secret is not stored unless the field says so:"
        f" Annotated[{name.removeprefix('pydantic.types.')}, PlainText()]"
    )
