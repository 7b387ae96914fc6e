"""Samples of a table's rows: keys in another spelling than the one that is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import pytest
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ByteSize,
    EmailStr,
    Field,
    HttpUrl,
    IPvAnyAddress,
    StringConstraints,
    create_model,
)

from dynrepo import (
    Attribute,
    CodecError,
    Encoding,
    PartitionKey,
    Repository,
    Sample,
    SortKey,
    TableNotFound,
    TimeToLive,
)
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.operations.samples import RawPage, sampled, scan_rows
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
    assert difference.sample == Sample(7, {"created": 5})
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
    assert events.verify_table(sample=100).sample == Sample(8, {"created": 5, "user": 1})


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
    with pytest.raises(TypeError, match="sample counts rows: an int, not"):
        Events(memory).verify_table(sample=sample)


def test_of_a_missing_table_there_is_no_sample(memory: MemoryStore) -> None:
    """It is missing, and nothing is scanned."""
    difference = Events(memory).verify_table(sample=1)
    assert difference.missing
    assert difference.sample is None
    with pytest.raises(TableNotFound):
        memory.execute(scan_rows(Events(memory).mapper, 1, None))


def test_pages_are_read_until_there_are_rows_enough() -> None:
    """Each request asks for what is lacking, from where the last one ended."""
    program = sampled(Events(MemoryStore()).mapper, 5)
    row = {"kind": {"S": "a"}, "created": {"S": "2024-01-01T00:00:00Z"}}
    after_two, after_none = {"kind": {"S": "a"}}, {"kind": {"S": "b"}}
    first = next(program)
    second = program.send(RawPage([row] * 2, after_two))
    third = program.send(RawPage([], after_none))
    assert [each.request["Limit"] for each in (first, second, third)] == [5, 3, 3]
    assert "ExclusiveStartKey" not in first.request
    assert second.request["ExclusiveStartKey"] == after_two
    assert third.request["ExclusiveStartKey"] == after_none
    assert ended(program, [row] * 3) == Sample(5, {"created": 5})


def ended(program: Any, rows: list[Any]) -> Any:
    """What a program returns that is given its last rows."""
    with pytest.raises(StopIteration) as caught:
        program.send(RawPage(rows, None))
    return caught.value.value


class Status(StrEnum):
    """An enum that takes its values in capitals, too."""

    OPEN = "open"

    @classmethod
    def _missing_(cls, value: object) -> Status | None:
        return next((member for member in cls if member.value == str(value).lower()), None)


HEX = Encoding("N", encode=str, decode=lambda text: int(Decimal(text)))
TEXT = Encoding("S", encode="{:06d}".format, decode=int)

SPELLINGS: dict[str, tuple[Any, list[dict[str, str]], list[dict[str, str]]]] = {
    "str": (str, [{"S": "a"}], [{"N": "1"}]),
    "int": (int, [{"N": "1"}, {"N": "1.0"}, {"N": "1E+2"}], [{"S": "1"}, {"N": "1.5"}]),
    "Decimal": (Decimal, [{"N": "1E+3"}, {"N": "1000.0"}], [{"S": "1"}]),
    "float": (
        float,
        [{"N": "0.1"}, {"N": "1E+3"}],
        [{"N": "0.1000000000000000055511151231257827"}],
    ),
    "bytes": (bytes, [{"B": "AP8="}], [{"S": "AP8="}]),
    "AwareDatetime": (
        AwareDatetime,
        [{"S": "2024-01-01T00:00:00.000000Z"}],
        [
            {"S": "2024-01-01T00:00:00+00:00"},
            {"S": "2024-01-01T00:00:00.000000+0000"},
            {"S": "2024-01-01T00:00:00Z"},
            {"S": "2024-01-01T00:00:00.123Z"},
            {"S": "2024-01-01 00:00:00.000000Z"},
            {"S": "2024-01-01T01:00:00.000000+01:00"},
            {"S": "2024-01-01"},
            {"S": "01/02/2024"},
        ],
    ),
    "TimeToLive": (Annotated[AwareDatetime, TimeToLive()], [{"N": "1700000000"}], [{"N": "1.5"}]),
    "date": (date, [{"S": "2024-01-01"}], [{"S": "20240101"}, {"S": "2024-W01-1"}]),
    "timedelta": (timedelta, [{"N": "3600"}, {"N": "3600.0"}], [{"S": "PT1H"}]),
    "UUID": (
        UUID,
        [{"S": "123e4567-e89b-12d3-a456-42661417400a"}],
        [{"S": "123E4567-E89B-12D3-A456-42661417400A"}, {"S": "123e4567e89b12d3a45642661417400a"}],
    ),
    "ByteSize": (ByteSize, [{"N": "1024"}], [{"S": "1KiB"}]),
    "Enum": (Status, [{"S": "open"}], [{"S": "OPEN"}, {"S": "closed"}]),
    "IPv6Address": (IPv6Address, [{"S": "::1"}], [{"S": "0:0:0:0:0:0:0:1"}, {"S": "::A"}]),
    "IPvAnyAddress": (IPvAnyAddress, [{"S": "10.0.0.1"}], [{"S": "::00"}]),
    "HttpUrl": (HttpUrl, [{"S": "http://x.org/"}], [{"S": "http://X.org"}, {"S": "no"}]),
    "Path": (Path, [{"S": "/srv/x"}], [{"S": "/srv//x"}, {"S": "/srv/x/"}]),
    "Encoding S": (Annotated[int, TEXT], [{"S": "000001"}], [{"S": "1"}]),
    "Encoding N": (Annotated[int, HEX], [{"N": "1"}, {"N": "1.0"}], [{"S": "1"}]),
}


@pytest.mark.parametrize(("annotation", "written", "others"), SPELLINGS.values(), ids=SPELLINGS)
def test_each_type_has_its_spelling(annotation: Any, written: Any, others: Any) -> None:
    """Numbers are compared as DynamoDB compares them; what no value is read of is another, too."""
    key = PartitionKey(index="by_key")
    model = create_model(
        "Row", pk=(Annotated[str, PartitionKey()], ...), key=(Annotated[annotation, key], ...)
    )

    class Rows(Repository[model]):  # type: ignore[valid-type]
        """Rows."""

        table = "rows"

    for stored, expected in ((written, {}), (others, {"key": len(others)})):
        program = sampled(Rows(MemoryStore()).mapper, 100)
        next(program)
        rows = [{"pk": {"S": "a"}, "key": each} for each in stored]
        assert ended(program, rows) == Sample(len(stored), expected)


def test_an_enum_that_takes_other_values_has_one_spelling_as_a_key(memory: MemoryStore) -> None:
    """Else a row could be read that is never found by its key."""
    model = create_model("Row", status=(Annotated[Status, PartitionKey()], ...))

    class Rows(Repository[model]):  # type: ignore[valid-type]
        """Rows."""

        table = "rows"

    rows = Rows(memory)
    rows.create_table()
    put(memory, "rows", {"status": {"S": "OPEN"}})
    with pytest.raises(CodecError, match="another than the one that is written"):
        rows.scan().all()
    rows.set(model(status=Status.OPEN))
    assert rows.verify_table(sample=9).sample == Sample(2, {"status": 1})


def test_a_sample_holds_no_value(events: Events) -> None:
    """It can be logged."""
    assert "2024" not in repr(events.verify_table(sample=9))
    assert hash(events.verify_table(sample=9)) == hash(events.verify_table(sample=9))


def _known(text: str) -> str:
    if not text.isalnum():
        raise ValueError
    return text.upper()


@pytest.mark.parametrize(
    ("annotation", "written", "others", "refused"),
    [
        (Annotated[str, StringConstraints(to_lower=True, max_length=3)], "abc", ["ABC"], "long"),
        (Annotated[str, AfterValidator(_known)], "ABC", ["abc", "Abc"], "?"),
        (Annotated[str, AfterValidator(_known)] | None, "ABC", ["abc"], "?"),
        (EmailStr, "ada@example.com", ["ada@EXAMPLE.com"], "ada"),
        (Annotated[int, AfterValidator(abs), Field(le=9)], 5, [-5], 10),
    ],
)
def test_a_key_that_validators_would_change_is_in_another_spelling(
    annotation: Any, written: Any, others: list[Any], refused: Any
) -> None:
    """Such a row can be read by nobody; one that they refuse is no other spelling of a key."""
    key = PartitionKey(index="by_key")
    model = create_model(
        "Row", pk=(Annotated[str, PartitionKey()], ...), key=(Annotated[annotation, key], ...)
    )

    class Rows(Repository[model]):  # type: ignore[valid-type]
        """Rows."""

        table = "rows"

    program = sampled(Rows(MemoryStore()).mapper, 100)
    next(program)
    tag = "N" if isinstance(written, int) else "S"
    keys = [written, *others, refused]
    rows = [{"pk": {"S": "a"}, "key": {tag: str(key)}} for key in keys]
    assert ended(program, rows) == Sample(len(keys), {"key": len(others)})
