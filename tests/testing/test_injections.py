"""Which requests a fault meets, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from dynrepo import StoreError, Throttled, Unavailable
from dynrepo.testing import faults
from dynrepo.testing.injections import FaultyExchange, Injections
from dynrepo.testing.memory import MemoryStore
from models.user import Users
from tests.scripted import GET
from tests.testing.people import ADA
from tests.testing.rows import Rows, put


@pytest.mark.parametrize(
    ("fault", "options", "error", "message"),
    [
        (faults.throttling, {}, TypeError, r"throttling makes a fault: inject\(throttling\("),
        (Throttled("x"), {}, TypeError, "a function of an Exchange, not Throttled"),
        (faults.throttling(), {"on": "get"}, ValueError, "such as GetItem, not 'get'"),
        (faults.throttling(), {"times": -1}, ValueError, "0 requests or more, not -1"),
    ],
    ids=["not called", "an error", "a verb", "less than never"],
)
def test_a_fault_that_could_never_happen_is_refused(
    fault: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Where it is injected: a test that waits for it in vain would pass."""
    with pytest.raises(error, match=message):
        MemoryStore().inject(fault, **options)


def test_a_fault_meets_what_a_predicate_says() -> None:
    """By the operation, which is a value."""
    store = MemoryStore(Users, table_prefix="test-")
    users = Users(store)
    store.inject(
        faults.throttling(),
        when=lambda operation: operation.request.get("ConsistentRead"),
        times=None,
    )
    assert users.get(ADA) is None
    with pytest.raises(Throttled):
        users.get(ADA, consistent=True)


def test_the_latest_fault_goes_first() -> None:
    """Until it is spent or removed."""
    store = MemoryStore(Rows)
    store.inject(faults.refusal("First"), times=None)
    later = store.inject(faults.refusal("Second"), times=1)
    for code in ("Second", "First"):
        with pytest.raises(StoreError) as caught:
            put(store)
        assert caught.value.code == code
    assert (later.spent, later.hits) == (True, 1)


def test_a_fault_may_raise_what_botocore_would() -> None:
    """A class derived from one of botocore's means what that means."""

    class Unplugged(EndpointConnectionError):
        pass

    def unplugged(_: faults.Exchange) -> dict[str, Any]:
        raise Unplugged(endpoint_url="http://localhost")

    store = MemoryStore(Rows)
    store.inject(unplugged, on="PutItem", times=None)
    with pytest.raises(Unavailable) as caught:
        put(store)
    assert caught.value.code == "Unplugged"


def test_a_predicate_may_ask_the_store() -> None:
    """As one that looks at what is stored: it holds up no one, and itself least of all."""
    users = Users(store := MemoryStore(Users))
    stored = users.get
    store.inject(faults.throttling(), on="PutItem", when=lambda _: stored(ADA) is not None, times=4)
    users.set(ADA)
    with pytest.raises(Throttled):
        users.set(ADA)


def test_a_fault_that_is_spent_or_removed_is_met_no_more() -> None:
    """`hits` counts those that it met."""
    placed = Injections("eu-")
    spent = placed.add(faults.throttling(), "GetItem", "users", lambda _: True, 1)
    removed = placed.add(faults.unreachable(), None, "others", lambda _: True, None)
    operation = GET._replace(table="eu-users")
    assert [placed.fault_for(operation), placed.fault_for(operation)] == [spent.fault, None]
    removed.remove()
    assert placed.fault_for(GET._replace(table="others")) is None
    assert (spent.hits, removed.hits) == (1, 0)


def test_an_exchange_is_left_where_a_fault_waits() -> None:
    """So that a loop goes on; then the body is there."""

    def late(exchange: faults.Exchange) -> Any:
        yield 0.25
        return exchange.answer()

    exchange = FaultyExchange(
        late, faults.Exchange(GET, 0.0, lambda operation: {"n": operation.name})
    )
    assert list(exchange.pauses()) == [0.25]
    assert exchange.body == {"n": "GetItem"}
