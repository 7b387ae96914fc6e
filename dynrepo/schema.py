"""What a Pydantic model is as a DynamoDB item: its keys, indexes and attributes.

`schema_of(model)` reads the markers once and compiles the functions that every call uses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from dynrepo.codec import EPOCH_SECONDS, AttributeValue, Codec, Item, codec_for, decode_any, encode_any
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import Attribute, Marker, PartitionKey, SortKey, TimeToLive, Version

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a model: its name in Python, its attribute in DynamoDB, how it is stored."""

    name: str
    attribute: str
    codec: Codec
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key of a table or of an index."""

    partition: Field
    sort: Field | None = None

    @property
    def fields(self) -> tuple[Field, ...]:
        """The key's fields, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


@dataclass(frozen=True, slots=True)
class Index(KeySchema):
    """A secondary index; a local one shares the partition key of the table."""

    name: str = ""
    local: bool = False


class Fields(Generic[T]):
    """The fields of a model, nested ones too, and how an instance becomes an attribute map."""

    def __init__(self, model: type[T]) -> None:
        self.model = model
        self.fields = tuple(_field(model, name) for name in model.model_fields)
        self._by_attribute = {field.attribute: field for field in self.fields}
        self._extra = model.model_config.get("extra") in ("allow", "forbid")

    def encode(self, item: T) -> Item:
        """The attribute map of an instance; CodecError, naming the field, where one cannot be stored."""
        values, encoded = item.__dict__, {}
        for field in self.fields:
            value = values[field.name]
            if value is None:
                continue
            try:
                stored = field.codec.encode(value)
            except CodecError as error:
                raise CodecError(f"{self.model.__name__}.{field.name}: {error}") from error.__cause__
            if stored is not None:
                encoded[field.attribute] = stored
        for name, value in (item.__pydantic_extra__ or {}).items():
            encoded[name] = encode_any(value)
        return encoded

    def decode(self, item: Mapping[str, AttributeValue]) -> T:
        """The instance that an attribute map holds; CodecError where it is not one."""
        values: dict[str, Any] = {}
        for attribute, stored in item.items():
            field = self._by_attribute.get(attribute)
            if field is not None:
                if "NULL" not in stored:
                    values[field.name] = field.codec.decode(stored)
            elif self._extra:
                values[attribute] = decode_any(stored)
        for field in self.fields:
            if field.name not in values and self.model.model_fields[field.name].is_required():
                values[field.name] = set() if field.codec.tag in ("SS", "NS", "BS") else None
        try:
            return self.model.model_validate(values, by_name=True, by_alias=False)
        except ValidationError as error:
            where = ", ".join(".".join(map(str, one["loc"])) for one in error.errors(include_input=False))
            raise CodecError(f"the stored item is not a {self.model.__name__}: {where}") from None


class Schema(Fields[T]):
    """A model with a key: what a repository needs to know of it."""

    def __init__(self, model: type[T]) -> None:
        super().__init__(model)
        keys = {index: key for index, key in _keys(self.fields)}
        if None not in keys:
            raise SchemaError(
                f"{model.__name__} has no partition key: mark one field, as in"
                " `id: Annotated[str, PartitionKey()]`"
            )
        self.key_schema = keys.pop(None)
        self.indexes = {
            name: Index(key.partition or self.key_schema.partition, key.sort, name, key.partition is None)
            for name, key in keys.items()
        }

    @property
    def ttl(self) -> Field | None:
        """The field that says when an item may be removed."""
        return next((f for f in self.fields if any(isinstance(m, TimeToLive) for m in f.markers)), None)

    def key(self, key: Any) -> Item:
        """The key attributes of a value, a `(partition, sort)` tuple or an instance."""
        fields = self.key_schema.fields
        if isinstance(key, self.model):
            values = tuple(getattr(key, field.name) for field in fields)
        else:
            values = key if isinstance(key, tuple) and len(fields) > 1 else (key,)
        if len(values) != len(fields):
            raise CodecError(f"{self.model.__name__}: the key is {self._shape()}, found {len(values)} value(s)")
        return {field.attribute: self._key_value(field, value) for field, value in zip(fields, values, strict=True)}

    def _key_value(self, field: Field, value: Any) -> AttributeValue:
        try:
            stored = field.codec.encode(value)
        except CodecError as error:
            raise CodecError(f"{self.model.__name__}.{field.name}: {error}") from error.__cause__
        if not stored or stored in ({"S": ""}, {"B": ""}):
            raise CodecError(f"{self.model.__name__}.{field.name}: a key cannot be empty")
        return stored

    def _shape(self) -> str:
        names = [field.name for field in self.key_schema.fields]
        return names[0] if len(names) == 1 else f"({', '.join(names)})"


@dataclass(slots=True)
class _Key:
    partition: Any = None
    sort: Any = None


def _keys(fields: tuple[Field, ...]) -> Any:
    keys: dict[str | None, _Key] = {}
    for one in fields:
        for marker in one.markers:
            if isinstance(marker, PartitionKey):
                keys.setdefault(marker.index, _Key()).partition = one
            elif isinstance(marker, SortKey):
                keys.setdefault(marker.index, _Key()).sort = one
    return [(index, KeySchema(key.partition, key.sort)) for index, key in keys.items()]


def _field(model: type[BaseModel], name: str) -> Field:
    info = model.model_fields[name]
    markers = tuple(one for one in info.metadata if isinstance(one, Marker))
    attribute = next((one.name for one in markers if isinstance(one, Attribute)), name)
    try:
        codec = codec_for(info.annotation)
    except SchemaError as error:
        raise SchemaError(f"{model.__name__}.{name}: {error}") from None
    if any(isinstance(one, TimeToLive) for one in markers):
        codec = EPOCH_SECONDS
    return Field(name, attribute, codec, markers)


@cache
def fields_of(model: type[T]) -> Fields[T]:
    """The fields of a nested model."""
    return Fields(model)


@cache
def schema_of(model: type[T]) -> Schema[T]:
    """The schema of a model; SchemaError, naming model, field and cure, when it has none."""
    return Schema(model)
