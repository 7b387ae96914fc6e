"""A mapper knows how the items of its table are looked at."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, computed_field, field_validator

from dynrepo import (
    CodecError,
    CreatedAt,
    PartitionKey,
    SortKey,
    TimeToLive,
    UpdatedAt,
    Version,
    WrittenUnreadable,
)
from dynrepo.operations.mapper import Mapper
from dynrepo.places.schema import placed_schema_of
from dynrepo.schema.entity import schema_of
from tests.shop import ORDER, Order, Orders

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Ticket(BaseModel):
    """Something that ends, and counts its writes."""

    code: Annotated[str, PartitionKey()]
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Seat(BaseModel):
    """Something with a key of two fields, and what is computed of them."""

    train: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey(), SortKey(index="by_class")]
    kind: Annotated[str, PartitionKey(index="by_class")] = "second"

    @computed_field  # type: ignore[prop-decorator]
    @property
    def label(self) -> Annotated[str, PartitionKey(index="by_label")]:
        """As it is written on the door."""
        return f"{self.train}/{self.number}"


def tickets(*, hide_expired: bool = True) -> Mapper[Ticket]:
    """The tickets at noon."""
    return Mapper("tickets", schema_of(Ticket), clock=lambda: NOON, hide_expired=hide_expired)


SEATS: Mapper[Seat] = Mapper("seats", schema_of(Seat))


def test_nothing_stored_is_restored_as_none() -> None:
    """Absence is None, of whatever kind."""
    assert tickets().restore(None) is None
    assert tickets().restore({}) is None


def test_what_is_stored_is_restored_as_the_model() -> None:
    """Or is an error, never something in between."""
    assert tickets().restore({"code": {"S": "a"}}) == Ticket(code="a")
    with pytest.raises(CodecError):
        tickets().restore({"code": {"N": "1"}})


@pytest.mark.parametrize(
    ("ends", "seen"), [(NOON.timestamp() - 1, False), (NOON.timestamp() + 1, True), (None, True)]
)
def test_what_has_ended_is_not_seen(ends: float | None, seen: bool) -> None:  # noqa: FBT001
    """DynamoDB removes it within days; a reader need not wait for that."""
    item = {"code": {"S": "a"}} | ({} if ends is None else {"ends": {"N": str(int(ends))}})
    assert tickets().visible(item) is seen
    assert tickets(hide_expired=False).visible(item)


@pytest.mark.parametrize(
    "ends", [{"N": "x"}, {"N": "NaN"}, {"N": None}, {"S": "1"}, {"NULL": True}, {}, None, []]
)
def test_what_is_no_time_ends_nothing(ends: Any) -> None:
    """The codec says what it is, with the names of model and field, and without the value."""
    assert tickets().visible({"code": {"S": "a"}, "ends": ends})


def test_a_schema_knows_the_fields_with_a_meaning() -> None:
    """By their markers, whatever their names."""
    schema = tickets().schema
    fields = (schema.version, schema.created, schema.updated, schema.ttl)
    assert [field.name for field in fields if field] == ["version", "made", "changed", "ends"]


def test_of_several_items_those_that_have_ended_are_left_out() -> None:
    """Where they are hidden; else all are given as they are."""
    over, there = {"ends": {"N": "0"}}, {"code": {"S": "a"}}
    assert tickets().without_expired([over, there]) == [there]
    assert tickets(hide_expired=False).without_expired([over, there]) == [over, there]


def test_an_item_is_told_from_those_of_other_keys() -> None:
    """By what its key stands for; a part of an item may show none."""
    key = {"train": {"S": "a"}, "number": {"N": "1"}}
    assert SEATS.is_of_key(key, {**key, "number": {"N": "1.0"}})
    assert not SEATS.is_of_key({**key, "number": {"N": "2"}}, key)
    assert not SEATS.is_of_key({"kind": {"S": "first"}}, key)
    assert SEATS.is_of_key({"kind": {"S": "first"}}, key, whole=False)
    assert SEATS.is_of_key(None, key)


def test_items_are_found_by_their_identities() -> None:
    """What has no key that can be one is like no other."""
    first, second = ({"train": {"S": "a"}, "number": {"N": number}} for number in ("1", "2"))
    assert SEATS.by_identity([first, second]) == {
        SEATS.schema.identity(first): first,
        SEATS.schema.identity(second): second,
    }
    odd = [{"train": {"S": []}, "number": {"N": "1"}}] * 2
    assert list(SEATS.by_identity(odd).values()) == odd
    assert len(set(SEATS.identities(odd))) == 2


def test_a_write_whose_item_is_not_the_model_is_done() -> None:
    """The error names the field, and holds the key and the item."""
    item = {"code": {"S": "a"}, "version": {"S": "x"}}
    with pytest.raises(WrittenUnreadable, match=r"the write was done, .*Ticket\.version") as caught:
        tickets().decode_written(item)
    assert (caught.value.item, caught.value.key) == (item, {"code": {"S": "a"}})
    assert tickets().decode_written({"code": {"S": "a"}}) == Ticket(code="a")


@pytest.mark.skipif(
    bool(SEATS.schema.unaccelerated), reason="this pydantic-core has no accelerator"
)
def test_answers_are_parsed_where_nothing_is_looked_at_before() -> None:
    """Items of an older version are read one by one, and those that do not tell their end."""

    def parsers(mapper: Mapper[Any]) -> list[bool]:
        found = (mapper.parse_item, mapper.parse_items, mapper.parse_attributes)
        return [parse is not None for parse in (*found, mapper.parse_responses)]

    assert parsers(SEATS) == [True] * 4
    assert parsers(tickets(hide_expired=False)) == [True] * 4
    assert parsers(tickets()) == [True] * 4

    class Lasting(Ticket):
        @field_validator("ends")
        @classmethod
        def later(cls, value: datetime | None) -> datetime | None:
            return value and value + timedelta(days=1)

    lasting = Mapper("tickets", schema_of(Lasting), hide_expired=True)
    assert parsers(lasting) == [False, True, True, False]
    assert parsers(Mapper("seats", schema_of(Seat), upcast=dict)) == [False] * 4


def test_an_instance_shows_its_end() -> None:
    """Where it has one; a default is none, for nothing is stored."""

    class Brief(BaseModel):
        code: Annotated[str, PartitionKey()]
        ends: Annotated[AwareDatetime | None, TimeToLive()] = NOON - timedelta(days=1)

    def brief(**values: Any) -> Brief:
        return Brief(code="a", **values)

    briefs = Mapper("tickets", schema_of(Brief), clock=lambda: NOON, hide_expired=True)
    ends = {"over": NOON, "later": NOON + timedelta(seconds=1), "never": None}
    assert [name for name, end in ends.items() if briefs.shows(brief(ends=end))] == [
        "later",
        "never",
    ]
    assert briefs.shows(brief())
    assert replace(briefs, hide_expired=False).shows(brief(ends=NOON))


def test_a_mapper_knows_what_an_update_may_not_leave_out() -> None:
    """The key, what is computed, and how long the keys of indexes may be."""
    assert SEATS.key_attributes == {"train": "train", "number": "number"}
    assert [field.name for field in SEATS.computed_fields] == ["label"]
    limits = {name: [limit for _, limit in found] for name, found in SEATS.index_limits.items()}
    assert limits == {"kind": [2048], "number": [1024], "label": [2048]}


def test_a_mapper_knows_what_an_update_may_not_write() -> None:
    """Each with the reason; a version that is a part of the key is refused as that."""
    assert set(tickets().fixed_attributes) == {"code", "version"}
    assert set(SEATS.fixed_attributes.values()) == {"Seat: an update cannot change the key"}

    class Edition(BaseModel):
        text: Annotated[str, PartitionKey()]
        version: Annotated[int, SortKey(), Version()] = 0

    editions: Mapper[Edition] = Mapper("editions", schema_of(Edition))
    assert "cannot change the key" in editions.fixed_attributes["version"]


def test_that_an_item_is_there_is_asked_of_its_partition_key() -> None:
    """Every item has one."""
    assert str(SEATS.exists) == "attribute_exists (train)"
    assert str(SEATS.does_not_exist) == "attribute_not_exists (train)"


def test_what_templates_make_is_not_for_updates() -> None:
    """Nor what the key is made of: the reasons name the field, or the attribute."""
    mapper = Mapper("shop", placed_schema_of(Order, Orders.place))

    assert mapper.key_attributes == {"pk": "pk", "sk": "sk"}
    assert mapper.fixed_attributes.keys() == {
        *("pk", "sk", "gsi1pk", "gsi1sk", "_et"),
        *("user_id", "placed", "number"),
    }
    assert "Order.number: an update" in mapper.fixed_attributes["number"]
    assert "gsi1pk is made of" in mapper.fixed_attributes["gsi1pk"]


def test_instances_of_other_keys_are_left_to_the_codec() -> None:
    """In a table where the key is another text than that of the fields."""
    schema = placed_schema_of(Order, Orders.place)
    mapper = Mapper("shop", schema)
    row = schema.encode(ORDER)
    parse = mapper.parse_of({schema.identity(ORDER)})
    assert parse is not None

    def parsed(rows: list[Any]) -> Any:
        return parse(json.dumps({"Responses": {"shop": rows}}).encode())

    assert parsed([row])[1] == [ORDER]
    assert parsed([])[1] == []
    assert parsed([{**row, "number": {"N": "8"}}]) is None
    assert parse(b"no json") is None
    plain = Mapper("tickets", schema_of(Ticket))
    assert plain.parse_of(set()) is plain.parse_responses
