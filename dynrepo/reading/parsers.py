"""Models validated from the text of an answer at once, without a tree of dicts in between.

pydantic-core reads JSON itself, and an alias of a field can be a path: `["age", "N"]` leads to the
36 in `{"age": {"N": "36"}}`. So the core schema of a model, with such paths for its fields and with
what is stored below each tag in place of what Pydantic would take, makes instances from the body of
an answer in one pass.

The codec keeps the last word. A value in another form than the one that is written is read by its
codec where it stands, and an item that is refused is read by the codec as a whole. So this may
refuse too much; it must never accept more, or otherwise. A model whose validators could tell the
two ways apart is `NotAccelerated`.

Two things are taken that a codec refuses, for no table holds them and to look for them takes longer
than to read: a text or a list without a tag in place of an attribute value, which is taken for what
is below the tag, and a set that has one text twice, which is taken for the set.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic_core import SchemaValidator

from dynrepo.codec.core_schemas import (
    CoreSchema,
    NotAccelerated,
    Parse,
    PartParser,
    alone,
    either,
    function,
)
from dynrepo.codec.own_code import dicts_in
from dynrepo.codec.stored_keys import StoredKeys, core_schema_of, definitions_of, keeps_keys
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_interruption
from dynrepo.reading.rewriter import Rewriter
from dynrepo.reading.values_reader import ValuesReader, schema_by_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from pydantic import BaseModel

    from dynrepo.codec.field import Field
    from dynrepo.codec.records import Record

AnswerPart: TypeAlias = Literal["Item", "Attributes", "Items", "Responses"]
"""Where an answer has items: one, that or what an update left of it, several, several by table."""


class AnswerParsers(dict[AnswerPart, "Parse | None"]):
    """What makes answers from their text with instances of a model, by the part that has them.

    `accelerated` makes the schema of an item, or raises `NotAccelerated`; `decode` reads one by its
    codec. Among several `Items` a `CodecError` stands for one that is none of the model. Of one
    `Item` the attributes that are `looked_at` stay in the JSON, beside the instance. None, where
    the codec reads alone: `unaccelerated` says why.
    """

    def __init__(
        self,
        accelerated: Callable[[], CoreSchema],
        decode: Callable[[Any], Any],
        looked_at: Collection[str] = (),
    ) -> None:
        super().__init__()
        self.unaccelerated = ""
        self.schema: CoreSchema | None = None
        self._decode, self._looked_at = decode, looked_at
        try:
            schema = accelerated()
            self["Item"] = self._made(schema, "Item")  # that it can be made is found out here
        except NotAccelerated as reason:
            self.unaccelerated = str(reason)
        except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
            pass_interruption(error)
            self.unaccelerated = (
                f"this release of Pydantic is not known ({type(error).__name__}): take another one"
            )
        else:
            self.schema = schema

    def __missing__(self, part: AnswerPart) -> Parse | None:
        self[part] = self._parser(part)
        return self[part]

    def _parser(self, part: AnswerPart) -> Parse | None:
        if self.schema is not None:
            with suppress(Exception):  # at the end of the interpreter nothing is made any more
                return self._made(self.schema, part)
        return None

    def _made(self, schema: CoreSchema, part: AnswerPart) -> Parse:
        return parser(schema, part, self._decode, self._looked_at if part == "Item" else ())


def accelerated_schema(
    model: type[BaseModel],
    record: Record,
    keys: Collection[Field] = (),
    added: Collection[str] = (),
) -> CoreSchema:
    """The schema that makes instances of a model from items in JSON, where the `keys` are there.

    Items have attributes `added` that are none of the model's, whatever it does with others.
    `NotAccelerated` where a model could tell such an instance from one that is read by the codec.
    """
    validator = model.__pydantic_validator__
    if type(validator) is not SchemaValidator:
        raise NotAccelerated(
            "a plugin of Pydantic watches the validation: disable it for this model"
        )
    try:
        return _in_one_pass(model, record, keys)
    except NotAccelerated:
        keeps = not keys or keeps_keys(model, keys)
        reader = ValuesReader(keys, added)
        return schema_by_values(validator.validate_python, record, reader, keeps_keys=keeps)


def _in_one_pass(model: type[BaseModel], record: Record, keys: Collection[Field]) -> CoreSchema:
    """The schema of a model that does not see what it is made from."""
    own = core_schema_of(model)
    if any(map(_is_informed, dicts_in(own))):
        raise NotAccelerated("a validator is told where a value comes from")
    rewriter = Rewriter(definitions_of(own), keys)
    if not keys or keeps_keys(model, keys):
        return rewriter.model(own, record)
    stored = StoredKeys(keys)
    return stored.compared(rewriter.model(own, record, of_fields=stored.aside))


def parser(
    schema: CoreSchema,
    part: AnswerPart,
    decode: Callable[[Any], Any],
    looked_at: Collection[str] = (),
) -> Parse:
    """A function that makes of an answer's text its JSON, and the instances in a part of it.

    `decode` reads an item that the schema refuses. Of a part with one item the attributes that are
    `looked_at` stay in the JSON.
    """
    item = either(schema, function(decode))
    if part == "Items":
        rows: CoreSchema = {
            "type": "list",
            "items_schema": either(schema, function(_row_by(decode))),
        }
        return PartParser(part, rows, list, required=False)
    if part == "Responses":
        by_table = {"type": "dict", "values_schema": {"type": "list", "items_schema": item}}
        return _with_tables(PartParser(part, by_table, alone, required=False))
    return PartParser(part, item, alone, looked_at, required=False)


def _row_by(decode: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def row(item: Any) -> Any:
        """The instance in a row, or the error of one that is none."""
        try:
            return decode(item)
        except CodecError as error:
            return error

    return row


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
