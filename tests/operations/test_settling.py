"""What is said of a write whose answer was lost while others write: no more than a look proves."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    CreatedAt,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    SortKey,
    UpdatedAt,
    Version,
    schema_of,
)
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.settling import settled_create, settled_edit, settled_save
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing.memory import MemoryStore
from tests.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.testing.faults import Fault

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_TEXT = {"S": "2026-05-01T12:00:00.000000Z"}


class Stock(BaseModel, frozen=True):
    """So many pieces, of a version and a time."""

    name: Annotated[str, PartitionKey()]
    pieces: Decimal = Decimal(0)
    place: str | None = None
    marks: frozenset[str] = frozenset()
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Stocks(Repository[Stock]):
    """What is on stock."""

    table = "stocks"


class Untimed(BaseModel, frozen=True):
    """The same without a time."""

    name: Annotated[str, PartitionKey()]
    pieces: Decimal = Decimal(0)
    version: Annotated[int, Version()] = 0


class UntimedStocks(Repository[Untimed]):
    """What is on stock."""

    table = "stocks"


class Foreign(BaseModel):
    """The same as a program sees it that knows of no version."""

    name: Annotated[str, PartitionKey()]
    pieces: Decimal = Decimal(0)


class ForeignStocks(Repository[Foreign]):
    """What is on stock."""

    table = "stocks"


def lost_while(others: Callable[[], Any]) -> Fault:
    """A request is applied and its answer lost, and then others write."""

    def fault(exchange: Any) -> Any:
        exchange.answer()
        others()
        raise AnswerTimedOut

    return fault


@pytest.fixture
def store() -> MemoryStore:
    """An empty table."""
    return MemoryStore(Stocks)


@pytest.fixture
def stocks(store: MemoryStore) -> Stocks:
    """Those with a version and a time."""
    return Stocks(store)


@pytest.fixture
def foreign(store: MemoryStore) -> ForeignStocks:
    """Those of a program that knows of no version."""
    return ForeignStocks(store)


NUTS = Stock(name="nuts", pieces=Decimal(5))


@pytest.mark.parametrize("versions", [1, 2], ids=["its version", "another version"])
def test_a_versioned_delete_never_deletes_what_came_after_it(
    store: MemoryStore, stocks: Stocks, versions: int
) -> None:
    """It was applied, and the key saved anew: that item stays, and was not in the way."""
    stored = stocks.create(NUTS)

    def saved_anew() -> None:
        anew = stocks.create(Stock(name="nuts", place="new"))
        for _ in range(versions - 1):
            anew = stocks.save(anew)

    store.inject(lost_while(saved_anew), on="DeleteItem")
    assert type(told(lambda: stocks.delete(stored))) is OutcomeUnknown
    assert stocks.require("nuts").place == "new"


def test_a_create_that_others_have_changed_is_unknown(
    store: MemoryStore, stocks: Stocks, foreign: ForeignStocks
) -> None:
    """The row was ours: that the key was taken would be a lie."""
    store.inject(
        lost_while(lambda: foreign.update("nuts", foreign.fields.pieces.add(1))), on="PutItem"
    )
    assert type(told(lambda: stocks.create(NUTS))) is OutcomeUnknown
    assert stocks.require("nuts").pieces == 6


@pytest.mark.parametrize("kind", [Stocks, UntimedStocks])
def test_a_save_that_others_have_changed_is_unknown(
    store: MemoryStore, kind: type[Repository[Any]], foreign: ForeignStocks
) -> None:
    """They counted no version: that it conflicts would be a lie."""
    stocks = kind(store)
    stored = stocks.create(kind.schema.model(name="nuts", pieces=Decimal(5)))
    store.inject(
        lost_while(lambda: foreign.update("nuts", foreign.fields.pieces.add(1))), on="UpdateItem"
    )
    assert type(told(lambda: stocks.save(stored))) is OutcomeUnknown
    assert stocks.require("nuts").version == 2


def test_a_save_over_which_others_put_an_item_without_a_version_is_unknown(
    store: MemoryStore, stocks: Stocks, foreign: ForeignStocks
) -> None:
    """The version is gone; so is the trace of our write."""
    stored = stocks.create(NUTS)
    store.inject(lost_while(lambda: foreign.set(Foreign(name="nuts"))), on="UpdateItem")
    assert type(told(lambda: stocks.save(stored))) is OutcomeUnknown


UNCONDITIONAL: list[Callable[[ForeignStocks], Any]] = [
    lambda foreign: foreign.set(Foreign(name="nuts", pieces=Decimal(7))),
    lambda foreign: foreign.save(Foreign(name="nuts", pieces=Decimal(7))),
    lambda foreign: foreign.update("nuts", foreign.fields.pieces.set(Decimal(7))),
    lambda foreign: foreign.set_many([Foreign(name="nuts", pieces=Decimal(7))]),
    lambda foreign: foreign.delete("nuts"),
    lambda foreign: foreign.delete(Foreign(name="nuts")),
    lambda foreign: foreign.delete_many(["nuts"]),
]


@pytest.mark.parametrize("write", UNCONDITIONAL, ids=range(len(UNCONDITIONAL)))
def test_a_write_without_condition_is_sent_again_and_comes_last(
    store: MemoryStore, foreign: ForeignStocks, write: Callable[[ForeignStocks], Any]
) -> None:
    """As is said of it: nothing ever kept it from coming after what others write."""
    foreign.set(Foreign(name="nuts"))
    others = lost_while(lambda: foreign.set(Foreign(name="nuts", pieces=Decimal(9))))
    injection = store.inject(others)
    write(foreign)
    assert injection.hits == 1
    assert foreign.get("nuts") in (None, Foreign(name="nuts", pieces=Decimal(7)))


def test_an_update_whose_repeat_finds_nothing_is_unknown(
    store: MemoryStore, foreign: ForeignStocks
) -> None:
    """It was applied, and the item deleted: that it was not found would be a lie."""
    foreign.set(Foreign(name="nuts"))
    store.inject(lost_while(lambda: foreign.delete("nuts")), on="UpdateItem")
    setting = foreign.fields.pieces.set(Decimal(7))
    assert type(told(lambda: foreign.update("nuts", setting))) is OutcomeUnknown


def test_a_write_is_settled_while_nobody_else_writes(store: MemoryStore, stocks: Stocks) -> None:
    """What is stored is what it left, by the time of the write."""
    store.inject(lost_while(lambda: None), on="PutItem")
    created = stocks.create(NUTS)
    store.inject(lost_while(lambda: None), on="UpdateItem")
    saved = stocks.save(created)
    assert (saved.version, saved) == (2, stocks.require("nuts"))


STOCKS: Mapper[Stock] = Mapper("stocks", schema_of(Stock), clock=lambda: NOON)
LEFT: dict[str, Any] = {
    "name": {"S": "nuts"},
    "pieces": {"N": "5"},
    "marks": {"SS": ["a", "b"]},
    "version": {"N": "3"},
    "made": NOON_TEXT,
    "changed": NOON_TEXT,
}


@pytest.mark.parametrize(
    ("found", "proves"),
    [
        (LEFT, True),
        ({**LEFT, "pieces": {"N": "5.0"}, "marks": {"SS": ["b", "a"]}}, True),
        ({**LEFT, "pieces": {"N": "6"}}, False),
        ({**LEFT, "pieces": {"S": "5"}}, False),
        ({**LEFT, "more": {"S": "x"}}, False),
        ({"name": {"S": "nuts"}}, False),
    ],
)
def test_a_create_is_proved_by_exactly_its_item(found: dict[str, Any], proves: Any) -> None:
    """As DynamoDB compares values: a number's zeros and the order of a set are nothing."""
    assert settled_create(STOCKS, LEFT).proves(found) is proves


@pytest.mark.parametrize(
    ("found", "proves"),
    [
        (LEFT, True),
        ({**LEFT, "pieces": {"N": "5.0"}, "marks": {"SS": ["b", "a"]}}, True),
        ({**LEFT, "foreign": {"S": "x"}}, True),
        ({**LEFT, "made": {"S": "2020-01-01T00:00:00.000000Z"}}, True),
        ({**LEFT, "place": {"S": "x"}}, False),
        ({**LEFT, "pieces": {"N": "6"}}, False),
        ({**LEFT, "version": {"N": "2"}}, False),
        ({**LEFT, "version": {"N": "4"}}, False),
        ({**LEFT, "changed": {"S": "2026-05-01T12:00:00.000001Z"}}, False),
        ({"name": {"S": "nuts"}}, False),
    ],
)
def test_a_save_is_proved_by_its_fields_and_its_time(found: dict[str, Any], proves: Any) -> None:
    """What it does not write may be anything, and a field that it removed is nowhere."""
    settlement = settled_save(STOCKS, LEFT, {"name": {"S": "nuts"}})
    assert settlement is not None
    assert settlement.proves(found) is proves


@pytest.mark.parametrize(
    ("found", "proves"),
    [
        (LEFT, True),
        ({**LEFT, "pieces": {"N": "5.0"}, "marks": {"SS": ["b", "a"]}}, True),
        ({**LEFT, "foreign": {"S": "x"}}, True),
        ({**LEFT, "made": {"S": "2020-01-01T00:00:00.000000Z"}}, False),
        ({**LEFT, "place": {"S": "x"}}, False),
        ({**LEFT, "pieces": {"N": "6"}}, False),
        ({**LEFT, "version": {"N": "4"}}, False),
        ({**LEFT, "changed": {"S": "2026-05-01T12:00:00.000001Z"}}, False),
        ({"name": {"S": "nuts"}}, False),
        ({**LEFT, "pieces": {"N": "five"}}, False),
    ],
)
def test_an_edit_is_proved_by_all_its_fields(found: dict[str, Any], proves: Any) -> None:
    """As it read or wrote them; what no field declares may be anything."""
    settlement = settled_edit(STOCKS, LEFT, {"name": {"S": "nuts"}})
    assert settlement is not None
    assert settlement.proves(found) is proves


def test_an_edit_without_a_version_or_a_time_is_not_settled() -> None:
    """Two who edit at the same time may leave the same."""
    untimed: Mapper[Untimed] = Mapper("stocks", schema_of(Untimed))
    foreign: Mapper[Foreign] = Mapper("stocks", schema_of(Foreign))
    assert settled_edit(untimed, LEFT, {"name": {"S": "nuts"}}) is None
    assert settled_edit(foreign, LEFT, {"name": {"S": "nuts"}}) is None


ODD: list[Any] = [
    "nuts",
    5,
    ["nuts"],
    {"name": "nuts"},
    {"name": {}},
    {**LEFT, "pieces": {"N": "5", "S": "5"}},
    {**LEFT, "pieces": {"N": "five"}},
    {**LEFT, "pieces": {"N": [5]}},
    {**LEFT, "marks": {"SS": None}},
    {**LEFT, "marks": {"SS": [{}]}},
]


@pytest.mark.parametrize("found", ODD, ids=range(len(ODD)))
def test_an_odd_answer_proves_nothing(found: Any) -> None:
    """And is no error of the look: the write is in doubt, whatever the answer is."""
    settlements = settled_create(STOCKS, LEFT), settled_save(STOCKS, LEFT, {"name": {"S": "nuts"}})
    assert [settlement and settlement.proves(found) for settlement in settlements] == [False] * 2


def test_nothing_proves_a_save_without_a_time() -> None:
    """Another saver of the same version may have written the same."""
    untimed: Mapper[Untimed] = Mapper("stocks", UntimedStocks.schema)
    assert settled_save(untimed, LEFT, {"name": {"S": "nuts"}}) is None


class Reading(BaseModel):
    """Its key holds the time of the write."""

    meter: Annotated[str, PartitionKey()]
    at: Annotated[AwareDatetime, SortKey(), UpdatedAt()]


def test_a_look_is_under_the_key_that_was_written() -> None:
    """Not under that of the instance, which has the time of an older write."""
    readings: Mapper[Reading] = Mapper("readings", schema_of(Reading), clock=lambda: NOON)
    written = {"meter": {"S": "a"}, "at": NOON_TEXT}
    assert settled_create(readings, written).look.request["Key"] == written
