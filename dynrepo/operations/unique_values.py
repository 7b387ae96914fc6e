"""What a repository keeps unique, and the key of the guard that each value has.

A guard is an item of its own, under a key that is made of the value: two items with one value would
have one guard, and that is written for the first of them only.
"""

from __future__ import annotations

from base64 import b64encode
from itertools import permutations
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dynrepo.codec.value import canonical
from dynrepo.errors import CodecError, SchemaError
from dynrepo.interruption import pass_strike
from dynrepo.operations.guard_rows import OWNER, PREFIX, guard_table
from dynrepo.places.neighbours import neighbours_in
from dynrepo.places.shared_table import Place, SharedTable
from dynrepo.templates.key import TemplateKey
from dynrepo.templates.template import Template

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Field, Item
    from dynrepo.schema.entity import Schema

_SORT_TEXT = "UNIQUE"
_attribute = attrgetter("attribute")

SORT: Mapping[str, AttributeValue] = {
    "S": {"S": _SORT_TEXT},
    "N": {"N": "0"},
    "B": {"B": b64encode(_SORT_TEXT.encode()).decode()},
}
"""The sort key of every guard, by the type of the attribute."""


class GuardKey(NamedTuple):
    """The table that holds guards, by its name without prefix, and the types of its key."""

    table: str
    types: tuple[tuple[str, str], ...]

    def of(self, text: str) -> Item:
        """The key of the guard of a text."""
        (partition, tag), *sorts = self.types
        held = text if tag == "S" else b64encode(text.encode()).decode()
        return {partition: {tag: held}, **{name: SORT[each] for name, each in sorts}}


class UniqueValue:
    """One value of an item that no other item may have: a text made of fields by a template."""

    def __init__(self, schema: Schema[Any], text: object, entity: str) -> None:
        if not isinstance(text, str) or not text:
            raise SchemaError(
                f'{schema.name}: unique = ("email",) has names of fields, or templates of them'
            )
        template = text if "{" in text else f"{{{text}}}"
        fields = {field.name: field for field in schema.fields}
        named = Template(template, fields, owner=schema.name)
        names = ",".join(field.attribute for field in named.fields)
        begun = f"{PREFIX}{entity}#{names}#" if entity else f"{PREFIX}{names}#"
        self.template = Template(_escaped(begun) + template, fields, owner=schema.name)
        self.fields: tuple[Field, ...] = self.template.fields
        self._texts = schema.key_texts
        own = {field.attribute for field in self.fields}
        self._of_key = own & self._texts.attributes if self._texts else set[str]()
        self.begun = begun
        """What the texts of its guards begin with."""
        self.name = ", ".join(field.name for field in self.fields)
        """The names of its fields."""
        self.label = f"{schema.name}.{self.name}"
        """The same in messages."""
        self._check(schema)

    def of(self, item: Mapping[str, AttributeValue]) -> str | None:
        """The text of an item to be stored; None where one of the fields is absent.

        CodecError, naming field and template, for a value that no guard can hold.
        """
        if self._texts is not None and self._of_key:  # which may be nowhere else
            item = self._texts.completed(item, self._of_key)
        stored = self.template.stored(item)
        return None if stored is None else stored["S"]

    def in_stored(self, item: Mapping[str, AttributeValue]) -> str | None:
        """The text of a stored item; None also for what no write of the library has left there."""
        try:
            return self.of(item)
        except Exception as error:  # noqa: BLE001 - what others stored may be anything
            pass_strike(error)
            return None

    def _check(self, schema: Schema[Any]) -> None:
        if not self.fields:
            raise SchemaError(f"{self.template.label} names no field, so all items have one value")
        for field in (schema.created, schema.updated):
            if field is not None and field in self.fields:
                raise SchemaError(f"{field.label}: writes stamp it, and it cannot be unique")


class GuardEntity:
    """The guards of a unique value as an entity of a shared table, whose keys no other may have."""

    def __init__(self, schema: Schema[Any], table: type[SharedTable], value: UniqueValue) -> None:
        sort = Template(_SORT_TEXT, {}, owner=f"a guard of {value.label}", sort=True)
        has_sort = len(table.key.names) > 1
        self.models, self.name = schema.models, schema.name
        self.ttl = schema.ttl
        self.asks_mark: bool | None = False
        self.reached: dict[str, bool] = {}
        self.template_key = TemplateKey(value.template, sort if has_sort else None)
        self.template_keys = {"": self.template_key}
        self.place = Place(
            table,
            tuple(template.text for template in self.template_key.templates),
            entity=OWNER,
            mark=((OWNER, value.begun),),
        )


class UniqueValues:
    """All that a repository keeps unique.

    `guards` is the table of the guards, and `own` says whether it is that of the items.
    """

    def __init__(
        self, schema: Schema[Any], values: Sequence[UniqueValue], guards: GuardKey, *, own: bool
    ) -> None:
        self.values = tuple(values)
        self.entities: tuple[GuardEntity, ...] = ()
        """The guards as neighbours of others in a shared table, known to it while these are."""
        self.guards = guards
        self._name = schema.name
        self._own_partition = schema.key_schema.partition.attribute if own else ""
        ttl = schema.ttl
        self.expiry = None if ttl is None else ttl.attribute
        """The attribute with the end of life of an item, and of its guards."""
        keys = {field.attribute for field in schema.key_fields}
        named = [field.attribute for value in self.values for field in value.fields]
        if self.expiry is not None:
            named.append(self.expiry)
        self.watched = tuple(dict.fromkeys(name for name in named if name not in keys))
        """The attributes on which the guards of an item depend, beside its key."""
        self.is_of_key = any(keys.issuperset(map(_attribute, value.fields)) for value in values)
        """Whether an item has a guard for what its key alone says."""
        partition = schema.key_schema.partition.attribute
        self.told_by = (*self.watched, partition) if self.is_of_key else self.watched
        """The attributes that tell which guards a stored item has, and whether one is stored."""

    def are_alike(self, item: Item, other: Item) -> bool:
        """Whether two items of one key have the same guards, by the attributes that count."""
        return all(is_same(item.get(name), other.get(name)) for name in self.watched)

    def expires_alike(self, item: Item, other: Item) -> bool:
        """Whether two items have one end of life."""
        return self.expiry is None or is_same(item.get(self.expiry), other.get(self.expiry))

    def table(self, table: str, declared: str) -> str:
        """The full name of the guards' table, by that of the items, and that without its prefix."""
        return table.removesuffix(declared) + self.guards.table

    def check_key(self, key: Item) -> None:
        """CodecError for the key of an item that would be that of a guard."""
        held = key.get(self._own_partition, {}).get("S", "")
        if held.startswith(PREFIX):
            raise CodecError(f"{self._name}: a key that begins with {PREFIX} is one of a guard")


def unique_values_of(
    schema: Schema[Any], unique: object, table: str, guards: type[SharedTable] | None
) -> UniqueValues:
    """What a schema keeps unique, by fields or templates; SchemaError for what cannot be.

    Its guards are in the `table` of the items, if not in a table for `guards`.
    """
    if not isinstance(unique, tuple | list):
        raise SchemaError(f'{schema.name}: unique = ("email",) is a tuple')
    texts = cast("tuple[object, ...]", unique)
    key = _guard_key(schema, table, guards)
    place = getattr(schema, "place", None)
    values = [UniqueValue(schema, text, place.entity if place else "") for text in texts]
    for value, other in permutations(values, 2):
        if value.begun.startswith(other.begun):
            raise SchemaError(
                f"{value.label} and {other.label} are unique by guards that could have one key:"
                " name the fields once, in the form by which two values are one, as {email:lower}"
            )
    found = UniqueValues(schema, values, key, own=key.table == table)
    shared: type[SharedTable] | None = getattr(place, "table", None) if guards is None else guards
    if shared is not None and all(tag == "S" for _, tag in key.types[1:]):
        found.entities = _entities(schema, shared, values)
    guard_table(key.table)
    return found


def _entities(
    schema: Schema[Any], table: type[SharedTable], values: Sequence[UniqueValue]
) -> tuple[GuardEntity, ...]:
    """The guards in a shared table; SchemaError where another entity may have their keys."""
    entities = tuple(GuardEntity(schema, table, value) for value in values)
    try:
        for entity in entities:
            neighbours_in(table).add(entity)
    except SchemaError as error:
        raise SchemaError(
            f"{error}; guards of two models differ by the entity= of their places, or lie in two"
            " tables"
        ) from None
    return entities


def _guard_key(schema: Schema[Any], table: str, given: object) -> GuardKey:
    if given is None:
        fields = schema.key_schema.fields
        key = GuardKey(table, tuple((each.attribute, each.codec.tag) for each in fields))
    elif isinstance(given, type) and issubclass(given, SharedTable):
        key = GuardKey(given.table, tuple(given.key.typed_names.items()))
    else:
        raise SchemaError(f"{schema.name}: guards is a SharedTable, whose key holds texts")
    if key.types[0][1] == "N":
        raise SchemaError(
            f"{schema.name}: the partition key of {key.table} is a number, and a guard of a unique"
            " value has a text: name another table for them, as `guards = Shop`, a SharedTable"
        )
    return key


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def is_same(first: AttributeValue | None, second: AttributeValue | None) -> bool:
    """Whether DynamoDB says that two attributes are equal; what is no attribute is like no other.

    None is an attribute that is not there.
    """
    if first is None or second is None or first == second:
        return first == second
    try:
        return canonical(first) == canonical(second)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return False
