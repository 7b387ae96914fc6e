"""Repairing the keys of indexes in the rows of an entity, whatever else is done meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, computed_field

from dynrepo import (
    AsyncRepository,
    Attribute,
    CodecError,
    PartitionKey,
    Rekeyed,
    Repository,
    Throttled,
)
from dynrepo.operations.rekeying import rekey_item
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import lost_reply, throttling
from tests.depot import BOX, Boxes, Labels, foreign_row, put_row, row_of
from tests.shop import (
    CUSTOMER,
    LINE,
    NOW,
    ORDER,
    Customers,
    Lines,
    Order,
    Orders,
    Shop,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OLD = [ORDER.model_copy(update={"number": number}) for number in range(8)]


def without_keys(repository: Repository[Any], item: Any, **changed: Any) -> dict[str, Any]:
    """The row of an item from before there was an index."""
    row = {name: it for name, it in repository.schema.encode(item).items() if "gsi" not in name}
    return row | changed


@pytest.fixture
def orders() -> Orders:
    """Eight orders without keys of indexes, and two that have them, beside other rows."""
    made = Orders(MemoryStore(Orders, Customers, Lines))
    for order in OLD:
        put_row(made, without_keys(made, order))
    made.set_many([ORDER.model_copy(update={"number": number}) for number in (20, 21)])
    Customers(made.store).set(CUSTOMER)
    put_row(made, {"pk": {"S": "theirs"}, "sk": {"S": "theirs"}})
    return made


def test_rows_get_the_keys_that_their_fields_make(orders: Orders) -> None:
    """Those that lack them, have others, or should have none; the next run finds nothing to do."""
    put_row(orders, without_keys(orders, OLD[0], gsi1pk={"S": "STATUS#gone"}))
    bare = OLD[1].model_copy(update={"status": None})
    put_row(orders, without_keys(orders, bare, gsi1pk={"S": "STATUS#gone"}, theirs={"S": "x"}))
    told: list[str] = []
    done = orders.rekey(progress=told.append)
    assert done == Rekeyed(10, 8, attributes={"gsi1pk": 8, "gsi1sk": 8})
    assert not done
    assert told == ["shop: 10 rows read, 8 of them repaired"]
    assert row_of(orders, OLD[0]) == orders.schema.encode(OLD[0])
    assert row_of(orders, bare) == orders.schema.encode(bare) | {"theirs": {"S": "x"}}
    assert orders.rekey() == Rekeyed(10)
    assert not orders.verify_table(sample="all").sample.index_keys  # type: ignore[union-attr]


def test_no_version_and_no_time_is_changed() -> None:
    """For no field is."""
    lines = Lines(MemoryStore(Orders, Lines), clock=lambda: NOW)
    written = lines.save(LINE)
    row = row_of(lines, LINE)
    put_row(lines, {name: it for name, it in row.items() if "gsi" not in name})
    assert Lines(lines.store).rekey().repaired == 1
    assert row_of(lines, LINE) == row
    assert lines.require(LINE) == written


def test_a_row_that_changes_meanwhile_is_left(orders: Orders) -> None:
    """Deleted ones are not made anew; the next run looks again."""
    done: list[Any] = []

    def changed(exchange: Any) -> Any:
        done.append(exchange)
        if len(done) == 1:
            orders.delete(OLD[0])
            put_row(orders, without_keys(orders, OLD[1].model_copy(update={"status": "paid"})))
        return exchange.answer()

    with orders.store.inject(changed, on="UpdateItem", times=None):
        found = orders.rekey()
    assert (found.rows, found.repaired, found.left, bool(found)) == (10, 6, 2, True)
    assert orders.get(OLD[0]) is None
    assert "gsi1pk" not in row_of(orders, OLD[1])
    assert orders.rekey() == Rekeyed(9, 1, attributes={"gsi1pk": 1, "gsi1sk": 1})


def test_a_bad_row_is_raised_or_told(orders: Orders) -> None:
    """And left as it is."""
    bad = without_keys(orders, OLD[3], placed={"S": "never"})
    put_row(orders, bad)
    with pytest.raises(CodecError, match=r"Order.placed"):
        orders.rekey()
    errors: list[CodecError] = []
    found = orders.rekey(bad_rows=errors.append)
    assert (found.repaired, found.bad_rows, bool(found)) == (7, 1, True)
    assert [error.key for error in errors] == [orders.schema.key(OLD[3])]
    assert row_of(orders, OLD[3]) == bad
    assert str(found).startswith("10 rows read, 7 of them repaired, 1 not the model\n")
    with pytest.raises(TypeError, match="bad_rows"):
        orders.rekey(bad_rows=[])  # type: ignore[arg-type]


def test_faults_lose_no_row(orders: Orders) -> None:
    """What is throttled is waited for; of a lost answer the next run tells."""
    with orders.store.inject(throttling(), times=20):
        assert orders.rekey(concurrency=3).repaired == 8
    for order in OLD:
        put_row(orders, without_keys(orders, order))
    with orders.store.inject(lost_reply(), on="UpdateItem", times=1):
        found = orders.rekey()
    assert (found.repaired, found.left) == (8, 0)
    put_row(orders, without_keys(orders, OLD[0]))

    def lost(exchange: Any) -> Any:
        exchange.answer()
        raise AnswerTimedOut("x")

    with orders.store.inject(lost, on="UpdateItem", times=None):
        found = orders.rekey()
    assert (found.repaired, found.left) == (0, 1)
    assert "1 left for another run" in str(found)
    assert orders.rekey() == Rekeyed(10)
    with orders.store.inject(throttling(), times=None), pytest.raises(Throttled):
        orders.rekey()


def test_rows_of_others_are_left_alone() -> None:
    """By their mark, also where they come under the key meanwhile."""
    boxes = Boxes(MemoryStore(Boxes, Labels))
    put_row(boxes, without_keys(boxes, BOX))
    theirs = foreign_row(boxes, BOX, gsi1pk=None)

    def replaced(exchange: Any) -> Any:
        put_row(boxes, theirs)
        return exchange.answer()

    with boxes.store.inject(replaced, on="UpdateItem", times=1):
        assert boxes.rekey().left == 1
    assert row_of(boxes, BOX) == theirs
    assert boxes.rekey() == Rekeyed(0)
    assert row_of(boxes, BOX) == theirs


class Counted(BaseModel):
    """A field that is made of others is in an index."""

    id: str
    words: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def size(self) -> Annotated[str, Attribute("size")]:
        """Told by the words."""
        return "long" if self.words > 9 else "short"


class CountedTexts(Repository[Counted]):
    """By their size."""

    place = Shop.place("TEXT#{id}", "X", entity="TEXT", by_size=Shop.gsi1("SIZE#{size}", "{id}"))


class TranslatedOrders(Orders):
    """Orders whose status had another name."""

    def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
        """By the old name, where it is there."""
        old = attributes.pop("state", None)
        return attributes if old is None else attributes | {"status": old}


def test_all_that_a_key_may_be_made_of_is_as_it_was_read() -> None:
    """By an `upcast`, or a computed field; else the fields of the templates."""
    texts = CountedTexts(MemoryStore(CountedTexts, Orders))
    row = without_keys(texts, Counted(id="a", words=10))
    asked = rekey_item(texts.mapper, row, {"gsi1pk": {"S": "x"}}).expressions
    assert "words" in str(asked["ConditionExpression"])
    translated = TranslatedOrders(texts.store)
    old = without_keys(translated, ORDER)
    old["state"] = old.pop("status")
    put_row(translated, old)
    assert translated.rekey().repaired == 1
    assert row_of(translated, ORDER)["gsi1pk"] == {"S": "STATUS#open#2026-01-02"}
    asked = rekey_item(translated.mapper, old, {"gsi1pk": None}).expressions
    assert "state = " in str(asked["ConditionExpression"])
    asked = rekey_item(Orders(texts.store).mapper, old, {"gsi1pk": None}).expressions
    assert "number" not in str(asked["ConditionExpression"])


class Plain(BaseModel):
    """An item of a table of its own."""

    id: Annotated[str, PartitionKey()]


class Plains(Repository[Plain]):
    """Without a place."""

    table = "plains"


def test_it_is_of_shared_tables_alone() -> None:
    """And counts requests at the same time from 1."""
    with pytest.raises(ValueError, match="Plain has no place in a shared table"):
        Plains(MemoryStore(Plains)).rekey()
    with pytest.raises(ValueError, match="concurrency"):
        Orders(MemoryStore(Orders)).rekey(concurrency=0)


class AsyncOrders(AsyncRepository[Order]):
    """Orders, of the other face."""

    place = Orders.place


def test_it_is_a_verb_of_both_faces() -> None:
    """With the same counts."""

    async def main() -> Rekeyed:
        orders = AsyncOrders(MemoryStore(AsyncOrders))
        await orders.set(ORDER)
        return await orders.rekey(concurrency=2)

    assert asyncio.run(main()) == Rekeyed(1)
