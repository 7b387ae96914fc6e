"""Models validated straight from the text of an answer, without a tree of dicts in between.

pydantic-core reads JSON itself, and an alias of a field can be a path: `["age", "N"]` leads to the
36 in `{"age": {"N": "36"}}`. So the core schema of a model, with such paths for its fields and with
what is stored below each tag in place of what Pydantic would take, makes instances from the body of
an answer in one pass.

The codec keeps the last word. What is refused here is read again by it, so this may refuse too
much; it must never accept more, or otherwise. A type that is not known here is read by its codec
and validated by itself, and a model whose validators could tell the two ways apart is `Unfit`. What
the known types take is compared with the word of their codec, on examples, when a class is defined.
"""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, cast

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.choices import Choices
from dynrepo.codec.records import Field, Record
from dynrepo.codec.scalars import (
    AWARE,
    BOOL,
    DATE,
    DECIMAL,
    FLOAT,
    IDENTIFIER,
    INT,
    STR,
    always,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from dynrepo.codec.value import AttributeValue, Codec

Core: TypeAlias = dict[str, Any]
"""A schema of pydantic-core."""

Part: TypeAlias = Literal["Item", "Attributes", "Items", "Responses"]
"""Where an answer has items: one, that or what an update left of it, several, several by table."""


class Unfit(Exception):
    """Why a model, or a type, is not read straight."""


def straight(model: type[BaseModel], record: Record, keys: Collection[Field] = ()) -> Core:
    """The schema that makes instances of a model from items in JSON, where the `keys` are there."""
    whole = cast("Core", model.__pydantic_core_schema__)
    if type(model.__pydantic_validator__) is not SchemaValidator:
        raise Unfit("a plugin of Pydantic watches the validation")
    if any(map(_is_informed, _dicts(whole))):
        raise Unfit("a validator is told where a value comes from")
    if any(one.codec.canonical is not always and one.codec not in _ONE_FORM for one in keys):
        raise Unfit("the key may be stored in another form than the one that is written")
    return _Rewriter(whole.get("definitions", ()), keys).model(whole, record)


def parser(core: Core, part: Part) -> Callable[[bytes | bytearray], dict[str, Any] | None]:
    """A function that makes an answer from its text, with instances in a part of it; else None."""
    several = {"type": "list", "items_schema": core}
    by_table = {"type": "dict", "values_schema": several}
    return _parser(part, {"Items": several, "Responses": by_table}.get(part, core), required=False)


def _parser(
    part: str, schema: Core, **options: Any
) -> Callable[[bytes | bytearray], dict[str, Any] | None]:
    field = {"type": "typed-dict-field", "schema": schema, **options}
    whole: Any = {"type": "typed-dict", "fields": {part: field}, "extra_behavior": "allow"}
    # Without the last argument pydantic-core would take the validators that the models have.
    validate = SchemaValidator(whole, _use_prebuilt=False).validate_json

    def parse(body: bytes | bytearray) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = validate(body, by_alias=True, by_name=False)
        except Exception:  # noqa: BLE001 - whatever it was, the codec says it better
            return None
        return found

    return parse


def _dicts(part: Any) -> Iterator[Core]:
    """Every dict in a schema."""
    if isinstance(part, dict):
        yield cast("Core", part)
        part = [inner for name, inner in cast("Core", part).items() if name != "metadata"]
    if isinstance(part, list | tuple):
        for inner in cast("list[Any]", part):
            yield from _dicts(inner)


def _is_informed(part: Core) -> bool:
    """Whether a schema holds a function of the user's that is told of more than the value."""
    function = part.get("function")
    module = getattr(function, "__module__", None) or ""
    return part.get("type") == "with-info" and not module.startswith("pydantic.")


class _Rewriter:
    """Makes of a model's core schema one for items in DynamoDB JSON."""

    def __init__(self, definitions: list[Core], keys: Collection[Field]) -> None:
        self._definitions = {one["ref"]: one for one in definitions}
        self._keys = keys
        self._open: set[type] = set()

    def model(self, schema: Core, record: Record, above: tuple[str, ...] = ()) -> Core:
        """The schema of a model. `above` leads from what stands in its place to its map."""
        schema = self._found(schema)
        if _is_layer(schema):
            return _with(schema, schema=self.model(schema["schema"], record, above))
        if schema["type"] != "model" or schema["schema"]["type"] != "model-fields":
            raise Unfit("a validator of the model sees what the model is made from")
        config = schema.get("config", {})
        if config.get("extra_fields_behavior", "ignore") != "ignore":
            raise Unfit("extra attributes are kept or forbidden")
        if config.get("strict") or schema["custom_init"]:
            raise Unfit("the model is strict, or has an __init__ of its own")
        stored = {one.name: one for one in record.fields if not one.computed}
        fields = {
            name: self._field(field, stored[name], above)
            if name in stored
            else _with(field, validation_alias=[[*above, name, _NO_TAG]])
            for name, field in schema["schema"]["fields"].items()
        }
        return _with(schema, schema=_with(schema["schema"], fields=fields))

    def _found(self, schema: Core) -> Core:
        """What a schema refers to, or the schema itself."""
        schema = schema["schema"] if schema["type"] == "definitions" else schema
        ref = schema.get("schema_ref") if schema["type"] == "definition-ref" else None
        return schema if ref is None else self._definitions[ref]

    def _field(self, field: Core, stored: Field, above: tuple[str, ...]) -> Core:
        own = field["schema"]
        if stored in self._keys and own["type"] == "default":
            own = own["schema"]
        attribute = [*above, stored.attribute]
        try:
            schema, paths = self._known(own, stored), [[*attribute, stored.present.tag]]
        except Unfit:
            schema, paths = self._foreign(own, stored), [attribute]
        else:
            if own["type"] == "default":
                paths.append(attribute)  # under another tag it is there, not absent: refused
        return _with(field, schema=schema, validation_alias=paths)

    def _known(self, own: Core, stored: Field) -> Core:
        """The schema of what stands below a tag; `Unfit` where only the codec can read it."""
        if stored.none == "stored":
            raise Unfit  # a NULL, perhaps
        return self._payload(own, stored.present)

    def _payload(self, own: Core, codec: Codec) -> Core:
        own = self._found(own)
        if _is_layer(own):
            return _with(own, schema=self._payload(own["schema"], codec))
        if isinstance(codec.part, Record):
            return self._nested(own, codec.part)
        if own["type"] == "list" and codec.tag == "L":
            return _with(own, items_schema=self._element(own.get("items_schema"), codec, 0))
        if own["type"] == "dict" and own.get("keys_schema", _NO_SCHEMA)["type"] == "str":
            return _with(own, values_schema=self._element(own.get("values_schema"), codec, "a"))
        return _checked(codec, own)

    def _element(self, own: Core | None, whole: Codec, step: int | str) -> Core:
        """The schema of an attribute value in a list or in a map."""
        _, codec = whole.child(step)
        if own is None or len(codec.tags) > 1:
            raise Unfit  # it is a NULL, perhaps, or a set that is empty
        if isinstance(codec.part, Record):
            return self._nested(own, codec.part, "M")
        return _chain(_function(itemgetter(codec.tag)), self._payload(own, codec))

    def _nested(self, own: Core, record: Record, *above: str) -> Core:
        # Without a part that must be there, whatever is stored would be a model of defaults.
        if not any(map(_must_be_there, record.fields)):
            raise Unfit
        if record.kind in self._open or not issubclass(record.kind, BaseModel):
            raise Unfit
        self._open.add(record.kind)
        try:
            return self.model(own, record, above)
        finally:
            self._open.remove(record.kind)

    def _foreign(self, own: Core, stored: Field) -> Core:
        """The schema of a type that its codec reads, and that is then validated by itself."""
        if own["type"] == "default":
            return _with(own, schema=self._foreign(own["schema"], stored))
        definitions = cast("Any", list(self._definitions.values()))
        whole = core_schema.definitions_schema(cast("Any", own), definitions)
        validate, decode = SchemaValidator(whole).validate_python, _reader(stored)
        return _function(
            lambda attribute: validate(decode(attribute), by_name=True, by_alias=False)
        )


def _reader(stored: Field) -> Callable[[AttributeValue], Any]:
    codec = stored.codec if stored.none == "stored" else stored.present
    tag, read = codec.tag, codec.read
    return codec.decode if read is None else lambda attribute: read(attribute[tag])


def _must_be_there(field: Field) -> bool:
    return field.required and not field.absent and not field.computed


_NO_TAG = "no tag"


def _is_layer(schema: Core) -> bool:
    """Whether a schema validates by another, with no look at what that is given."""
    after = schema["type"] == "function-after" and schema["function"]["type"] == "no-info"
    return after or schema["type"] in ("default", "nullable")


def _with(old: Core, /, **changes: Any) -> Core:
    """A schema with changes, under which the name of the old one would be wrong."""
    return {name: part for name, part in old.items() if name != "ref"} | changes


def _function(function: Callable[[Any], Any]) -> Core:
    return cast("Core", core_schema.no_info_plain_validator_function(function))


# What each known type takes: the text in one form, then made by a function, then validated.


class _Known(NamedTuple):
    """How a type is validated from the payload of its tag."""

    kind: str
    """Pydantic's name of the type."""
    pattern: str = ""
    """The form that the text must have."""
    make: Callable[[Any], Any] | None = None
    """Makes the value from the text as the codec does, where Pydantic does otherwise."""


_NUMBER = r"^-?[0-9]{1,38}(\.[0-9]{1,130})?$"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_KNOWN: Mapping[Codec, _Known] = {
    STR: _Known("str"),
    BOOL: _Known("bool"),
    INT: _Known("int", r"^-?[0-9]{1,38}$"),
    FLOAT: _Known("float", r"^-?[0-9]{1,7}(\.[0-9]{1,7})?$"),
    DECIMAL: _Known("decimal", _NUMBER, Decimal),
    DATE: _Known("date", f"^{_DATE}$"),
    AWARE: _Known(
        "datetime",
        rf"^{_DATE}T[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}\.[0-9]{{6}}Z$",
        datetime.fromisoformat,
    ),
    IDENTIFIER: _Known("uuid", "^[0-9a-f-]{36}$"),
}
_ONE_FORM = (DATE, AWARE, IDENTIFIER)
"""The types of which only the text that is written is taken."""

# A Decimal and an aware datetime are made without any need for validation.
_IMPLIED = {"type", "tz_constraint", "microseconds_precision", "metadata", "ref"}


def _leaf(codec: Codec, own: Core) -> Core:
    """The schema of a known type; `Unfit` where it is none."""
    if codec.element is not None and own["type"] == codec.kinds[0].__name__:
        return _with(own, items_schema=_leaf(codec.element, own.get("items_schema", _NO_SCHEMA)))
    if isinstance(codec.part, Choices):
        return _choice(codec.part, own)
    known = _KNOWN.get(codec)
    if known is None or known.kind != own["type"] or own.get("strict"):
        raise Unfit
    steps: list[Core] = [own if codec is not BOOL else _with(own, strict=True)]
    if known.make is not None:
        steps = [_function(known.make), *(() if own.keys() <= _IMPLIED else steps)]
    if known.pattern:
        steps = [_text(known.pattern), *steps]
    return _chain(*steps) if codec is not FLOAT else _float(own, _chain(*steps))


def _float(own: Core, short: Core) -> Core:
    """A number of many digits may be no float, which its codec tells."""
    assert FLOAT.read is not None  # noqa: S101 - it has one tag
    choices = [short, _chain(_function(FLOAT.read), own)]
    return {"type": "union", "choices": choices, "mode": "left_to_right"}


def _chain(*steps: Core) -> Core:
    return (
        cast("Core", core_schema.chain_schema(cast("Any", list(steps)))) if steps[1:] else steps[0]
    )


_NO_SCHEMA: Core = {"type": "any"}


def _text(pattern: str) -> Core:
    # Said expressly, since the model may be configured to strip and to change its texts.
    return cast(
        "Core",
        core_schema.str_schema(
            pattern=pattern, strip_whitespace=False, to_lower=False, to_upper=False
        ),
    )


def _choice(choices: Choices, own: Core) -> Core:
    texts = all(
        tag == "S" and getattr(value, "value", value) == payload
        for (tag, payload), value in choices.by_stored.items()
    )
    if not texts or own["type"] not in ("enum", "literal"):
        raise Unfit
    return own


def _checked(codec: Codec, own: Core) -> Core:
    """The schema of a known type, when it takes nothing but what the codec reads, and as that."""
    leaf = _leaf(codec, own)
    question = codec, repr(own)
    if question not in _agreed:
        _agreed[question] = _agree(codec, own, leaf)
    if not _agreed[question]:
        raise Unfit
    return leaf


_agreed: dict[tuple[Codec, str], bool] = {}


def _agree(codec: Codec, own: Core, leaf: Core) -> bool:
    parse = _parser("x", leaf, validation_alias=[["x", codec.tag], ["x"]])
    validate = SchemaValidator(cast("Any", own)).validate_python
    for stored in _examples(codec):
        found = parse(json.dumps({"x": stored}).encode())
        if found is not None and not _is(found["x"], lambda: validate(codec.decode(stored))):  # noqa: B023
            return False
    return True


def _is(found: Any, read: Callable[[], Any]) -> bool:
    try:
        value = read()
    except Exception:  # noqa: BLE001 - it is not read at all
        return False
    # As text, too: equal times may be in zones of other classes.
    return value == found and (isinstance(value, set | frozenset) or repr(value) == repr(found))


def _examples(codec: Codec) -> Iterator[AttributeValue]:
    """Attribute values that the codec reads, and many that it should not."""
    if isinstance(codec.part, Choices):
        yield from ({tag: payload} for tag, payload in codec.part.by_stored)
    element = codec.element
    for text in _TEXTS:
        yield {codec.tag: text if element is None else [text]}
    yield from ({tag: "1"} for tag in ("S", "N", "B", "BOOL"))
    yield from ({"BOOL": value} for value in (True, False, 1, None))
    yield from ({tag: ["1"]} for tag in ("SS", "NS", "BS"))
    yield from ({"NULL": True}, {"L": []}, {"M": {}}, {"L": [{"S": "1"}]}, {})


_TEXTS = (
    *("", "a", " a ", "\u00e9", "true", "null"),
    *("0", "-0", "1", "01", "+1", " 1", "1 ", "1_0", "1.0", "1.5", ".5", "1.", "1E+2", "1e2"),
    *("NaN", "Infinity", "\u0661", "9" * 38, "9" * 39, "0.1234567890123456789", "1.5\n", "1\n"),
    *("2024-02-29", "2024-02-30", "20240229", "2024-W09-4", "1709164800"),
    *("2024-02-29T01:02:03.000004Z", "2024-02-29T01:02:03.000004+00:00", "2024-02-29T01:02:03Z"),
    *("2024-02-29T01:02:03.000004", "2024-02-29 01:02:03.000004Z", "2024-02-29T24:00:00.000000Z"),
    *("2024-02-29T01:02:60.000000Z", "0000-00-00T00:00:00.000000Z", "2024-02-29T00:00:00.000000Z"),
    "123e4567-e89b-12d3-a456-426614174000",
    "123E4567-E89B-12D3-A456-426614174000",
    "123e4567e89b12d3a456426614174000----",
    "123e4567e89b12d3a456426614174000",
    "urn:uuid:123e4567-e89b-12d3-a456-426614174000",
)
