"""Keys of indexes that rows lack, or have otherwise, over memory, moto and MiniStack."""

from __future__ import annotations

from datetime import UTC, datetime, time
from random import Random
from typing import TYPE_CHECKING, Any

from dynrepo import CodecError
from tests.depot import put_row, row_of
from tests.shop import ADA, CUSTOMER, NOW, Customers, Order, Orders

if TYPE_CHECKING:
    from dynrepo import Store

TEXTS = [None, {"S": "STATUS#gone"}, {"S": "2026-01-02T03:04:05.000006Z"}]


class Rows:
    """Rows of orders, whose keys of indexes are right, absent or others, by chance."""

    def __init__(self, store: Store) -> None:
        self.orders = Orders(store)
        self.orders.create_table()
        self.random = Random(20261202)  # noqa: S311 - the same rows each time
        self.stored: dict[int, dict[str, Any]] = {}
        self.bad = 0

    def put(self, number: int) -> None:
        """Stores the row of an order."""
        choose = self.random.choice
        status = choose(["open", "paid", None])
        order = Order(user_id=ADA, placed=NOW, number=number, status=status)
        row: dict[str, Any] = self.orders.schema.encode(order)
        row |= choose([{}, {"theirs": {"S": "x"}}])
        for name in ("gsi1pk", "gsi1sk"):
            if choose([True, False]):
                row[name] = choose(TEXTS)
        if choose([True, False, False, False, False, False]):
            row["status"] = {"N": "1"}
            self.bad += 1
        self.stored[number] = {name: value for name, value in row.items() if value is not None}
        put_row(self.orders, self.stored[number])

    def expected(self, number: int) -> dict[str, Any]:
        """The row as it is to be after a run."""
        row, schema = self.stored[number], self.orders.schema
        try:
            made = schema.encode(schema.decode(row))
        except CodecError:
            return row
        kept = {name: value for name, value in row.items() if not name.startswith("gsi1")}
        return kept | {name: value for name, value in made.items() if name.startswith("gsi1")}

    def row(self, number: int) -> dict[str, Any]:
        """What is stored."""
        return row_of(self.orders, (ADA, NOW, number))


def test_a_run_repairs_each_row_and_changes_no_other(stores: Store) -> None:
    """Held against what each row is to be; what was counted before is what was repaired."""
    rows = Rows(stores)
    Customers(stores).set(CUSTOMER)
    for number in range(40):
        rows.put(number)
    wrong = sum(rows.expected(number) != row for number, row in rows.stored.items())
    found = rows.orders.verify_table(sample="all").sample
    assert found is not None
    assert found.index_keys

    errors: list[CodecError] = []
    done = rows.orders.rekey(bad_rows=errors.append, concurrency=4)
    assert (done.rows, done.repaired, done.left) == (40, wrong, 0)
    assert done.bad_rows == len(errors) == rows.bad
    assert all(rows.row(number) == rows.expected(number) for number in rows.stored)
    assert sum(done.attributes.values()) == sum(
        sum(counts.values()) for counts in found.index_keys.values()
    )

    again = rows.orders.verify_table(sample="all").sample
    assert again is not None
    assert not again.index_keys
    assert rows.orders.rekey(bad_rows=errors.append).repaired == 0
    fields, day = rows.orders.fields, datetime.combine(NOW, time(), UTC)
    asked = (fields.status == "open") & fields.placed.between(day, NOW)
    by_status = rows.orders.query(asked, index="by_status", bad_rows=errors.append)
    wanted = [it for it, row in rows.stored.items() if row.get("status") == {"S": "open"}]
    assert sorted(order.number for order in by_status) == sorted(wanted)
