"""Mistakes of those who are new to shared tables: each is told with its place and its cure."""

from __future__ import annotations

from types import new_class
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from uuid import UUID

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, Container, Index, Key, PartitionKey, Repository, SchemaError
from dynrepo import SharedTable as Shared
from dynrepo.testing import MemoryStore
from tests.shop import ADA, NOW, ORDER, Customers, Lines, Orders, Settings, Shop

if TYPE_CHECKING:
    from collections.abc import Callable


class Person(BaseModel):
    """The model of all repositories that cannot be."""

    user_id: UUID
    email: str
    number: int = 0
    ratio: float = 0
    nick: str | None = None


class Stored(BaseModel):
    """A field that is stored under a name of the table's key."""

    pk: str


class Marked(BaseModel):
    """A model with markers, as of a table of its own."""

    user_id: Annotated[UUID, PartitionKey()]
    email: Annotated[str, PartitionKey(index="by_email")]


def table(**members: Any) -> Any:
    """A table of its own, for each mistake."""
    declared = {"table": "shop", "key": Key("pk", "sk"), "gsi1": Index("gsi1pk", "gsi1sk")}
    return type("Bazaar", (Shared,), {**declared, "mark": "_et", **members})


def repository(place: Any, model: Any = Person, **members: Any) -> Any:
    """A class of repositories with a place."""
    namespace = {"place": place, "__module__": __name__, **members}
    return new_class("People", (Repository[model],), {}, lambda body: body.update(namespace))


def placed(*templates: Any, **options: Any) -> Any:
    """A repository of people in a table of its own."""
    return repository(table().place(*templates, **{"entity": "PERSON", **options}))


def second(sort: str, first: str = "PROFILE", *, mark: str | None = "_et", **options: Any) -> Any:
    """A second model in a table, beside people."""
    shared = table(mark=mark)
    people = repository(shared.place("USER#{user_id}", first, entity="PERSON"))
    assert people.schema.place.table is shared
    copied = type("Copy", (Person,), {"__module__": __name__})
    place = shared.place("USER#{user_id}", sort, **{"entity": "COPY", **options})
    return repository(place, copied)


class Mistake(NamedTuple):
    """What is called, and what it raises with which words, each in this order."""

    call: Callable[[], Any]
    error: type[Exception]
    words: tuple[str, ...]


DECLARED = {
    "no key": Mistake(
        lambda: table(key=None), SchemaError, ("Bazaar needs", '`key = Key("pk", "sk")`')
    ),
    "an index declared by Key": Mistake(
        lambda: table(gsi2=Key("a", "b")), SchemaError, ("Bazaar.gsi2 is a Key", "Index(...)")
    ),
    "a short name of an index": Mistake(
        lambda: table(g=Index("a")), SchemaError, ("Bazaar.g", "3 to 255", "Index(..., name=...)")
    ),
    "a mark that is a list": Mistake(
        lambda: table(mark=["_et"]), SchemaError, ("Bazaar.mark", "a tuple of several")
    ),
    "an instance of a table": Mistake(Shop, SchemaError, ("Shop", "`place = Shop.place(...)`")),
    "the base instead of a table": Mistake(
        lambda: Shared.place("USER#{user_id}"), SchemaError, ("class Shop(SharedTable)",)
    ),
    "one template for two attributes": Mistake(
        lambda: placed("USER#{user_id}"), SchemaError, ("Bazaar.place", "pk and sk")
    ),
    "two templates for one attribute": Mistake(
        lambda: table(key=Key("pk")).place("a", "b", entity="x"),
        SchemaError,
        ("Bazaar.place takes a template", "each attribute of the key: pk"),
    ),
    "a template that is a number": Mistake(
        lambda: placed("USER#{user_id}", 1), SchemaError, ("a template, which is a text", "sk")
    ),
    "no entity": Mistake(
        lambda: placed("USER#{user_id}", "-", entity=""),
        SchemaError,
        ("Bazaar.place", "_et", 'entity="ORDER"'),
    ),
    "the class as entity": Mistake(
        lambda: placed("USER#{user_id}", "-", entity=Person), SchemaError, ('entity="ORDER"',)
    ),
    "a text as the place in an index": Mistake(
        lambda: placed("USER#{user_id}", "-", by_mail="MAIL#{email}"),
        SchemaError,
        ("by_mail is no place in an index", "by_mail=Bazaar.gsi1("),
    ),
    "an index without templates": Mistake(
        lambda: placed("USER#{user_id}", "-", by_mail=Shop.gsi1),
        SchemaError,
        ("by_mail is no place in an index",),
    ),
    "one template for an index of two": Mistake(
        lambda: Shop.gsi1("MAIL#{email}"), SchemaError, ("the index gsi1", "gsi1pk and gsi1sk")
    ),
    "an index of another table": Mistake(
        lambda: placed("USER#{user_id}", "-", by_mail=Shop.gsi1("MAIL#{email}", "USER")),
        SchemaError,
        ("Bazaar.place", "by_mail is an index of another table"),
    ),
}

DEFINED = {
    "table beside place": Mistake(
        lambda: repository(Shop.place("P#{user_id}", "-", entity="P"), table="people"),
        SchemaError,
        ("People", "shop", "`table` names another one", "leave it out"),
    ),
    "the table as the place": Mistake(
        lambda: repository(Shop), SchemaError, ("People", "`place = Shop.place(...)`")
    ),
    "a place that is not called": Mistake(
        lambda: repository(Shop.place), SchemaError, ("People", "`place = Shop.place(...)`")
    ),
    "the place in an index as the place": Mistake(
        lambda: repository(Shop.gsi1("a", "b")), SchemaError, ("People", "`place = Shop.place")
    ),
    "a table among the bases": Mistake(
        lambda: new_class("People", (Repository[Person], Shop), {}, None),
        SchemaError,
        ("People", "`place = Shop.place(...)`"),
    ),
    "a misspelt field": Mistake(
        lambda: placed("USER#{userid}", "-"),
        SchemaError,
        ("Person", "USER#{userid}", "userid", "did you mean user_id?"),
    ),
    "a misspelt field of an index": Mistake(
        lambda: repository(
            Shop.place("P#{user_id}", "-", entity="P", by_mail=Shop.gsi1("{mail}", "-"))
        ),
        SchemaError,
        ("Person", "{mail}", "did you mean email?"),
    ),
    "a format of Python": Mistake(
        lambda: placed("N#{number:>8}", "-"), SchemaError, ("Person.number", "'>8'", "08d")
    ),
    "an attribute of a value": Mistake(
        lambda: placed("USER#{user_id.hex}", "-"), SchemaError, ("{user_id.hex}", "{number:08d}")
    ),
    "a brace that is not closed": Mistake(
        lambda: placed("USER#{user_id", "-"), SchemaError, ("'USER#{user_id'", "written twice")
    ),
    "a field that may be None": Mistake(
        lambda: placed("NICK#{nick}", "-"), SchemaError, ("Person", "nick", "put it into an index")
    ),
    "a float": Mistake(
        lambda: placed("R#{ratio}", "-"), SchemaError, ("Person.ratio", "give it a form")
    ),
    "a form that folds": Mistake(
        lambda: placed("MAIL#{email:lower}", "-"), SchemaError, ("Person", "email", "lossy=True")
    ),
    "an empty template": Mistake(lambda: placed("", "-"), SchemaError, ("not empty",)),
    "a text in a key of numbers": Mistake(
        lambda: repository(Shop.place("P#{user_id}", "-", entity="P", n=Shop.gsi2("N", "{email}"))),
        SchemaError,
        ("Person", "'{email}'", "the type N", "one field of this type"),
    ),
    "a field under the name of a key": Mistake(
        lambda: repository(Shop.place("S#{pk}", "-", entity="S"), Stored),
        SchemaError,
        ("Stored.pk", "Shop", "Attribute(...)"),
    ),
    "the key of another model": Mistake(
        lambda: second("PROFILE"),
        SchemaError,
        ("Copy", "Person", "can make one key", "let a constant"),
    ),
    "the mark of another model": Mistake(
        lambda: second("COPY", entity="PERSON"),
        SchemaError,
        ("Copy", "'PERSON'", "Person", "another entity="),
    ),
    "rows of others in its query": Mistake(
        lambda: second("ORDER#{number:08d}#LINE#{email}", "ORDER#{number:08d}", mark=None),
        SchemaError,
        ("Copy", "Person", "or the table have a mark"),
    ),
    "a table as a model": Mistake(
        lambda: repository(None, Shop, table="shop"), SchemaError, ("Shop", "no model", "BaseModel")
    ),
    "a table in the place of a repository": Mistake(
        lambda: MemoryStore(Shop),  # type: ignore[arg-type]
        TypeError,
        ("a MemoryStore takes classes of repositories, not Shop",),
    ),
    "a table in a container": Mistake(
        lambda: Container(Shop),  # type: ignore[type-var]
        TypeError,
        ("a container takes classes of repositories, not Shop",),
    ),
}

STORE = MemoryStore(Customers, Orders, Lines, Settings)
CUSTOMERS, ORDERS, LINES = Customers(STORE), Orders(STORE), Lines(STORE)
C, O = Customers.fields, Orders.fields  # noqa: E741 - as in the docs
WIDE = ORDER.model_copy(update={"number": 10**9})

CALLED = {
    "a text as the key": Mistake(
        lambda: CUSTOMERS.get("x"), CodecError, ("Customer.user_id", "UUID", "str")
    ),
    "texts of the key": Mistake(
        lambda: ORDERS.get((f"USER#{ADA}", "ORDER#7")),
        CodecError,
        ("Order", "(user_id, placed, number)", "2 value(s)"),
    ),
    "one value of three": Mistake(
        lambda: ORDERS.get(ADA), CodecError, ("Order", "(user_id, placed, number)", "1 value(s)")
    ),
    "a value where the key has no field": Mistake(
        lambda: Settings(STORE).get("SHOP"), CodecError, ("Setting", "the key is ()")
    ),
    "a query without the partition": Mistake(
        lambda: ORDERS.query(O.placed >= NOW), ValueError, ("Order", "`user_id == ...` is missing")
    ),
    "a query that leaves out a field": Mistake(
        lambda: ORDERS.query((O.user_id == ADA) & (O.number == 7)),
        ValueError,
        ("Order", "`placed == ...` is missing", "before `number`"),
    ),
    "an attribute in a condition": Mistake(
        lambda: ORDERS.query(O.pk == "USER#1"), AttributeError, ("Order has no field pk", "user_id")
    ),
    "another field in the condition of a key": Mistake(
        lambda: ORDERS.query((O.user_id == ADA) & (O.note == "x")),
        ValueError,
        ("Order", "where=", "`note` is no part of the key"),
    ),
    "a value of another type": Mistake(
        lambda: ORDERS.query(O.user_id == "x"), CodecError, ("Order.user_id", "UUID", "str")
    ),
    "DynamoDB's name of an index": Mistake(
        lambda: CUSTOMERS.query(C.email == "x", index="gsi1"),
        ValueError,
        ("Customer has no index 'gsi1'", "by_mail, by_score"),
    ),
    "an index by the fields of the key": Mistake(
        lambda: ORDERS.query(O.user_id == ADA, index="by_status"),
        ValueError,
        ("Order", "`status == ...`", "missing"),
    ),
    "a consistent read of an index": Mistake(
        lambda: CUSTOMERS.query(C.email == "x", index="by_mail", consistent=True),
        ValueError,
        ("Customer", "no consistent reads of a global index"),
    ),
    "an update of an attribute": Mistake(
        lambda: ORDERS.update(ORDER, O.pk.set("x")), AttributeError, ("Order has no field pk",)
    ),
    "an update of a field of the key": Mistake(
        lambda: ORDERS.update(ORDER, O.placed.set(NOW)), ValueError, ("Order.placed", "the key")
    ),
    "a sum in a template": Mistake(
        lambda: CUSTOMERS.update(ADA, C.score.add(1)),
        ValueError,
        ("Customer.score", "Shop", "set(value) and remove() only"),
    ),
    "a number over its width": Mistake(
        lambda: ORDERS.set(WIDE), CodecError, ("Order.number", "{number:08d}", "0 to 99999999")
    ),
}

MISTAKES = DECLARED | DEFINED | CALLED


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_cure(mistake: str) -> None:
    """The message has the names of model and field, and what to write instead."""
    call, error, words = MISTAKES[mistake]
    with pytest.raises(error) as raised:
        call()
    rest = str(raised.value)
    for word in words:
        assert word in rest, rest
        rest = rest.partition(word)[2]


def test_what_looks_like_a_mistake_and_is_none() -> None:
    """An index may be called as a method is, markers of keys are not looked at, `place` is free."""
    shared = table()
    place = shared.place("P#{user_id}", "-", entity="P", query=shared.gsi1("MAIL#{email}", "-"))

    def by_mail(people: Any, email: str) -> Any:
        return people.query(people.fields.email == email, index="query").first()

    people = repository(place, Marked, by_mail=by_mail)
    found = people(MemoryStore(people))
    item = found.create(Marked(user_id=ADA, email="a@b.c"))
    assert found.by_mail("a@b.c") == item
    assert people.schema.indexes.keys() == {"query"}

    own = repository(lambda _: "an order is placed", Marked, table="people")
    assert own(MemoryStore(own)).place() == "an order is placed"
