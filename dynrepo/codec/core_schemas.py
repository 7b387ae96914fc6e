"""Schemas of pydantic-core, as far as they are put together here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic_core import SchemaValidator, core_schema

from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CoreSchema: TypeAlias = dict[str, Any]
"""A schema of pydantic-core, whose own types for it say little of how one is changed."""

Parse: TypeAlias = (
    "Callable[[bytes | bytearray], tuple[dict[str, Any], Sequence[Any] | None] | None]"
)
"""Makes of the text of an answer its JSON without the items, and the instances that they hold.

The instances are None where the answer has no items. None in place of both where it cannot.
"""


class NotAccelerated(Exception):
    """Why a model, or a type, is read by its codec alone."""


def changed(old: CoreSchema, /, **changes: Any) -> CoreSchema:
    """A schema with changes, under which the name of the old one would be wrong."""
    return {name: part for name, part in old.items() if name != "ref"} | changes


def function(make: Callable[[Any], Any]) -> CoreSchema:
    """The schema of what a function makes."""
    return cast("CoreSchema", core_schema.no_info_plain_validator_function(make))


def after(schema: CoreSchema, make: Callable[[Any], Any]) -> CoreSchema:
    """The schema of what a function makes of what a schema has made."""
    made: Any = core_schema.no_info_after_validator_function(make, cast("Any", schema))
    return cast("CoreSchema", made)


def chain(*steps: CoreSchema) -> CoreSchema:
    """The schema of each step after the one before."""
    return steps[0] if len(steps) == 1 else {"type": "chain", "steps": list(steps)}


def either(*choices: CoreSchema) -> CoreSchema:
    """The schema of the first that takes what is there."""
    return {"type": "union", "choices": list(choices), "mode": "left_to_right"}


def parser_of(
    part: str, schema: CoreSchema, listed: Callable[[Any], Sequence[Any]], **options: Any
) -> Parse:
    """A function that takes a JSON object apart: what is by the schema, `listed`, and the rest."""
    field = {"type": "typed-dict-field", "schema": schema, **options}
    whole: Any = {"type": "typed-dict", "fields": {part: field}, "extra_behavior": "allow"}
    # Without the last argument pydantic-core would take the validators that the models have.
    validate = SchemaValidator(whole, _use_prebuilt=False).validate_json

    def parse(body: bytes | bytearray) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        try:
            found: dict[str, Any] = validate(body, by_alias=True, by_name=False)
        except Exception as error:  # noqa: BLE001 - whatever it was, the codec reads it or says why not
            pass_strike(error)
            return None
        return (found, listed(found.pop(part))) if part in found else (found, None)

    return parse


def alone(value: Any) -> tuple[Any]:
    """A value as the one of a list."""
    return (value,)


ANY: CoreSchema = {"type": "any"}
