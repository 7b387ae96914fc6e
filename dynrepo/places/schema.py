"""A model whose items live in a shared table: its keys are texts, made of its fields by templates.

The attributes of templates are added to what is written, and are none of the model's. A row is an
item of the model when the key that its fields make is the one that it is stored under.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.codec import Field
from dynrepo.codec.core_schemas import PartParser
from dynrepo.codec.records import Record
from dynrepo.codec.scalars import BYTES, DECIMAL, STR
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike
from dynrepo.places.answers import with_constants
from dynrepo.places.checks import (
    check_attributes,
    check_key,
    check_stamped,
    check_texts,
    check_unstored,
)
from dynrepo.places.index_keys import stale_keys
from dynrepo.places.key_fields import KeyFields
from dynrepo.places.keys import PlacedKeyCodec
from dynrepo.places.layout import PlaceLayout
from dynrepo.places.neighbours import neighbours_in
from dynrepo.places.plans import KeyPlans
from dynrepo.places.rows import PlacedRows
from dynrepo.places.texts import Templates, place_writer, placed_key_matcher
from dynrepo.reading.asked import AskedParser
from dynrepo.reading.parsers import AnswerParsers, accelerated_schema
from dynrepo.schema.entity import Schema
from dynrepo.schema.keys import KeyCodec, KeySchema
from dynrepo.schema.made import made_once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec import AttributeValue, Codec, Item
    from dynrepo.codec.core_schemas import CoreSchema, Parse
    from dynrepo.places.shared_table import Place
    from dynrepo.places.table_keys import Key, KeyType

T = TypeVar("T", bound=BaseModel)


class PlacedSchema(Schema[T]):
    """A model as items of an entity in a shared table."""

    def __init__(self, model: type[T], place: Place, *, by_alias: bool = False) -> None:
        self.place = place
        super().__init__(model, by_alias=by_alias)
        self._settle()

    def _settle(self) -> None:
        """Finds out what lies in the place, when all that is made of fields is known."""
        self.asks_mark: bool | None = False
        """Whether writes ask for the mark; None where it is to be found out."""
        self.collections: dict[Any, Any] = {}
        """What is laid out for reads with others, by the schemas of these."""
        self.reached: dict[str, bool] = {}
        self.entity = self.place.entity or self.name
        self.template_keys = self._layout.keys(self.stored_fields)
        """The templates of keys by DynamoDB's names of the indexes; "" is the table itself."""
        self.neighbours = neighbours_in(self.place.table)
        """The schemas that live in the same table."""

    def _laid_out(self) -> KeyCodec:
        name, place = self.name, self.place
        self._layout = PlaceLayout(place, self.fields, name)
        self.templates = self._layout.templates
        """The templates by the attributes that they make, those of the table's key first."""
        self.key_schema = self._key_schema(place.table.key)
        self.indexes = {
            alias: self._key_schema(index.key, index.key.name) for alias, index in place.indexes
        }
        of_key = self._layout.of_key
        self.template_key = self._layout.table_key
        """The templates of the table's key."""
        fields = self.template_key.fields
        self.key_texts = self.texts = KeyFields(of_key, are_stored=place.stored)
        """What reads fields from the texts of the table's key."""
        self._of_fields = self._layout.index_fields(self.texts.unstored)
        self.added = frozenset(self.templates) - self._of_fields.keys() | dict(place.mark).keys()
        self._check()
        self.has_key = placed_key_matcher(fields, of_key, name)
        self._has_key = self._is_in_place
        self._place_item = place_writer(self.templates, dict(place.mark), name, self.texts.unstored)
        parsers = AnswerParsers(self._accelerated, self.decode)
        self.unaccelerated, self.parse = parsers.unaccelerated, parsers.__getitem__
        self.accelerated = parsers.schema
        self._placed_key = PlacedKeyCodec(name, self.models, self.key_schema, fields, of_key)
        return self._placed_key

    def _accelerated(self) -> CoreSchema:
        record, unstored = self._record, self.texts.unstored
        if unstored:
            fields = self.texts.as_read(self.fields)
            record = Record(self.name, self.model, fields, extra=record.extra)
        keys = [it for it in self.key_fields if it.attribute not in unstored and not it.computed]
        made = accelerated_schema(self.model, record, keys, self.added)
        return made if keys else with_constants(made, self.template_key, self.key_schema.fields)

    def asked(self, parse: Parse, key: Item) -> Parse:
        """What makes the one instance in an answer, where it is of this key."""
        if isinstance(parse, PartParser):
            return AskedParser(parse, self._is_in_place, key)
        return parse

    @cached_property
    def _keeps_extra(self) -> bool:
        return self._record.extra != "ignore"

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields that the key of an item is made of, each once, in their order."""
        return self.template_key.fields

    @property
    def table_indexes(self) -> dict[str, KeySchema]:
        """The indexes of the table, by DynamoDB's names, of whatever entity."""
        indexes = self.place.table.indexes
        return {name: self._key_schema(index, name) for name, index in indexes.items()}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that have an attribute of their own."""
        unstored = self.texts.unstored
        return tuple(field for field in self.fields if field.attribute not in unstored)

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that a write sets or removes, but for those of the table's key."""
        return (*super().attributes, *self.index_templates)

    @cached_property
    def plans(self) -> dict[str, KeyPlans]:
        """What conditions may ask of each key, by the same names."""
        keys = [("", self.key_schema), *((key.name, key) for key in self.indexes.values())]
        return {
            name: KeyPlans(
                self.name,
                self.fields,
                {field.attribute: self.templates[field.attribute] for field in key.fields},
            )
            for name, key in keys
        }

    @cached_property
    def rows(self) -> dict[str, PlacedRows]:
        """What tells that rows are of a key, by the same names."""
        keys = self.template_keys.items()
        return {name: PlacedRows(key, is_unique=not name) for name, key in keys}

    @cached_property
    def index_templates(self) -> Templates:
        """The templates of attributes that are no key of the table, and those of no field."""
        left = {*self.place.table.key.names, *self._of_fields}
        return {name: each for name, each in self.templates.items() if name not in left}

    @cached_property
    def templated(self) -> dict[str, Field]:
        """The fields that keys of indexes are made of, by attribute."""
        templates = self.index_templates.values()
        return {field.attribute: field for each in templates for field in each.fields}

    @property
    def asked_mark(self) -> tuple[tuple[str, str], ...]:
        """The mark that a row must have to be written over; none where no query reads others."""
        asks = self.asks_mark
        if asks is None:
            asks = self.neighbours.find_mark_asked(self)
        return self.place.mark if asks else ()

    def is_of_others(self, item: Mapping[str, AttributeValue]) -> bool:
        """Whether a stored row has not the mark of the entity."""
        return any(item.get(name) != {"S": text} for name, text in self.place.mark)

    def stale_keys(
        self, row: Mapping[str, AttributeValue], written: Mapping[str, AttributeValue]
    ) -> dict[str, AttributeValue | None]:
        """The attributes of indexes that a row has otherwise than they are written."""
        return stale_keys(self.index_templates, row, written)

    def key_item(self, key: Any) -> Item:
        """What is stored of the fields of a key, by attribute."""
        return self._placed_key.fields_of(key)

    def makes(self, key: Mapping[str, AttributeValue]) -> bool:
        """Whether a key is of the entity: one that its templates make of some fields."""
        try:
            self.texts.read(key)
        except Exception as error:  # noqa: BLE001 - what stands for a key may be anything
            pass_strike(error)
            return False
        return True

    def attributes_of(self, field: Field) -> tuple[str, ...]:
        """The attributes that are made of a field, itself the first."""
        made = {name: None for name, each in self.templates.items() if field in each.fields}
        return tuple({field.attribute: None} | made)

    def encode(self, instance: T) -> Item:
        """The attribute map of an instance, with its place; CodecError, naming the field."""
        try:
            item = self._write(instance)
            if not self._keeps_extra:
                self._place_item(item)
                return item
        except Exception as error:  # noqa: BLE001  # whatever it was, the careful way names the field
            pass_strike(error)
        return self._placed_carefully(super().encode(instance))

    def _placed_carefully(self, item: Item) -> Item:
        if not self.added.isdisjoint(item):
            name = min(self.added & item.keys())
            raise CodecError(
                f"{self.name}: an extra attribute has the name {name}, which is one of"
                f" {self.place.table.__name__}"
            )
        made = {name: template.stored(item) for name, template in self.templates.items()}
        constants = {name: {"S": text} for name, text in self.place.mark}
        own = {name: it for name, it in item.items() if name not in self.texts.unstored}
        return own | {name: it for name, it in made.items() if it is not None} | constants

    def restamped(self, item: Item) -> None:
        """Makes the texts anew of an item that a write has stamped."""
        if self.texts.unstored:
            item |= self.texts.read(item)
        try:
            self._place_item(item)
        except Exception as error:  # noqa: BLE001  # as above
            pass_strike(error)
            placed = self._placed_carefully(self._own(item))
            item.clear()
            item.update(placed)

    def values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values in an attribute map by field name, without those of the place."""
        item = self.texts.completed(item, self.texts.attributes)
        return super().values(self._own(item) if self._keeps_extra else item)

    def _own(self, item: Mapping[str, AttributeValue]) -> Item:
        """The attributes that are the model's."""
        return {name: stored for name, stored in item.items() if name not in self.added}

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        return self._record.decode(item)

    def _is_in_place(self, instance: T, item: Mapping[str, AttributeValue]) -> bool:
        try:
            return self.has_key(instance, item)
        except Exception as error:  # noqa: BLE001 - a key that cannot be made is none that is stored
            pass_strike(error)
            return False

    def _key_schema(self, key: Key, name: str = "") -> KeySchema:
        """The attributes of a key as fields, each a text unless the table says otherwise."""
        fields = [self._key_field(each, tag) for each, tag in key.typed_names.items()]
        return KeySchema(fields[0], fields[1] if len(fields) > 1 else None, name)

    def _key_field(self, attribute: str, tag: KeyType) -> Field:
        template = self.templates.get(attribute)
        lone = None if template is None else template.lone
        codec = _OF_TYPE[tag] if lone is None else lone.present
        return Field(attribute, attribute, codec, owner=self.name)

    def _check(self) -> None:
        """SchemaError for what cannot be where it is."""
        self.folded = frozenset(field.attribute for field in self.template_key.lossy)
        check_unstored(
            self.template_key,
            (self.version, self.ttl, self.created, self.updated),
            stored=self.place.stored,
        )
        check_attributes(self.fields, self.added, self.place.table.__name__)
        check_texts(self.templates.values())
        check_key(self.template_key, self.updated, lossy=self.place.lossy)
        check_stamped(self.index_templates, (self.created, self.updated), self.key_fields)


_OF_TYPE: Mapping[KeyType, Codec] = {"S": STR, "N": DECIMAL, "B": BYTES}
"""What tells of the attributes of other entities."""


def placed_schema_of(model: type[T], place: Place, *, by_alias: bool = False) -> PlacedSchema[T]:
    """The schema of a model in a place; SchemaError, naming model, field and cure, without one."""
    return made_once(_neighbour, model, place, by_alias=by_alias)  # type: ignore[no-any-return]


def _neighbour(model: type[T], place: Place, *, by_alias: bool) -> PlacedSchema[T]:
    schema = PlacedSchema(model, place, by_alias=by_alias)
    schema.neighbours.add(schema)
    return schema
