"""Text of the network may be told on: in one line, and no longer than it has to be."""

from __future__ import annotations

import pytest

from dynrepo import Answer
from dynrepo.instrumentation.call import Call
from dynrepo.operations.health import judged
from dynrepo.operations.operation import Location, Operation
from dynrepo.plain_text import LONGEST_INDEX, LONGEST_NAME, LONGEST_TEXT, told_name, told_text
from dynrepo.testing import MemoryStore
from models.user import Users

EVIL = "Evil\r\nERROR forged " + "x" * 2**21


@pytest.mark.parametrize("name", ["ValidationException", "500", "a-b_c.D:1"])
def test_a_name_is_told_as_it_is(name: str) -> None:
    """A code of AWS, a status, an id."""
    assert told_name(name) == name


@pytest.mark.parametrize("odd", ["a\nb", "a\rb", "a b", "a\x1bb", "a\u2028b", "a\ud800b", "a\xe9b"])
def test_what_no_name_has_is_taken_out(odd: str) -> None:
    """Line ends, control characters, whatever a terminal or a collector may take for its own."""
    assert told_name(odd) == "a_b"


def test_what_is_long_is_cut() -> None:
    """Two megabytes of it are no name."""
    assert told_name("x" * 2**21) == "x" * LONGEST_NAME
    assert told_text("x" * 2**21) == "x" * LONGEST_TEXT
    assert told_text("two\nlines\x85 and \u00e9") == "two lines  and \u00e9"


def test_health_tells_no_line_of_the_network_s() -> None:
    """The states and names of a table and its indexes are those of whoever answers."""
    index = {"IndexName": EVIL, "IndexStatus": EVIL}
    described = {
        "TableStatus": EVIL,
        "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "user_id", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [index],
    }
    _, details = judged(described, Users(MemoryStore(Users)).mapper)
    (name,) = details["unknown_indexes"]
    for text, longest in (
        (details["table_status"], LONGEST_NAME),
        (name, LONGEST_INDEX),
        (details["indexes"][name], LONGEST_NAME),
    ):
        assert len(text) == longest
        assert text.isprintable()


@pytest.mark.parametrize("more", [{}, {"GlobalSecondaryIndexes": {EVIL: {"CapacityUnits": 1.0}}}])
def test_a_span_tells_no_line_of_the_network_s(more: dict[str, object]) -> None:
    """What a table consumed is told in JSON, of which there is only so much."""
    operation = Operation("GetItem", "users", {}, lambda answer: answer)
    call = Call(operation, Location)
    consumed = {"TableName": EVIL, "CapacityUnits": 1.0, **more}
    call.answer = Answer({"ConsumedCapacity": consumed})
    (told,) = call.consumed
    assert len(told) < 2 * LONGEST_INDEX
    assert told.isprintable()
