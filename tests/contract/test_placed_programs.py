"""Random programs on shared tables, held against lists of what they wrote."""

from __future__ import annotations

from datetime import timedelta
from operator import attrgetter
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from dynrepo import ConditionFailed, ItemExists
from dynrepo.operations.reads import get_stored
from tests.shop import (
    NOW,
    Customer,
    Customers,
    HandmadeCustomers,
    HandmadeOrders,
    Order,
    Orders,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store

USERS = [UUID(int=number) for number in (1, 2, 2**127)]
TIMES = [NOW + timedelta(hours=hours) for hours in (-30, -2, 0, 1, 20, 50)]
STATUSES = ["open", "paid", "öffen", None]
STEPS = {"memory": 400, "moto": 60, "ministack": 120}


class Program:
    """Writes at random, and knows what is stored."""

    def __init__(
        self,
        orders: Orders | HandmadeOrders,
        customers: Customers | HandmadeCustomers,
        random: Random,
    ) -> None:
        self.orders, self.customers = orders, customers
        self.random = random
        self.stored: dict[Any, Order] = {}

    def order(self) -> Order:
        """Some order, of few that there can be."""
        choose = self.random.choice
        return Order(
            user_id=choose(USERS),
            placed=choose(TIMES),
            number=choose([0, 7, 10**8 - 1]),
            status=choose(STATUSES),
            note=choose([None, "a", ""]),
        )

    def step(self) -> None:
        """Makes one write, and looks at the row that it left."""
        order = self.order()
        key = (order.user_id, order.placed, order.number)
        writes: list[Callable[[Any, Order], Order | None]] = [
            self._create,
            self._put,
            self._update,
            self._upsert,
            self._delete,
        ]
        self.random.choice(writes)(key, order)
        row = get_stored(self.orders.mapper, key)
        found = row.read(self.orders.store.execute(row))
        expected = self.stored.get(key)
        assert (found or None) == (expected and self.orders.schema.encode(expected))

    def _create(self, key: Any, order: Order) -> None:
        if key not in self.stored:
            self.stored[key] = self.orders.create(order)
            return
        with pytest.raises(ItemExists) as raised:
            self.orders.create(order)
        assert raised.value.item == self.stored[key]

    def _put(self, key: Any, order: Order) -> None:
        write = self.random.choice([self.orders.set, self.orders.save])
        self.stored[key] = write(order)
        assert self.stored[key] == order

    def _update(self, key: Any, order: Order) -> None:
        fields = self.orders.fields
        known = self.stored.get(key)
        named = known if known is not None and self.random.random() < 0.5 else key
        try:
            changed = self.orders.update(named, fields.status.set(order.status))
        except LookupError:
            assert known is None
        else:
            assert known is not None
            self.stored[key] = known.model_copy(update={"status": order.status})
            assert changed == self.stored[key]

    def _upsert(self, key: Any, order: Order) -> None:
        if order.status is None:
            return
        made = self.orders.update(key, self.orders.fields.status.set(order.status), upsert=True)
        known = self.stored.get(key, order.model_copy(update={"note": None}))
        self.stored[key] = known.model_copy(update={"status": order.status})
        assert made == self.stored[key]

    def _delete(self, key: Any, order: Order) -> None:
        condition = None
        if order.status is not None and self.random.random() < 0.5:
            condition = self.orders.fields.status == order.status
        known = self.stored.get(key)
        try:
            deleted = self.orders.delete(key, condition=condition)
        except ConditionFailed:
            assert known is None or known.status != order.status
        else:
            assert deleted == self.stored.pop(key, None)

    def ask(self) -> None:
        """Asks for some of a partition, and compares with what is known."""
        condition, expected = self._asked()
        descending = self.random.random() < 0.5
        query = self.orders.query(condition, descending=descending)
        wanted = [order for order in self.stored.values() if expected(order)]
        wanted.sort(key=attrgetter("placed", "number"), reverse=descending)
        assert query.all() == wanted
        assert query.count() == len(wanted)
        pages = list(query.pages(2))
        assert [order for page in pages for order in page] == wanted
        if wanted:
            assert query.keys().first() == attrgetter("user_id", "placed", "number")(wanted[0])

    def _asked(self) -> tuple[Any, Callable[[Order], bool]]:
        fields, user = self.orders.fields, self.random.choice(USERS)
        low, high = self.random.choice(TIMES), self.random.choice(TIMES)
        number = self.random.choice([0, 7, 8])
        of_user = fields.user_id == user
        asked: list[tuple[Any, Callable[[Order], bool]]] = [
            (of_user, lambda _: True),
            (of_user & (fields.placed < low), lambda order: order.placed < low),
            (of_user & (fields.placed <= low), lambda order: order.placed <= low),
            (of_user & (fields.placed > low), lambda order: order.placed > low),
            (of_user & (fields.placed >= low), lambda order: order.placed >= low),
            (of_user & (fields.placed == low), lambda order: order.placed == low),
            (
                of_user & fields.placed.between(low, high),
                lambda order: low <= order.placed <= high,
            ),
            (
                of_user & (fields.placed == low) & (fields.number >= number),
                lambda order: order.placed == low and order.number >= number,
            ),
            (
                of_user & (fields.placed == low) & (fields.number < number),
                lambda order: order.placed == low and order.number < number,
            ),
        ]
        condition, holds = self.random.choice(asked)
        return condition, lambda order: order.user_id == user and holds(order)

    def by_status(self) -> None:
        """Asks an index for those of a day."""
        fields, moment = self.orders.fields, self.random.choice(TIMES)
        status = self.random.choice(["open", "paid", "öffen"])
        first = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        last = first + timedelta(days=1, microseconds=-1)
        asked = (fields.status == status) & fields.placed.between(first, last)
        found = self.orders.query(asked, index="by_status").all()
        wanted = [
            order
            for order in self.stored.values()
            if order.status == status and first <= order.placed <= last
        ]
        assert sorted(found, key=_place_of) == sorted(wanted, key=_place_of)
        assert [order.placed for order in found] == sorted(order.placed for order in found)


def _place_of(order: Order) -> tuple[Any, ...]:
    return order.user_id, order.placed, order.number


@pytest.fixture(params=["stored", "unstored"])
def places(request: pytest.FixtureRequest) -> Any:
    """Repositories of two entities, with the fields of their keys as attributes, or without."""
    stored = Orders, Customers
    return stored if request.param == "stored" else (HandmadeOrders, HandmadeCustomers)


@pytest.fixture(params=["memory", "moto", pytest.param("ministack", marks=pytest.mark.engine)])
def program(request: pytest.FixtureRequest, places: Any) -> tuple[Program, int]:
    """A program over a store, and how many steps it is to make."""
    store: Store = request.getfixturevalue(request.param)
    orders, customers = (kind(store) for kind in places)
    made = Program(orders, customers, Random(20261130))  # noqa: S311 - the same program each time
    made.orders.create_table()
    return made, STEPS[request.param]


def test_what_is_written_is_what_is_read(program: tuple[Program, int]) -> None:
    """Whatever was written before: rows with their keys, ranges of them, an index, all of them."""
    run, steps = program
    for user in USERS:
        run.customers.set(Customer(user_id=user, email="a@b"))
    for number in range(steps):
        run.step()
        if number % 4 == 0:
            run.ask()
            run.by_status()
    found = sorted(run.orders.scan(), key=_place_of)
    assert found == sorted(run.stored.values(), key=_place_of)
    assert run.stored
    assert run.customers.scan().count() == len(USERS)
    assert not run.orders.verify_table(sample="all")
