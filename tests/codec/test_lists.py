"""Lists, tuples and deques are lists of DynamoDB, element by element."""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import pytest

from dynrepo.codec.lists import ListCodec, TupleCodec
from dynrepo.codec.scalars import INT, STR
from dynrepo.codec.untyped import ANY
from dynrepo.codec.wrappers import optional
from dynrepo.errors import CodecError


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: str = "r"


INTS = ListCodec(list, INT)
PAIR = TupleCodec((INT, STR))
NAMED = TupleCodec((INT, STR), kind=Pair, names=("left", "right"))


@pytest.mark.parametrize(
    ("codec", "value", "stored"),
    [
        (INTS, [1, 2], [{"N": "1"}, {"N": "2"}]),
        (ListCodec(tuple, INT), (1,), [{"N": "1"}]),
        (ListCodec(deque, optional(STR)), deque([None, "a"]), [{"NULL": True}, {"S": "a"}]),
        (ListCodec(list, INTS), [[1], []], [{"L": [{"N": "1"}]}, {"L": []}]),
        (ListCodec(list, ANY), [{"a": [1]}], [{"M": {"a": {"L": [{"N": "1"}]}}}]),
        (PAIR, (1, "a"), [{"N": "1"}, {"S": "a"}]),
        (NAMED, Pair(1, "b"), [{"N": "1"}, {"S": "b"}]),
    ],
)
def test_the_elements_come_back_in_their_order(codec: Any, value: Any, stored: Any) -> None:
    """Whether they are read fast or carefully."""
    assert codec.encode(value) == {"L": stored}
    assert codec.write(value) == stored
    assert codec.decode({"L": stored}) == codec.read(stored) == value


def test_a_named_tuple_may_lack_its_last_elements() -> None:
    """Pydantic makes them of their defaults."""
    assert NAMED.decode({"L": [{"N": "1"}]}) == (1,)


@pytest.mark.parametrize(
    ("codec", "value"),
    [(INTS, (1,)), (INTS, ["a"]), (PAIR, (1,)), (PAIR, [1, "a"]), (NAMED, (1, "a"))],
)
def test_another_collection_is_refused(codec: Any, value: Any) -> None:
    """By the careful way and by the fast one."""
    with pytest.raises(CodecError):
        codec.encode(value)
    with pytest.raises(CodecError):
        codec.write(value)


@pytest.mark.parametrize(
    ("codec", "stored", "says"),
    [
        (INTS, {"L": [{"N": "1"}, {"S": "x"}]}, "expected N for int, found S"),
        (INTS, {"S": "x"}, "expected L for list of int, found S"),
        (INTS, {"L": ""}, "no list"),
        (PAIR, {"L": [{"N": "1"}]}, "expected 2 elements, found another number"),
        (NAMED, {"L": [{"N": "1"}] * 3}, "expected 2 elements, found another number"),
    ],
)
def test_what_is_stored_otherwise_is_refused(codec: Any, stored: Any, says: str) -> None:
    """With the type that was expected, and no value."""
    with pytest.raises(CodecError, match=says):
        codec.decode(stored)


@pytest.mark.parametrize("payload", ["", {}, [{"S": "1"}], ["N"], [None]])
def test_the_fast_way_takes_no_more_than_the_careful_one(payload: Any) -> None:
    """It may raise anything, and then the careful one is asked."""
    with pytest.raises((CodecError, TypeError, KeyError)):
        INTS.read(payload)


def test_an_element_is_found_by_its_index_or_its_name() -> None:
    """And nowhere else."""
    assert INTS.child(3) == (3, INT)
    assert PAIR.child(1) == (1, STR)
    assert NAMED.child("left") == (0, INT)
    for codec, step in ((INTS, -1), (INTS, "a"), (INTS, True), (PAIR, 2), (PAIR, "left")):
        with pytest.raises(CodecError):
            codec.child(step)


def test_a_part_is_one_that_may_be_nested_without_end() -> None:
    """Of a value of another class nothing is known."""
    places = TupleCodec((INT, ANY))

    assert ListCodec(list, ANY).parts([1, [2]]) == ((ANY, [1, [2]]),)
    assert list(places.parts((1, [2]))) == [(ANY, ([2],))]
    assert not ListCodec(list, ANY).parts(({},))
    assert not places.parts([1, [2]])
