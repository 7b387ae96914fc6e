"""What a Pydantic model is as a DynamoDB item: its keys, indexes and attributes.

`schema_of(model)` reads the markers once and lays out the functions that every call uses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from dynrepo.codec import AttributeValue, Compiler, Field, Item, accelerator, decode_any, encode_any
from dynrepo.codec.annotations import is_root_model
from dynrepo.codec.core import Core, Parse, Unfit
from dynrepo.codec.limits import MAX_BYTES, check_depth, check_key
from dynrepo.codec.scalars import always
from dynrepo.codec.value import KEY_TAGS, Codec, class_of
from dynrepo.errors import CodecError, SchemaError
from dynrepo.markers import (
    CreatedAt,
    Marker,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
)

if TYPE_CHECKING:
    from dynrepo.codec.records import Record

__all__ = ["Field", "Fields", "Index", "KeySchema", "Schema", "fields_of", "schema_of"]

T = TypeVar("T", bound=BaseModel)

Upcast: TypeAlias = Callable[[dict[str, Any]], Mapping[str, Any]]
"""Turns the attributes of an older version, as plain values, into those of today."""

_INDEX_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_MAX_LOCAL_INDEXES = 5
_MAX_KEY_NAME = 255


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
    """The fields of a model, and how an instance becomes an attribute map and the reverse."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        if not _is_model(model):
            raise SchemaError(f"{model!r} is no model: an item is a class of its own on BaseModel")
        if is_root_model(model):
            raise SchemaError(f"{model.__name__} is a RootModel, and an item has named fields")
        compiler = Compiler(by_alias=by_alias)
        self.model = model
        self._record = compiler.record(model)
        compiler.check_defaults()
        self.fields = self._record.fields
        self._by_name = {field.name: field for field in self.fields}
        self._write: Callable[[T], Item] = self._record.write
        self._read: Callable[[Mapping[str, AttributeValue]], dict[str, Any]] = self._record.read
        self._canonical: tuple[tuple[str, str, Callable[[Any], Any]], ...] = ()
        # The validator of the model itself, for `model_validate` is a call and a half around it.
        self._validate = model.__pydantic_validator__.validate_python
        open_ended = model.model_config.get("extra") == "allow"
        self._deep = open_ended or any(field.codec.deep for field in self.fields)
        self._limits: tuple[tuple[str, str, int, Field, int], ...] = ()

    def field(self, name: str) -> Field:
        """The field of a name; AttributeError, with the nearest names, when there is none."""
        try:
            return self._by_name[name]
        except KeyError:
            near = get_close_matches(name, self._by_name)
        hint = (
            f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(self._by_name)}"
        )
        raise AttributeError(f"{self.model.__name__} has no field {name}: {hint}")

    def encode(self, instance: T) -> Item:
        """The attribute map of an instance; CodecError, naming the field that cannot be stored."""
        item = self._written(instance)
        if self._deep:
            check_depth(self.model.__name__, item)
        for attribute, tag, short, field, limit in self._limits:
            stored = item.get(attribute)
            if stored is not None and not 0 < len(stored[tag]) <= short:
                check_key(field.label, stored, limit)
        return item

    def _written(self, instance: T) -> Item:
        try:
            return self._write(instance)
        except Exception:  # noqa: BLE001  # whatever it was, the careful way says it better
            careful = self._record.encode
        return careful(instance)

    def decode(self, item: Mapping[str, AttributeValue], *, upcast: Upcast | None = None) -> T:
        """The instance that an attribute map holds; CodecError where it is not one.

        `upcast` is given the attributes as plain values, as an `extra="allow"` model would hold
        them, and returns those of today's version.
        """
        try:
            stored = item if upcast is None else self._upcast(item, upcast)
            instance: T = self._validate(self._values(stored), by_name=True, by_alias=False)
        except CodecError as error:
            reason, cause = str(error), None
        except ValidationError as error:
            reason, cause = self._reason(error), _without_inputs(error)
        else:
            return instance
        # Raised outside the handlers, so that no context of the error holds the stored values.
        raise CodecError(reason, key=self._key_of(item)) from cause

    def _values(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        try:
            for attribute, tag, canonical in self._canonical:
                if not canonical(item[attribute][tag]):
                    break
            else:
                return self._read(item)
        except Exception:  # noqa: BLE001, S110  # whatever it was, the careful way says it better
            pass
        return self._read_carefully(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        return self._record.decode(item)

    def _key_of(self, _item: Mapping[str, AttributeValue]) -> Item | None:
        return None

    def _upcast(self, item: Mapping[str, AttributeValue], upcast: Upcast) -> Item:
        old = {name: decode_any(stored) for name, stored in item.items()}
        try:
            plain: Any = upcast(old)
        except Exception as error:  # noqa: BLE001  # a function of the user's may raise anything
            reason = f"raised {type(error).__name__}"
        else:
            if isinstance(plain, Mapping):
                return self._of_today(cast("Mapping[str, Any]", plain))
            reason = f"returned {type(plain).__name__}, which is no mapping of attributes"
        # Raised outside the handler: the error in hand may quote the item.
        raise CodecError(f"{self.model.__name__}: its upcast {reason}")

    def _of_today(self, plain: Mapping[str, Any]) -> Item:
        try:
            return {name: encode_any(value) for name, value in plain.items()}
        except CodecError as error:
            reason = str(error)
        raise CodecError(f"{self.model.__name__}: its upcast made what is no attribute: {reason}")

    def _reason(self, error: ValidationError) -> str:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        places = ", ".join(f"{self._place(one['loc'])} ({one['type']})" for one in found)
        return f"the stored item is no {self.model.__name__}: {places}"

    def _place(self, location: tuple[int | str, ...]) -> str:
        """A place in the model, without the keys of dicts, which are data."""
        field = self._by_name.get(str(location[0])) if location else None
        if field is None:
            return "an undeclared attribute" if location else "the whole"
        return field.label + "".join(
            f"[{step}]" if isinstance(step, int) else "[...]" for step in location[1:]
        )


def _is_model(found: object) -> bool:
    return isinstance(found, type) and issubclass(found, BaseModel) and found is not BaseModel


class Schema(Fields[T]):
    """A model as items of a table: what a repository needs to know of it."""

    def __init__(self, model: type[T], *, by_alias: bool = False) -> None:
        super().__init__(model, by_alias=by_alias)
        self.key_schema, self.indexes = _keys(model, self.fields)
        self.version = self._only(Version)
        self.ttl = self._only(TimeToLive)
        self.created = self._only(CreatedAt)
        self.updated = self._only(UpdatedAt)
        self._limits = _key_limits(self.key_schema, *self.indexes.values())
        # A required key that has one form only is looked for, and judged, when it is read.
        self._canonical = tuple(
            (field.attribute, field.codec.tag, _canonical(field.codec))
            for field in self.key_schema.fields
            if not (field.required and field.codec.canonical is always)
        )
        self._check_markers()
        self._core, self.unaccelerated = _core(model, self._record, self.key_schema.fields)
        self._parsers: dict[str, Parse | None] = {}

    def parse(self, part: accelerator.Part) -> Parse | None:
        """What makes an answer from its text, with instances in a part of it; None for none.

        Then `unaccelerated` says why. What comes in any order has to be found by its key, so where
        an instance may have another than is stored, such parts are left to the codec, too.
        """
        if part not in self._parsers:
            self._parsers[part] = self._parser(part)
        return self._parsers[part]

    def _parser(self, part: accelerator.Part) -> Parse | None:
        if self._core is None:
            return None
        if part == "Responses" and not accelerator.keeps_keys(self.model, self.key_schema.fields):
            return None
        return accelerator.parser(self._core, part)

    def key(self, key: Any) -> Item:
        """The key attributes of a value, a `(partition, sort)` tuple or an instance."""
        fields = self.key_schema.fields
        if isinstance(key, self.model):
            values = tuple(getattr(key, field.name) for field in fields)
        else:
            values = _parts(key) if len(fields) > 1 else (key,)
        if len(values) != len(fields):
            raise CodecError(
                f"{self.model.__name__}: the key is {self._shape}, found {len(values)} value(s)"
            )
        return {
            field.attribute: _key_value(field, value, limit)
            for field, value, limit in zip(fields, values, MAX_BYTES, strict=False)
        }

    @cached_property
    def _shape(self) -> str:
        names = [field.name for field in self.key_schema.fields]
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def key_of(self, item: Mapping[str, AttributeValue]) -> Item:
        """The key attributes of a stored item, as they are stored."""
        names = (field.attribute for field in self.key_schema.fields)
        return {name: item[name] for name in names if name in item}

    def _key_of(self, item: Mapping[str, AttributeValue]) -> Item:
        return self.key_of(item)

    def _read_carefully(self, item: Mapping[str, AttributeValue]) -> dict[str, Any]:
        for field in self.key_schema.fields:
            _check_canonical(field, item.get(field.attribute))
        return super()._read_carefully(item)

    def _only(self, kind: type[Marker]) -> Field | None:
        marked = [one for one in self.fields if any(isinstance(m, kind) for m in one.markers)]
        if len(marked) > 1:
            raise SchemaError(
                f"{self.model.__name__}: {marked[0].name} and {marked[1].name} are both marked"
                f" {kind.__name__}(): mark one"
            )
        return marked[0] if marked else None

    def _check_markers(self) -> None:
        if self.version and self.version.codec.kinds != (int,):
            raise SchemaError(f"{self.version.label}: a Version() is an int")
        if self.ttl and (self.ttl.codec.tag != "N" or self.ttl.codec.name.startswith("Decimal")):
            raise SchemaError(f"{self.ttl.label}: a TimeToLive() is an aware datetime")
        for field, kind in ((self.created, CreatedAt), (self.updated, UpdatedAt)):
            if field and not field.codec.name.startswith("aware datetime"):
                raise SchemaError(f"{field.label}: a {kind.__name__}() is an aware datetime")


def _core(
    model: type[BaseModel], record: Record, keys: tuple[Field, ...]
) -> tuple[Core | None, str]:
    """The core schema for items in JSON; None where the codec reads alone, and why."""
    try:
        core = accelerator.straight(model, record, keys)
        accelerator.parser(core, "Item")  # that it can be made is found out here
    except Unfit as reason:
        return None, str(reason)
    except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
        return None, f"this Pydantic is not known ({type(error).__name__})"
    else:
        return core, ""


def _parts(key: Any) -> tuple[Any, ...]:
    return key if class_of(key) is tuple else (key,)


def _check_canonical(field: Field, stored: AttributeValue | None) -> None:
    """CodecError for a part of a key that is not stored as it would be written."""
    if stored is None:
        raise CodecError(f"{field.label}: the stored item lacks this part of the key")
    field.decode(stored)
    if not _canonical(field.codec)(stored[field.codec.tag]):
        raise CodecError(
            f"{field.label}: the stored form is another than the one that is written, so the item"
            " could be read but never found again by its key: give the field an Encoding"
        )


def _key_value(field: Field, value: Any, limit: int) -> AttributeValue:
    write, tag = field.codec.write, field.codec.tag
    assert write is not None  # noqa: S101 - a key has one tag
    try:
        payload = write(value)
        if 0 < len(payload) <= limit // 4:  # a character has 4 bytes at most
            return {tag: payload}
    except Exception:  # noqa: BLE001, S110 - whatever it was, the careful way says it better
        pass
    stored = field.encode(value)
    if stored is None:
        raise CodecError(f"{field.label}: a key has a value")
    check_key(field.label, stored, limit)
    return stored


def _canonical(codec: Codec) -> Callable[[Any], Any]:
    """Whether a payload, in the key of an item, is the one that would be written for its value."""

    def is_as_written(payload: Any) -> bool:
        stored = {codec.tag: payload}
        return codec.encode(codec.decode(stored)) == stored

    return codec.canonical or is_as_written


def _key_limits(*keys: KeySchema) -> tuple[tuple[str, str, int, Field, int], ...]:
    """The keys that may be too long, each with the length that surely is not, at 4 bytes each."""
    return tuple(
        (field.attribute, field.codec.tag, limit // 4, field, limit)
        for key in keys
        for field, limit in zip(key.fields, MAX_BYTES, strict=False)
        if field.codec.tag in ("S", "B") and not field.codec.fixed
    )


def _keys(model: type[BaseModel], fields: tuple[Field, ...]) -> tuple[KeySchema, dict[str, Index]]:
    """The key of the table, and the indexes by name."""
    partitions = _marked(model, fields, PartitionKey)
    sorts = _marked(model, fields, SortKey)
    if None not in partitions:
        raise SchemaError(
            f"{model.__name__} has no partition key: mark one field, as in"
            " `id: Annotated[str, PartitionKey()]`"
        )
    table = KeySchema(partitions.pop(None), sorts.pop(None, None))
    for field in table.fields:
        if "NULL" in field.codec.tags:
            raise SchemaError(f"{field.label}: the key of an item is never None")
    indexes: dict[str, Index] = {}
    for name in dict.fromkeys((*partitions, *sorts)):
        partition, sort = partitions.get(name), sorts.get(name)
        _check_index(model, name, table, (partition, sort))
        indexes[str(name)] = Index(partition or table.partition, sort, str(name), partition is None)
    if sum(index.local for index in indexes.values()) > _MAX_LOCAL_INDEXES:
        raise SchemaError(
            f"{model.__name__}: a table has {_MAX_LOCAL_INDEXES} local indexes at most"
        )
    return table, indexes


def _marked(
    model: type[BaseModel], fields: tuple[Field, ...], kind: type[PartitionKey | SortKey]
) -> dict[str | None, Field]:
    marked: dict[str | None, Field] = {}
    for field in fields:
        for marker in field.markers:
            if not isinstance(marker, kind):
                continue
            other = marked.setdefault(marker.index, field)
            if other is not field:
                raise SchemaError(
                    f"{model.__name__}: {other.name} and {field.name} are both {marker}: mark one"
                )
            _check_key_type(field, sort=kind is SortKey)
            if len(field.attribute.encode()) > _MAX_KEY_NAME:
                raise SchemaError(
                    f"{field.label}: the name of a key has {_MAX_KEY_NAME} bytes at most: give the"
                    " field a shorter Attribute(...)"
                )
    return marked


def _check_key_type(field: Field, *, sort: bool) -> None:
    codec = field.codec
    if len(codec.tags - {"NULL"}) > 1 or codec.tag not in KEY_TAGS or not codec.key:
        raise SchemaError(
            f"{field.label}: {codec.name} cannot be a key: a key is one string, number or binary"
            " with one stored form for equal values: declare such a type, as str, int or"
            " AwareDatetime, or give the field an Encoding"
        )
    if sort and codec.key != "sort":
        raise SchemaError(
            f"{field.label}: {codec.name} cannot be a sort key, for its order in DynamoDB is not"
            " its order in Python: give it an Encoding that has the order you want"
        )


def _check_index(
    model: type[BaseModel],
    name: str | None,
    table: KeySchema,
    key: tuple[Field | None, Field | None],
) -> None:
    if not isinstance(name, str) or not _INDEX_NAME.fullmatch(name):
        raise SchemaError(
            f"{model.__name__}: the name of an index has 3 to 255 letters, digits, _, - or ."
        )
    if key[0] is None and table.sort is None:
        raise SchemaError(
            f"{model.__name__}: the index {name} has a sort key only, so it is a local one, and the"
            " table needs a sort key for that: mark a field PartitionKey(index=...) as well"
        )
    if key[0] is key[1]:
        raise SchemaError(f"{model.__name__}: the index {name} has one field for both keys")
    for field in key:
        if field is not None and field.none == "stored":
            raise SchemaError(
                f"{field.label}: the key of an index may be absent, but no NULL: let None be the"
                " default of the field"
            )


def _without_inputs(error: ValidationError) -> ValidationError:
    """The error of Pydantic without what was validated, and without the texts that may quote it."""
    found: Any = error.errors(include_input=False, include_url=False, include_context=False)
    return ValidationError.from_exception_data(
        error.title,
        [
            {
                "type": PydanticCustomError(one["type"], "not valid"),
                "loc": tuple(step if isinstance(step, int) else "..." for step in one["loc"][1:]),
                "input": None,
            }
            for one in found
        ],
        hide_input=True,
    )


_known: dict[tuple[Any, ...], Any] = {}
_lock = RLock()


def _once(kind: type[Any], model: type[BaseModel], *, by_alias: bool) -> Any:
    question = kind, model, by_alias
    with _lock:
        if question not in _known:
            _known[question] = kind(model, by_alias=by_alias)
        return _known[question]


def fields_of(model: type[T], *, by_alias: bool = False) -> Fields[T]:
    """The fields of a model that need not be an item of its own, as the part of one."""
    fields: Fields[T] = _once(Fields, model, by_alias=by_alias)
    return fields


def schema_of(model: type[T], *, by_alias: bool = False) -> Schema[T]:
    """The schema of a model; SchemaError, naming model, field and cure, when it has none.

    `by_alias` names the attributes by the Pydantic aliases of the fields.
    """
    schema: Schema[T] = _once(Schema, model, by_alias=by_alias)
    return schema
