"""What the telemetry says of a shared table: metrics and spans the table, lines the entity too."""

from __future__ import annotations

import asyncio

import pytest

from dynrepo.testing.async_mock_container import AsyncMockContainer
from dynrepo.testing.mock_container import MockContainer
from tests.shop import ADA, CUSTOMER, LINE, NOW, ORDER, AsyncOrders, Customers, Lines, Orders


@pytest.fixture
def container() -> MockContainer:
    """What is said is kept."""
    return MockContainer(Customers, Orders, Lines)


def _lines(container: MockContainer | AsyncMockContainer) -> list[str]:
    """The log lines, without what each took."""
    return [line.partition(":")[0] for line in container.logs.lines]


def test_each_line_names_the_entity_behind_the_table(container: MockContainer) -> None:
    """Whatever the verb; a record has it for formatters, too."""
    orders, fields = container.repository(Orders), Orders.fields
    orders.create(ORDER)
    orders.set(ORDER)
    orders.save(ORDER)
    orders.get(ORDER)
    orders.exists(ORDER)
    orders.get_many([ORDER])
    orders.query(fields.user_id == ADA).all()
    orders.scan().all()
    orders.update(ORDER, fields.note.set("x"))
    orders.edit(ORDER, lambda order: order.model_copy(update={"note": "y"}))
    orders.verify_table(sample="all")
    orders.delete(ORDER)
    orders.set_many([ORDER])
    of_table = ["DescribeTable shop"]
    assert _lines(container) == [
        f"{name} shop (ORDER)"
        for name in ("PutItem", "PutItem", "UpdateItem", "GetItem", "GetItem", "BatchGetItem")
    ] + ["Query shop (ORDER)", "Scan shop (ORDER)", "UpdateItem shop (ORDER)"] + [
        "GetItem shop (ORDER)",
        "UpdateItem shop (ORDER)",
        *of_table,
        "Scan shop (ORDER)",
        "DeleteItem shop (ORDER)",
        "BatchWriteItem shop (ORDER)",
    ]
    entities = {getattr(record, "entity", None) for record in container.logs.records}
    assert entities == {"ORDER", None}
    assert {vars(record)["table"] for record in container.logs.records} == {"shop"}


def test_a_transaction_names_its_entities(container: MockContainer) -> None:
    """Each once, in their order; that of reads as well."""
    customers, orders = container.repository(Customers), container.repository(Orders)
    with orders.transaction() as writes:
        writes.create(orders, ORDER)
        writes.create(customers, CUSTOMER)
        writes.create(orders, ORDER.model_copy(update={"number": 8}))
        writes.check(container.repository(Lines), LINE, ~Lines.fields.sku.exists())
    orders.get_together(customers.lookup(ADA), orders.lookup((ADA, NOW, 7)))
    assert _lines(container) == [
        "TransactWriteItems shop (ORDER,USER,LINE)",
        "TransactGetItems shop (USER,ORDER)",
    ]


def test_metrics_and_spans_are_by_table(container: MockContainer) -> None:
    """One table, one name: the entity is in neither."""
    pytest.importorskip("opentelemetry.sdk", reason="spans need opentelemetry-sdk")
    container.repository(Orders).create(ORDER)
    container.repository(Customers).create(CUSTOMER)
    assert container.metrics.counts["dynrepo.shop.PutItem.success"] == 2
    assert [span.name for span in container.spans] == ["PutItem shop", "PutItem shop"]
    for span in container.spans:
        assert span.attributes is not None
        assert span.attributes["db.collection.name"] == "shop"
        assert span.attributes["aws.dynamodb.table_names"] == ("shop",)
    assert "ORDER" not in repr([span.to_json() for span in container.spans])


def test_awaited_calls_say_the_same() -> None:
    """The asynchronous face has the same lines and names."""

    async def said() -> list[str]:
        async with AsyncMockContainer(AsyncOrders) as container:
            orders = container.repository(AsyncOrders)
            await orders.create(ORDER)
            await orders.query(AsyncOrders.fields.user_id == ADA).all()
            assert container.metrics.counts["dynrepo.shop.Query.success"] == 1
            return _lines(container)

    assert asyncio.run(said()) == ["PutItem shop (ORDER)", "Query shop (ORDER)"]
