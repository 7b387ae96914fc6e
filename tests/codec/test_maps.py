"""Dicts are maps of DynamoDB, whose keys are texts."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dynrepo.codec.maps import MapCodec
from dynrepo.codec.scalars import BOOL, FLOAT, IDENTIFIER, INT, STR
from dynrepo.codec.times import AWARE
from dynrepo.codec.untyped import ANY
from dynrepo.codec.wrappers import optional
from dynrepo.errors import CodecError, SchemaError

INTS = MapCodec(dict, STR, INT)
BY_NUMBER = MapCodec(dict, INT, INT)


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (INTS, {"a": 1}, {"a": {"N": "1"}}),
        (MapCodec(dict, STR, optional(INT)), {"a": None}, {"a": {"NULL": True}}),
        (BY_NUMBER, {1: 2}, {"1": {"N": "2"}}),
        (MapCodec(dict, FLOAT, INT), {1: 2, 0.5: 3}, {"1": {"N": "2"}, "0.5": {"N": "3"}}),
        (MapCodec(Counter, STR, INT), Counter("a"), {"a": {"N": "1"}}),
        (MapCodec(defaultdict, STR, STR), defaultdict(str, a="b"), {"a": {"S": "b"}}),
        (MapCodec(dict, STR, INTS), {"a": {"b": 1}}, {"a": {"M": {"b": {"N": "1"}}}}),
    ],
)
def test_a_dict_comes_back(codec: Any, value: Any, stored: dict[str, Any]) -> None:
    """Of its own class, whether it is read fast or carefully."""
    assert codec.encode(value) == {"M": stored}
    assert codec.write(value) == stored
    assert codec.decode({"M": stored}) == codec.read(stored) == value
    assert type(codec.read(stored)) is type(value)


@pytest.mark.parametrize("value", [[("a", 1)], {"": 1}, {"a": "b"}, {1: 1}, Counter("a")])
def test_what_is_no_such_dict_is_refused(value: Any) -> None:
    """An empty key too, for DynamoDB has no empty names."""
    with pytest.raises(CodecError):
        INTS.encode(value)
    with pytest.raises(CodecError):
        INTS.write(value)


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (INTS, {"M": []}, "the M found is no dict of str and int"),
        (INTS, {"M": {"a": {"S": "1"}}}, "expected N for int, found S"),
        (BY_NUMBER, {"M": {"x": {"N": "1"}}}, "the N found is no number"),
        (BY_NUMBER, {"M": {"01": {"N": "1"}}}, "not in the form written for int"),
        (MapCodec(dict, FLOAT, INT), {"M": {"1": {"N": "1"}, "1.0": {"N": "1"}}}, "are equal"),
        (MapCodec(dict, FLOAT, INT), {"M": {f"0.1{'0' * 35}1": {"N": "1"}}}, "not in the form"),
        (
            MapCodec(dict, IDENTIFIER, INT),
            {"M": {str(UUID(int=10)).upper(): {"N": "1"}}},
            "not in the form",
        ),
    ],
)
def test_what_is_stored_otherwise_is_refused(codec: Any, stored: Any, says: str) -> None:
    """A key in another form too, for by that form it would not be found again."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


@pytest.mark.parametrize("key", [BOOL, optional(STR), INTS, ANY])
def test_a_key_has_one_text(key: Any) -> None:
    """So it is a string, a number or a binary."""
    with pytest.raises(SchemaError, match="the keys of a map are texts"):
        MapCodec(dict, key, INT)


def test_an_entry_is_found_by_its_key() -> None:
    """As that is written."""
    assert BY_NUMBER.child(7) == ("7", INT)  # type: ignore[comparison-overlap]
    for step in ("", 1):
        with pytest.raises(CodecError):
            INTS.child(step)


def test_a_part_is_one_that_may_be_nested_without_end() -> None:
    """Of a value of another class nothing is known."""
    codec = MapCodec(dict, STR, ANY)
    ((entry, values),) = codec.parts({"a": [1]})

    assert (entry, list(values)) == (ANY, [[1]])
    assert not codec.parts([{"a": 1}])


def test_two_keys_of_one_text_are_refused() -> None:
    """Else one of the entries would be lost: of the instants of two zones, for instance."""
    half_past = datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Paris"))
    by_time = MapCodec(dict, AWARE, INT)
    entries = {half_past: 1, half_past.astimezone(UTC): 2}
    assert len(entries) == 2
    for encode in (by_time.encode, by_time.fast_encode):
        with pytest.raises(CodecError, match="two keys of a map are stored as one text"):
            encode(entries)
