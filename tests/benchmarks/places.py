"""What a place in a shared table costs: a repository with templates to its twin with plain keys.

Both are in one process and measured by turns; their items have the same fields, and those in the
shared table the attributes of its keys besides. The least CPU time of a call, of several turns,
counts; the median of the ratios within the rounds is shown.
"""

from __future__ import annotations

import statistics
from collections import deque
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import AwareDatetime, BaseModel

from dynrepo import Index, Key, PartitionKey, Repository, SharedTable, SortKey
from tests.benchmarks.canned import OWN_KEYS, SHARED
from tests.benchmarks.measure import cost, markdown
from tests.benchmarks.peers import repositories, times

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.benchmarks.peers import Peer

SLICE = 0.02
"""Seconds of CPU for an operation."""

TURNS = 5
"""How often the twins of a round measure an operation by turns."""

USER = "user-1"
FIRST = datetime(2026, 11, 23, 15, tzinfo=UTC)
LAST = FIRST.replace(second=59)


class Stored(BaseModel):
    """What both have in common."""

    number: int
    name: str
    email: str
    street: str
    city: str
    country: str
    phone: str
    age: int
    visits: int
    balance: Decimal
    active: bool
    tags: list[str]
    preferences: dict[str, str]
    created: AwareDatetime
    about: str


class Own(Stored):
    """An item with its key in two fields."""

    user_id: Annotated[str, PartitionKey()]
    placed: Annotated[AwareDatetime, SortKey(), SortKey(index="by_status")]
    status: Annotated[str, PartitionKey(index="by_status")]


class OwnKeys(Repository[Own]):
    """A table of its own."""

    table = OWN_KEYS


class Shop(SharedTable):
    """A table of several entities."""

    table = SHARED
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"


class Placed(Stored):
    """The same item with its key in texts."""

    user_id: str
    placed: AwareDatetime
    status: str


class Places(Repository[Placed]):
    """A place in that table."""

    place = Shop.place(
        "USER#{user_id}",
        "ORDER#{placed}#{number:08d}",
        entity="ORDER",
        by_status=Shop.gsi1("STATUS#{status}", "{placed}"),
    )


class Twins(NamedTuple):
    """The same calls on both."""

    own: Peer
    placed: Peer


def twins(url: str) -> Twins:
    """The calls of a repository with plain keys, and those of one with a place."""
    own, placed = repositories(url, OwnKeys, Places)
    own_keys = [(USER, FIRST.replace(microsecond=number)) for number in range(100)]
    keys = [(*key, number) for number, key in enumerate(own_keys)]
    return Twins(_calls(own, own_keys), _calls(placed, keys))


def _calls(orders: Any, keys: Sequence[tuple[Any, ...]]) -> Peer:
    """Calls by name."""
    fields, key = orders.fields, keys[0]
    order = orders.require(key)
    several = [_numbered(order, number) for number in range(25)]
    of_user, of_status = partial(_of, fields.user_id, USER), partial(_of, fields.status, "open")
    in_time = partial(fields.placed.between, FIRST, LAST)
    calls: dict[str, Callable[[], Any]] = {
        "get": lambda: orders.get(key),
        "put": lambda: orders.set(order),
        "save": lambda: orders.save(order),
        "update": lambda: orders.update(key, fields.visits.add(1)),
        "delete": lambda: orders.delete(key),
        "page of 1": lambda: orders.query(of_user()).page(1),
        "page of 20": lambda: orders.query(of_user()).page(20),
        "page of 20, range": lambda: orders.query(of_user() & in_time()).page(20),
        "query 100": lambda: deque(orders.query(of_user()), 0),
        "query 100, range": lambda: deque(orders.query(of_user() & in_time()), 0),
        "index 100": lambda: deque(orders.query(of_status(), index="by_status"), 0),
        "scan 100": lambda: deque(orders.scan(), 0),
        "batch get 100": lambda: orders.get_many(keys),
        "batch write 25": lambda: orders.set_many(several),
    }
    return {name: times(call) for name, call in calls.items()}


def _numbered(order: Any, number: int) -> Any:
    placed = FIRST.replace(microsecond=number)
    return order.model_copy(update={"number": number, "placed": placed})


def _of(field: Any, value: str) -> Any:
    return field == value


def places(url: str, rounds: int) -> str:
    """The table, as Markdown."""
    both = twins(url)
    figures = {name: _figures(both, name, rounds) for name in both.own}
    rows = [[name, *_cells(of_call)] for name, of_call in figures.items()]
    return markdown(["a call", "plain keys, µs", "a place, µs", "ratio"], rows)


def _figures(both: Twins, name: str, rounds: int) -> list[tuple[float, float]]:
    """CPU seconds of a call of both, one pair for each round."""
    return [_least(both.own[name], both.placed[name]) for _ in range(rounds)]


def _least(own: Callable[[int], Any], placed: Callable[[int], Any]) -> tuple[float, float]:
    """What each takes, by turns; the least counts, for whatever else runs can only add to it."""
    costs = [(cost(own, SLICE), cost(placed, SLICE)) for _ in range(TURNS)]
    own_costs, placed_costs = zip(*costs, strict=True)
    return min(own_costs), min(placed_costs)


def _cells(pairs: Sequence[tuple[float, float]]) -> list[str]:
    own, placed = (statistics.median(each) * 1e6 for each in zip(*pairs, strict=True))
    ratio = statistics.median(placed / own for own, placed in pairs)
    return [f"{own:,.1f}", f"{placed:,.1f}", f"{ratio:.2f}"]
