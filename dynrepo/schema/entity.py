"""What a Pydantic model is as a DynamoDB item: its keys, indexes and attributes.

`schema_of(model)` reads the markers once and lays out the functions that every call uses.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel, ValidationError

from dynrepo.codec import AttributeValue, Compiler, Field, Item
from dynrepo.codec.adapters import validator_of
from dynrepo.codec.generated import key_matcher, writer
from dynrepo.codec.limits import check_depth, check_key
from dynrepo.codec.own_code import runs_own_code
from dynrepo.codec.plain import is_plain
from dynrepo.codec.scalars import always
from dynrepo.codec.stored_keys import keeps_keys
from dynrepo.codec.undeclared import hint_in
from dynrepo.codec.value import canonical_of
from dynrepo.errors import CodecError
from dynrepo.interruption import pass_strike
from dynrepo.reading.parsers import AnswerParsers, accelerated_schema
from dynrepo.schema.invalid import reason_of, without_inputs
from dynrepo.schema.keys import KeyCodec, KeyLimit, KeySchema, KeyTexts, keys_of, limits_of
from dynrepo.schema.made import check_model, made_once
from dynrepo.schema.marked import MarkedFields
from dynrepo.schema.own_table import OwnTable
from dynrepo.schema.raising import raises, raising_field, without_text
from dynrepo.schema.upcasts import Upcast, upcasted

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from dynrepo.codec.core_schemas import CoreSchema, Parse
    from dynrepo.codec.records import Record
    from dynrepo.reading.parsers import AnswerPart
    from dynrepo.schema.kinds import StoredKinds

__all__ = ["Field", "Fields", "Schema", "Upcast", "schema_of"]

T = TypeVar("T", bound=BaseModel)


class Fields(Generic[T]):
    """The fields of a model, and how an instance becomes an attribute map and the reverse."""

    added: AbstractSet[str] = frozenset()
    """The attributes that are stored beside those of the fields, and are none of the model's."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        check_model(model)
        compiler = Compiler(by_alias=by_alias)
        self.model = model
        self.models: tuple[type[BaseModel], ...] = (model,)
        """The classes of the instances."""
        self.name = model.__name__
        """The model in messages."""
        self._lay_out(compiler.record(model))
        compiler.check_defaults()
        self._canonical: tuple[tuple[str, str, Callable[[Any], Any]], ...] = ()
        self._validate = validator_of(model)
        self._has_key: Callable[[T, Mapping[str, AttributeValue]], bool] | None = None
        open_ended = model.model_config.get("extra") == "allow"
        self._deep = open_ended or any(field.codec.deep for field in self.fields)
        self._limits: dict[str, KeyLimit] = {}
        self.is_plain = is_plain(model) and not compiler.uses_encodings
        """Whether what is written is surely read again: no more is asked of values than types."""
        self.runs_own_code = runs_own_code(model)
        """Whether its validation runs code of its author's, which may make another value."""

    def _lay_out(self, record: Record) -> None:
        self._record, self.fields = record, record.fields
        self._by_name = {field.name: field for field in record.fields}
        self.extra_codec = record.extra_codec
        """The codec of the attributes that no field declares; None where they are not kept."""
        self._read: Callable[[Mapping[str, AttributeValue]], dict[str, Any]] = record.read

    def field(self, name: str) -> Field:
        """The field of a name; AttributeError, with the nearest names, when there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            hint = hint_in(self.models, name, self._by_name)
        # With an object that has no such names Python adds no second hint behind ours.
        raise AttributeError(f"{self.name} has no field {name}: {hint}", name=name, obj=None)

    def encode(self, instance: T) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        try:
            return self._write(instance)
        except Exception as error:  # noqa: BLE001  # whatever it was, the careful way names the field
            pass_strike(error)
        return self._limited(self._record.encode(instance))

    @cached_property
    def _write(self) -> Callable[[T], Item]:
        """`encode` at its fastest, which may raise anything."""
        if self._deep:
            return lambda instance: self._limited(self._record.write(instance))
        return writer(
            self._record, {attribute: limit.short for attribute, limit in self._limits.items()}
        )

    def _limited(self, item: Item) -> Item:
        """The attribute map, when nothing of it is too deep, nor a key too long."""
        if self._deep:
            check_depth(self.name, item)
        for attribute, limit in self._limits.items():
            if attribute in item:
                check_key(limit.field.label, item[attribute], limit.bytes)
        return item

    def decode(self, item: Mapping[str, AttributeValue], *, upcast: Upcast | None = None) -> T:
        """The instance that an attribute map holds; CodecError where it is not one.

        `upcast` is given the attributes as plain values, as an `extra="allow"` model would hold
        them, and returns those of today's version.
        """
        name, stored = self.name, item
        try:
            if upcast is not None:
                stored = upcasted(item, upcast, name, self.added)
            instance: T = self._validate(self.values(stored), by_name=True, by_alias=False)
            for attribute, field in self._record.nulls:
                if "NULL" in stored.get(attribute, ()):
                    instance.model_fields_set.add(field)
        except CodecError as error:
            reason, cause = str(error), cast("Exception | None", None)
        except ValidationError as error:
            reason, cause = reason_of(error, name, self._by_name), without_inputs(error)
        except Exception as error:
            pass_strike(error)
            if isinstance(error, MemoryError) or not raises(self._validate, self.values(stored)):
                raise  # it came from elsewhere, as a signal does
            reason, cause = self._raised(error, stored), without_text(error)
        else:
            if self._has_key is None or self._has_key(instance, item):
                return instance
            reason, cause = f"{name}: its fields make another key than the stored one", None
        # Raised outside the handlers, so that no context of the error holds the stored values.
        raise CodecError(reason, key=self._key_of(item)) from cause

    def _raised(self, error: Exception, stored: Mapping[str, AttributeValue]) -> str:
        field = self._by_name.get(raising_field(self.model, self.values(stored)) or "")
        label = self.name if field is None else field.label
        return (
            f"the stored item is no {self.name}: the validation of {label} raised"
            f" {type(error).__name__}"
        )

    def values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        """The values in an attribute map by field name, not validated; CodecError, as `decode`."""
        try:
            for attribute, tag, canonical in self._canonical:
                if not canonical(item[attribute][tag]):
                    break
            else:
                return self._read(item)
        except Exception as error:  # noqa: BLE001  # whatever it was, the careful way names the field
            pass_strike(error)
        return self._read_carefully(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        return self._record.decode(item)

    def _key_of(self, _item: Mapping[str, AttributeValue]) -> Item | None:
        return None


class Schema(Fields[T], OwnTable):
    """A model as items of a table: what a repository needs to know of it."""

    entity: str = ""
    """What the items are called among others; empty where they have a table of their own."""
    key_schema: KeySchema
    """The attributes that are the key of the table."""
    indexes: dict[str, KeySchema]
    """The indexes of the table, by the names under which a query asks for them."""
    parse: Callable[[AnswerPart], Parse | None]
    """What makes an answer from its text, with instances in a part of it; None for none."""
    unaccelerated: str
    """Why answers are read by the codec alone; empty where they are not."""
    has_key: Callable[[T, Mapping[str, AttributeValue]], bool]
    """Whether an instance has a key that is given by its attributes."""
    key_texts: KeyTexts | None = None
    """What reads fields from the texts of a key; None where no key is made of texts."""
    kinds: StoredKinds | None = None
    """How the items of several models are told apart; None for those of one."""
    owners: Mapping[str, frozenset[type[BaseModel]]] = {}
    """The models that have an attribute which not all of them have."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        super().__init__(model, by_alias=by_alias)
        self._lay_out_items()

    def _lay_out_items(self) -> None:
        """Finds the marked fields, and what the key of an item is made of."""
        marked = MarkedFields(self.name, self.fields)
        self.version, self.ttl = marked.version, marked.ttl
        self.created, self.updated = marked.created, marked.updated
        self.is_stamped = (self.version or self.created or self.updated) is not None
        """Whether a write adds something of its own to an item."""
        self._key = self._laid_out()
        self.key: Callable[[Any], Item] = self._key.encode
        """The key attributes of a value, a `(partition, sort)` tuple or an instance."""
        self.key_of: Callable[[Mapping[str, AttributeValue]], Item] = self._key.stored
        """The key attributes of a stored item, as they are stored."""
        self.identity: Callable[[Item | T], Hashable] = self._key.identity
        """What items, keys and instances have in common when they are of one key."""
        self.identities: Callable[[Sequence[Item | T]], list[Hashable]] = self._key.identities
        """The identity of each of some items."""

    def _laid_out(self) -> KeyCodec:
        """Takes the keys from the markers, and lays out the functions that depend on them."""
        self.key_schema, self.indexes = keys_of(self.name, self.fields)
        fields = self.key_schema.fields
        self._limits = limits_of(self.key_schema, *self.indexes.values())
        # A required key that has one form only is looked for, and judged, when it is read.
        self._canonical = tuple(
            (field.attribute, field.codec.tag, canonical_of(field.codec))
            for field in fields
            if not (field.required and field.codec.canonical is always)
        )
        self.has_key = key_matcher(fields)
        if not all(keeps_keys(model, fields) for model in self.models):
            self._has_key = self.has_key
        parsers = AnswerParsers(self._accelerated, self.decode)
        self.unaccelerated, self.parse = parsers.unaccelerated, parsers.__getitem__
        self.accelerated = parsers.schema
        """The core schema of an item in the text of an answer; None where the codec reads it."""
        return KeyCodec(self.name, self.models, self.key_schema)

    def _accelerated(self) -> CoreSchema:
        return accelerated_schema(self.model, self._record, self.key_schema.fields)

    @property
    def members(self) -> tuple[Schema[T], ...]:
        """The schema of each model."""
        return (self,)

    def of_stored(self, _item: Mapping[str, AttributeValue]) -> Schema[T]:
        """The schema of the model that a stored item is of; CodecError where it is of none."""
        return self

    def of_instance(self, _instance: T) -> Schema[T]:
        """The schema of the model of an instance; CodecError for an instance of none."""
        return self

    @property
    def key_fields(self) -> tuple[Field, ...]:
        """The fields that the key of an item is made of, in the order of a key."""
        return self.key_schema.fields

    @property
    def table_indexes(self) -> dict[str, KeySchema]:
        """The indexes of the table, by DynamoDB's names."""
        return self.indexes

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that have an attribute of their own."""
        return self.fields

    @cached_property
    def attributes(self) -> tuple[str, ...]:
        """The attributes that a write sets or removes, but for those of a key that has others."""
        return tuple(field.attribute for field in self.stored_fields)

    def _key_of(self, item: Mapping[str, AttributeValue]) -> Item:
        return self.key_of(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        self._key.check(item)
        return super()._read_carefully(item)


def schema_of(model: type[T], *, by_alias: bool = False) -> Schema[T]:
    """What a model is as an item: its keys, indexes and attributes, made once for each model.

    Args:
        model: A class of Pydantic with the markers of this library.
        by_alias: Whether attributes are named by the Pydantic aliases of the fields.

    Returns:
        The schema, of which `key_schema`, `indexes` and `fields` may be looked at.

    Raises:
        SchemaError: The model cannot be stored; names the model, the field and the cure.
    """
    schema: Schema[T] = made_once(Schema, model, by_alias=by_alias)
    return schema
