"""Code that the validation of a model runs and that is neither Pydantic's nor of a type it knows.

Such code, a validator, a `model_post_init` or an `__init__`, may make another value of what is
stored each time that it is read, or not take it at all. It is found in the model's core schema,
when a class is defined.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dynrepo.codec.records import RecordCodec
from dynrepo.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pydantic import BaseModel

    from dynrepo.codec.core_schemas import CoreSchema
    from dynrepo.codec.field import Field
    from dynrepo.codec.value import Codec

_UNVALIDATED = ("metadata", "serialization")
"""The parts of a schema that validation does not look at."""

_KNOWN = ("pydantic", "ipaddress", "collections")
"""The packages whose functions make the value of a type from one that is equal."""


def runs_own_code(model: type[BaseModel]) -> bool:
    """Whether validating a model, or a part of it, runs code of its author's."""
    schema: Any = getattr(model, "__pydantic_core_schema__", None)
    return not isinstance(schema, dict) or any(map(_is_own, dicts_in(schema)))


def dicts_in(part: Any) -> Iterator[CoreSchema]:
    """Every dict in a schema that has to do with validation."""
    if isinstance(part, dict):
        schema = cast("CoreSchema", part)
        yield schema
        part = [inner for name, inner in schema.items() if name not in _UNVALIDATED]
    if isinstance(part, list | tuple):
        for inner in cast("list[Any]", part):
            yield from dicts_in(inner)


def _is_own(part: CoreSchema) -> bool:
    if part.get("custom_init") or part.get("post_init"):
        return True
    if not str(part.get("type")).startswith("function-"):
        return False
    function = cast("CoreSchema", part.get("function") or {}).get("function")
    function = getattr(function, "func", function)  # a partial has no module of its own
    module = getattr(function, "__module__", None) or ""
    return module.partition(".")[0] not in _KNOWN


class FieldsSchema(NamedTuple):
    """The core schema of a model's fields alone, what it refers to, and its settings."""

    schema: CoreSchema
    definitions: list[CoreSchema]
    config: Any


def fields_schema(model: type[BaseModel]) -> FieldsSchema:
    """The schema of the fields, below the validators of the whole; it may raise anything.

    The schemas of pydantic-core may change.
    """
    schema = cast("CoreSchema", model.__pydantic_core_schema__)
    definitions: list[CoreSchema] = []
    config: Any = None
    while schema["type"] != "model-fields":
        definitions = schema.get("definitions", definitions)
        config = schema.get("config", config)
        schema = _inner(schema, definitions)
    return FieldsSchema(schema, definitions, config)


def _inner(schema: CoreSchema, definitions: list[CoreSchema]) -> CoreSchema:
    """The schema that a schema is around, or refers to."""
    if schema["type"] != "definition-ref":
        return cast("CoreSchema", schema["schema"])
    return next(each for each in definitions if each["ref"] == schema["schema_ref"])


def refuse_input_only(model: type[Any], fields: Iterable[Field]) -> None:
    """SchemaError for a before-validator of a model that asks for what no value that is read has.

    As one that splits a text where a list is read. It is given an empty one, where it is of values
    that hold others: these are read in another form than they are mostly given in.
    """
    try:
        schemas = fields_schema(model).schema["fields"]
    except Exception:  # noqa: BLE001 - the schemas of pydantic-core may change
        return
    for field in [field for field in fields if field.name in schemas]:
        value = _empty(field.present)
        if value is None:
            continue
        for validator in _before(schemas[field.name]["schema"]):
            lacking = _lacking(validator, value)
            if lacking:
                raise SchemaError(
                    f"{field.label}: its before-validator takes no {type(value).__name__}, which is"
                    f" what it is given when an item is read ({lacking}): let it leave alone what"
                    " it is not for"
                )


def _empty(codec: Codec) -> Any:
    """An empty value, as it is read; None where there is none."""
    kind: Any = dict if isinstance(codec, RecordCodec) else next(iter(codec.kinds), None)
    return next((each() for each in _WITH_EMPTY if each is kind), None)


_WITH_EMPTY: tuple[type[Any], ...] = (list, dict, set, frozenset, tuple)


def _before(schema: CoreSchema) -> Iterator[Callable[[Any], Any]]:
    """The before-validators of a field's author that are given what is read as it is."""
    while True:
        kind = schema["type"]
        if kind == "function-before" and _is_own(schema):
            if schema["function"]["type"] == "no-info":
                yield schema["function"]["function"]
            return  # those within are given what it has made
        if kind not in ("default", "nullable", "function-after"):
            return
        schema = schema["schema"]


def _lacking(validator: Callable[[Any], Any], value: Any) -> str:
    """Which attribute a validator asks a value for that has none of the name; "" for none."""
    try:
        validator(value)
    except AttributeError as error:
        return str(error.name) if error.obj is value else ""
    except Exception:  # noqa: BLE001, S110  # a validator of the user's may raise anything
        pass
    return ""
