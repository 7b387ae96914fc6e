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

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from pydantic import BaseModel
from pydantic_core import SchemaValidator, core_schema

from dynrepo.codec.core import (
    NO_SCHEMA,
    ONE_FORM,
    Core,
    Parse,
    Unfit,
    after,
    changed,
    checked,
    function,
    parser_of,
)
from dynrepo.codec.records import Field, Record
from dynrepo.codec.scalars import always

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from dynrepo.codec.value import AttributeValue, Codec

Part: TypeAlias = Literal["Item", "Attributes", "Items", "Responses"]
"""Where an answer has items: one, that or what an update left of it, several, several by table."""


def straight(model: type[BaseModel], record: Record, keys: Collection[Field] = ()) -> Core:
    """The schema that makes instances of a model from items in JSON, where the `keys` are there."""
    whole = cast("Core", model.__pydantic_core_schema__)
    if type(model.__pydantic_validator__) is not SchemaValidator:
        raise Unfit("a plugin of Pydantic watches the validation")
    if any(map(_is_informed, _dicts(whole))):
        raise Unfit("a validator is told where a value comes from")
    if any(one.codec.canonical is not always and one.codec not in ONE_FORM for one in keys):
        raise Unfit("the key may be stored in another form than the one that is written")
    return _Rewriter(whole.get("definitions", ()), keys).model(whole, record)


def keeps_keys(model: type[BaseModel], keys: Collection[Field]) -> bool:
    """Whether an instance surely has the key that is stored, and by which it was asked for."""
    whole = cast("Core", model.__pydantic_core_schema__)
    schema = _Rewriter(whole.get("definitions", ()), keys).found(whole)
    if schema["type"] != "model" or "post_init" in schema:
        return False
    fields = schema["schema"]["fields"]
    parts = [schema.get("config", {}), *_dicts([fields[one.name]["schema"] for one in keys])]
    return not any(map(_may_change, parts))


def _may_change(part: Core) -> bool:
    """Whether a schema, or a model's settings, may make something else of what is stored."""
    kind = part.get("type", "")
    changes = kind.startswith("function") or kind == "definition-ref"
    return changes or any(part.get(name) for name in _CHANGES)


_CHANGES = [
    f"{start}{name}"
    for start in ("", "str_")
    for name in ("strip_whitespace", "to_lower", "to_upper")
]


def parser(core: Core, part: Part) -> Parse:
    """A function that makes of an answer's text its JSON, and the instances in a part of it."""
    several = {"type": "list", "items_schema": core}
    by_table = {"type": "dict", "values_schema": several}
    schema, listed = {"Items": (several, _as_listed), "Responses": (by_table, _of_all_tables)}.get(
        part, (core, _alone)
    )
    return parser_of(part, schema, listed, required=False)


def _alone(instance: Any) -> tuple[Any]:
    return (instance,)


def _as_listed(instances: Any) -> Any:
    return instances


def _of_all_tables(by_table: Any) -> list[Any]:
    return list(chain.from_iterable(by_table.values()))


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
        schema = self.found(schema)
        if _is_layer(schema):
            return changed(schema, schema=self.model(schema["schema"], record, above))
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
            else changed(field, validation_alias=[[*above, name, _NO_TAG]])
            for name, field in schema["schema"]["fields"].items()
        }
        return changed(schema, schema=changed(schema["schema"], fields=fields))

    def found(self, schema: Core) -> Core:
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
        return changed(field, schema=schema, validation_alias=paths)

    def _known(self, own: Core, stored: Field) -> Core:
        """The schema of what stands below a tag; `Unfit` where only the codec can read it."""
        if stored.none == "stored":
            raise Unfit  # a NULL, perhaps
        return self._payload(own, stored.present)

    def _payload(self, own: Core, codec: Codec) -> Core:
        own = self.found(own)
        if _is_layer(own):
            return changed(own, schema=self._payload(own["schema"], codec))
        if isinstance(codec.part, Record):
            return self._nested(own, codec.part)
        if own["type"] == "list" and codec.tag == "L":
            return changed(own, items_schema=self._element(own.get("items_schema"), codec, 0))
        if own["type"] == "dict" and own.get("keys_schema", NO_SCHEMA)["type"] == "str":
            return changed(own, values_schema=self._element(own.get("values_schema"), codec, "a"))
        return checked(codec, own)

    def _element(self, own: Core | None, whole: Codec, step: int | str) -> Core:
        """The schema of an attribute value in a list or in a map."""
        _, codec = whole.child(step)
        if own is None or len(codec.tags) > 1:
            raise Unfit  # it is a NULL, perhaps, or a set that is empty
        if isinstance(codec.part, Record):
            return self._nested(own, codec.part, "M")
        return after(itemgetter(codec.tag), self._payload(own, codec))

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
            return changed(own, schema=self._foreign(own["schema"], stored))
        definitions = cast("Any", list(self._definitions.values()))
        whole = core_schema.definitions_schema(cast("Any", own), definitions)
        validate, decode = SchemaValidator(whole).validate_python, _reader(stored)
        return function(lambda attribute: validate(decode(attribute), by_name=True, by_alias=False))


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
