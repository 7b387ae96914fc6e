"""What a write adds of its own: versions and times."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import CodecError, CreatedAt, PartitionKey, UpdatedAt, Version
from dynrepo.expressions.fields import FieldPaths
from dynrepo.operations.actions import is_repeatable, parsed_action
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.stamps import (
    first_stamps,
    is_version,
    next_stamps,
    stamps_of,
    version_is,
    with_stamps_of,
)
from dynrepo.operations.writes import encoded_item
from dynrepo.schema.entity import schema_of

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_TEXT = {"S": "2026-05-01T12:00:00.000000Z"}


class Note(BaseModel):
    """It counts its writes and knows when they were."""

    name: Annotated[str, PartitionKey()]
    text: str = ""
    words: list[str] = []
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    changed: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Plain(BaseModel):
    """It has none of that."""

    name: Annotated[str, PartitionKey()]


NOTES = Mapper("notes", schema_of(Note), clock=lambda: NOON)
PLAIN = Mapper("plain", schema_of(Plain))
FIELDS = FieldPaths(NOTES.schema)


def test_a_first_write_is_version_1_of_now() -> None:
    """0 was never stored."""
    item, *_ = encoded_item(NOTES, Note(name="a"))
    assert (item["version"], item["made"], item["changed"]) == ({"N": "1"}, NOON_TEXT, NOON_TEXT)


def test_the_times_of_a_first_write_are_one() -> None:
    """However long the write takes: the clock is asked once."""
    moments = iter(NOON + timedelta(seconds=second) for second in range(9))
    ticking = Mapper("notes", schema_of(Note), clock=lambda: next(moments))
    item, *_ = encoded_item(ticking, Note(name="a"))
    assert item["made"] == item["changed"] == NOON_TEXT
    made = first_stamps(ticking)
    assert made["made"] == made["changed"]
    update, keep = stamps_of(ticking, [], upsert=True)[1:]
    assert update.values[1].value == keep.values[1].values[1].value


def test_a_later_write_keeps_when_it_was_made() -> None:
    """Only the version and the time of the change move on."""
    made = datetime(2025, 1, 1, tzinfo=UTC)
    item, *_ = encoded_item(NOTES, Note(name="a", version=4, made=made, changed=made))
    assert item["version"] == {"N": "5"}
    assert item["made"] == {"S": "2025-01-01T00:00:00.000000Z"}
    assert item["changed"] == NOON_TEXT


def test_a_write_over_an_item_stamps_what_each_write_does() -> None:
    """And the time that it was made, where it has none."""
    stored: dict[str, Any] = {"version": {"N": "4"}, "made": {"S": "x"}, "changed": {"S": "y"}}
    assert next_stamps(NOTES, stored) == {"version": {"N": "5"}, "changed": NOON_TEXT}
    del stored["made"]
    assert next_stamps(NOTES, stored)["made"] == NOON_TEXT
    assert next_stamps(PLAIN, {"name": {"S": "a"}}) == {}


def test_what_a_write_stamps_is_that_of_the_item_that_was_read() -> None:
    """But for the time that it was made, if the changed one has another."""
    read: dict[str, Any] = {"version": {"N": "4"}, "made": {"S": "x"}, "text": {"S": "a"}}
    changed = {"version": {"N": "9"}, "changed": {"S": "y"}, "text": {"S": "b"}}
    assert with_stamps_of(NOTES, read, changed) == read | {"text": {"S": "b"}}
    assert with_stamps_of(NOTES, read, {"made": {"S": "z"}})["made"] == {"S": "z"}
    assert with_stamps_of(PLAIN, read, changed) == changed


def test_a_model_without_marks_is_stored_as_it_is() -> None:
    """Nothing is added that nobody declared."""
    assert encoded_item(PLAIN, Plain(name="a"))[0] == {"name": {"S": "a"}}
    assert version_is(PLAIN, Plain(name="a")) is None


@pytest.mark.parametrize(
    "more",
    [{"text": "t" * 409_600}, {"text": "é" * 204_800}, {"words": ["w" * 102_400] * 4}],
    ids=["long", "of two bytes a letter", "in parts"],
)
def test_an_item_has_400_kb_at_most(more: dict[str, Any]) -> None:
    """As DynamoDB counts them, and before anything is sent."""
    with pytest.raises(CodecError, match="Note: an item has 409600 bytes at most, found 409"):
        encoded_item(NOTES, Note.model_validate({"name": "a", **more}))


def test_what_a_write_adds_counts() -> None:
    """An item that is small enough by itself may be too large with its version and times."""
    unstamped = len("name") + 1 + len("text") + len("words") + 3
    stamps = len("version") + 2 + len("made") + len("changed") + 2 * len(NOON_TEXT["S"])
    text = "t" * (409_600 - unstamped - stamps)
    assert (
        len(encoded_item(NOTES, Note(name="a", text=text))[1]) > 409_600
    )  # as JSON it may be more
    with pytest.raises(CodecError, match="found 409601"):
        encoded_item(NOTES, Note(name="a", text=text + "t"))


def test_the_json_is_that_of_the_item() -> None:
    """It is what is sent."""
    item, text, _ = encoded_item(NOTES, Note(name='"ä☃\u2028'))
    assert json.loads(text) == item


def test_the_version_of_an_instance_is_told_from_others() -> None:
    """As numbers are compared; what is no number is no version."""
    item = Note(name="a", version=4)
    assert is_version(NOTES, {"version": {"N": "4"}}, item)
    assert is_version(NOTES, {"version": {"N": "4.0"}}, item)
    others: list[Any] = [{"N": "5"}, {"N": "4.5"}, {"N": "4E+2"}, {"S": "4"}, {"NULL": True}]
    odd: list[Any] = [{"N": "x"}, {"N": [4]}, {}, "4", None]
    for other in (*others, *odd):
        assert not is_version(NOTES, {"version": other}, item)
    assert not is_version(NOTES, {}, item)


class Counted(BaseModel):
    """Its first version is another than 0."""

    name: Annotated[str, PartitionKey()]
    version: Annotated[int, Version()] = 7


COUNTED = Mapper("counted", schema_of(Counted))


@pytest.mark.parametrize("number", [0, 7])
def test_an_item_without_a_version_reads_as_the_default_and_is_of_it(number: int) -> None:
    """Or of 0, which is what a new item has where the field has no default."""
    condition = version_is(COUNTED, Counted(name="a", version=number))
    assert str(condition) == f"(attribute_not_exists (version) OR version = {{'N': '{number}'}})"
    assert is_version(COUNTED, {}, Counted(name="a", version=number))


def test_a_version_that_was_read_has_to_be_stored() -> None:
    """Else a delete in between would not be noticed."""
    assert str(version_is(COUNTED, Counted(name="a", version=8))) == "version = {'N': '8'}"
    assert not is_version(COUNTED, {}, Counted(name="a", version=8))


def test_an_update_counts_and_dates_itself() -> None:
    """The times only where its own actions do not."""
    by_itself = stamps_of(NOTES, [parsed_action(FIELDS.text.set("x"))], upsert=False)
    assert [str(action.values[0]) for action in by_itself] == ["version", "changed"]
    by_hand = [parsed_action(FIELDS.changed.set(NOON)), parsed_action(FIELDS.made.set(NOON))]
    assert [str(action.values[0]) for action in stamps_of(NOTES, by_hand, upsert=True)] == [
        "version"
    ]


def test_an_update_that_may_make_an_item_dates_its_making() -> None:
    """And leaves the time alone where an item is."""
    made = stamps_of(NOTES, [parsed_action(FIELDS.text.set("x"))], upsert=True)[-1]
    assert str(made) == f"made = if_not_exists (made, {NOON_TEXT})"


def test_an_update_counts_on_from_the_version_that_an_absent_one_is_read_as() -> None:
    """Else the version would come back to one that an older instance has."""
    (counting,) = stamps_of(COUNTED, [], upsert=False)
    assert str(counting) == "version = if_not_exists (version, {'N': '7'}) + {'N': '1'}"
    assert not is_repeatable(counting)
    assert first_stamps(COUNTED) == {"version": {"N": "8"}}


def test_an_item_that_an_update_makes_has_all_stamps() -> None:
    """So none of them has to be given for it to be complete."""
    assert first_stamps(NOTES) == {
        "version": {"N": "1"},
        "made": NOON_TEXT,
        "changed": NOON_TEXT,
    }
    assert first_stamps(PLAIN) == {}


def test_an_update_of_a_model_without_marks_adds_nothing() -> None:
    """What nobody declared is not written."""
    assert stamps_of(PLAIN, [], upsert=True) == []
