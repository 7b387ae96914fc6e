"""Whether the instance of a stored item has the key that the item is stored under.

A computed key is made from other fields, and a validator may make another value of a part of a key.
Such an instance, written or deleted, would be another item than the one that was read.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, Any, cast

from dynrepo import markers
from dynrepo.codec.core_schemas import CoreSchema, changed
from dynrepo.codec.generated import key_matcher
from dynrepo.codec.own_code import dicts_in
from dynrepo.interruption import pass_interruption

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic import BaseModel

    from dynrepo.codec.field import Field

Definitions = dict[str, CoreSchema]
"""The schemas that others refer to, by name."""


def core_schema_of(model: type[BaseModel]) -> CoreSchema:
    """The core schema of a model."""
    return cast("CoreSchema", model.__pydantic_core_schema__)


def definitions_of(schema: CoreSchema) -> Definitions:
    """The schemas that parts of a schema refer to."""
    return {definition["ref"]: definition for definition in schema.get("definitions", ())}


def resolved(schema: CoreSchema, definitions: Definitions) -> CoreSchema:
    """What a schema refers to, or the schema itself."""
    schema = schema["schema"] if schema["type"] == "definitions" else schema
    ref = schema.get("schema_ref") if schema["type"] == "definition-ref" else None
    return schema if ref is None else definitions[ref]


def keeps_keys(model: type[BaseModel], keys: Collection[Field]) -> bool:
    """Whether an instance surely has the key that is stored; False also where it is not known."""
    if any(key.computed for key in keys):
        return False
    try:
        own = core_schema_of(model)
        schema = resolved(own, definitions_of(own))
        if schema["type"] != "model" or "post_init" in schema or schema["custom_init"]:
            return False
        fields = schema["schema"]["fields"]
        parts = [schema.get("config", {}), *dicts_in([fields[key.name]["schema"] for key in keys])]
    except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
        pass_interruption(error)
        return False
    return not any(map(_may_change, parts))


def _may_change(part: CoreSchema) -> bool:
    """Whether a schema, or a model's settings, may make something else of what is stored."""
    kind = part.get("type", "")
    is_open = kind == "definition-ref" or (kind.startswith("function") and not _is_of_marker(part))
    return is_open or any(part.get(setting) for setting in _CHANGES)


def _is_of_marker(part: CoreSchema) -> bool:
    """Whether a function is one of a marker's, which leaves what is stored as it is."""
    return getattr(part["function"].get("function"), "__module__", None) == markers.__name__


_CHANGES = [
    f"{start}{name}"
    for start in ("", "str_")
    for name in ("strip_whitespace", "to_lower", "to_upper")
]


class StoredKeys:
    """Takes the stored key of an item aside while its instance is made, and compares the two.

    For a core schema that makes instances from JSON: `aside` stands inside, around the fields of
    the model, and `compared` around all. What the model itself sees is without the key.
    """

    def __init__(self, keys: Collection[Field]) -> None:
        self._names = {f"the stored {key.attribute}": key for key in keys}
        self._has_key = key_matcher(tuple(keys))
        self._local = local()

    def beside(self, fields: Mapping[str, CoreSchema]) -> dict[str, CoreSchema]:
        """The fields of a model, and what is stored of its key beside them."""
        stored = {
            name: {
                "type": "model-field",
                "schema": {"type": "any"},
                "validation_alias": [[key.attribute, key.codec.tag]],
            }
            for name, key in self._names.items()
        }
        return {**fields, **stored}

    def aside(self, schema: CoreSchema) -> CoreSchema:
        """The schema of a model's fields, less what is stored of the key."""
        made = changed(schema, fields=self.beside(schema["fields"]))
        return _followed(made, self._set_aside)

    def compared(self, schema: CoreSchema) -> CoreSchema:
        """The schema of instances that have the key that was set aside."""
        return _followed(schema, self._checked)

    def _set_aside(self, made: tuple[dict[str, Any], Any, set[str]]) -> Any:
        values, _, names = made
        self._local.key = {
            key.attribute: {key.codec.tag: values.pop(name)} for name, key in self._names.items()
        }
        names.difference_update(self._names)
        return made

    def _checked(self, instance: Any) -> Any:
        if not self._has_key(instance, self._local.key):
            raise ValueError
        return instance


def _followed(schema: CoreSchema, function: Any) -> CoreSchema:
    step = {"type": "no-info", "function": function}
    return {"type": "function-after", "function": step, "schema": schema}
