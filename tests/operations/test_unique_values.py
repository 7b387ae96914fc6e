"""What a repository keeps unique: which texts, under which keys, and what is refused where."""

from __future__ import annotations

from datetime import datetime
from types import new_class
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    CodecError,
    CreatedAt,
    Index,
    Key,
    PartitionKey,
    Repository,
    SchemaError,
    SharedTable,
    UpdatedAt,
    Version,
)
from dynrepo.operations.unique_values import is_same
from dynrepo.testing import MemoryStore
from tests.members import Counter, Counters, Member, Members, Names, Seats

UNIQUE: Any = Members._unique


def defined(model: Any, **names: Any) -> Any:
    """A repository of a model with what is given in its class."""
    return new_class("Defined", (Repository[model],), exec_body=lambda body: body.update(names))


def test_the_text_of_a_guard_names_the_field_and_has_the_value() -> None:
    """In the form that is asked for; what is absent or None has none."""
    email, nick = UNIQUE.values
    assert email.of({"email": {"S": "A#{}@x"}}) == "UNIQUE#email#a#{}@x"
    assert nick.of({"nick": {"S": ""}}) == "UNIQUE#nick#"
    assert nick.of({}) is nick.of({"nick": {"NULL": True}}) is None
    assert (email.name, email.label) == ("email", "Member.email")
    with pytest.raises(CodecError, match=r"UNIQUE#nick.* bytes"):
        nick.of({"nick": {"S": "x" * 3000}})
    assert nick.in_stored({"nick": {"S": "x" * 3000}}) is nick.in_stored({"nick": {}}) is None


def test_a_value_of_several_fields_is_one() -> None:
    """A holder is unique in a hall."""
    (holder,) = Seats._unique.values  # type: ignore[union-attr]
    item = {"hall": {"S": "h"}, "holder": {"S": "ada"}}
    assert holder.of(item) == "UNIQUE#hall,holder#h#ada"
    assert holder.name == "hall, holder"


def test_guards_depend_on_values_and_on_the_end_of_life() -> None:
    """The key stays as it is."""
    assert UNIQUE.watched == ("email", "nick")
    seats: Any = Seats._unique
    assert (seats.watched, seats.expiry) == (("holder", "until"), "until")
    assert seats.are_alike({"until": {"N": "1.0"}}, {"until": {"N": "1"}, "x": {"S": ""}})
    assert not seats.are_alike({"until": {"N": "1"}}, {})
    assert not seats.expires_alike({"until": {"N": "1"}}, {})
    assert UNIQUE.expires_alike({}, {"until": {"N": "1"}})


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (None, None, True),
        (None, {"S": ""}, False),
        ({"N": "1"}, {"N": "1.00"}, True),
        ({"N": "1"}, {"N": "?"}, False),
        ({"N": "1"}, {}, False),
    ],
)
def test_equal_is_what_dynamodb_says_is_equal(first: Any, second: Any, *, same: bool) -> None:
    """And what is no attribute is like no other."""
    assert is_same(first, second) is same


class Typed(SharedTable):
    """A table whose keys are bytes."""

    table = "typed"
    key = Key("pk", "sk", types=("B", "B"))


class Alone(SharedTable):
    """A table with a partition key alone."""

    table = "alone"
    key = Key("pk")


def test_the_key_of_a_guard_has_the_types_of_its_table() -> None:
    """Text, bytes; the sort key is a constant of its type."""
    assert UNIQUE.guards.of("UNIQUE#a") == {"member_id": {"S": "UNIQUE#a"}}
    seats: Any = Seats._unique
    assert seats.guards.of("UNIQUE#a") == {"hall": {"S": "UNIQUE#a"}, "row": {"N": "0"}}

    class InBytes(Repository[Member]):
        table = "members"
        unique = ("nick",)
        guards = Typed

    class InOne(Repository[Member]):
        table = "members"
        unique = ("nick",)
        guards = Alone

    in_bytes: Any = InBytes._unique
    assert in_bytes.guards.of("UNIQUE#a") == {"pk": {"B": "VU5JUVVFI2E="}, "sk": {"B": "VU5JUVVF"}}
    assert in_bytes.table("test-members", "members") == "test-typed"
    in_one: Any = InOne._unique
    assert in_one.guards.of("UNIQUE#a") == {"pk": {"S": "UNIQUE#a"}}


def test_a_table_of_numbers_needs_another_for_its_guards() -> None:
    """Which is named; a key of an item is then no matter."""
    with pytest.raises(SchemaError, match=r"partition key of counters is a number.*guards = Shop"):
        defined(Counter, table="counters", unique=("name",))

    counters: Any = Counters._unique
    assert counters.guards.of("UNIQUE#a") == {"pk": {"S": "UNIQUE#a"}, "sk": {"S": "UNIQUE"}}
    assert counters.guards.table == Names.table
    counters.check_key({"number": {"N": "1"}})
    with pytest.raises(CodecError, match="one of a guard"):
        UNIQUE.check_key({"member_id": {"S": "UNIQUE#"}})


class Stamped(BaseModel):
    """What writes stamp."""

    name: Annotated[str, PartitionKey()]
    price: float = 0
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None
    at: datetime | None = None


@pytest.mark.parametrize(
    ("unique", "why"),
    [
        (("mail",), "has no field mail"),
        (("CONSTANT{{",), "names no field"),
        (("",), "names of fields, or templates"),
        ((1,), "names of fields, or templates"),
        ("name", r"unique = \(\"email\",\) is a tuple"),
        (("made",), "writes stamp it"),
        (("changed",), "writes stamp it"),
        (("version",), "every write would change"),
        (("price",), "price"),
        (("name", "name"), "name the fields once"),
        (("{name:lower}", "name"), "name the fields once"),
        (("{name}#{at}", "{name} {at}"), "name the fields once"),
    ],
)
def test_what_cannot_be_unique_is_refused_at_definition(unique: Any, why: str) -> None:
    """With the model and the field."""
    with pytest.raises(SchemaError, match=why):
        defined(Stamped, table="stamped", unique=unique)


def test_the_table_of_guards_is_a_shared_one() -> None:
    """Nothing else says what its key is."""
    with pytest.raises(SchemaError, match="guards is a SharedTable"):
        defined(Member, table="m", unique=("nick",), guards=Members)


class Club(SharedTable):
    """A table for several models."""

    table = "club"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")


class Placed(Repository[Member]):
    """Members among others."""

    place = Club.place("MEMBER#{member_id}", "PROFILE", entity="MEMBER")
    unique = ("{email:lower}",)


def test_in_a_shared_table_a_guard_names_the_entity() -> None:
    """Two entities may have one value; the keys of guards are no other's."""
    placed: Any = Placed._unique
    (email,) = placed.values
    assert email.of({"email": {"S": "A"}}) == "UNIQUE#MEMBER#email#a"
    with pytest.raises(SchemaError, match="can make one key"):
        defined(Stamped, place=Club.place("{name}", "UNIQUE"))
    place = Club.place("T#{name}", "x", entity="MEMBER")
    with pytest.raises(SchemaError, match="could have one key"):
        defined(Stamped, place=place, unique=("name", "{name}x"))


def test_guards_of_two_models_that_would_be_one_are_refused_with_the_cure() -> None:
    """Without a mark a place may have no entity."""

    class Unmarked(SharedTable):
        table = "unmarked"
        key = Key("pk", "sk")

    first = defined(Counter, place=Unmarked.place("A#{number}", "x"), unique=("name",))
    with pytest.raises(SchemaError, match=r"differ by the entity= of their places"):
        defined(Stamped, place=Unmarked.place("B#{name}", "x"), unique=("name",))
    assert first.schema


def test_several_models_of_a_table_have_unique_values() -> None:
    """Of one name, too: the keys of the guards name the entity."""
    place = Club.place("TEAM#{name}", "x", entity="TEAM")
    values: Any = defined(Stamped, place=place, unique=("name",))
    assert [value.begun for value in values._unique.values] == ["UNIQUE#TEAM#name#"]


def test_guards_in_a_shared_table_are_written_like_others() -> None:
    """With the two attributes of its key."""
    store = MemoryStore(Placed)
    Placed(store).create(Member(member_id="a", email="A@x"))
    (guard,) = [row for row in store.items("club") if "unique_of" in row]
    assert guard == {
        "pk": {"S": "UNIQUE#MEMBER#email#a@x"},
        "sk": {"S": "UNIQUE"},
        "unique_of": {"M": {"pk": {"S": "MEMBER#a"}, "sk": {"S": "PROFILE"}}},
    }
