"""The keys of a table and of its indexes: which fields make them, and how a key is written.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from dynrepo.codec.generated import identifier_of_instance, identifier_of_stored, key_writer
from dynrepo.codec.limits import MAX_BYTES, SHORT, check_key
from dynrepo.codec.undeclared import check_declared
from dynrepo.codec.value import KEY_TAGS, canonical_of, class_of
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike
from dynrepo.markers import PartitionKey, SortKey
from dynrepo.schema.table_names import MAX_KEY_NAME, is_index_name
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pydantic import BaseModel

    from dynrepo.codec import AttributeValue, Field, Item

_MAX_LOCAL_INDEXES = 5


class KeySchema(NamedTuple):
    """The key of a table or, with a `name`, of an index of it.

    A `local` index shares the partition key of the table.
    """

    partition: Field
    sort: Field | None = None
    name: str = ""
    local: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        """The key's fields, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)


class KeyTexts(Protocol):
    """What the texts of the key of an item tell of the fields that they are made of."""

    @property
    def attributes(self) -> AbstractSet[str]:
        """Those of the fields that can be read."""
        ...

    @property
    def unstored(self) -> AbstractSet[str]:
        """Those of the fields that are in the texts alone, and not stored themselves."""
        ...

    def read(self, item: Mapping[str, AttributeValue]) -> Item:
        """What is stored of the fields, by attribute; CodecError for texts of another key."""
        ...

    def completed(
        self, item: Mapping[str, AttributeValue], wanted: AbstractSet[str]
    ) -> Mapping[str, AttributeValue]:
        """An item with those of some attributes that it has in its key alone; as `read`."""
        ...

    def as_read(self, fields: Iterable[Field]) -> tuple[Field, ...]:
        """Some fields as they stand in an item: those that are not stored, as they do in a text."""
        ...


class KeyCodec:
    """How the key of an item is written, and told from the keys of others."""

    def __init__(self, name: str, models: tuple[type[BaseModel], ...], key: KeySchema) -> None:
        self._name = name
        self._models = frozenset(models)
        self._counts = {model: len(model.model_fields) for model in models}
        self._key = key
        self._fields = key.fields
        self._is_pair = key.sort is not None
        self._write: Callable[..., Item] = key_writer(key.fields, SHORT)
        self._of_stored = identifier_of_stored(key.fields)
        self._of_instance = identifier_of_instance(key.fields)

    def encode(self, key: Any) -> Item:
        """The key attributes of a value, a `(partition, sort)` tuple or an instance."""
        try:
            values = key if self._is_pair and class_of(key) is tuple else self._values(key)
            return self._write(*values)
        except Exception as error:  # noqa: BLE001 - whatever it was, the careful way names the field
            pass_strike(error)
            careful = self._encode_carefully
        try:
            return careful(self._values(key))
        except CodecError as error:
            raise without_own_frames(error)  # noqa: B904 - itself; they hold what was encoded

    def stored(self, item: Mapping[str, AttributeValue]) -> Item:
        """The key attributes of a stored item, as they are stored."""
        names = (field.attribute for field in self._key.fields)
        return {name: item[name] for name in names if name in item}

    def identity(self, item: Any) -> Hashable:
        """What two items, keys or instances have in common when they are of one key.

        1 and 1.0 are one number in DynamoDB. One that lacks a part of its key is like no other.
        """
        try:
            if type(item) in self._models:
                return self._of_instance(item)
            return self._of_stored(item)
        except KeyError:
            return object()

    def identities(self, items: Sequence[Any]) -> list[Hashable]:
        """`identity` of each of some items, which are all instances or all stored."""
        made = bool(items) and type(items[0]) in self._models
        try:
            return list(map(self._of_instance if made else self._of_stored, items))
        except KeyError:
            return list(map(self.identity, items))

    def check(self, item: Mapping[str, AttributeValue]) -> None:
        """CodecError for a stored item whose key is lacking, or not as it would be written."""
        for field in self._key.fields:
            check_canonical(field, item.get(field.attribute))

    def _values(self, key: Any) -> Any:
        """The values of a key, one for each field."""
        if class_of(key) is tuple and self._is_pair:
            values = key
        elif not self._models.isdisjoint(type(key).__mro__):  # Pydantic makes `isinstance` slow
            if len(key.__dict__) != self._counts.get(key.__class__):
                check_declared(key)
            values = tuple([getattr(key, field.name) for field in self._fields])
        else:
            values = (key,)
        if len(values) != len(self._fields):
            raise CodecError(
                f"{self._name}: the key is {self._shape}, found {len(values)} value(s), in a"
                f" {type(key).__name__}: write get({self._shape}), get_many([{self._shape}])"
            )
        return values

    @cached_property
    def _shape(self) -> str:
        names = [field.name for field in self._fields]
        return names[0] if len(names) == 1 else f"({', '.join(names)})"

    def _encode_carefully(self, values: Any) -> Item:
        return {
            field.attribute: _encoded(field, value, limit)
            for field, value, limit in zip(self._fields, values, MAX_BYTES, strict=False)
        }


def check_canonical(field: Field, stored: AttributeValue | None) -> None:
    """CodecError for a part of a key that is not stored as it would be written."""
    if stored is None:
        raise CodecError(f"{field.label}: the stored item lacks this part of the key")
    field.decode(stored)
    if not canonical_of(field.codec)(stored[field.codec.tag]):
        raise CodecError(
            f"{field.label}: the stored form is another than the one that is written, so the item"
            " could be read but never found again by its key: give the field an Encoding"
        )


def _encoded(field: Field, value: Any, limit: int) -> AttributeValue:
    stored = field.encode(value)
    if stored is None:
        raise CodecError(f"{field.label}: a key has a value")
    check_key(field.label, stored, limit)
    return stored


class KeyLimit(NamedTuple):
    """How much of a field that is a key DynamoDB takes."""

    field: Field
    short: int
    """Characters that surely are not too many."""
    bytes: int
    """Bytes that it may have."""


def limits_of(*keys: KeySchema) -> dict[str, KeyLimit]:
    """The limits of the keys that may be too long, by attribute."""
    limits: dict[str, KeyLimit] = {}
    for number, most in enumerate(MAX_BYTES):  # a sort key comes last: it may have less
        for field in [key.fields[number] for key in keys if len(key.fields) > number]:
            if field.codec.tag in ("S", "B") and not field.codec.fixed:
                limits[field.attribute] = KeyLimit(field, SHORT[number], most)
    return limits


def keys_of(model: str, fields: tuple[Field, ...]) -> tuple[KeySchema, dict[str, KeySchema]]:
    """The key of the table and the indexes by name, as the markers of a model say."""
    partitions = _marked(model, fields, PartitionKey)
    sorts = _marked(model, fields, SortKey)
    if None not in partitions:
        raise SchemaError(
            f"{model} has no partition key: mark one field, as in"
            " `id: Annotated[str, PartitionKey()]`"
        )
    table = KeySchema(partitions.pop(None), sorts.pop(None, None))
    for field in table.fields:
        if "NULL" in field.codec.tags:
            raise SchemaError(f"{field.label}: the key of an item is never None")
    indexes: dict[str, KeySchema] = {}
    for name in dict.fromkeys((*partitions, *sorts)):
        partition, sort = partitions.get(name), sorts.get(name)
        _check_index(model, name, table, (partition, sort))
        indexes[str(name)] = KeySchema(
            partition or table.partition, sort, str(name), partition is None
        )
    if sum(index.local for index in indexes.values()) > _MAX_LOCAL_INDEXES:
        raise SchemaError(f"{model}: a table has {_MAX_LOCAL_INDEXES} local indexes at most")
    return table, indexes


def _marked(
    model: str, fields: tuple[Field, ...], kind: type[PartitionKey | SortKey]
) -> dict[str | None, Field]:
    marked: dict[str | None, Field] = {}
    for field in fields:
        for marker in field.markers:
            if not isinstance(marker, kind):
                continue
            other = marked.setdefault(marker.index, field)
            if other is not field:
                raise SchemaError(
                    f"{model}: {other.name} and {field.name} are both {marker}: mark one"
                )
            _check_key_type(field, sort=kind is SortKey)
            if len(field.attribute.encode()) > MAX_KEY_NAME:
                raise SchemaError(
                    f"{field.label}: the name of a key has {MAX_KEY_NAME} bytes at most: give the"
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
    model: str,
    name: str | None,
    table: KeySchema,
    key: tuple[Field | None, Field | None],
) -> None:
    if not is_index_name(name):
        raise SchemaError(f"{model}: the name of an index has 3 to 255 letters, digits, _, - or .")
    if key[0] is None and table.sort is None:
        raise SchemaError(
            f"{model}: the index {name} has a sort key only, so it is a local one, and the"
            " table needs a sort key for that: mark a field PartitionKey(index=...) as well"
        )
    if key[0] is key[1]:
        raise SchemaError(f"{model}: the index {name} has one field for both keys")
    for field in key:
        if field is not None and field.none == "stored":
            raise SchemaError(
                f"{field.label}: the key of an index may be absent, but no NULL: let None be the"
                " default of the field"
            )
