"""A write that is done says so, also where the item that it is answered with is not the model."""

from __future__ import annotations

import functools
import logging
import pickle
import traceback
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import AwareDatetime, BaseModel, field_validator

from dynrepo import (
    CodecError,
    ConditionFailed,
    DynamoStore,
    ItemExists,
    Operation,
    PartitionKey,
    Repository,
    TimeToLive,
    TransactionCanceled,
    UpdatedAt,
    Version,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.operations.operation import nothing
from dynrepo.operations.reads import get_stored
from dynrepo.testing.faults import lost_reply, refusal
from dynrepo.testing.memory import MemoryStore
from tests.scripted import Scripted, refused
from tests.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store

SECRET = "secret4711"
"""What is stored of another type than the model has."""


class Visit(BaseModel):
    """A counter, and an attribute that somebody else may have stored otherwise."""

    page: Annotated[str, PartitionKey()]
    count: int = 0
    seconds: int = 0
    version: Annotated[int, Version()] = 0
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Visits(Repository[Visit]):
    """Counted."""

    table = "visits"


class OldVisits(Visits):
    """Whose older items are translated, but this one breaks the translation."""

    def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Never succeeds once an item was saved."""
        raise KeyError(attributes["page"])


u = Visits.fields
BAD = {
    "page": {"S": "a"},
    "count": {"N": "5"},
    "seconds": {"S": SECRET},
    "version": {"N": "1"},
}


def put(visits: Visits, item: dict[str, Any]) -> Visits:
    """The table, in which an item is stored as it is."""
    table = visits.mapper.table
    request = {"TableName": table, "Item": item}
    visits.store.execute(Operation("PutItem", table, request, nothing))
    return visits


def visits_with(item: dict[str, Any]) -> Visits:
    """A table with one item, as it is."""
    return put(Visits(MemoryStore(Visits)), item)


def stored_in(visits: Visits, key: str = "a") -> Any:
    """What is stored under a key, as it is."""
    looking = get_stored(visits.mapper, key)
    return looking.read(visits.store.execute(looking))


@pytest.mark.parametrize(
    ("action", "options"),
    [
        (u.count.add(1), {}),
        (u.count.set(6), {}),
        (u.count.add(1), {"condition": u.count == 5}),
        (u.count.add(1), {"upsert": True}),
        (u.count.add(1), {"exactly_once": True}),
    ],
    ids=["add", "set", "condition", "upsert", "exactly once"],
)
def test_an_update_of_an_item_that_is_not_the_model_was_done(
    action: Any, options: dict[str, Any]
) -> None:
    """It is told by a class of its own, with what is stored now: who repeats it counts twice."""
    visits = visits_with(BAD)
    with pytest.raises(CodecError) as caught:
        visits.update("a", action, **options)
    assert isinstance(caught.value, WrittenUnreadable)
    assert stored_in(visits)["count"] == {"N": "6"}
    assert caught.value.item == stored_in(visits)
    assert caught.value.key == {"page": {"S": "a"}}
    assert "Visit.seconds" in str(caught.value)


@pytest.mark.parametrize("key", ["a", Visit(page="a", version=1)])
def test_a_delete_of_an_item_that_is_not_the_model_was_done(key: Any) -> None:
    """The error holds what was deleted, which nobody can read any more elsewhere."""
    visits = visits_with(BAD)
    with pytest.raises(CodecError) as caught:
        visits.delete(key)
    assert isinstance(caught.value, WrittenUnreadable)
    assert stored_in(visits) is None
    assert caught.value.item == BAD


def test_a_save_whose_item_cannot_be_translated_was_done() -> None:
    """A function of the user's has the last word on what is read."""
    visits = OldVisits(MemoryStore(Visits))
    with pytest.raises(CodecError) as caught:
        visits.save(Visit(page="a", count=3))
    assert isinstance(caught.value, WrittenUnreadable)
    assert stored_in(visits)["count"] == {"N": "3"}
    assert caught.value.item == stored_in(visits)


def test_a_save_that_a_look_settles_was_done_too() -> None:
    """The item that was found is as raw as one that was answered."""
    store = MemoryStore(Visits)
    store.inject(lost_reply(), on="UpdateItem")
    with pytest.raises(CodecError) as caught:
        OldVisits(store).save(Visit(page="a", count=3))
    assert isinstance(caught.value, WrittenUnreadable)
    assert caught.value.item == stored_in(Visits(store))


def test_it_is_so_over_each_engine(stores: Store) -> None:
    """Whoever reads the answer: the sender makes instances of it, where it can."""
    visits = Visits(stores)
    visits.create_table()
    put(visits, BAD)
    error = told(lambda: visits.update("a", u.count.add(1)))
    assert isinstance(error, WrittenUnreadable)
    assert error.item is not None
    assert (error.item["count"], error.item["seconds"]) == ({"N": "6"}, {"S": SECRET})
    error = told(lambda: visits.delete("a"))
    assert isinstance(error, WrittenUnreadable)
    assert error.item is not None
    assert (error.item["count"], visits.get("a")) == ({"N": "6"}, None)


class Guest(BaseModel):
    """Whose validator fails in a way of its own once the name is long."""

    guest_id: Annotated[str, PartitionKey()]
    name: str = ""
    visits: int = 0

    @field_validator("name")
    @classmethod
    def is_known(cls, name: str) -> str:
        """Looks the name up."""
        return {"": "", "ada": "ada"}[name]


class Guests(Repository[Guest]):
    """Guests."""

    table = "guests"


def test_an_item_that_breaks_a_validator_is_read_no_less() -> None:
    """Whatever it raises: the update was done, and the refused write was refused."""
    guests = Guests(MemoryStore(Guests))
    item = {"guest_id": {"S": "a"}, "name": {"S": SECRET}, "visits": {"N": "1"}}
    request = {"TableName": "guests", "Item": item}
    guests.store.execute(Operation("PutItem", "guests", request, nothing))
    error = told(lambda: guests.update("a", Guests.fields.visits.add(1)))
    assert isinstance(error, WrittenUnreadable)
    assert error.item == {**item, "visits": {"N": "2"}}
    assert SECRET not in "".join(traceback.format_exception(error))
    refused = told(lambda: guests.create(Guest(guest_id="a")))
    assert (type(refused), refused.item) == (ItemExists, None)


def test_transactions_and_batches_read_nothing_back() -> None:
    """They are done, whatever the items are that they write over."""
    visits = visits_with(BAD)
    with visits.transaction() as tx:
        tx.update(visits, "a", u.count.add(1))
    assert stored_in(visits)["count"] == {"N": "6"}
    with visits.batch() as batch:
        batch.delete("a")
    assert stored_in(visits) is None


REFUSALS: list[tuple[Callable[[Visits], Any], type[ConditionFailed]]] = [
    (lambda visits: visits.create(Visit(page="a")), ItemExists),
    (lambda visits: visits.save(Visit(page="a", version=7)), VersionConflict),
    (lambda visits: visits.save(Visit(page="a")), VersionConflict),
    (lambda visits: visits.delete(Visit(page="a", version=7)), VersionConflict),
    (lambda visits: visits.delete("a", condition=u.count == 0), ConditionFailed),
    (lambda visits: visits.update("a", u.count.add(1), condition=u.count == 0), ConditionFailed),
]


@pytest.mark.parametrize("version", [{"N": "1"}, {"N": "1.5"}, {"S": "1"}, {"NULL": True}])
@pytest.mark.parametrize(("write", "kind"), REFUSALS, ids=range(len(REFUSALS)))
def test_a_refusal_on_an_item_that_is_not_the_model_is_a_refusal(
    write: Callable[[Visits], Any], kind: type[ConditionFailed], version: Any
) -> None:
    """Nothing was written, and no instance can be shown; in a transaction likewise."""
    item = {**BAD, "version": version}
    visits = visits_with(item)
    error = told(lambda: write(visits))
    assert (type(error), error.item) == (kind, None)
    assert stored_in(visits) == item


@pytest.mark.parametrize(
    "shown",
    ["a", ["a"], {}, {"page": "a"}, {"page": {"S": "a"}, "version": {"N": "one"}}],
    ids=range(5),
)
def test_a_refusal_that_shows_something_odd_is_a_refusal(shown: Any) -> None:
    """Also where a proxy shows what is no item; for an update, none is not found."""
    error = refused("ConditionalCheckFailedException", Item=shown)
    visits = Visits(DynamoStore(connection=Scripted(error)), instruments=())
    for write, kind in REFUSALS[:-1]:
        said = told(functools.partial(write, visits))
        assert (type(said), said.item) == (kind, None)


def test_a_reason_of_a_transaction_on_an_item_that_is_not_the_model_is_typed() -> None:
    """The item is not the model, and the condition failed all the same."""
    visits = visits_with(BAD)
    with pytest.raises(TransactionCanceled) as caught, visits.transaction() as tx:
        tx.delete(visits, Visit(page="a", version=7))
    (reason,) = caught.value.reasons
    assert isinstance(reason, VersionConflict)
    assert reason.item is None


def test_what_is_stored_is_in_no_text_of_the_error() -> None:
    """It may be logged, and so it may be after it has crossed a border of processes."""
    visits = visits_with(BAD)
    with pytest.raises(CodecError) as caught:
        visits.update("a", u.count.add(1))
    assert isinstance(caught.value, WrittenUnreadable)
    error = caught.value
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    for text in (str(error), repr(error), str(arrived), repr(arrived), repr(arrived.args)):
        assert SECRET not in text
    assert SECRET not in "".join(traceback.format_exception(error))
    assert SECRET in str(arrived.item)


class Counted:
    """A StatsD client that keeps the names of what it is sent."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def timing(self, stat: str, _delta: float, _rate: Any = 1, /) -> None:
        """A timing."""
        self.names.append(stat)

    def incr(self, stat: str, _count: Any = 1, _rate: Any = 1, /) -> None:
        """A count."""
        self.names.append(stat)


def test_telemetry_tells_of_a_write_that_was_done(caplog: pytest.LogCaptureFixture) -> None:
    """DynamoDB has answered: outcome, span and log are those of a success."""
    visits, exporter, counted = visits_with(BAD), InMemorySpanExporter(), Counted()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    visits.use_tracer(provider)
    visits.use_metrics(counted)
    visits.use_logger(logging.getLogger("written"))
    caplog.set_level(logging.DEBUG, "written")
    assert isinstance(told(lambda: visits.update("a", u.count.add(1))), WrittenUnreadable)
    assert "dynrepo.visits.UpdateItem.success" in counted.names
    assert [span.status.status_code.name for span in exporter.get_finished_spans()] == ["UNSET"]
    assert {record.levelname for record in caplog.records} == {"DEBUG"}


def test_an_update_that_was_made_once_and_cannot_be_read_was_done() -> None:
    """The read failed: that is no doubt of the write, and no failure of it."""
    store = MemoryStore(Visits)
    visits = Visits(store)
    visits.create(Visit(page="a", count=5))
    store.inject(refusal("AccessDeniedException"), on="GetItem")
    error = told(lambda: visits.update("a", u.count.add(1), exactly_once=True))
    assert isinstance(error, WrittenUnreadable)
    assert (error.code, error.item) == ("AccessDeniedException", None)
    assert visits.require("a").count == 6


class Ticket(BaseModel):
    """Something that ends."""

    code: Annotated[str, PartitionKey()]
    uses: int = 0
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Tickets(Repository[Ticket]):
    """Whose ended items are not read."""

    table = "tickets"
    hide_expired = True


def test_an_update_returns_an_item_that_has_ended() -> None:
    """Once as ever: it is there until DynamoDB removes it."""
    tickets = Tickets(MemoryStore(Tickets))
    tickets.create(Ticket(code="a", ends=datetime.now(UTC) - timedelta(hours=1)))
    assert tickets.update("a", Tickets.fields.uses.add(1)).uses == 1
    again = told(lambda: tickets.update("a", Tickets.fields.uses.add(1), exactly_once=True))
    assert isinstance(again, Ticket)
    assert again.uses == 2
