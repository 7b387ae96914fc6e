"""Entities of one table cannot make one key; what a query reads of others is known."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo.errors import SchemaError
from dynrepo.markers import Attribute, TimeToLive
from dynrepo.places.neighbours import neighbours_in
from dynrepo.places.schema import placed_schema_of
from dynrepo.places.shared_table import SharedTable
from dynrepo.places.table_keys import Index, Key

if TYPE_CHECKING:
    from dynrepo.places.schema import PlacedSchema


class Row(BaseModel):
    """Fields of every entity here."""

    id: str
    number: int = 0


def table(mark: str | None = "_et") -> type[SharedTable]:
    """A table of its own."""
    members = {"table": "t", "key": Key("pk", "sk"), "gsi1": Index("gpk", "gsk"), "mark": mark}
    return type("Table", (SharedTable,), members)


def model(name: str = "Model") -> type[BaseModel]:
    """A model of its own."""
    return type(name, (Row,), {"__module__": __name__})


def schema(
    of: type[SharedTable], pk: str, sk: str, *index: str, name: str = ""
) -> PlacedSchema[Any]:
    """A model in a place."""
    indexes = {"by": of.gsi1(*index)} if index else {}  # type: ignore[attr-defined]
    place = of.place(pk, sk, entity=f"{pk}{sk}" if of.mark else "", **indexes)
    return placed_schema_of(model(name or f"{pk}{sk}"), place)


def test_two_entities_cannot_make_one_key() -> None:
    """A mark does not help: one would replace the other."""
    shared = table()
    kept = schema(shared, "USER#{id}", "ORDER#{number:08d}")
    with pytest.raises(SchemaError, match="can make one key"):
        schema(shared, "USER#{id}", "{id}", name="Another")
    assert schema(shared, "USER#{id}", "LINE#{number:08d}").place.table is kept.place.table
    assert schema(table(), "USER#{id}", "{id}")


def test_a_model_that_is_loaded_again_is_no_other() -> None:
    """Under its name, in the same place."""
    shared = table()
    first = schema(shared, "USER#{id}", "P", name="Same")
    assert schema(shared, "USER#{id}", "P", name="Same") is not first
    with pytest.raises(SchemaError, match="can make one key"):
        schema(shared, "USER#{id}", "P", name="Other")


def test_what_is_no_more_is_no_neighbour() -> None:
    """A model that was refused, or let go."""
    shared = table()
    schema(shared, "USER#{id}", "P", name="Gone")
    gc.collect()
    assert schema(shared, "USER#{id}", "P", name="Come")


def test_a_query_that_reads_others_needs_a_mark() -> None:
    """Where there is none it is refused, whichever comes first."""
    wide, narrow = "O#{number:03d}", "O#{number:03d}#L"
    for first, second in [(wide, narrow), (narrow, wide)]:
        unmarked, marked = table(None), table()
        kept = [schema(unmarked, "U#{id}", first), schema(marked, "U#{id}", first)]
        with pytest.raises(SchemaError, match="would read what"):
            schema(unmarked, "U#{id}", second)
        kept.append(schema(marked, "U#{id}", second))
        assert all(neighbours_in(marked).are_reached(each) for each in kept[1:])


def test_queries_of_an_index_read_those_who_stand_in_it() -> None:
    """The answer is new where another is defined."""
    shared = table()
    one = schema(shared, "A#{id}", "X", "G#{id}", "{number:03d}")
    of_table = neighbours_in(shared)
    assert not of_table.are_reached(one, "gsi1")
    other = schema(shared, "B#{id}", "X")
    assert not of_table.are_reached(one, "gsi1")
    third = schema(shared, "C#{id}", "X", "G#{id}", "{number:04d}")
    assert of_table.are_reached(one, "gsi1")
    assert of_table.are_reached(third, "gsi1")
    assert not of_table.are_reached(one)
    assert not of_table.are_reached(other)


def test_a_mark_is_of_one_model() -> None:
    """It tells one from the other, unless the model is loaded again, in another place perhaps."""
    shared = table()
    kept = placed_schema_of(model("Cat"), shared.place("CAT#{id}", "-", entity="PET"))
    with pytest.raises(SchemaError, match=r"^Dog: the mark of Table holds 'PET' for Cat already"):
        placed_schema_of(model("Dog"), shared.place("DOG#{id}", "-", entity="PET"))
    again = placed_schema_of(model("Cat"), shared.place("CATS#{id}", "-", entity="PET"))
    assert again.place.mark == kept.place.mark


def test_rows_are_told_by_their_keys_where_no_others_begin_so() -> None:
    """The answer is new where another is defined."""
    shared = table()
    one, of_table = schema(shared, "A#{id}", "X#{number:03d}"), neighbours_in(shared)
    assert of_table.are_told_by_key(one)
    other = schema(shared, "B#{id}", "X#{number:03d}")
    assert of_table.are_told_by_key(one)
    third = schema(shared, "A#{id}", "X#{number:03d}#Y")
    assert [of_table.are_told_by_key(each) for each in (one, other, third)] == [False, True, False]


class Guest(BaseModel):
    """Its items expire."""

    id: str
    leaves: Annotated[AwareDatetime | None, TimeToLive()] = None


class Card(BaseModel):
    """Its items expire by another attribute."""

    id: str
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Pass(BaseModel):
    """Its items expire by the attribute that a guest's expire by."""

    id: str
    ends: Annotated[AwareDatetime | None, TimeToLive(), Attribute("leaves")] = None


def test_the_items_of_a_table_expire_by_one_attribute() -> None:
    """By another one they would never; the error names both fields, and the cure."""
    shared = table()
    plain = schema(shared, "USER#{id}", "P")
    assert plain.neighbours.expiry(plain) is None
    guest = placed_schema_of(Guest, shared.place("GUEST#{id}", "P", entity="GUEST"))
    with pytest.raises(
        SchemaError, match=r"^Card\.ends: .* Guest\.leaves .*Attribute\('leaves'\)$"
    ):
        placed_schema_of(Card, shared.place("CARD#{id}", "P", entity="CARD"))
    passed = placed_schema_of(Pass, shared.place("PASS#{id}", "P", entity="PASS"))
    assert plain.neighbours.expiry(plain) in (guest.ttl, passed.ttl)
    assert guest.neighbours.expiry(guest) is guest.ttl
    of_another_table = placed_schema_of(Card, table().place("CARD#{id}", "P", entity="CARD"))
    assert of_another_table.neighbours.expiry(of_another_table) is of_another_table.ttl


def test_a_query_that_reads_others_has_both_ask_for_their_mark() -> None:
    """Those whose rows are read, and those that read them; as soon as there is another."""
    shared = table()
    wide = schema(shared, "U#{id}", "O#{number:03d}")
    assert wide.asked_mark == ()
    narrow = schema(shared, "U#{id}", "O#{number:03d}#L")
    apart = schema(shared, "U#{id}", "P")
    assert (wide.asked_mark, narrow.asked_mark) == (wide.place.mark, narrow.place.mark)
    assert apart.asked_mark == ()
    assert wide.asked_mark == wide.place.mark != ()


def test_a_model_that_is_loaded_again_has_no_mark_asked_for() -> None:
    """Its rows are of the same entity."""
    shared = table()
    first = schema(shared, "U#{id}", "O#{number:03d}", name="Same")
    second = schema(shared, "U#{id}", "O#{number:03d}", name="Same")
    assert first.asked_mark == second.asked_mark == ()
    assert not neighbours_in(shared).are_reached(first)


def test_rows_without_a_mark_ask_for_none() -> None:
    """No query reads rows of others there, else the table had one."""
    shared = table(None)
    alone = schema(shared, "U#{id}", "O#{number:03d}")
    other = schema(shared, "U#{id}", "P")
    assert alone.asked_mark == other.asked_mark == ()
    assert not alone.is_of_others({})
