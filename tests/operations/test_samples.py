"""What the rows of a table show: rows that are not the model, other forms, unknown attributes."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from dynrepo import (
    Answer,
    Attribute,
    CodecError,
    Difference,
    PartitionKey,
    Repository,
    Sample,
    SortKey,
    TableNotFound,
    Throttled,
)
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.operations.program import Pause, Progress
from dynrepo.operations.samples import PAUSES, sampled
from dynrepo.testing import MemoryStore

if TYPE_CHECKING:
    from dynrepo import Store

DAYS = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 6)]


class Event(BaseModel):
    """A row by the time that it is of, in the table and in an index."""

    kind: Annotated[str, PartitionKey()]
    created: Annotated[AwareDatetime, SortKey()]
    user: Annotated[UUID | None, PartitionKey(index="by_user"), Attribute("u")] = None
    seen: Annotated[AwareDatetime | None, SortKey(index="by_user")] = None
    text: str = ""


class Events(Repository[Event]):
    """Events."""

    table = "events"


def put(store: Store, table: str, item: dict[str, Any]) -> None:
    """Stores a row as somebody else would."""
    request = {"TableName": table, "Item": item}
    store.execute(Operation("PutItem", table, request, nothing, Effect.REPEATABLE))


@pytest.fixture
def events(stores: Store) -> Events:
    """A table of five rows as `isoformat` spells their times, and of two as they are written."""
    made = Events(stores)
    made.create_table()
    for day in DAYS:
        put(stores, made.mapper.table, {"kind": {"S": "login"}, "created": {"S": day.isoformat()}})
    user = UUID("123e4567-e89b-12d3-a456-42661417400a")
    made.set(Event(kind="logout", created=DAYS[0], user=user, seen=DAYS[0]))
    made.set(Event(kind="logout", created=DAYS[1]))
    return made


def test_a_sample_counts_the_keys_in_another_spelling(events: Events) -> None:
    """By field, with the rows that were read; without a sample nothing is read."""
    difference = events.verify_table(sample=100)
    assert difference.sample is not None
    assert (difference.sample.rows, difference.sample.respelled) == (7, {"created": 5})
    assert difference
    assert difference.sample
    assert not events.verify_table()
    assert events.verify_table().sample is None
    with pytest.raises(CodecError, match="another than the one that is written"):
        events.query(events.fields.kind == "login").all()


def test_the_keys_of_indexes_are_looked_at(events: Events, stores: Store) -> None:
    """Where they are there; the field is named, not its attribute."""
    item = {"kind": {"S": "x"}, "created": {"S": "2024-01-01T00:00:00.000000Z"}}
    put(stores, events.mapper.table, {**item, "u": {"S": "123E4567-E89B-12D3-A456-42661417400A"}})
    sample = events.verify_table(sample=100).sample
    assert sample is not None
    assert (sample.rows, sample.respelled) == (8, {"created": 5, "user": 1})


def test_a_table_as_it_is_written_has_no_difference(stores: Store) -> None:
    """Its sample is false, and counts the rows that were read."""
    made = Events(stores)
    made.create_table()
    made.set_many(Event(kind="login", created=day, seen=day) for day in DAYS)
    difference = made.verify_table(sample=4)
    assert not difference
    assert difference.sample == Sample(4)


def test_a_sample_is_as_large_as_asked(events: Events) -> None:
    """No row more is read, and no fewer where there are enough."""
    for count in (1, 2, 6, 7, 8):
        sample = events.verify_table(sample=count).sample
        assert sample is not None
        assert sample.rows == min(count, 7)


@pytest.mark.parametrize("sample", [0, -1])
def test_a_sample_has_rows(memory: MemoryStore, sample: int) -> None:
    """One at least."""
    with pytest.raises(ValueError, match=f"sample counts rows: at least 1, not {sample}"):
        Events(memory).verify_table(sample=sample)


@pytest.mark.parametrize("sample", [True, 1.5, "1"])
def test_a_sample_is_a_number(memory: MemoryStore, sample: Any) -> None:
    """A bool is none."""
    with pytest.raises(TypeError, match="sample counts rows: an int, or"):
        Events(memory).verify_table(sample=sample)


def test_of_a_missing_table_there_is_no_sample(memory: MemoryStore) -> None:
    """It is missing, and nothing is scanned."""
    difference = Events(memory).verify_table(sample="all")
    assert difference.missing
    assert difference.sample is None


LATE = {"kind": {"S": "a"}, "created": {"S": "2024-01-01T00:00:00Z"}}
"""A row whose sort key is in another spelling."""


def answered(operation: Any, rows: list[Any], last_key: Any = None) -> Any:
    """What a scan reads of an answer with rows."""
    body = {
        "Items": rows,
        "Count": len(rows),
        **({"LastEvaluatedKey": last_key} if last_key else {}),
    }
    return operation.read(Answer(body))


def test_pages_are_read_until_there_are_rows_enough() -> None:
    """Each request asks for what is lacking, from where the last one ended."""
    program = sampled(Events(MemoryStore()).mapper, 5)
    after_two, after_none = {"kind": {"S": "a"}}, {"kind": {"S": "b"}}
    scans, told = [next(program)], []
    for rows, last in (([LATE] * 2, after_two), ([], after_none)):
        told.append(program.send(answered(scans[-1], rows, last)))
        scans.append(next(program))
    assert [each.request["Limit"] for each in scans] == [5, 3, 3]
    assert "ExclusiveStartKey" not in scans[0].request
    assert scans[1].request["ExclusiveStartKey"] == after_two
    assert scans[2].request["ExclusiveStartKey"] == after_none
    assert told[0] == Progress("events: 2 rows read, 2 of them not the model")
    program.send(answered(scans[-1], [LATE] * 3))
    assert ended(program).respelled == {"created": 5}


def ended(program: Any) -> Sample:
    """What a program returns that has told how far it has come."""
    with pytest.raises(StopIteration) as caught:
        next(program)
    sample: Sample = caught.value.value
    return sample


def test_a_scan_takes_no_answer_with_another_number_of_rows() -> None:
    """A page without rows that says there are some is the answer to another request."""
    scan = next(sampled(Events(MemoryStore()).mapper, 5))
    assert not scan.accepts(Answer({"Count": 1}))
    assert scan.accepts(Answer({"Count": 1, "Items": [LATE]}))


def test_a_whole_table_is_read_to_its_end(events: Events, stores: Store) -> None:
    """By pages of the engine's size, and told after each."""
    told: list[str] = []
    sample = events.verify_table(sample="all", progress=told.append).sample
    assert sample is not None
    assert (sample.rows, sample.bad_rows) == (7, 5)
    assert told == [f"{stores.table_prefix}events: 7 rows read, 5 of them not the model"]


def test_a_long_page_is_looked_at_step_by_step() -> None:
    """An event loop goes on in between."""
    scan = next(sampled(Events(MemoryStore()).mapper, "all", about=2000))
    assert "Limit" not in scan.request
    answer = Answer({"Items": [LATE] * 250, "Count": 250})
    assert len(list(scan.steps(answer))) == 2


def test_progress_says_about_how_many_rows_there_are() -> None:
    """As the description of the table has it, which is some hours old."""
    program = sampled(Events(MemoryStore()).mapper, "all", about=2000)
    told = program.send(answered(next(program), [LATE] * 250, {"kind": {"S": "a"}}))
    assert told == Progress("events: 250 of about 2,000 rows read, 250 of them not the model")


@pytest.mark.parametrize(("size", "patient"), [("all", True), (9, False)])
def test_a_whole_table_is_read_with_patience(size: Any, patient: bool) -> None:  # noqa: FBT001
    """A scan that uses up the capacity is throttled: the page is asked for again, after a pause."""
    program = sampled(Events(MemoryStore()).mapper, size)
    scan = next(program)
    throttled = Throttled("too much", code="ThrottlingException", retryable=True)
    if not patient:
        with pytest.raises(Throttled):
            program.throw(throttled)
        return
    for seconds in PAUSES:
        assert program.throw(throttled) == Pause(seconds)
        assert next(program) is scan
    with pytest.raises(Throttled):
        program.throw(throttled)


def test_what_asking_again_does_not_cure_is_raised() -> None:
    """As a table that is gone."""
    program = sampled(Events(MemoryStore()).mapper, "all")
    next(program)
    with pytest.raises(TableNotFound):
        program.throw(TableNotFound("gone", code="ResourceNotFoundException"))


def test_an_enum_that_takes_other_values_has_one_spelling_as_a_key(memory: MemoryStore) -> None:
    """Else a row could be read that is never found by its key."""
    rows = Enums(memory)
    rows.create_table()
    put(memory, "rows", {"status": {"S": "OPEN"}})
    with pytest.raises(CodecError, match="another than the one that is written"):
        rows.scan().all()
    rows.set(EnumRow(status=Status.OPEN))
    sample = rows.verify_table(sample=9).sample
    assert sample is not None
    assert (sample.rows, sample.respelled, sample.bad_rows) == (2, {"status": 1}, 1)


def test_a_sample_holds_no_value(events: Events) -> None:
    """It can be logged."""
    difference = events.verify_table(sample=9)
    assert "2024" not in f"{difference!r} {difference}"
    assert hash(difference) == hash(events.verify_table(sample=9))


class Status(StrEnum):
    """An enum that takes its values in capitals, too."""

    OPEN = "open"

    @classmethod
    def _missing_(cls, value: object) -> Status | None:
        return next((member for member in cls if member.value == str(value).lower()), None)


class EnumRow(BaseModel):
    """A row by an enum."""

    status: Annotated[Status, PartitionKey()]


class Enums(Repository[EnumRow]):
    """Rows by an enum."""

    table = "rows"


class Line(BaseModel):
    """A line of an order."""

    sku: str
    packed: AwareDatetime | None = None


class Order(BaseModel):
    """An order that others have written, too."""

    number: Annotated[str, PartitionKey()]
    total: Annotated[Decimal, Field(ge=0)]
    placed: AwareDatetime
    lines: list[Line] = []
    tags: frozenset[str] = frozenset()
    scores: dict[str, float] = {}
    note: str | None = None


class Orders(Repository[Order]):
    """Orders."""

    table = "orders"


GOOD: Any = {
    "number": {"S": "1"},
    "total": {"N": "1"},
    "placed": {"S": "2024-01-01T00:00:00.000000Z"},
}


def sample_of(*rows: Any, repository: type[Repository[Any]] = Orders) -> Sample:
    """What is found in rows."""
    program = sampled(repository(MemoryStore()).mapper, 1000)
    program.send(answered(next(program), list(rows)))
    return ended(program)


@pytest.mark.parametrize(
    "found",
    [
        {"respelled": {"a": 1}},
        {"bad_rows": 1},
        {"undeclared": {"a": 1}},
        {"other_forms": {"a": {"x": 1}}},
    ],
)
def test_a_sample_is_true_where_anything_was_found(found: Any) -> None:
    """Each kind of finding by itself."""
    assert Sample(1, **found)
    assert not Sample(1)


def test_rows_that_are_not_the_model_are_counted_by_field_and_reason() -> None:
    """Each faulty field of a row counts; those that Pydantic refuses where all can be read."""
    sample = sample_of(
        GOOD,
        {**GOOD, "total": {"S": "secret"}, "placed": {"S": "secret"}},
        {**GOOD, "total": {"S": "secret"}},
        {**GOOD, "total": {"N": "-1"}},
        {"number": {"S": "1"}, "total": {"N": "1"}},
        {**GOOD, "lines": {"L": [{"M": {"sku": {"S": "a"}}}, {"M": {}}]}},
        {**GOOD, "scores": {"M": {"secret": {"S": "secret"}}}},
        {"total": {"N": "1"}, "placed": GOOD["placed"]},
    )
    assert (sample.rows, sample.bad_rows) == (8, 7)
    assert sample.reasons == {
        "total": {"expected N for Decimal, found S": 2, "greater_than_equal": 1},
        "placed": {"missing": 1, "the S found is no aware datetime (ValueError)": 1},
        "lines": {"[][...]: missing": 1},
        "number": {"the stored item lacks this part of the key": 1},
        "scores": {"expected N for float, found S": 1},
    }
    assert "secret" not in f"{sample!r} {sample}"


def test_attributes_that_no_field_declares_are_counted_by_name() -> None:
    """In bad rows, too, and in nested models, which a save would write without them."""
    sample = sample_of(
        {**GOOD, "old": {"S": "x"}, "older": {"NULL": True}},
        {**GOOD, "old": {"N": "1"}, "total": {"S": "x"}},
        {**GOOD, "lines": {"L": [{"M": {"sku": {"S": "a"}, "weight": {"N": "1"}}}]}},
    )
    assert sample.undeclared == {"old": 2, "lines[].weight": 1, "older": 1}


def test_values_in_other_forms_are_counted_by_place_and_form() -> None:
    """They are read, and written otherwise; sets have no order, and 1.0 is 1."""
    packed = {"M": {"sku": {"S": "a"}, "packed": {"S": "2024-01-01T00:00:00Z"}}}
    scores = {"M": {"secret": {"N": "0.1000000000000000055511151231257827"}, "b": {"N": "1.0"}}}
    sample = sample_of(
        {**GOOD, "total": {"N": "1.0"}, "tags": {"SS": ["b", "a", "c"]}},
        {**GOOD, "placed": {"S": "2024-01-01T00:00:00+00:00"}, "note": {"NULL": True}},
        {**GOOD, "lines": {"L": [packed, packed]}, "tags": {"L": []}},
        {**GOOD, "scores": scores},
    )
    assert sample == Sample(
        4,
        other_forms={
            "lines[].packed": {"S in another spelling": 2},
            "note": {"NULL for nothing": 1},
            "placed": {"S in another spelling": 1},
            "scores[...]": {"N in another spelling": 1},
            "tags": {"L for nothing": 1},
        },
    )
    assert sample


def test_an_older_version_is_judged_as_it_is_brought_to_todays() -> None:
    """By the upcast of the repository; what that refuses is told."""

    class Upcasting(Orders):
        """Orders whose total was a text."""

        def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
            return {**attributes, "total": Decimal(attributes["total"])}

    old = {**GOOD, "total": {"S": "1"}}
    sample = sample_of(
        old, {**old, "placed": {"S": "x"}}, {**old, "total": {"S": "x"}}, repository=Upcasting
    )
    assert sample.bad_rows == 2
    assert sample.other_forms == {"total": {"S for N": 1}}
    assert sample.reasons == {
        "": {"Order: its upcast raised InvalidOperation": 1},
        "placed": {"the S found is no aware datetime (ValueError)": 1},
    }


def test_a_row_that_is_read_and_could_not_be_written_is_not_the_model() -> None:
    """As one whose validator makes of it what cannot be stored."""

    class Part(BaseModel):
        """A part whose total is made not a number."""

        number: Annotated[str, PartitionKey()]
        total: Annotated[float, AfterValidator(lambda total: total * math.nan)]

    class Parts(Repository[Part]):
        """Parts."""

        table = "parts"

    sample = sample_of({"number": {"S": "1"}, "total": {"N": "1"}}, repository=Parts)
    told = "a float is not finite, or out of the range of a DynamoDB number"
    assert (sample.bad_rows, sample.reasons) == (1, {"total": {told: 1}})


def test_a_report_has_eighty_columns() -> None:
    """Each finding with its count, whatever its length."""
    rows = [
        {**GOOD, "long_name" * 30: {"N": "1"}, "total": {"S": "x"}},
        {**GOOD, "a\nb": {"N": "1"}},
    ]
    text = str(Difference("orders", partial_indexes=("by_total",), sample=sample_of(*rows)))
    assert max(map(len, text.splitlines())) <= 80
    assert text.startswith(
        "orders differs from its model in:\n"
        "  indexes that do not hold all attributes: by_total\n"
        "2 rows read, 1 of them not the model\n"
        "  not the model:\n"
        "           1  total: expected N for Decimal, found S\n"
        "  attributes that no field declares:\n"
        "           1  a\\nb\n"
    )
