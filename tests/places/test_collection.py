"""Several models of a shared table: how their rows are told apart, and made of an answer's text."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from dynrepo.expressions.key_conditions import asked_in
from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import path_to
from dynrepo.markers import Attribute
from dynrepo.places.collection import Collection, collection_of
from dynrepo.places.schema import PlacedSchema, placed_schema_of
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Index, Key
from dynrepo.templates.asked import Asked
from tests.shop import ADA, CUSTOMER, ORDER, Customer, Customers, Line, Lines, Order, Orders, Shop

CUSTOMERS: PlacedSchema[Customer] = placed_schema_of(Customer, Customers.place)
ORDERS: PlacedSchema[Order] = placed_schema_of(Order, Orders.place)
LINES: PlacedSchema[Line] = placed_schema_of(Line, Lines.place)
TOGETHER = Collection([CUSTOMERS, ORDERS])
OF_ADA = {"S": f"USER#{ADA}"}


class Twofold(SharedTable):
    """A table with a mark of two attributes."""

    table = "twofold"
    key = Key("pk", "sk")
    gsi1 = Index("gpk", "gsk")
    mark = ("kind", "edition")


class Unmarked(SharedTable):
    """A table without one."""

    table = "unmarked-too"
    key = Key("pk", "sk")


class Part(BaseModel):
    """Anything."""

    id: str


class Piece(BaseModel):
    """Anything else."""

    id: str


def part(
    model: type[BaseModel], sort: str, kind: str, edition: str, **index: Any
) -> PlacedSchema[Any]:
    """A model in the table with two marks."""
    mark = {"kind": kind, "edition": edition}
    return placed_schema_of(model, Twofold.place("P#{id}", sort, entity=mark, **index))


def answer(*rows: dict[str, Any]) -> bytes:
    """The text of an answer with rows."""
    return json.dumps({"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}).encode()


def read(collection: Collection, *rows: dict[str, Any]) -> Any:
    """What is made of rows in one pass."""
    parse = collection.parser(tuple(False for _ in collection.schemas))
    assert parse is not None
    made = parse(answer(*rows))
    assert made is not None
    return made[1]


def test_a_row_is_told_by_its_mark() -> None:
    """Where each model has one of its own."""
    assert TOGETHER.is_marked
    assert TOGETHER.name == "Customer | Order"
    assert TOGETHER.number_of(ORDERS.encode(ORDER)) == 1
    assert TOGETHER.number_of({"_et": {"S": "USER"}}) == 0
    assert TOGETHER.number_of({"_et": {"S": "LINE"}}) is None
    assert TOGETHER.number_of({"_et": {"N": "1"}}) is None
    assert TOGETHER.number_of({}) is None


def test_a_row_is_told_by_its_key_without_a_mark() -> None:
    """Of whatever attributes."""
    collection = Collection(
        [
            placed_schema_of(Part, Unmarked.place("P#{id}", "A")),
            placed_schema_of(Piece, Unmarked.place("P#{id}", "B")),
        ]
    )
    assert not collection.is_marked
    assert collection.parser((False, False)) is None
    key = {"pk": {"S": "P#1"}, "sk": {"S": "B"}}
    assert collection.number_of(key) == 1
    assert collection.number_of({**key, "sk": {"S": "C"}}) is None
    assert collection.number_of({"sk": {"S": "B"}}) is None


def test_rows_become_instances_in_one_pass_and_unknown_ones_are_left() -> None:
    """Each by the schema of its model; what is refused is left as it is stored, too."""
    customer, order = CUSTOMERS.encode(CUSTOMER), ORDERS.encode(ORDER)
    line = {**order, "_et": {"S": "LINE"}}
    bad = {**order, "number": {"S": "x"}}
    bare = {"pk": {"S": "x"}}
    rows = read(TOGETHER, order, line, customer, bad, bare)
    assert rows == [ORDER, line, CUSTOMER, bad, bare]
    assert [type(row) for row in rows] == [Order, dict, Customer, dict, dict]
    by_codec = TOGETHER.parser((False, True))
    assert by_codec is not None
    made = by_codec(answer(order, customer))
    assert made is not None
    assert made[1] == [order, CUSTOMER]
    assert TOGETHER.parser((True, True)) is None


def test_a_mark_of_several_attributes_tells_by_all_of_them() -> None:
    """One after the other."""
    one, other = part(Part, "A", "x", "1"), part(Piece, "B", "x", "2")
    third = part(type("Scrap", (Part,), {}), "C", "y", "1")
    collection = Collection([one, other, third])
    rows = [
        one.encode(Part(id="1")),
        other.encode(Piece(id="1")),
        third.encode(third.model(id="2")),
    ]
    assert [type(row).__name__ for row in read(collection, *rows)] == ["Part", "Piece", "Scrap"]
    assert [collection.number_of(row) for row in rows] == [0, 1, 2]
    unknown = {**rows[0], "edition": {"S": "3"}}
    assert read(collection, unknown) == [unknown]
    assert collection.number_of(unknown) is None


def test_one_class_in_two_places_is_read_by_its_codecs() -> None:
    """For its instances do not tell of which place they are."""
    collection = Collection([part(Part, "D", "z", "1"), part(Part, "E", "z", "2")])
    assert collection.is_marked
    assert collection.parser((False, False)) is None


def test_a_model_that_its_codec_reads_is_left_to_it() -> None:
    """The rows of others become instances."""

    class Renamed(BaseModel, extra="allow"):
        name: Annotated[str, Attribute("other")]

    place = Shop.place("RENAMED#{name}", "RENAMED", entity="RENAMED")
    renamed = placed_schema_of(Renamed, place)
    collection = Collection([CUSTOMERS, renamed])
    row = {"_et": {"S": "RENAMED"}}
    assert renamed.accelerated is None
    assert read(collection, CUSTOMERS.encode(CUSTOMER), row) == [CUSTOMER, row]


def test_what_is_read_together_lies_in_partitions_of_one_shape() -> None:
    """In the table, or in an index that all have."""
    found = TOGETHER.grammar("").compiled({"user_id": Asked("=", ({"S": str(ADA)},))})
    assert found == {"pk": Asked("=", (OF_ADA,))}
    with pytest.raises(ValueError, match=r"Customer \| Line: .*makes other partitions than Line"):
        Collection([CUSTOMERS, LINES]).grammar("")
    with pytest.raises(ValueError, match="Order has no place in the index gsi2"):
        TOGETHER.grammar("gsi2")
    with pytest.raises(ValueError, match="makes other partitions"):
        TOGETHER.grammar("gsi1")


def test_a_condition_is_asked_of_each_in_its_own_fields() -> None:
    """Of the table, or of an index, whose name each has for itself."""

    class Job(BaseModel):
        """Has steps."""

        team: str
        number: int

    class Step(BaseModel):
        """Belongs to a job."""

        crew: str
        of: int
        name: str

    jobs = part_of(Job, "T#{number:04d}", "JOB", team="team", by_team="{number:04d}")
    steps = part_of(Step, "T#{of:04d}#{name}", "STEP", team="crew", at="{name}")
    collection = Collection([jobs, steps])
    of_team = path_to("team") == Value({"S": "a"})
    assert asked(collection, None, of_team) == [("crew", "="), ("team", "=")]
    of_job = of_team & (path_to("number") == Value({"N": "7"}))
    found = asked(collection, None, of_job)
    assert found == [("crew", "="), ("number", "="), ("of", "="), ("team", "=")]
    conditions = collection.asked_of_each("by_team", of_team)
    assert [index for _, index in conditions] == ["by_team", "at"]


def part_of(
    model: type[BaseModel], sort: str, kind: str, *, team: str, **index: str
) -> PlacedSchema[Any]:
    """A model of a team, with a place in an index."""
    ((alias, template),) = index.items()
    in_index = {alias: Twofold.gsi1(f"TEAM#{{{team}}}", template)}
    mark = {"kind": kind, "edition": "1"}
    return placed_schema_of(model, Twofold.place(f"TEAM#{{{team}}}", sort, entity=mark, **in_index))


def asked(collection: Collection, index: str | None, condition: Any) -> list[tuple[str, str]]:
    """Which fields are compared, and how, in what is asked of the models."""
    found: list[tuple[str, str]] = []
    for schema, (each, _) in zip(
        collection.schemas, collection.asked_of_each(index, condition), strict=True
    ):
        grammar = schema.plans[""].grammar
        found += [
            (name, it.operator) for name, it in asked_in(each, schema.fields, grammar).items()
        ]
    return sorted(found)


def test_the_rows_of_each_model_are_of_the_partition_in_order() -> None:
    """Whatever stands between them."""
    rows = TOGETHER.rows("")
    later = ORDER.model_copy(update={"number": 9})
    error = ValueError()
    assert rows.are_as_asked([ORDER, CUSTOMER, error, later], OF_ADA, descending=False)
    assert not rows.are_as_asked([later, CUSTOMER, ORDER], OF_ADA, descending=False)
    assert rows.are_as_asked([later, CUSTOMER, ORDER], OF_ADA, descending=True)
    strange = CUSTOMER.model_copy(update={"user_id": UUID(int=1)})
    assert not rows.are_as_asked([ORDER, strange], OF_ADA, descending=False)


def test_what_is_read_together_is_laid_out_once() -> None:
    """By the first of them, for these others."""
    first = collection_of([CUSTOMERS, ORDERS])
    assert collection_of([CUSTOMERS, ORDERS]) is first
    assert collection_of([ORDERS, CUSTOMERS]) is not first
    assert first.parser((False, False)) is first.parser((False, False))


def test_a_schema_that_this_pydantic_does_not_know_is_left_to_the_codecs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As any other."""
    collection = Collection([CUSTOMERS, ORDERS])
    monkeypatch.setattr(ORDERS, "accelerated", {"type": "new"})
    assert collection.parser((False, False)) is None
