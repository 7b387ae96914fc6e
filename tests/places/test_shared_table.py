"""Declarations of tables that several models share, and of the places in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.errors import SchemaError
from dynrepo.places.shared_table import Place, SharedTable, is_place
from dynrepo.places.table_keys import Index, IndexPlace, Key

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Shop(SharedTable):
    """A table as AWS draws it."""

    table = "shop"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    by_score = Index("board", "score", types=("S", "N"), name="GSI-2")
    turned = Index("sk", "pk")
    mark = "_et"


class Marked(SharedTable):
    """A table with the marks of another library."""

    table = "marked"
    key = Key("id")
    mark = ("__edb_e__", "__edb_v__")


class Unmarked(SharedTable):
    """A table whose templates tell the entities apart."""

    table = "unmarked"
    key = Key("pk", "sk")


HELD = {"__edb_v__": "1", "__edb_e__": "user"}
"""What the mark of that table holds of an entity."""


def test_a_table_says_the_names_and_types_of_its_keys() -> None:
    """An index has the name of its attribute in the class, where it is given no other."""
    assert Shop.key.typed_names == {"pk": "S", "sk": "S"}
    assert {name: index.names for name, index in Shop.indexes.items()} == {
        "gsi1": ("gsi1pk", "gsi1sk"),
        "GSI-2": ("board", "score"),
        "turned": ("sk", "pk"),
    }
    assert Shop.by_score.typed_names == {"board": "S", "score": "N"}
    assert (Marked.key.names, Marked.indexes) == (("id",), {})


def test_a_place_has_a_template_for_each_attribute() -> None:
    """Those of the key first; the mark holds the entity."""
    place = Shop.place(
        "USER#{user_id}",
        "PROFILE",
        entity="USER",
        by_mail=Shop.gsi1("MAIL#{email:lower}", "USER"),
        by_score=Shop.by_score("BOARD", "{score}"),
    )

    assert place.by_attribute == {
        "pk": "USER#{user_id}",
        "sk": "PROFILE",
        "gsi1pk": "MAIL#{email:lower}",
        "gsi1sk": "USER",
        "board": "BOARD",
        "score": "{score}",
    }
    assert dict(place.indexes)["by_mail"] == IndexPlace(Shop.gsi1, ("MAIL#{email:lower}", "USER"))
    assert (place.table, place.entity, place.mark) == (Shop, "USER", (("_et", "USER"),))


def test_equal_declarations_are_one_place() -> None:
    """A schema that was made for one serves the other."""
    first, second = (Shop.place("U#{id}", "P", entity="U", a=Shop.gsi1("x", "y")) for _ in range(2))
    other = Shop.place("U#{id}", "P", entity="V", a=Shop.gsi1("x", "y"))

    assert (first, hash(first)) == (second, hash(second))
    assert first != other


def test_a_mark_may_be_of_several_attributes_or_none() -> None:
    """Other libraries write a version beside the entity."""
    assert Marked.place("U#{id}", entity=HELD).mark == (("__edb_e__", "user"), ("__edb_v__", "1"))
    assert Unmarked.place("U#{id}", "P", entity="USER").mark == ()
    assert Unmarked.place("U#{id}", "P") == Place(Unmarked, ("U#{id}", "P"))


def test_a_subclass_of_a_table_has_its_indexes_too() -> None:
    """And may be another table of the same keys."""

    class Copy(Shop):
        table = "copy"
        gsi3 = Index("gsi3pk")

    assert Copy.indexes.keys() == {*Shop.indexes, "gsi3"}
    assert Copy.place("a", "b", entity="c", third=Copy.gsi3("d")).table is Copy


def test_one_attribute_may_be_in_two_keys_by_one_template() -> None:
    """As in an index that turns the key of the table round."""
    turned = Shop.place("U#{id}", "O#{n}", entity="O", turned=Shop.turned("O#{n}", "U#{id}"))

    assert turned.by_attribute == {"pk": "U#{id}", "sk": "O#{n}"}
    with pytest.raises(SchemaError, match="the key and turned write sk by two templates"):
        Shop.place("U#{id}", "O#{n}", entity="O", turned=Shop.turned("P#{n}", "U#{id}"))


def _table(**members: Any) -> Any:
    declared = {"table": "shop", "key": Key("pk", "sk"), **members}
    return type("Shop", (SharedTable,), declared)


WRONG_TABLES: Mapping[str, Callable[[], Any]] = {
    "needs the name of its table": lambda: _table(table="two words"),
    "needs the attributes of its key": lambda: _table(key="pk"),
    "Shop needs the attributes of its key": lambda: _table(key=Index("pk", "sk", name="index")),
    "given for both attributes": lambda: Key("pk", "pk"),
    "1 to 255 bytes": lambda: Key("x" * 256),
    "are a tuple with one of S, N, B": lambda: Key("pk", "sk", types=("S",)),
    "are a tuple with one of": lambda: Key("pk", types=("X",)),  # type: ignore[arg-type]
    "two indexes have the name gsi1": lambda: _table(
        gsi1=Index("gsi1pk"), gsi2=Index("gsi2pk", name="gsi1")
    ),
    "name of an index has 3 to 255": lambda: _table(g=Index("gpk")),
    "sk has two types: S and N": lambda: _table(gsi1=Index("sk", types=("N",))),
    "a mark is an attribute that is no key": lambda: _table(mark="pk"),
    "declared, not made": Shop,
    "gsi1 is a Key, of which a table has one": lambda: _table(gsi1=Key("gpk", "gsk")),
    "Shop.mark is the name of an attribute": lambda: _table(mark=["_et"]),
}


@pytest.mark.parametrize("says", WRONG_TABLES)
def test_a_table_that_cannot_be_is_refused_where_it_is_declared(says: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(SchemaError, match=says):
        WRONG_TABLES[says]()


WRONG_PLACES: Mapping[str, Callable[[], Any]] = {
    "each attribute of the key: pk and sk": lambda: Shop.place("U#{id}", entity="U"),
    "Marked.place takes a template, ": lambda: Marked.place("a", "b", entity=HELD),
    "the index gsi1 takes a template": lambda: Shop.gsi1("a"),
    "by_mail is no place in an index": lambda: Shop.place(
        "a",
        "b",
        entity="U",
        by_mail=Shop.gsi1,  # type: ignore[arg-type]
    ),
    "is an index of another table": lambda: Unmarked.place("a", "b", by_mail=Shop.gsi1("a", "b")),
    'is the text that the mark _et holds, as in entity="ORDER"': lambda: Shop.place("a", "b"),
    r'as in entity={"__edb_e__": "...", "__edb_v__": "..."}': lambda: Marked.place("a", entity="U"),
    "the table declares no mark": lambda: Unmarked.place("a", "b", entity={"_et": "U"}),
    "SharedTable.place is called on a table": lambda: SharedTable.place("a"),
}


@pytest.mark.parametrize("says", WRONG_PLACES)
def test_a_place_that_cannot_be_is_refused_where_it_is_declared(says: str) -> None:
    """With what is wrong with it."""
    with pytest.raises(SchemaError, match=says):
        WRONG_PLACES[says]()


def test_a_place_is_told_from_what_was_meant_to_be_one() -> None:
    """A method of that name is the repository's own."""
    assert is_place("Users", Shop.place("a", "b", entity="c"))
    assert not is_place("Users", lambda: None)
    assert not is_place("Users", "anywhere")
    for meant in (Shop, Shop.place, Shop.key, Shop.gsi1("a", "b")):
        with pytest.raises(SchemaError, match=r"^Users: its place is what a call gives"):
            is_place("Users", meant)
