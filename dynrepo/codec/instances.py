"""Whether Pydantic can make instances of a class of what is stored: judged when it is declared."""

from __future__ import annotations

from inspect import isabstract, signature
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, InstanceOf, SkipValidation

from dynrepo.codec.annotations import is_class
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.codec.field import Field
    from dynrepo.codec.value import Codec


def refuse_abstract(kind: type[Any]) -> None:
    """SchemaError for a class that has no instances of its own."""
    if isabstract(kind):
        raise SchemaError(
            f"{kind.__name__} is abstract, so nothing that is stored is an instance of it: declare"
            " its classes, told apart by a discriminator, or give it an Encoding"
        )


def refuse_init(kind: type[Any], fields: Iterable[Field]) -> None:
    """SchemaError for a model whose `__init__` does not take what is stored, field by field."""
    if not is_class(kind, BaseModel) or kind.__init__ is BaseModel.__init__:
        return
    stored = [field for field in fields if not field.computed]
    for given in (stored, [field for field in stored if field.required]):
        try:
            _bind(kind, given)
        except TypeError as error:
            raise SchemaError(
                f"{kind.__name__}: what is stored is given to its __init__ by the names of its"
                f" fields, those that are absent left out, which it does not take: {error}: let it"
                " take **values, or make instances by a class method"
            ) from None


def _bind(kind: type[Any], given: Iterable[Field]) -> None:
    """TypeError unless the `__init__` of a class takes some fields by their names."""
    taken = signature(kind.__init__)
    for parameter in list(taken.parameters.values())[1:]:
        # Some versions of Python 3.13 bind the name of one to `**values`, and miss nothing.
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.default is parameter.empty:
            raise TypeError(f"missing a required argument: {parameter.name!r}")
    taken.bind(None, **{field.name: None for field in given})


def refuse_unmade(codec: Codec, metadata: tuple[Any, ...]) -> None:
    """SchemaError where Pydantic is told not to make what it would have to make."""
    for piece in metadata:
        if codec.made and isinstance(piece, InstanceOf | SkipValidation):
            raise SchemaError(
                f"{codec.name} is made by Pydantic when an item is read, which"
                f" {type(piece).__name__} forbids: declare the type without it"
            )
