"""Whether a model asks no more of its values than their types.

What is written of such a model needs no second look: a value that its codec takes is read again. It
is told by the core schema, whose parts are known here one by one; whatever is not known asks more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from dynrepo.codec.stored_keys import core_schema_of

if TYPE_CHECKING:
    from pydantic import BaseModel

_ANYWHERE = frozenset({"type", "ref", "metadata", "serialization"})
"""Keys of a schema that ask nothing of a value."""

_LEAVES: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("any", "none", "bool", "int", "float", "str", "bytes", "uuid", "date"), frozenset()
    ),
    "decimal": frozenset({"allow_inf_nan"}),
    "datetime": frozenset({"microseconds_precision", "tz_constraint"}),
    "time": frozenset({"microseconds_precision"}),
    "timedelta": frozenset({"microseconds_precision"}),
    "enum": frozenset({"cls", "members", "sub_type"}),
    "literal": frozenset({"expected"}),
    "definition-ref": frozenset({"schema_ref"}),
}
"""The other keys that the schema of a type without parts may have."""

_BRANCHES: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "nullable": (frozenset({"schema"}), frozenset()),
    "default": (
        frozenset({"schema"}),
        frozenset({"default", "default_factory", "copy_default"}),
    ),
    "list": (frozenset({"items_schema"}), frozenset()),
    "set": (frozenset({"items_schema"}), frozenset()),
    "frozenset": (frozenset({"items_schema"}), frozenset()),
    "tuple": (frozenset({"items_schema"}), frozenset({"variadic_item_index"})),
    "dict": (frozenset({"keys_schema", "values_schema"}), frozenset()),
    "definitions": (frozenset({"schema", "definitions"}), frozenset()),
    "model": (
        frozenset({"schema"}),
        frozenset({"cls", "config", "custom_init", "root_model", "generic_origin", "frozen"}),
    ),
    "model-fields": (frozenset({"fields"}), frozenset({"model_name", "computed_fields"})),
    "model-field": (
        frozenset({"schema"}),
        frozenset({"validation_alias", "serialization_alias", "serialization_exclude", "frozen"}),
    ),
}
"""Of a type with parts: the keys that its parts are under, and the others that it may have."""

_SETTINGS = frozenset({"title", "frozen", "extra_fields_behavior", "use_enum_values"})
"""Settings of a model that ask nothing of a value."""


def is_plain(model: type[BaseModel]) -> bool:
    """Whether the validation of a model takes whatever its codec has written."""
    try:
        schema: Any = core_schema_of(model)
    except AttributeError:
        return False
    return isinstance(schema, dict) and _asks_nothing(cast("dict[str, Any]", schema))


def _asks_nothing(schema: dict[str, Any]) -> bool:
    kind = schema.get("type", "")
    parts, others = _BRANCHES.get(kind, (frozenset[str](), _LEAVES.get(kind)))
    if others is None or not schema.keys() <= _ANYWHERE | parts | others:
        return False
    if schema.get("custom_init") or not schema.get("config", {}).keys() <= _SETTINGS:
        return False
    return all(_asks_nothing(part) for name in parts for part in _parts_in(schema.get(name)))


def _parts_in(found: Any) -> list[dict[str, Any]]:
    """The schemas under a key: one, several, or several by name."""
    if isinstance(found, dict):
        named = cast("dict[str, Any]", found)
        is_one = isinstance(named.get("type"), str)  # a field may be named `type`
        return [named] if is_one else list(named.values())
    return cast("list[dict[str, Any]]", found or [])
