"""What the core schema of a model says of how its instances are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.core_schemas import CoreSchema, NotAccelerated, after

if TYPE_CHECKING:
    from dynrepo.codec.records import Record


def check_model(schema: CoreSchema) -> None:
    """`NotAccelerated` for a model whose own code makes its instances."""
    if schema["type"] != "model" or schema["schema"]["type"] != "model-fields":
        raise NotAccelerated("a validator of the model sees what the model is made from")
    config = schema.get("config", {})
    if config.get("extra_fields_behavior", "ignore") != "ignore":
        raise NotAccelerated("extra attributes are kept or forbidden")
    if config.get("strict") or schema["custom_init"]:
        raise NotAccelerated("the model is strict, or has an __init__ of its own")


def is_layer(schema: CoreSchema) -> bool:
    """Whether a schema validates by another, with no look at what that is given."""
    after_it = schema["type"] == "function-after" and schema["function"]["type"] == "no-info"
    return after_it or schema["type"] in ("default", "nullable")


def with_absent(fields: CoreSchema, record: Record) -> CoreSchema:
    """The fields of a model, which are all set where they are stored by absence, too."""
    absent = frozenset(field.name for field in record.fields if field.absent and not field.computed)
    if not absent:
        return fields

    def set_all(made: tuple[dict[str, Any], Any, set[str]]) -> Any:
        made[2].update(absent)
        return made

    return after(fields, set_all)
