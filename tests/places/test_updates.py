"""What updates write of the place of an item, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from dynrepo import CodecError, ItemNotFound, Repository
from dynrepo.errors import ConditionFailed
from dynrepo.operations.reads import get_stored
from dynrepo.operations.writes import update_item
from dynrepo.testing import MemoryStore
from tests.shop import (
    ADA,
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    Customer,
    Customers,
    Lines,
    Order,
    Orders,
    Shop,
)

KEY = (ADA, NOW, 7)


class Folded(Repository[Customer]):
    """A key that folds e-mail addresses, which an index has as they are."""

    place = Shop.place(
        "{email:lower}", "X", entity="F", lossy=True, by_name=Shop.gsi1("{name}", "{email}")
    )


def expression(repository: Repository[Any], key: Any, *actions: Any, **options: Any) -> str:
    """The text of an update, with its names and values in it."""
    request = update_item(repository.mapper, key, actions, **options).request
    text = f"{request['UpdateExpression']} IF {request.get('ConditionExpression', '')}"
    for name, attribute in request["ExpressionAttributeNames"].items():
        text = text.replace(name, attribute)
    for name, value in request.get("ExpressionAttributeValues", {}).items():
        text = text.replace(name, "".join(value.values()))
    return text


def row(repository: Repository[Any], key: Any) -> dict[str, Any]:
    """What is stored under a key."""
    found = get_stored(repository.mapper, key)
    return found.read(repository.store.execute(found)) or {}


@pytest.fixture
def orders() -> Orders:
    """Orders in a table that has one."""
    made = Orders(MemoryStore(Orders, Customers, Lines))
    made.set(ORDER)
    return made


def test_the_attributes_of_a_field_are_written_with_it(orders: Orders) -> None:
    """In the same request, of what the update sets and of the key; all others are left alone."""
    orders.update(KEY, orders.fields.status.set("paid"))
    stored = row(orders, KEY)
    assert stored["gsi1pk"] == {"S": "STATUS#paid#2026-01-02"}
    assert stored == orders.schema.encode(ORDER.model_copy(update={"status": "paid"}))

    text = expression(orders, KEY, orders.fields.status.set("paid"))
    assert "gsi1pk = STATUS#paid#2026-01-02" in text
    assert "gsi1sk" not in text
    assert "gsi1" not in expression(orders, KEY, orders.fields.note.set("x"))


def test_a_field_that_goes_takes_its_attributes_with_it(orders: Orders) -> None:
    """And only its own."""
    for gone in (orders.fields.status.remove(), orders.fields.status.set(None)):
        orders.set(ORDER)
        assert orders.update(KEY, gone).status is None
        stored = row(orders, KEY)
        assert "gsi1pk" not in stored
        assert stored["gsi1sk"] == {"S": "2026-01-02T03:04:05.000006Z"}


def test_a_field_of_the_key_is_never_changed(orders: Orders) -> None:
    """Nor an attribute that templates make."""
    with pytest.raises(ValueError, match=r"cannot change the key: create the item of the other"):
        orders.update(KEY, orders.fields.placed.set(NOW))
    lines = Lines(orders.store)
    with pytest.raises(ValueError, match="an update names fields, which gsi1pk is made of"):
        lines.update(LINE, lines.fields["gsi1pk"].set("x"))


def test_a_value_that_is_not_known_is_refused_by_name() -> None:
    """Of a field that keys of indexes are made of."""
    customers = Customers(MemoryStore(Customers))
    fields = customers.fields
    for action in (
        fields.score.add(1),
        fields.score.set(fields.score + 1),
        fields.score.set(fields.score | 1),
    ):
        with pytest.raises(ValueError, match=r"Customer.score: keys of Shop are made of it"):
            customers.update(ADA, action)
    assert "gsi2sk = 5" in expression(customers, ADA, fields.score.set(5))


class Scattered(Repository[Order]):
    """An attribute of two fields that are not in the key."""

    place = Shop.place("ORDER#{number}", "X", entity="S", by=Shop.gsi1("{status}#{note}", "{note}"))


def test_what_is_needed_and_not_known_is_refused_by_name() -> None:
    """Unless the update sets it too, removes one of both, or an instance is the key."""
    scattered = Scattered(MemoryStore(Scattered))
    fields = scattered.fields
    with pytest.raises(ValueError, match=r"Order.note: gsi1pk is made of it and of status"):
        scattered.update(7, fields.status.set("paid"))
    both = expression(scattered, 7, fields.status.set("paid"), fields.note.set("n"))
    assert "gsi1pk = paid#n" in both
    assert "gsi1sk = n" in both
    assert "REMOVE status, gsi1pk" in expression(scattered, 7, fields.status.remove())


def test_a_value_of_an_instance_becomes_a_condition() -> None:
    """For what is stored may be another one."""
    scattered = Scattered(MemoryStore(Scattered))
    fields = scattered.fields
    noted = ORDER.model_copy(update={"note": "n"})
    assert expression(scattered, noted, fields.status.set("paid")).endswith(
        "(attribute_exists (pk) AND note = n)"
    )
    assert "attribute_not_exists (note)" in expression(scattered, ORDER, fields.status.set("x"))

    scattered.set(noted)
    assert scattered.update(noted, fields.status.set("paid")).status == "paid"
    assert row(scattered, 7)["gsi1pk"] == {"S": "paid#n"}
    scattered.update(7, fields.note.set("other"), fields.status.set("paid"))
    with pytest.raises(ConditionFailed):
        scattered.update(noted, fields.status.set("gone"))
    with pytest.raises(ItemNotFound):
        scattered.update(noted.model_copy(update={"number": 8}), fields.status.set("x"))
    scattered.update(7, fields.note.remove())
    scattered.update(ORDER, fields.status.set("x"))
    assert "gsi1pk" not in row(scattered, 7)


def test_an_upsert_makes_a_whole_row(orders: Orders) -> None:
    """With the fields of the key, the mark, and what is known of the indexes."""
    made = orders.update((ADA, NOW, 8), orders.fields.note.set("n"), upsert=True)
    assert made == Order(user_id=ADA, placed=NOW, number=8, note="n")
    assert row(orders, (ADA, NOW, 8)) == orders.schema.encode(made)
    again = orders.update((ADA, NOW, 8), orders.fields.status.set("s"), upsert=True)
    assert row(orders, (ADA, NOW, 8)) == orders.schema.encode(again)
    assert orders.get((ADA, NOW, 8)) == again
    with pytest.raises(CodecError, match="upsert where nothing is stored"):
        Customers(orders.store).update(ADA, Customers.fields.name.set("x"), upsert=True)


def test_a_stamp_is_in_its_index_with_every_update() -> None:
    """Whatever else is changed, and made by an upsert too."""
    lines = Lines(MemoryStore(Lines), clock=lambda: NOW)
    lines.update(LINE, lines.fields.amount.set(2), upsert=True)
    stored = row(lines, LINE)
    assert stored["gsi1sk"] == stored["changed"] == {"S": "2026-01-02T03:04:05.000006Z"}
    assert stored["gsi1pk"] == {"S": "SKU#a#b"}
    assert stored == lines.schema.encode(lines.require(LINE))
    assert "gsi1sk = 2026" in expression(lines, LINE, lines.fields.amount.add(1))


def test_a_key_that_folds_does_not_tell_the_spelling() -> None:
    """Unless the update writes it: what is stored may have another."""
    folded = Folded(MemoryStore(Folded))
    folded.set(CUSTOMER)
    with pytest.raises(ValueError, match=r"Customer.email: an update cannot change the key"):
        folded.update("ada@example.org", folded.fields.email.set("x"))
    folded.update("ADA@example.org", folded.fields.name.set("Ada"))
    stored = row(folded, "ada@example.org")
    assert (stored["gsi1pk"], stored["gsi1sk"]) == ({"S": "Ada"}, {"S": "Ada@Example.org"})


def test_a_time_of_making_is_kept_in_its_index() -> None:
    """As in its field, where an upsert finds one."""
    from typing import Annotated  # noqa: PLC0415 - of this test alone

    from pydantic import AwareDatetime, BaseModel  # noqa: PLC0415 - as above

    from dynrepo import CreatedAt  # noqa: PLC0415 - as above

    class Note(BaseModel):
        id: str
        text: str = ""
        made: Annotated[AwareDatetime | None, CreatedAt()] = None

    class Notes(Repository[Note]):
        place = Shop.place("NOTE#{id}", "X", entity="N", by=Shop.gsi1("NOTES", "{made}"))

    store = MemoryStore(Notes)
    old, new = Notes(store, clock=lambda: NOW), Notes(store)
    old.update("a", old.fields.text.set("x"), upsert=True)
    new.update("a", new.fields.text.set("y"), upsert=True)
    new.save(Note(id="a", text="z"))
    stored = row(new, "a")
    assert stored["made"] == stored["gsi1sk"] == {"S": "2026-01-02T03:04:05.000006Z"}
    assert stored["text"] == {"S": "z"}
