"""Schemas of pydantic-core, as far as they are put together here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from pydantic_core import SchemaValidator, ValidationError, core_schema

from dynrepo.codec.guards import guarded
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

CoreSchema: TypeAlias = dict[str, Any]
"""A schema of pydantic-core, whose own types for it say little of how one is changed."""

Parse: TypeAlias = (
    "Callable[[bytes | bytearray], tuple[dict[str, Any], Sequence[Any] | None] | None]"
)
"""Makes of the text of an answer its JSON without the items, and the instances that they hold.

The instances are None where the answer has no items. None in place of both where it cannot.
"""


ANY: CoreSchema = {"type": "any"}


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


class PartParser:
    """Takes a JSON object apart: what is in a part of it by a schema, `listed`, and the rest.

    The members of the part that are `kept` are in the rest, too. From the first time on that a
    function in the schema raises what would end all, it refuses no more than a value.
    """

    __slots__ = ("_kept", "_listed", "_part", "_unguarded", "_validate", "whole")

    def __init__(
        self,
        part: str,
        schema: CoreSchema,
        listed: Callable[[Any], Sequence[Any]],
        kept: Collection[str] = (),
        **options: Any,
    ) -> None:
        self._part, self._listed = part, listed
        self._kept = {f"{part}.{name}": name for name in kept}
        self.whole = with_part(part, schema, **options)
        """The schema of the object, of which `taken` takes the part."""
        for place, name in self._kept.items():
            kept_field = {"type": "typed-dict-field", "schema": ANY, "required": False}
            self.whole["fields"][place] = {**kept_field, "validation_alias": [[part, name]]}
        self._unguarded: CoreSchema | None = self.whole
        self._validate = _validator(self.whole)

    def __call__(
        self, body: bytes | bytearray
    ) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        """As `Parse` says."""
        try:
            found = self._validate(body, by_alias=True, by_name=False)
        except ValidationError:
            return None
        except Exception as error:  # noqa: BLE001 - whatever it was, the codec reads it or says why not
            pass_strike(error)
            again = self._guarded(body)
            return None if again is None else self.taken(again)
        return self.taken(found)

    def taken(self, found: dict[str, Any]) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
        """The rest of an object that was read by the schema, and what is in the part."""
        part = self._part
        if part not in found:
            return found, None
        made = self._listed(found.pop(part))
        if self._kept:
            there = self._kept.items()
            found[part] = {name: found.pop(place) for place, name in there if place in found}
        return found, made

    def _guarded(self, body: bytes | bytearray) -> dict[str, Any] | None:
        whole, self._unguarded = self._unguarded, None
        try:
            if whole is None:
                return None
            self._validate = _validator(guarded(whole))
            return self._validate(body, by_alias=True, by_name=False)
        except Exception as error:  # noqa: BLE001 - as above
            pass_strike(error)
        return None


def _validator(schema: Any) -> Callable[..., dict[str, Any]]:
    # Without the argument pydantic-core would take the validators that the models have.
    return SchemaValidator(schema, _use_prebuilt=False).validate_json


def with_part(part: str, schema: CoreSchema, **options: Any) -> CoreSchema:
    """The schema of a JSON object in which a part is by a schema, and all else is as it is."""
    field = {"type": "typed-dict-field", "schema": schema, **options}
    return {"type": "typed-dict", "fields": {part: field}, "extra_behavior": "allow"}


def alone(value: Any) -> tuple[Any]:
    """A value as the one of a list."""
    return (value,)
