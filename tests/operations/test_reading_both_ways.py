"""Each verb makes of the text of an answer what the codec makes of its JSON, in both faces."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID
from zlib import crc32

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    Attribute,
    CodecError,
    DynamoStore,
    DynrepoError,
    PartitionKey,
    Repository,
    SortKey,
    TimeToLive,
    encodings,
)
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.pages import QueryAnswer
from dynrepo.operations.reads import get_item, get_part, get_written, part_of
from dynrepo.operations.transactions import transact_get
from dynrepo.protocol.answer import read
from dynrepo.protocol.http import Message
from dynrepo.schema.entity import schema_of
from dynrepo.sending.outcomes import AnswerBroken
from tests.accelerator import is_there
from tests.loopback import CAPACITY, Loopback, answer, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.operation import Operation

MOMENT = datetime(2026, 5, 6, 1, 2, 3, tzinfo=UTC)


class Line(BaseModel):
    """A line of an order."""

    sku: str
    price: Decimal


class Order(BaseModel):
    """An order whose attributes others write in their forms."""

    customer: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey(), Attribute("no")]
    placed: Annotated[AwareDatetime, SortKey(index="by_placed")]
    state: Annotated[str, PartitionKey(index="by_placed")] = "open"
    total: Annotated[Decimal, Attribute("sum")]
    wait: Annotated[timedelta, encodings.NANOSECONDS]
    lines: list[Line]
    tags: frozenset[str] = frozenset()
    note: str | None = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Brief(BaseModel):
    """A part of one, with nothing said of attributes and forms."""

    number: int
    total: Decimal
    wait: timedelta
    lines: list[Line]
    note: str | None = None


class Customer(BaseModel):
    """Somebody who orders."""

    customer: Annotated[UUID, PartitionKey()]
    name: str


class Orders(Repository[Order]):
    """Orders."""

    table = "orders"


class AsyncOrders(AsyncRepository[Order]):
    """Orders, awaited."""

    table = "orders"


ORDER = Order(
    customer=UUID(int=7**40),
    number=1,
    placed=MOMENT,
    total=Decimal("9.5"),
    wait=timedelta(seconds=3),
    lines=[Line(sku="a", price=Decimal(4)), Line(sku="b", price=Decimal("5.5"))],
    tags=frozenset({"x"}),
    note="n",
    ends=MOMENT,
)
ITEM = schema_of(Order).encode(ORDER)
KEY = (ORDER.customer, 1)
ITEMS: dict[str, dict[str, Any]] = {
    "as it is written": ITEM,
    "with an offset": {**ITEM, "placed": {"S": "2026-05-06T01:02:03+00:00"}},
    "with a NULL": {**ITEM, "note": {"NULL": True}, "ends": {"NULL": True}},
    "with an exponent": {**ITEM, "sum": {"N": "1E+3"}},
    "with an empty set": {**ITEM, "tags": {"L": []}},
    "with more": {**ITEM, "more": {"M": {"a": {"L": [{"N": "1"}]}}}},
    "without what may be absent": {n: v for n, v in ITEM.items() if n not in ("note", "ends")},
    "with lines of another": {**ITEM, "lines": {"L": [{"M": {"sku": {"S": "a"}}}]}},
    "with a total in words": {**ITEM, "sum": {"S": "much"}},
    "of another key": {**ITEM, "no": {"N": "2"}},
    "without its key": {n: v for n, v in ITEM.items() if n != "no"},
}
ANY_TIME = Mapper("orders", schema_of(Order))
AT_NOON = Mapper("orders", schema_of(Order), clock=lambda: MOMENT, hide_expired=True)
CUSTOMERS = Mapper("customers", schema_of(Customer))
CUSTOMER = Customer(customer=ORDER.customer, name="Ada")


def said(body: dict[str, Any] | bytes) -> Message:
    """An answer as it travels."""
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Message(200, {"x-amz-crc32": str(crc32(text))}, text, keep_alive=True)


def outcome(operation: Operation[Any], body: dict[str, Any] | bytes) -> Any:
    """What an answer is taken for: what is read, in all that can be seen of it, or why not."""
    found = read(operation, said(body), 1)
    if operation.accepts is not None and not operation.accepts(found):
        return "the answer to another request"
    try:
        value = operation.read(found)
    except DynrepoError as error:
        return type(error), str(error)
    return seen(value)


def seen(value: Any) -> Any:
    """All that can be seen of instances, errors included."""
    if isinstance(value, BaseModel):
        return repr(value), value.model_fields_set
    if isinstance(value, CodecError):
        return str(value), value.key
    if isinstance(value, QueryAnswer):
        return seen(value.rows), value.last_key, value.row_count, value.scanned_count
    return [seen(part) for part in value] if isinstance(value, list | tuple) else value


def page(item: dict[str, Any]) -> dict[str, Any]:
    """Two rows, of which one is as it is written."""
    return {"Items": [ITEM, item], "Count": 2, "ScannedCount": 2}


def together(item: dict[str, Any]) -> dict[str, Any]:
    """What is answered to reads of two models, one of nothing."""
    customer = CUSTOMERS.schema.encode(CUSTOMER)
    return {"Responses": [{"Item": customer}, {"Item": item}, {}, {"Item": customer}]}


def queried(mapper: Mapper[Order], **asked: Any) -> Operation[Any]:
    """A query, for parts or by an index."""
    orders = Orders(DynamoStore(region="eu-west-1"), instruments=[])
    orders.mapper = mapper
    query = orders.query(orders.fields.state == "open", index="by_placed", **asked)
    return query.operation(None, None)


def queried_part(mapper: Mapper[Order]) -> Operation[Any]:
    """A scan for a part of the items."""
    orders = Orders(DynamoStore(region="eu-west-1"), instruments=[])
    orders.mapper = mapper
    return orders.scan().only(Brief).operation(None, None)


def read_together(mapper: Mapper[Order]) -> Operation[Any]:
    """A read of two models at one moment."""
    customer = get_item(CUSTOMERS, CUSTOMER)
    return transact_get([customer, get_item(mapper, KEY), get_item(mapper, KEY), customer])


Body = dict[str, Any]
VERBS: dict[str, tuple[Callable[[Mapper[Order]], Operation[Any]], Callable[[Body], Body]]] = {
    "get": (lambda mapper: get_item(mapper, KEY), lambda item: {"Item": item}),
    "a part": (lambda mapper: get_part(mapper, KEY, Brief), lambda item: {"Item": item}),
    "after an exact update": (lambda mapper: get_written(mapper, KEY), lambda item: {"Item": item}),
    "together": (read_together, together),
    "a query by an index": (queried, page),
    "a scan for a part": (queried_part, page),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("mapper", [ANY_TIME, AT_NOON], ids=["all", "without the expired"])
def test_text_is_read_as_json_is(mapper: Mapper[Order], verb: str) -> None:
    """Value for value, error for error; where pydantic-core can, no item is read by its codec."""
    asked, answered = VERBS[verb]
    operation = asked(mapper)
    if is_there():
        assert operation.parse is not None
        found = read(operation, said(answered(ITEM)), 1)
        assert found.items is not None
    for name, item in ITEMS.items():
        fast, slow = (
            outcome(each, answered(item)) for each in (operation, operation._replace(parse=None))
        )
        assert fast == slow, name


@pytest.mark.parametrize("verb", VERBS)
def test_of_a_member_that_stands_twice_the_last_is_read(verb: str) -> None:
    """No engine writes such a text; what reads it fast and what does not agree on it."""
    asked, answered = VERBS[verb]
    operation = asked(ANY_TIME)
    whole = json.dumps(answered(ITEM))
    for name, stored in ITEM.items():
        once = f'"{name}": {json.dumps(stored)}'
        for other in ('{"S": "z"}', '{"NULL": true}', '{"L": []}', "{}", "null", '{"N": "2"}'):
            twice = f'"{name}": {other}'
            for both in (f"{once}, {twice}", f"{twice}, {once}"):
                text = whole.replace(once, both).encode()
                fast, slow = (
                    taken_for(each, text) for each in (operation, operation._replace(parse=None))
                )
                assert fast == slow, text


def taken_for(operation: Operation[Any], text: bytes) -> Any:
    """What a text is taken for, or why it is no answer."""
    try:
        return outcome(operation, text)
    except AnswerBroken as error:
        return str(error)


def test_nothing_is_read_both_ways() -> None:
    """No item is None, of each."""
    for asked in (get_part(AT_NOON, KEY, Brief), get_written(AT_NOON, KEY)):
        assert outcome(asked, CAPACITY) is None
    assert outcome(read_together(AT_NOON), {"Responses": [{}] * 4}) == [None] * 4


def test_what_is_given_by_another_way_is_read_the_same() -> None:
    """A record of a stream, and a line of an export."""
    orders = Orders(DynamoStore(region="eu-west-1"), instruments=[])
    get = get_item(ANY_TIME, KEY)
    for name, item in ITEMS.items():
        record = {"eventName": "MODIFY", "dynamodb": {"Keys": {}, "NewImage": item}}
        for given in (
            lambda record=record: orders.decode_change(record).new,
            lambda item=item: orders.decode({"Item": item}),
        ):
            try:
                found: Any = seen(given())
            except CodecError as error:
                found = type(error), str(error)
            expected = outcome(get._replace(accepts=None), {"Item": item})
            assert found == expected, name


CALLS: dict[str, tuple[Callable[[Any], Any], list[dict[str, Any]], Any]] = {
    "get": (lambda orders: orders.get(KEY), [{"Item": ITEM}], ORDER),
    "only": (
        lambda orders: orders.get(KEY, only=Brief),
        [{"Item": ITEM}],
        Brief.model_validate(ORDER.model_dump(include=set(Brief.model_fields))),
    ),
    "get_together": (
        lambda orders: orders.get_together(orders.lookup(KEY), orders.lookup(KEY)),
        [{"Responses": [{"Item": ITEM}, {}]}],
        (ORDER, None),
    ),
    "exactly once": (
        lambda orders: orders.update(KEY, orders.fields.note.set("n"), exactly_once=True),
        [{"ConsumedCapacity": []}, {"Item": ITEM}],
        ORDER,
    ),
    "a page": (
        lambda orders: orders.query(orders.fields.customer == ORDER.customer).page(10),
        [{"Items": [ITEM], "Count": 1, "ScannedCount": 1}],
        [ORDER],
    ),
}


@pytest.mark.parametrize("call", CALLS)
def test_both_faces_read_by_text(call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a connection; where pydantic-core can, the codec's `decode` is not asked at all."""
    asked, answers, expected = CALLS[call]
    steps = [say(answer(body | CAPACITY if "Items" in body else body)) for body in answers]
    part = part_of(ANY_TIME, Brief)
    if is_there():
        for mapper_method in ("decode", "decode_written"):
            monkeypatch.setattr(Mapper, mapper_method, lambda *_: pytest.fail("by the codec"))
    assert part.paths

    def blocking(url: str) -> Any:
        with DynamoStore(endpoint=url, region="eu-west-1") as store:
            return asked(Orders(store, instruments=[]))

    async def awaited(url: str) -> Any:
        async with AsyncDynamoStore(endpoint=url, region="eu-west-1") as store:
            return await asked(AsyncOrders(store, instruments=[]))

    with Loopback() as server:
        for face in (blocking, lambda url: asyncio.run(awaited(url))):
            server.script = [*steps]
            found = face(server.url)
            assert (list(found) if isinstance(expected, list) else found) == expected
