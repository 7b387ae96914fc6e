"""What type checkers know of `path` and `stored`, and what they catch.

They check this file, and tests/expressions/test_stored.py runs it: what passes here is made there,
and what is an error here is one there.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, NewType, assert_type
from uuid import UUID

from pydantic import AnyUrl, AwareDatetime, BaseModel, Field, PositiveInt

from dynrepo import (
    AsyncQuery,
    AsyncRepository,
    FieldPath,
    PartitionKey,
    Query,
    Repository,
    TimeToLive,
    path,
    present,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

NOW = datetime(2026, 11, 29, tzinfo=UTC)
Cents = NewType("Cents", int)


class Mood(StrEnum):
    """An enumeration of texts."""

    GOOD = "good"
    BAD = "bad"


class Level(IntEnum):
    """One of numbers."""

    LOW = 1


class Side(Enum):
    """One of nothing but itself."""

    LEFT = "left"


class City(BaseModel):
    """A model in a model in a model."""

    name: str
    zip: str | None = None


class Address(BaseModel):
    """A model in a model."""

    street: str
    city: City
    old: City | None = None


class Line(BaseModel):
    """One of a list; its fields have names of methods of a path."""

    name: str
    price: Decimal
    size: int = 0
    set: str | None = None


class Point(NamedTuple):
    """A tuple with names."""

    x: int
    y: int


@dataclass
class Span:
    """A dataclass."""

    start: date
    days: int = 1


class Thing(BaseModel):
    """One field of every kind, and of many that it may be without."""

    thing_id: Annotated[UUID, PartitionKey()]
    name: str = ""
    note: str | None = None
    count: int = 0
    rank: PositiveInt | None = None
    cents: Cents = Cents(0)
    debt: Cents | None = None
    score: float = 0.0
    mark: float | None = None
    total: Decimal = Decimal(0)
    paid: Decimal | None = None
    pause: timedelta = timedelta(0)
    flag: bool = False
    raw: bytes = b""
    mood: Mood = Mood.GOOD
    was: Mood | None = None
    level: Level = Level.LOW
    side: Side = Side.LEFT
    kind: Literal["cat", "dog"] = "cat"
    when: AwareDatetime = NOW
    until: Annotated[AwareDatetime | None, TimeToLive()] = None
    day: date = date(2026, 1, 1)
    at: time = time(1)
    home: AnyUrl | None = None
    file: PurePosixPath | None = None
    tags: frozenset[str] = frozenset()
    hints: frozenset[str] | None = None
    days: set[int] = set()
    sums: set[Decimal] | None = None
    lines: list[Line] = []
    drafts: list[Line] | None = None
    words: list[str] = []
    pair: tuple[str, ...] = ()
    last: deque[int] = deque()
    prices: dict[str, Decimal] = {}
    owners: dict[UUID, Address] = {}
    address: Address | None = None
    point: Point = Point(0, 0)
    span: Span = Span(date(2026, 1, 1))
    code: int | str = 0
    maybe: int | str | None = None
    either: Annotated[int | list[str], Field(union_mode="left_to_right")] = 0
    anything: Any = None

    @property
    def twice(self) -> int:
        """No field."""
        return self.count * 2


class Things(Repository[Thing]):
    """The blocking face."""

    table = "things"

    def dear(self, at_least: Decimal) -> list[Thing]:
        """A domain word."""
        t = self.stored
        return self.scan(where=path(t.total) >= at_least).all()


class AsyncThings(AsyncRepository[Thing]):
    """The asynchronous one."""

    table = "things"

    async def dear(self, at_least: Decimal) -> list[Thing]:
        """A domain word."""
        t = self.stored
        return await self.scan(where=path(t.total) >= at_least).all()


class ThingTable:
    """What both faces share."""

    table = "things"
    stored: Thing

    def is_dear(self, at_least: Decimal) -> Condition:
        """A condition by name."""
        return path(self.stored.total) >= at_least


class SharedThings(ThingTable, Repository[Thing]):
    """The blocking face of it."""


class AsyncSharedThings(ThingTable, AsyncRepository[Thing]):
    """The asynchronous one."""


def known(t: Thing, things: Things, shared: AsyncSharedThings) -> None:
    """What a path holds is the type of the field, and `stored` is an instance."""
    assert_type(things.stored, Thing)
    assert_type(Things.stored, Thing)
    assert_type(AsyncThings.stored, Thing)
    assert_type(shared.stored, Thing)
    assert_type(path(t.count), FieldPath[int])
    assert_type(path(t.until), FieldPath[datetime | None])
    assert_type(path(t.lines), FieldPath[list[Line]])
    assert_type(path(t.lines[0].price), FieldPath[Decimal])
    assert_type(path(t.prices["postage"]), FieldPath[Decimal])
    assert_type(path(present(t.address).city), FieldPath[City])
    assert_type(things.fields.count, FieldPath)


def compared(t: Thing) -> list[Condition]:
    """Comparisons that are right."""
    return [
        path(t.thing_id) == UUID(int=1),
        path(t.name) != "a",
        path(t.note) == "a",
        path(t.count) < 1,
        path(t.rank) <= 1,
        path(t.cents) > Cents(1),
        path(t.debt) >= Cents(1),
        path(t.score) > 1,
        path(t.mark) > 1.5,
        path(t.total) >= 1,
        path(t.total) >= Decimal(1),
        path(t.paid) == 1,
        path(t.pause) < timedelta(1),
        path(t.flag) == True,  # noqa: E712 - a comparison of DynamoDB's
        path(t.raw) >= b"a",
        path(t.mood) == Mood.GOOD,
        path(t.was) == Mood.GOOD,
        path(t.level) == Level.LOW,
        path(t.side) == Side.LEFT,
        path(t.kind) == "cat",
        path(t.when) < NOW,
        path(t.until) < NOW,
        path(t.day) > date(2026, 1, 1),
        path(t.home) == AnyUrl("http://a.org"),
        path(t.tags) == frozenset("a"),
        path(t.words) == ["a"],
        path(t.address) == Address(street="s", city=City(name="c")),
        path(t.code) == 1,
        path(t.maybe) == "a",
        path(t.anything) > 1,
        path(t.paid) < path(t.total),
        path(t.total) < path(t.paid),
        path(t.total) == path(t.count),
        path(t.name).is_in("a", "b"),
        path(t.was).is_in(Mood.GOOD, Mood.BAD),
        path(t.until).between(NOW, NOW),
        path(t.total).between(1, Decimal(2)),
        path(t.count).between(1, path(t.rank)),
    ]


def asked(t: Thing) -> list[Condition]:
    """Other conditions that are right."""
    return [
        path(t.name).startswith("a"),
        path(t.note).startswith("a"),
        path(t.thing_id).startswith("0"),
        path(t.kind).startswith("c"),
        path(t.mood).startswith("g"),
        path(t.when).startswith("2026-11"),
        path(t.day).startswith("2026"),
        path(t.home).startswith("http:"),
        path(t.file).startswith("/"),
        path(t.code).startswith("a"),
        path(t.maybe).startswith("a"),
        path(t.raw).startswith(b"a"),
        path(t.anything).startswith("a"),
        path(t.name).contains("a"),
        path(t.raw).contains(b"a"),
        path(t.tags).contains("a"),
        path(t.hints).contains("a"),
        path(t.days).contains(1),
        path(t.sums).contains(Decimal(1)),
        path(t.words).contains("a"),
        path(t.pair).contains("a"),
        path(t.last).contains(1),
        path(t.lines).contains(Line(name="a", price=Decimal(1))),
        path(t.note).exists() & path(t.rank).does_not_exist(),
        path(t.count).is_type("N") | ~(path(t.count) > 1),
        path(t.name).size() > 1,
        path(t.note).size() > 1,
        path(t.raw).size() > 1,
        path(t.tags).size() > 1,
        path(t.drafts).size() > 1,
        path(t.prices).size() > 1,
        path(t.address).size() > 1,
        path(t.span).size() > 1,
        path(t.code).size() > 1,
        path(t.lines[0].price) > 1,
        path(t.lines[0].name) == "a",
        path(t.lines[0].set).exists(),
        path(t.prices["postage"]) > 1,
        path(t.owners[UUID(int=1)].city.name) == "a",
        path(present(t.address).street) == "a",
        path(present(present(t.address).old).zip) == "a",
        path(t.point.x) > 1,
        path(t.span.days) > 1,
    ]


def changed(t: Thing) -> list[Action]:
    """Actions that are right."""
    return [
        path(t.name).set("a"),
        path(t.note).set(None),
        path(t.note).remove(),
        path(t.total).set(1),
        path(t.mood).set(Mood.BAD),
        path(t.kind).set("dog"),
        path(t.tags).set(frozenset()),
        path(t.lines).set([]),
        path(t.address).set(Address(street="s", city=City(name="c"))),
        path(present(t.address).city.name).set("a"),
        path(t.lines[0].set).set("a"),
        path(t.prices["postage"]).set(Decimal(1)),
        path(t.code).set("a"),
        path(t.anything).set(1),
        path(t.name).set(path(t.note)),
        path(t.count).set(path(t.count) + 1),
        path(t.count).set(1 - path(t.count)),
        path(t.rank).set(path(t.rank) - 1),
        path(t.cents).set(path(t.cents) + 1),
        path(t.total).set(path(t.total) + path(t.paid)),
        path(t.total).set(path(t.total) + 1),
        path(t.total).set(Decimal(9) - path(t.total)),
        path(t.code).set(path(t.code) + 1),
        path(t.count).set(path(t.count).if_not_exists(0) + 1),
        path(t.total).set(path(t.total).if_not_exists(0)),
        path(t.rank).set(path(t.rank) | 1),
        path(t.count).add(1),
        path(t.rank).add(1),
        path(t.cents).add(1),
        path(t.debt).add(1),
        path(t.score).add(1),
        path(t.mark).add(1.5),
        path(t.total).add(1),
        path(t.paid).add(Decimal(1)),
        path(t.pause).add(timedelta(1)),
        path(t.code).add(1),
        path(t.maybe).add(1),
        path(t.tags).add("a", "b"),
        path(t.hints).add({"a"}),
        path(t.days).add(1),
        path(t.sums).add({Decimal(1)}),
        path(t.tags).delete("a"),
        path(t.sums).delete(Decimal(1)),
        path(t.days).delete({1, 2}),
        path(t.lines).append(Line(name="a", price=Decimal(1))),
        path(t.drafts).append(Line(name="a", price=Decimal(1))),
        path(t.words).prepend("a", "b"),
        path(t.pair).append("a"),
        path(t.last).append(1),
        path(t.either).set(["a"]),
        path(t.anything).add(1),
        path(t.anything).append(1),
    ]


def in_verbs(things: Things, key: UUID) -> None:
    """Each verb takes them, and gives what it gives."""
    t = things.stored
    one = path(t.thing_id) == key
    assert_type(things.query(one, where=path(t.count) > 1), Query[Thing])
    assert_type(things.update(key, path(t.count).add(1), condition=path(t.count) < 9), Thing)
    things.delete(key, condition=path(t.note).exists() & ~(path(t.count) > 1))
    with things.transaction() as tx:
        tx.update(things, key, path(t.name).set("a"), condition=path(t.was) == Mood.BAD)
        tx.check(things, key, path(t.name) == "a")


async def in_awaited_verbs(things: AsyncThings, key: UUID) -> None:
    """The same in the asynchronous face."""
    t = things.stored
    one = path(t.thing_id) == key
    assert_type(things.query(one, where=path(t.count) > 1), AsyncQuery[Thing])
    assert_type(await things.update(key, path(t.count).add(1), condition=one), Thing)
    await things.delete(key, condition=path(t.note).exists())
    async with things.transaction() as tx:
        tx.update(things, key, path(t.name).set("a"), condition=path(t.was) == Mood.BAD)


def asks(condition: Condition) -> object:
    """A verb that takes a condition."""
    return condition


def does(action: Action) -> object:
    """A verb that takes an action."""
    return action


def caught(t: Thing) -> list[Callable[[], object]]:
    """What is an error before the program runs, and when it does."""
    return [
        lambda: asks(path(t.nam) == "a"),  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.lines[0].nam) == "a"),  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(present(t.address).nam) == "a"),  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.nam).set("a")),  # type: ignore[attr-defined]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.count) == "1"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count) != "1"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count) < "1"),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.count) >= 1.5),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks((path(t.count) == "1") & (path(t.name) == "a")),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks((path(t.name) == "a") & (path(t.count) == "1")),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.name) == 1),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.rank) > "1"),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.total) > 1.5),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.mood) == "good"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.kind) == "bird"),  # type: ignore[arg-type]
        lambda: asks(path(t.when) < "2026"),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.when) < date(2026, 1, 1)),  # type: ignore[operator]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: asks(path(t.thing_id) == "0"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.code) == 1.5),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.lines[0].price) == "1"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count).between(1, "2")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count).is_in("a")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count).startswith("1")),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.total).startswith("1")),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.rank).startswith("1")),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.name).startswith(1)),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: asks(path(t.count).contains("1")),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: asks(path(t.tags).contains(1)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.days).contains("a")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.words).contains(1)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(path(t.count).size() > 1),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.name).add(1)),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.name).add("a")),  # type: ignore[misc, call-overload]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.note).add(1)),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.when).add(1)),  # type: ignore[misc]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.count).add("1")),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.count).add(1.5)),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.total).add(1.5)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.tags).add(1)),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.days).add("a")),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.tags).delete(1)),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.name).delete("a")),  # type: ignore[misc, call-overload]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.words).append(1)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.lines).append("a")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.tags).append("a")),  # type: ignore[misc, call-overload]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType, reportAttributeAccessIssue]
        lambda: does(path(t.name).set(1)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.name).set(None)),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.lines[0].price).set("1")),  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportUnknownArgumentType, reportArgumentType]
        lambda: does(path(t.count).set(path(t.name))),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: does(path(t.name).set(path(t.name) + "a")),  # type: ignore[misc]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]
        lambda: does(path(t.count).set(path(t.count).if_not_exists("a"))),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(t.count == 1),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(t.count > 1),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(not path(t.count) > 1),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportGeneralTypeIssues]
        lambda: does(t.words.append("a")),  # type: ignore[func-returns-value, arg-type]  # pyright: ignore[reportArgumentType]
        lambda: asks(t.name.startswith("a")),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    ]


def unlike(t: Thing) -> object:
    """What is an error to type checkers alone: to DynamoDB any two of unlike types are unequal."""
    return asks(path(t.name) == path(t.count))  # type: ignore[arg-type]  # pyright: ignore[reportOperatorIssue, reportUnknownArgumentType]


def missed(t: Thing) -> list[Callable[[], object]]:
    """What is an error only when it runs."""
    return [
        lambda: asks(path(t.count) > 1 and path(t.count) < 5),
        lambda: asks(1 < path(t.count) < 5),
        lambda: asks(path(t.note) == None),  # noqa: E711 - there is nothing stored to compare with
        lambda: asks(path(t.tags) == frozenset()),
        lambda: asks(path(t.count) == True),  # noqa: E712 - a bool is an int to type checkers
        lambda: asks(path(t.name) == Mood.GOOD),
        lambda: asks(path(t.when) == datetime(2026, 1, 1)),  # noqa: DTZ001 - naive
        lambda: asks(path(t.day) == NOW),
        lambda: asks(path(t.score) < float("inf")),
        lambda: asks(path(t.total) == Decimal("1" * 39)),
        lambda: asks(path(t.name).is_type("Q")),
        lambda: asks(path(t.words[-1]) == "a"),
        lambda: asks(path(t.twice) == 2),
        lambda: asks(path(t.name) == t.name.upper()),
        lambda: asks(path(t.name) == t.kind),
        lambda: asks(path(t.name) == f"{t.kind}!"),
        lambda: asks(path(t.count) == t.count + 1),
        lambda: asks(path(t.count) == len(t.words)),
        lambda: does(path(t.flag).add(1)),
        lambda: does(path(t.pause).set(path(t.pause) + 1)),
        lambda: does(path(t.count).add(t.count)),
        lambda: does(path(t.rank).set(0)),
    ]


def missed_in_verbs(things: Things, key: UUID) -> list[Callable[[], object]]:
    """What is an error only when the verb is called, before anything is sent."""
    t = things.stored
    return [
        lambda: things.query(path(t.count) > 1),
        lambda: things.query(path(t.thing_id) == key, index="by_name"),
        lambda: things.update(key, path(t.thing_id).set(key)),
        lambda: things.update(key, path(t.count).add(1), path(t.count).set(2)),
        lambda: things.update(key, path(t.lines[0].price).remove()),
    ]


class Other(BaseModel):
    """Of another table."""

    other_id: Annotated[UUID, PartitionKey()]
    weight: int = 0


class Others(Repository[Other]):
    """What has other fields."""

    table = "others"


def unseen(things: Things, key: UUID) -> list[Callable[[], object]]:
    """What is wrong, and an error of nobody: the path of a field of another repository."""
    return [
        lambda: things.scan(where=path(Others.stored.weight) > 1).all(),
        lambda: things.update(key, path(Others.stored.weight).add(1)),
    ]
