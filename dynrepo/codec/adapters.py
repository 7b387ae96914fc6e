"""Pydantic's validators of models, and of types that are parts of one, with its settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import PydanticUserError, TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel, ConfigDict


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


def validator_of(model: type[BaseModel]) -> Callable[..., Any]:
    """What validates the values of a model.

    The validator of the model itself, for `model_validate` is a call and a half around it.
    """
    own = getattr(model, "__pydantic_validator__", None)
    return model.model_validate if own is None else own.validate_python
