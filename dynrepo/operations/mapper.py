"""A table and a model: how the items of the one are instances of the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, cast

from pydantic import BaseModel

from dynrepo.clock import utc_now
from dynrepo.codec.limits import MAX_BYTES
from dynrepo.codec.stored_keys import keeps_keys
from dynrepo.codec.times import EPOCH_SECONDS
from dynrepo.errors import CodecError, WrittenUnreadable
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to
from dynrepo.interruption import pass_interruption
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.guard_rows import GuardedTable
from dynrepo.reading.asked import IdentifiedItems, batch_parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from dynrepo.codec import Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.unique_values import UniqueValues
    from dynrepo.places.queries import PlacedQuery
    from dynrepo.reading.parsers import AnswerPart
    from dynrepo.schema.entity import Field, Schema, Upcast
    from dynrepo.schema.keys import KeySchema

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True, eq=False)
class Mapper(GuardedTable, Generic[T]):
    """Where the items of a model are stored, and how they are read there.

    `table` is the table's full name, prefix included. `upcast` turns the attributes that an older
    version stored into today's. `clock` tells the time for time stamps. Items whose time to live is
    over are hidden from reads if `hide_expired` says so. `name` is that of the table without
    prefix, `unique` what no two items may have in common.
    """

    table: str
    schema: Schema[T]
    upcast: Upcast | None = None
    clock: Callable[[], datetime] = utc_now
    hide_expired: bool = False
    name: str = ""
    unique: UniqueValues | None = None

    def decode(self, item: Item) -> T:
        """The instance that a stored item holds; CodecError when it is not one."""
        return self.schema.decode(item, upcast=self.upcast)

    def restore(self, item: Item | None) -> T | None:
        """The instance that a stored item holds; None when there is none."""
        return None if item is None or item == {} else self.decode(item)

    def decode_written(self, item: Item) -> T:
        """The instance in the item of a write that is done; WrittenUnreadable for none."""
        try:
            return self.decode(item)
        except CodecError as error:
            raise WrittenUnreadable(
                f"{self.table}: the write was done, but its item cannot be read: {error}",
                key=error.key,
                item=item,
            ) from error

    def is_of_key(self, item: Item | None, key: Item, *, whole: bool = True) -> bool:
        """Whether what is stored has a key; what is not `whole`, as far as it shows."""
        if item is None or not (whole or key.keys() <= item.keys()):
            return True
        for name, stored in key.items():
            if item.get(name) != stored:  # or a number in another form
                return self.identities([item]) == self.identities([key])
        return True

    def identities(self, items: Sequence[Any]) -> list[Hashable]:
        """The identities of items; one that is like no other for each, where one has no key."""
        try:
            found = self.schema.identities(items)
            hash(tuple(found))
        except Exception as error:  # noqa: BLE001 - what stands for a key in an answer may be anything
            pass_interruption(error)
            return [object() for _ in items]
        return found

    def by_identity(self, items: Sequence[Any]) -> dict[Hashable, Any]:
        """Items by their identities, as in `identities`; the last of each."""
        if isinstance(items, IdentifiedItems):
            return dict(zip(items.identities, items, strict=True))
        try:
            return dict(zip(self.schema.identities(items), items))  # noqa: B905 - as in `get_many`
        except Exception as error:  # noqa: BLE001 - as above
            pass_interruption(error)
            return {object(): item for item in items}

    def visible(self, item: Item) -> bool:
        """Whether an item is not one of the expired that are hidden, nor a guard."""
        if self.is_guard(item):
            return False
        ttl = self.hidden_by
        if ttl is None or ttl.attribute not in item:
            return True
        now = self.clock().timestamp()  # a clock may raise, too
        try:
            return not float(item[ttl.attribute]["N"]) <= now  # NaN is no time
        except (KeyError, TypeError, ValueError):
            return True  # what is no time is the codec's to refuse

    def shows(self, instance: T) -> bool:
        """The same of an instance, where it has the end of life that is stored."""
        ttl = self.hidden_by
        if ttl is None or ttl.name not in instance.model_fields_set:  # absent, so not over
            return True
        end: datetime | None = getattr(instance, ttl.name)
        return end is None or end.timestamp() > self.clock().timestamp()

    @property
    def is_over(self) -> Condition:
        """That what is stored is one of the expired that are hidden, where any are."""
        now = Value({"N": str(int(self.clock().timestamp()))})
        # What is absent, NULL or no number is no end of life, and is not before any.
        return path_to(cast("Field", self.hidden_by).attribute) <= now

    def without_expired(self, items: Sequence[Item]) -> Sequence[Item]:
        """Those of some items that are not hidden."""
        return items if self.hidden_by is None else [item for item in items if self.visible(item)]

    def placed_query(
        self,
        key: KeySchema,
        condition: Condition | None,
        where: Condition | None = None,
        *,
        descending: bool = False,
    ) -> PlacedQuery:
        """What a query asks of a key of a shared table, or a scan where there is no condition."""
        schema: Any = self.schema
        return self._query_kind(schema, key, condition, where, descending=descending)

    @property
    def entity(self) -> str:
        """What log lines call an item of a shared table; empty in a table of one model."""
        return self.schema.entity

    def check_alone(self, verb: str) -> None:
        """ValueError where a verb is of one model, and there are several."""

    @property
    def read_with(self) -> tuple[Sequence[str], ...]:
        """The templates of the models that are read together with this one."""
        return ()

    def of_known(self) -> Self:
        """The same, which leaves out the rows that are of none of its models."""
        return self

    # What follows is the same for every call, and found out by the first.

    @cached_property
    def hidden_by(self) -> Field | None:
        """The field by which expired items are hidden; None where they are shown."""
        return self.schema.ttl if self.hide_expired else None

    @property
    def expiry(self) -> Field | None:
        """The field by whose attribute items of the table expire, of whatever model it is."""
        schema: Any = self.schema
        found: Field | None = schema.neighbours.expiry(schema) if schema.added else schema.ttl
        return found

    @cached_property
    def parse_item(self) -> Parse | None:
        """What makes the instance in the answer to a get; None where the codec reads it."""
        return self._parse("Item")

    @cached_property
    def parse_written(self) -> Parse | None:
        """The same after a write, which sees what is hidden from reads."""
        return None if self.upcast is not None else self.schema.parse("Item")

    @cached_property
    def parse_items(self) -> Parse | None:
        """What makes the instances in a page of a query; None where the codec reads them."""
        return self._parse("Items")

    @cached_property
    def parse_attributes(self) -> Parse | None:
        """What makes the instance in the answer to a write; None where the codec reads it."""
        return self._parse("Attributes")

    @cached_property
    def parse_responses(self) -> Parse | None:
        """What makes the instances in the answer to a batch; None where the codec reads them."""
        return self._parse("Responses")

    def asked(self, parse: Parse | None, key: Item) -> Parse | None:
        """What makes the one instance in an answer of a shared table, where it has this key."""
        schema: Any = self.schema
        return None if parse is None else schema.asked(parse, key)

    @cached_property
    def _query_kind(self) -> type[PlacedQuery]:
        from dynrepo.places.queries import PlacedQuery  # noqa: PLC0415 - is there

        return PlacedQuery

    def parse_of(self, names: AbstractSet[Hashable]) -> Parse | None:
        """What makes the instances in the answer to a batch of keys, of these identities."""
        parse = self.parse_responses
        compares = parse is not None and self.schema.added
        return OpaquePartial(batch_parsed, parse, self.identities, names) if compares else parse

    @cached_property
    def key_attributes(self) -> dict[str, str]:
        """The names of the key's fields by attribute."""
        return {field.attribute: field.name for field in self.schema.key_schema.fields}

    @cached_property
    def fixed_attributes(self) -> dict[str, str]:
        """The attributes that the actions of an update may not write, each with the reason."""
        model, version = self.schema.name, self.schema.version
        fixed = dict.fromkeys(self.key_attributes, f"{model}: an update cannot change the key")
        for name in self.schema.added:
            fixed[name] = f"{model}: an update names fields, which {name} is made of"
        for field in self.schema.key_fields if self.schema.added else ():
            cure = "create the item of the other key, and delete this one"
            fixed[field.attribute] = f"{field.label}: an update cannot change the key: {cure}"
        if version is not None:
            fixed.setdefault(
                version.attribute,
                f"{version.label}: an update counts the version itself: leave it out, and"
                f" ask for one by condition=fields.{version.name} == ...",
            )
        kinds = self.schema.kinds
        for field in kinds.discriminators() if kinds else ():
            fixed[field.attribute] = (
                f"{field.label}: no action makes an item of another model of it: save that one"
            )
        return fixed

    @cached_property
    def computed_fields(self) -> tuple[Field, ...]:
        """The computed fields that are no part of the key."""
        computed = [field for field in self.schema.fields if field.computed]
        return tuple([field for field in computed if field.attribute not in self._of_key])

    @property
    def _of_key(self) -> list[str]:
        """The attributes of the fields that a key is made of."""
        return [field.attribute for field in self.schema.key_fields]

    @cached_property
    def index_limits(self) -> dict[str, list[tuple[Field, int]]]:
        """The fields that are keys of indexes, by attribute, with the bytes that each may have."""
        limits: dict[str, list[tuple[Field, int]]] = {}
        for index in self.schema.indexes.values():
            for field, limit in zip(index.fields, MAX_BYTES, strict=False):
                limits.setdefault(field.attribute, []).append((field, limit))
        return limits

    @cached_property
    def exists(self) -> Condition:
        """That something is stored under a key."""
        return path_to(self.schema.key_schema.partition.attribute).exists()

    @cached_property
    def does_not_exist(self) -> Condition:
        """That nothing is stored under a key."""
        return path_to(self.schema.key_schema.partition.attribute).does_not_exist()

    def _parse(self, part: AnswerPart) -> Parse | None:
        """None also where items are looked at before they are decoded."""
        if self.upcast is not None:
            return None
        # A query has a filter for what is hidden, and a write sees it.
        is_looked_at = part in _HIDING and not self.tells_its_end
        return None if is_looked_at or self.may_show_guards else self.schema.parse(part)

    @property
    def tells_its_end(self) -> bool:
        """Whether an instance surely has the end of life that is stored, if any is."""
        ttl = self.hidden_by
        return ttl is None or (
            ttl.present is EPOCH_SECONDS
            and all(keeps_keys(model, [ttl]) for model in self.schema.models)
        )


_HIDING = ("Item", "Responses")
"""The parts of answers whose items are hidden where they are read."""
