"""Models validated from the text of an answer at once, without a tree of dicts in between.

pydantic-core reads JSON itself, and an alias of a field can be a path: `["age", "N"]` leads to the
36 in `{"age": {"N": "36"}}`. So the core schema of a model, with such paths for its fields and with
what is stored below each tag in place of what Pydantic would take, makes instances from the body of
an answer in one pass.

The codec keeps the last word. What is refused here is read again by it, so this may refuse too
much; it must never accept more, or otherwise. A type that is not known here is read by its codec
and validated by itself, and a model whose validators could tell the two ways apart is
`NotAccelerated`. What the known types take is compared with what their codec reads, on examples,
when a class is defined.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.core_schemas import (
    ANY,
    ONE_FORM,
    CoreSchema,
    NotAccelerated,
    Parse,
    after,
    alone,
    changed,
    checked,
    function,
    parser_of,
)
from dynrepo.codec.own_code import dicts_in
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.scalars import always
from dynrepo.codec.stored_keys import (
    StoredKeys,
    core_schema_of,
    definitions_of,
    keeps_keys,
    resolved,
)
from dynrepo.interruption import pass_interruption

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from dynrepo.codec.field import Field
    from dynrepo.codec.records import Record
    from dynrepo.codec.stored_keys import Definitions
    from dynrepo.codec.value import AttributeValue, Codec

AnswerPart: TypeAlias = Literal["Item", "Attributes", "Items", "Responses"]
"""Where an answer has items: one, that or what an update left of it, several, several by table."""


class AnswerParsers(dict[AnswerPart, "Parse | None"]):
    """What makes answers from their text with instances of a model, by the part that has them.

    None, where the codec reads alone: `unaccelerated` says why.
    """

    def __init__(self, model: type[BaseModel], record: Record, keys: Collection[Field]) -> None:
        super().__init__()
        self.unaccelerated = ""
        self._schema: CoreSchema | None = None
        try:
            schema = accelerated_schema(model, record, keys)
            self["Item"] = parser(schema, "Item")  # that it can be made is found out here
        except NotAccelerated as reason:
            self.unaccelerated = str(reason)
        except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
            pass_interruption(error)
            self.unaccelerated = f"this Pydantic is not known ({type(error).__name__})"
        else:
            self._schema = schema

    def __missing__(self, part: AnswerPart) -> Parse | None:
        self[part] = self._parser(part)
        return self[part]

    def _parser(self, part: AnswerPart) -> Parse | None:
        if self._schema is not None:
            with suppress(Exception):  # at the end of the interpreter nothing is made any more
                return parser(self._schema, part)
        return None


def accelerated_schema(
    model: type[BaseModel], record: Record, keys: Collection[Field] = ()
) -> CoreSchema:
    """The schema that makes instances of a model from items in JSON, where the `keys` are there.

    `NotAccelerated` where a model could tell such an instance from one that is read by the codec.
    """
    own = core_schema_of(model)
    if type(model.__pydantic_validator__) is not SchemaValidator:
        raise NotAccelerated("a plugin of Pydantic watches the validation")
    if any(map(_is_informed, dicts_in(own))):
        raise NotAccelerated("a validator is told where a value comes from")
    if any(key.codec.canonical is not always and key.codec not in ONE_FORM for key in keys):
        raise NotAccelerated("the key may be stored in another form than the one that is written")
    rewriter = _Rewriter(definitions_of(own), keys)
    if keeps_keys(model, keys):
        return rewriter.model(own, record)
    stored = StoredKeys(keys)
    return stored.compared(rewriter.model(own, record, of_fields=stored.aside))


def parser(schema: CoreSchema, part: AnswerPart) -> Parse:
    """A function that makes of an answer's text its JSON, and the instances in a part of it."""
    several: CoreSchema = {"type": "list", "items_schema": schema}
    if part == "Items":
        return parser_of(part, several, list, required=False)
    if part == "Responses":
        by_table = {"type": "dict", "values_schema": several}
        return _with_tables(parser_of(part, by_table, alone, required=False))
    return parser_of(part, schema, alone, required=False)


def _with_tables(parse: Parse) -> Parse:
    """Leaves the names of the tables in the JSON, and puts the instances of all in one list."""

    def of_all_tables(body: bytes | bytearray) -> Any:
        answer = parse(body)
        if answer is None or answer[1] is None:
            return answer
        found, (by_table,) = answer[0], answer[1]
        found["Responses"] = {name: [] for name in by_table}
        return found, [*chain.from_iterable(by_table.values())]

    return of_all_tables


def _is_informed(part: CoreSchema) -> bool:
    """Whether a schema holds a function of the user's that is told of more than the value."""
    informed = part.get("function")
    module = getattr(informed, "__module__", None) or ""
    return part.get("type") == "with-info" and not module.startswith("pydantic.")


def _as_it_is(schema: CoreSchema) -> CoreSchema:
    return schema


class _Rewriter:
    """Makes of a model's core schema one for items in DynamoDB JSON."""

    def __init__(self, definitions: Definitions, keys: Collection[Field]) -> None:
        self._definitions = definitions
        self._keys = keys
        self._open: set[type] = set()

    def model(
        self,
        schema: CoreSchema,
        record: Record,
        above: tuple[str, ...] = (),
        of_fields: Callable[[CoreSchema], CoreSchema] = _as_it_is,
    ) -> CoreSchema:
        """The schema of a model. `above` leads from what stands in its place to its map.

        `of_fields` has the last word on the schema of its fields.
        """
        schema = self.resolved(schema)
        if _is_layer(schema):
            inner = self.model(schema["schema"], record, above, of_fields)
            return changed(schema, schema=inner)
        _check_model(schema)
        stored = {field.name: field for field in record.fields if not field.computed}
        fields = {
            name: self._field(own, stored[name], above)
            if name in stored
            else changed(own, validation_alias=[[*above, name, _NO_TAG]])
            for name, own in schema["schema"]["fields"].items()
        }
        return changed(schema, schema=of_fields(changed(schema["schema"], fields=fields)))

    def resolved(self, schema: CoreSchema) -> CoreSchema:
        """What a schema refers to, or the schema itself."""
        return resolved(schema, self._definitions)

    def _field(self, field: CoreSchema, stored: Field, above: tuple[str, ...]) -> CoreSchema:
        own = field["schema"]
        if stored in self._keys and own["type"] == "default":
            own = own["schema"]
        attribute = [*above, stored.attribute]
        try:
            schema, paths = self._below_tag(own, stored), [[*attribute, stored.present.tag]]
        except NotAccelerated:
            schema, paths = self._by_codec(own, stored), [attribute]
        else:
            if own["type"] == "default":
                paths.append(attribute)  # under another tag it is there, not absent: refused
        return changed(field, schema=schema, validation_alias=paths)

    def _below_tag(self, own: CoreSchema, stored: Field) -> CoreSchema:
        """The schema of what stands below the tag of a field."""
        if stored.none == "stored":
            raise NotAccelerated("what is stored may be a NULL")
        return self._payload(own, stored.present)

    def _payload(self, own: CoreSchema, codec: Codec) -> CoreSchema:
        own = self.resolved(own)
        if _is_layer(own):
            return changed(own, schema=self._payload(own["schema"], codec))
        if isinstance(codec, RecordCodec):
            return self._nested(own, codec.record)
        if own["type"] == "list" and codec.tag == "L":
            return changed(own, items_schema=self._element(own.get("items_schema"), codec, 0))
        if own["type"] == "dict" and own.get("keys_schema", ANY)["type"] == "str":
            return changed(own, values_schema=self._element(own.get("values_schema"), codec, "a"))
        return checked(codec, own)

    def _element(self, own: CoreSchema | None, container: Codec, step: int | str) -> CoreSchema:
        """The schema of an attribute value in a list or in a map."""
        _, codec = container.child(step)
        if own is None or len(codec.tags) > 1:
            raise NotAccelerated("what is stored may be a NULL, or a set that is empty")
        if isinstance(codec, RecordCodec):
            return self._nested(own, codec.record, "M")
        return after(itemgetter(codec.tag), self._payload(own, codec))

    def _nested(self, own: CoreSchema, record: Record, *above: str) -> CoreSchema:
        if not any(map(_must_be_there, record.fields)):
            raise NotAccelerated("whatever is stored would be a model of defaults")
        if record.kind in self._open or not issubclass(record.kind, BaseModel):
            raise NotAccelerated("the class is inside itself, or no model")
        self._open.add(record.kind)
        try:
            return self.model(own, record, above)
        finally:
            self._open.remove(record.kind)

    def _by_codec(self, own: CoreSchema, stored: Field) -> CoreSchema:
        """The schema of a type that its codec reads, and that is then validated by itself."""
        if own["type"] == "default":
            return changed(own, schema=self._by_codec(own["schema"], stored))
        definitions = cast("Any", list(self._definitions.values()))
        schema = core_schema.definitions_schema(cast("Any", own), definitions)
        validate, decode = SchemaValidator(schema).validate_python, _reader_of(stored)
        return function(lambda attribute: validate(decode(attribute), by_name=True, by_alias=False))


def _check_model(schema: CoreSchema) -> None:
    """`NotAccelerated` for a model whose own code makes its instances."""
    if schema["type"] != "model" or schema["schema"]["type"] != "model-fields":
        raise NotAccelerated("a validator of the model sees what the model is made from")
    config = schema.get("config", {})
    if config.get("extra_fields_behavior", "ignore") != "ignore":
        raise NotAccelerated("extra attributes are kept or forbidden")
    if config.get("strict") or schema["custom_init"]:
        raise NotAccelerated("the model is strict, or has an __init__ of its own")


def _reader_of(stored: Field) -> Callable[[AttributeValue], Any]:
    codec = stored.codec if stored.none == "stored" else stored.present
    return codec.fast_decode


def _must_be_there(field: Field) -> bool:
    return field.required and not field.absent and not field.computed


_NO_TAG = "no tag"


def _is_layer(schema: CoreSchema) -> bool:
    """Whether a schema validates by another, with no look at what that is given."""
    after_it = schema["type"] == "function-after" and schema["function"]["type"] == "no-info"
    return after_it or schema["type"] in ("default", "nullable")
