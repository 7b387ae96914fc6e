"""Pydantic's validators of types that are parts of a model, with the settings of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PydanticUserError, TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ConfigDict


def adapter_of(annotation: Any, config: ConfigDict) -> TypeAdapter[Any]:
    """The adapter of a type, under the settings of the model that it is a part of."""
    try:
        return TypeAdapter(annotation, config=config)
    except PydanticUserError as error:
        if error.code != "type-adapter-config-unused":
            raise
    return TypeAdapter(annotation)  # a model, dataclass or TypedDict has settings of its own


def maker_of(annotation: Any, config: ConfigDict) -> Callable[[Any], Any]:
    """Makes the value of a type from what its codec reads."""
    validate = adapter_of(annotation, config).validator.validate_python

    def make(read: Any) -> Any:
        return validate(read, strict=False, by_name=True, by_alias=False)

    return make
