"""The core schema of a model, rewritten for items in DynamoDB JSON."""

from __future__ import annotations

from contextlib import contextmanager
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic import BaseModel

from dynrepo.codec.core_schemas import (
    ANY,
    CoreSchema,
    NotAccelerated,
    after,
    changed,
    either,
    function,
)
from dynrepo.codec.maps import MapCodec
from dynrepo.codec.records import RecordCodec
from dynrepo.codec.scalars import always
from dynrepo.codec.stored_keys import resolved
from dynrepo.codec.value import canonical_of
from dynrepo.errors import CodecError
from dynrepo.reading.known_types import ONE_FORM, checked
from dynrepo.reading.misplaced import Misplaced
from dynrepo.reading.model_schemas import check_model, is_layer, with_absent
from dynrepo.reading.odd_values import (
    Validator,
    attribute_reader,
    default_of_null,
    given_by,
    given_default,
    key_reader,
    payload_reader,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator

    from dynrepo.codec.field import Field
    from dynrepo.codec.records import Record
    from dynrepo.codec.stored_keys import Definitions
    from dynrepo.codec.value import Codec


def _as_it_is(schema: CoreSchema) -> CoreSchema:
    return schema


class Rewriter:
    """Makes of a model's core schema one for items in DynamoDB JSON.

    What stands in the place of a field is what is below the tag of its type, and the whole
    attribute value where it is stored under another tag.
    """

    def __init__(self, definitions: Definitions, keys: Collection[Field]) -> None:
        self._definitions = definitions
        self._keys = keys
        self._open: set[type] = set()
        self._config: CoreSchema = {}
        self._records: list[Misplaced] = []

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
        schema = resolved(schema, self._definitions)
        if is_layer(schema):
            inner = self.model(schema["schema"], record, above, of_fields)
            return changed(schema, schema=inner)
        check_model(schema)
        stored = {field.name: field for field in record.fields if not field.computed}
        with self._of_record(record, schema.get("config", {})) as misplaced:
            fields = {
                name: self._field(own, stored[name], above)
                if name in stored
                else changed(own, validation_alias=[[*above, name, _NO_TAG]])
                for name, own in schema["schema"]["fields"].items()
            }
        made = of_fields(changed(schema["schema"], fields=misplaced.looked_for(fields)))
        return changed(schema, schema=with_absent(made, record))

    @contextmanager
    def _of_record(self, record: Record, config: CoreSchema) -> Generator[Misplaced]:
        """What is misplaced in a record, while the schemas of its fields are made."""
        outer, self._config = self._config, config
        self._records.append(Misplaced(record, self._keys))
        try:
            yield self._records[-1]
        finally:
            self._records.pop()
            self._config = outer

    def _field(self, field: CoreSchema, stored: Field, above: tuple[str, ...]) -> CoreSchema:
        own, default = field["schema"], None
        if own["type"] == "default":
            own, default = own["schema"], own
        schema, paths = self._read(own, default, stored, above, is_needed=default is None)
        return changed(field, schema=schema, validation_alias=paths)

    def _read(
        self,
        own: CoreSchema,
        default: CoreSchema | None,
        stored: Field,
        above: tuple[str, ...],
        *,
        is_needed: bool,
    ) -> tuple[CoreSchema, list[Any]]:
        """The schema of a field of some type, and the paths to what it takes."""
        attribute = [*above, stored.attribute]
        if stored in self._keys:  # which is always there
            if stored.codec.canonical is not always:
                return self._key(own, stored.codec, attribute)
            default, is_needed = None, True
        given = self._given(stored, default)
        place = _Whereabouts(
            attribute,
            is_needed and given is None,
            given is not None,
            self._takes_null(stored, default),
        )
        schema, paths = self._placed(own, stored.codec, place)
        default = given or default
        return (schema if default is None else changed(default, schema=schema)), paths

    def _takes_null(self, stored: Field, default: CoreSchema | None) -> bool:
        """Whether a NULL has the default taken, which the codec says of an item's own fields."""
        is_told = len(self._records) == 1 and self._records[-1].is_looked_for
        return is_told and default is not None and stored.null_is_default

    def _given(self, stored: Field, default: CoreSchema | None) -> CoreSchema | None:
        """What stands for a value where nothing is stored, when that is to be validated."""
        if stored.absent:
            return given_by(stored.absent)
        if default is None or not default.get(_VALIDATED, self._config.get(_VALIDATED)):
            return None
        return given_default(default)

    def _key(
        self, own: CoreSchema, codec: Codec, attribute: list[str]
    ) -> tuple[CoreSchema, list[Any]]:
        """The schema of a part of the key, of which one form only is taken."""
        try:
            if codec in ONE_FORM:
                return self._payload(own, codec, is_loose=False), [[*attribute, codec.tag]]
        except NotAccelerated:
            pass
        is_written = canonical_of(codec)
        return function(key_reader(codec, self._validator(own), is_written)), [attribute]

    def _placed(
        self, own: CoreSchema, codec: Codec, place: _Whereabouts
    ) -> tuple[CoreSchema, list[Any]]:
        """The schema of a field's type, and the paths to what it takes."""
        try:
            return self._in_one_pass(own, codec, place)
        except NotAccelerated:
            return self._by_codec(attribute_reader, own, codec, place), [place.attribute]

    def _in_one_pass(
        self, own: CoreSchema, codec: Codec, place: _Whereabouts
    ) -> tuple[CoreSchema, list[Any]]:
        tag, tags = codec.present.tag, codec.tags | _NULL if place.takes_null else codec.tags
        is_sure = len(tags) == 1 and not place.may_be_given
        if not tag:
            raise NotAccelerated("the type is one that its codec reads")
        reader: _MakeReader = payload_reader
        paths: list[Any] = [[*place.attribute, tag]]
        if is_sure and place.is_needed:
            schema = self._payload(own, codec.present)
        elif tag == "M":
            schema, paths, reader = self._map(own, codec.present), [], attribute_reader
        else:
            schema = self._payload(own, codec.present, is_loose=is_sure)
            self._records[-1].refuse(place.attribute, tag, tags)
        if not (is_sure and place.is_needed):  # under another tag it is there, not absent
            paths.append(place.attribute)
        if not is_sure:
            schema = either(schema, self._by_codec(reader, own, codec, place))
        return schema, paths

    def _by_codec(
        self, reader: _MakeReader, own: CoreSchema, codec: Codec, place: _Whereabouts
    ) -> CoreSchema:
        read = reader(codec, self._validator(own))
        return function(default_of_null(read) if place.takes_null else read)

    def _map(self, own: CoreSchema, codec: Codec) -> CoreSchema:
        """The schema of the attribute value of a map: what is below `M` alone may be any value."""
        if isinstance(codec, RecordCodec):
            return self._payload(own, codec, above=("M",))
        return self._below("M", self._payload(own, codec))

    def _payload(
        self, own: CoreSchema, codec: Codec, *, is_loose: bool = True, above: tuple[str, ...] = ()
    ) -> CoreSchema:
        """The schema of what stands below the tag of a type, which is never None.

        `is_loose` says that the codec reads what is not in the form that is written. `above` leads
        from what stands there to a model's map.
        """
        own = resolved(own, self._definitions)
        if own["type"] == "nullable":
            return self._payload(own["schema"], codec, is_loose=is_loose, above=above)
        if is_layer(own):
            inner = self._payload(own["schema"], codec, is_loose=is_loose, above=above)
            return changed(own, schema=inner)
        if isinstance(codec, RecordCodec):
            return self._nested(own, codec.record, above)
        if own["type"] == "list" and codec.tag == "L":
            return changed(own, items_schema=self._element(own.get("items_schema"), codec, 0))
        if own["type"] == "dict" and _has_text_keys(own, codec):
            return changed(own, values_schema=self._element(own.get("values_schema"), codec, "a"))
        return checked(codec, own, is_loose=is_loose)

    def _element(self, own: CoreSchema | None, container: Codec, step: int | str) -> CoreSchema:
        """The schema of an attribute value in a list or in a map."""
        codec = _part_of(container, step)
        if own is None or codec is None or not codec.present.tag:
            raise NotAccelerated("the type is one that its codec reads")
        if codec.present.tag == "M":
            schema = self._map(own, codec.present)
        else:
            schema = self._below(codec.present.tag, self._payload(own, codec.present))
        if len(codec.tags) == 1:
            return schema
        return either(schema, function(attribute_reader(codec, self._validator(own))))

    def _nested(self, own: CoreSchema, record: Record, above: tuple[str, ...]) -> CoreSchema:
        if not any(field.needed for field in record.fields):
            raise NotAccelerated("whatever is stored would be a model of defaults")
        if record.kind in self._open or not issubclass(record.kind, BaseModel):
            raise NotAccelerated("the class is inside itself, or no model")
        self._open.add(record.kind)
        try:
            return self.model(own, record, above)
        finally:
            self._open.remove(record.kind)

    def _below(self, tag: str, schema: CoreSchema) -> CoreSchema:
        """The schema of an attribute value with a tag."""
        field = {"type": "typed-dict-field", "schema": schema}
        # A typed dict has settings of its own, and what is below it has those and no model's.
        value = {"type": "typed-dict", "fields": {tag: field}, "config": self._config}
        # `itemgetter` is compiled, and after the dict is made there is nothing it may not find.
        return after(value, itemgetter(tag))

    def _validator(self, own: CoreSchema) -> Callable[[Any], Any]:
        return Validator(own, list(self._definitions.values()), self._config)


_MakeReader: TypeAlias = "Callable[[Codec, Callable[[Any], Any]], Callable[[Any], Any]]"
"""Makes of a codec, and of what validates its values, what reads an attribute value."""


class _Whereabouts(NamedTuple):
    """Where the value of a field is found."""

    attribute: list[str]
    is_needed: bool
    """Nothing is a value of the field where nothing is stored."""
    may_be_given: bool
    """A `Given` may stand in the place of what is stored."""
    takes_null: bool
    """A NULL may stand there, for which the default is taken."""


def _part_of(container: Codec, step: int | str) -> Codec | None:
    """The codec of a part; None where an encoding says what the whole is stored as."""
    try:
        return container.child(step)[1]
    except CodecError:
        return None


def _has_text_keys(own: CoreSchema, codec: Codec) -> bool:
    """Whether the keys of a map are what is stored, for Pydantic and for the codec."""
    are_texts = own.get("keys_schema", ANY)["type"] == "str"
    return are_texts and isinstance(codec, MapCodec) and codec.is_plain


_NULL = frozenset(["NULL"])
_NO_TAG = "no tag"
_VALIDATED = "validate_default"
