"""Validators that raise something else than a ValueError, which Pydantic lets pass as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.own_code import fields_schema
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import BaseModel


def raises(validate: Callable[..., Any], values: dict[str, Any]) -> bool:
    """Whether validating values raises something else than a ValidationError."""
    try:
        validate(values, by_name=True, by_alias=False)
    except ValidationError:
        return False
    except Exception as error:  # noqa: BLE001  # a validator of the user's may raise anything
        pass_strike(error)
        return True
    return False


def raising_field(model: type[BaseModel], values: Mapping[str, Any]) -> str | None:
    """The name of the field whose validator raises; None where it is none of a field alone.

    Each field is validated with those before it, which its validator may ask for.
    """
    validate = _fields_validator(model)
    given: dict[str, Any] = {}
    if validate is None or raises(validate, given):
        return None
    for name in [name for name in model.model_fields if name in values]:
        given[name] = values[name]
        if raises(validate, dict(given)):
            return name
    return None


def _fields_validator(model: type[BaseModel]) -> Callable[..., Any] | None:
    """What validates the fields of a model, without the validators of the whole."""
    try:
        fields = fields_schema(model)
        schema, definitions = cast("Any", fields.schema), cast("Any", fields.definitions)
        whole = core_schema.definitions_schema(schema, definitions)
        return SchemaValidator(whole, fields.config).validate_python
    except Exception:  # noqa: BLE001 - the schemas of pydantic-core may change
        return None


def without_text(error: Exception) -> Exception | None:
    """An error like another without its text, which may quote a value; None where none is made."""
    kind = type(error)
    try:
        return kind.__new__(kind).with_traceback(error.__traceback__)
    except Exception:  # noqa: BLE001 - a class of the user's may be made in its own way
        return None
