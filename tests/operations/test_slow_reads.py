"""A repository says of which verbs the answers are read item by item, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, field_validator

from dynrepo import Attribute, PartitionKey, Repository, SortKey, TimeToLive
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.reads import part_of
from dynrepo.operations.slow_reads import slow_reads
from dynrepo.schema.entity import schema_of
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from datetime import datetime

PARSED = {
    "get": "parse_item",
    "require": "parse_item",
    "get_many": "parse_responses",
    "query": "parse_items",
    "scan": "parse_items",
    "save": "parse_attributes",
    "update": "parse_attributes",
    "delete": "parse_attributes",
    "get_together": "parse_item",
    "update(exactly_once=True)": "parse_written",
}
PARTS = {"get(only=...)", "query.only", "scan.only"}


class Ticket(BaseModel):
    """Something that ends."""

    code: Annotated[str, PartitionKey()]
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Lasting(Ticket):
    """Something whose end is not what is stored."""

    @field_validator("ends")
    @classmethod
    def as_it_is(cls, value: datetime | None) -> datetime | None:
        """Might change it."""
        return value


class Ticketed(BaseModel):
    """A part of such a thing."""

    code: str


class Open(BaseModel, extra="allow"):
    """Something with names of its own."""

    code: Annotated[str, PartitionKey(), Attribute("no")]


MAPPERS: dict[str, tuple[Mapper[Any], set[str]]] = {
    "all": (Mapper("t", schema_of(Ticket), hide_expired=True), set()),
    "single items": (
        Mapper("t", schema_of(Lasting), hide_expired=True),
        {"get", "require", "get_many", "get_together"},
    ),
    "an upcast": (Mapper("t", schema_of(Ticket), upcast=dict), {*PARSED, *PARTS}),
    "the model": (Mapper("t", schema_of(Open)), set(PARSED)),
}


@pytest.mark.parametrize(("mapper", "slow"), MAPPERS.values(), ids=MAPPERS)
def test_each_verb_is_told_that_is_read_item_by_item(mapper: Mapper[Any], slow: set[str]) -> None:
    """And no other."""
    told = slow_reads(mapper)
    if not schema_of(Ticket).unaccelerated:
        not_parsed = {verb for verb, name in PARSED.items() if getattr(mapper, name) is None}
        part = part_of(mapper, Ticketed if "ends" in mapper.schema.model.model_fields else Open)
        if part.parse_item is part.parse_items is None:
            not_parsed |= PARTS
        assert not_parsed == slow
        assert told.keys() == slow
    assert all(":" in reason for reason in told.values())


class Ending(BaseModel):
    """Something that is found by its end."""

    code: Annotated[str, PartitionKey()]
    kind: Annotated[str, PartitionKey(index="by_end")]
    ends: Annotated[AwareDatetime, TimeToLive(), SortKey(index="by_end")]


def test_a_query_by_the_end_of_life_is_told() -> None:
    """Its key takes no filter; with another key, and where nothing is hidden, there is one."""
    schema, name = schema_of(Ending), 'query(index="by_end")'
    told = slow_reads(Mapper("t", schema, hide_expired=True))
    assert "query" in told[name]
    if not schema.unaccelerated:
        assert told.keys() == {name}
        assert slow_reads(Mapper("t", schema)) == {}


def test_a_repository_tells_its_own() -> None:
    """With what its model is."""

    class Tickets(Repository[Ticket]):
        table = "tickets"

        def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
            return attributes

    told = Tickets(MemoryStore(Tickets)).unaccelerated
    assert "`upcast`" in told["query"]
    assert told == slow_reads(Mapper("t", schema_of(Ticket), upcast=dict))
