"""What a model asks of the value of a field, or of a part of one, beyond its type.

Pydantic's core schema of the model has it all: constraints, validators in annotations, those that
are made by decorators. What leads to a part of a value leads to the part of the schema that judges
it. Validators of whole models are not asked, for there is no whole.
"""

# The schemas of pydantic-core are looked into as dicts of anything.
# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.stored_keys import core_schema_of, definitions_of
from dynrepo.errors import CodecError
from dynrepo.expressions.bounds import Bounds, bounded_alike, bounds_in
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dynrepo.codec import AttributeValue, Codec
    from dynrepo.codec.core_schemas import CoreSchema

    Encode = Callable[[Any], AttributeValue | None]


class Rules:
    """What is asked of a value in one place of a model."""

    def __init__(
        self,
        schema: CoreSchema,
        name: str = "",
        config: Mapping[str, Any] | None = None,
        definitions: Mapping[str, CoreSchema] | None = None,
        refusal: str = "",
    ) -> None:
        self._schema = schema
        self._name = name
        self._config = config or {}
        self._definitions = definitions or {}
        self._parts: dict[int, Rules] = {}
        self.refusal = refusal
        """Why nothing may be stored in the place; empty where something may."""

    def checked(self, value: Any, codec: Codec, write: Encode) -> AttributeValue | None:
        """What is stored for a value: by validators as they would be given it by a read.

        CodecError for a value that does not fit the type, or is not valid.
        """
        return write(self.passed(value, codec, write))

    def passed(self, value: Any, codec: Codec, write: Encode) -> Any:
        """A value as the validators leave it, that of a nested model as an instance."""
        if self.validate is None:
            return value
        stored = write(value)
        return self._valid(value if stored is None else codec.decode(stored))

    def is_same(self, other: Rules) -> bool:
        """Whether other rules surely ask the same."""
        return bool(self._asked == other._asked)

    @property
    def _asked(self) -> Any:
        return self._schema, {**self._config, "title": ""}

    def below(self, step: Any) -> Rules | None:
        """The rules of the part that a field name, an index or a key leads to, if it is known."""
        try:
            schema = self._innermost
            kind = schema["type"]
            part = _PARTS[kind](schema, step)
        except Exception as error:  # noqa: BLE001 - it is of any type, or in a schema that is not known
            pass_strike(error)
            return None
        name = step if kind in _WITH_FIELDS else self._name
        refusal = self._refused_key(schema, step) if "keys_schema" in schema else ""
        return self._part(part, name, schema.get("config", self._config), refusal)

    def _part(
        self, schema: CoreSchema, name: str, config: Mapping[str, Any], refusal: str = ""
    ) -> Rules:
        if refusal:
            return Rules(schema, name, config, self._definitions, refusal)
        if id(schema) not in self._parts:
            self._parts[id(schema)] = Rules(schema, name, config, self._definitions)
        return self._parts[id(schema)]

    def _refused_key(self, schema: CoreSchema, key: Any) -> str:
        """Why a map may have no such key; empty where it may."""
        rules = self._part(schema["keys_schema"], self._name, self._config)
        if rules.validate is None:
            return ""
        try:
            same = rules._valid(key) == key  # noqa: SLF001 - of its own class
        except CodecError as error:
            return f"the key is {error}"
        return "" if same else "validators make another key of it"

    @cached_property
    def bounds(self) -> Bounds | None:
        """The numbers between which the value stays; None where it has no bounds."""
        return bounds_in(self._layers(self._schema))

    @cached_property
    def _innermost(self) -> CoreSchema:
        *_, schema = self._layers(self._schema)
        return schema

    def _layers(self, schema: CoreSchema | None) -> Iterator[CoreSchema]:
        """A schema, and what each schema that validates by another one validates by."""
        while schema is not None:
            yield schema
            schema = self._inner(schema)

    def _inner(self, schema: CoreSchema) -> CoreSchema | None:
        match schema["type"]:
            case "definition-ref":
                return self._definitions.get(schema["schema_ref"])
            case "chain":
                return cast("CoreSchema", schema["steps"][-1])
            case "union":
                return bounded_alike(schema["choices"])
            case "model" if not schema.get("root_model"):
                return None
            case kind:
                return schema.get(_LAYERS.get(kind, ""))

    @cached_property
    def validate(self) -> Callable[..., Any] | None:
        """Validates a value; None where nothing is asked but its type."""
        if _is_plain(self._schema) and not any(name.startswith("str_") for name in self._config):
            return None
        definitions: Any = [*self._definitions.values()]
        try:
            alone = _alone(self._schema, self._name)
            schema = core_schema.definitions_schema(alone, definitions)
            return SchemaValidator(schema, cast("Any", self._config)).validate_python
        except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
            pass_strike(error)
            return None

    def _valid(self, value: Any) -> Any:
        assert self.validate is not None  # noqa: S101 - the caller looked
        try:
            return self.validate(value, by_name=True, by_alias=False)
        except ValidationError as error:
            reasons = ", ".join(detail["type"] for detail in error.errors(include_input=False))
        except Exception as error:  # noqa: BLE001 - a validator of the user's may raise anything
            pass_strike(error)
            reasons = f"a validator raised {type(error).__name__}"
        # Outside the handlers: the error in hand may quote the value.
        raise CodecError(f"not valid ({reasons})")


def rules_of(model: type[BaseModel]) -> Rules:
    """The rules of a model, below which those of its fields are found; none, if none are known."""
    try:
        schema = core_schema_of(model)
        return Rules(schema, definitions=definitions_of(schema))
    except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
        pass_strike(error)
        return Rules(_ANY)


_LAYERS = {
    **dict.fromkeys(("definitions", "default", "nullable", "model"), "schema"),
    **dict.fromkeys(("function-after", "function-before", "function-wrap"), "schema"),
    "json-or-python": "python_schema",
    "lax-or-strict": "lax_schema",
}
"""What a schema that validates by another one has that under."""


def _field_of(schema: CoreSchema, name: Any) -> CoreSchema:
    """The schema of a field of a model, whose fields may stand behind validators of the whole."""
    while "schema" in schema:
        schema = schema["schema"]
    fields = schema["fields"]
    if isinstance(fields, list):  # of a dataclass
        fields = {field["name"]: field for field in cast("list[CoreSchema]", fields)}
    extra = schema.get("extras_schema", _ANY)
    return cast("CoreSchema", fields[name]["schema"] if name in fields else extra)


def _element_of(schema: CoreSchema, _: Any) -> CoreSchema:
    return cast("CoreSchema", schema.get("items_schema", _ANY))


def _element_at(schema: CoreSchema, index: Any) -> CoreSchema:
    elements = schema["items_schema"]
    return cast("CoreSchema", elements[0 if "variadic_item_index" in schema else index])


def _argument_of(schema: CoreSchema, step: Any) -> CoreSchema:
    """The schema of a part of a NamedTuple, by its index or its name."""
    # Before Pydantic 2.13 it is a call of the class, with arguments.
    parts = schema.get("fields") or schema["arguments_schema"]["arguments_schema"]
    found = [part for index, part in enumerate(parts) if step in (index, part["name"])]
    return cast("CoreSchema", found[0]["schema"])


def _entry_of(schema: CoreSchema, _: Any) -> CoreSchema:
    return cast("CoreSchema", schema.get("values_schema", _ANY))


_ANY: CoreSchema = {"type": "any"}
_WITH_FIELDS = ("model", "dataclass", "typed-dict")
_PARTS: dict[str, Callable[[CoreSchema, Any], CoreSchema]] = {
    **dict.fromkeys(_WITH_FIELDS, _field_of),
    **dict.fromkeys(("list", "set", "frozenset", "deque"), _element_of),
    **dict.fromkeys(("dict", "defaultdict", "counter"), _entry_of),
    "tuple": _element_at,
    **dict.fromkeys(("named-tuple", "call"), _argument_of),
}
"""The part of a schema that a step leads to, by the type of the schema."""

_INNER = ("schema", "items_schema", "keys_schema", "values_schema")
_PLAIN_TYPES = {
    *("any", "none", "bool", "int", "float", "decimal", "str", "bytes", "uuid", "enum", "literal"),
    *("date", "time", "datetime", "timedelta", "default", "nullable"),
    *("list", "set", "frozenset", "tuple", "dict"),
}
_PLAIN = {
    *("type", "metadata", "ref", "serialization", "strict", *_INNER, "variadic_item_index"),
    *("default", "default_factory", "copy_default", "tz_constraint", "microseconds_precision"),
    *("expected", "members", "cls", "sub_type", "missing"),
}
"""What a schema may say that is known of its type, or asks nothing of a value."""


def _is_plain(part: Any) -> bool:
    """Whether a schema asks no more of a value than its type, which is known already."""
    if isinstance(part, list):
        return all(map(_is_plain, part))
    if part["type"] not in _PLAIN_TYPES or not part.keys() <= _PLAIN:
        return False
    return all(_is_plain(part[name]) for name in _INNER if name in part)


class _OthersAskedForError(Exception):
    """A validator asks for the other fields, and there are none."""


class _InfoAlone:
    """What a validator is told of a value that stands alone: all but the other fields."""

    def __init__(self, info: Any, name: str) -> None:
        self._info = info
        self.field_name = name

    @property
    def data(self) -> Any:
        """The other fields."""
        raise _OthersAskedForError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._info, name)


def _alone(part: Any, name: str) -> Any:
    """A schema whose validators pass a value when they would judge it by other fields."""
    if isinstance(part, list):
        return [_alone(inner, name) for inner in part]
    if not isinstance(part, dict) or part.get("type") in _WITH_FIELDS:
        return part
    if part.get("type") == "with-info":
        return {**part, "function": _told_less(part["function"], name)}
    return {
        key: inner if key in ("default", "metadata", "serialization") else _alone(inner, name)
        for key, inner in cast("CoreSchema", part).items()
    }


def _told_less(validator: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A validator that is told of no other fields; where it asks for them, the value passes."""

    def judge(value: Any, *more: Any) -> Any:
        *handlers, info = more
        try:
            return validator(value, *handlers, _InfoAlone(info, name))
        except _OthersAskedForError:
            return handlers[0](value) if handlers else value

    return judge
