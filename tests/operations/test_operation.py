"""Operations are values."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from dynrepo import Answer
from dynrepo.operations.operation import Effect, Operation
from tests.recorded import reprs_of

READ: Operation[Any] = Operation("GetItem", "tickets", {"Key": {}}, lambda answer: answer.body)


def test_an_operation_reads_unless_it_says_otherwise() -> None:
    """So that only what writes has to think of being sent twice."""
    assert Operation("GetItem", "tickets", {}, lambda _: None).effect is Effect.NONE


@pytest.mark.parametrize("name", Operation._fields)
def test_an_operation_stays_what_it_is(name: str) -> None:
    """No part of it can be set; a changed one is another."""
    with pytest.raises(AttributeError):
        setattr(READ, name, None)
    assert getattr(READ._replace(**{name: "x"}), name) == "x"
    assert copy.copy(READ) == copy.deepcopy(READ) == READ


def test_an_operation_shows_what_it_asks() -> None:
    """Its name, its table, its parameters and the attributes in them; no value."""
    request = {"TableName": "tickets", "Key": {"no": {"N": "917"}}, "ConsistentRead": True}
    read = READ._replace(request=request, text=b"917")
    assert repr(read) == "Operation('GetItem', 'tickets': TableName, Key(no), ConsistentRead)"
    assert "917" not in str([*reprs_of([read])])


def test_an_answer_shows_what_it_has() -> None:
    """The members of its body, and how many instances were made of it."""
    answer = Answer({"ConsumedCapacity": {}, "Item": {"no": {"N": "917"}}})
    assert repr(answer) == "Answer(ConsumedCapacity, Item)"
    assert repr(answer._replace(items=[917])) == "Answer(ConsumedCapacity, Item, 1 instances)"
    assert "917" not in str([*reprs_of([answer])])


def test_an_answer_of_a_body_alone_is_complete() -> None:
    """As a store of one's own makes it: no instances, one attempt."""
    answer = Answer({"Item": {}})
    assert (answer.items, answer.request_id, answer.attempts) == (None, None, 1)
    assert READ.read(answer) == {"Item": {}}


def test_an_answer_is_made_as_it_always_was() -> None:
    """Instances come last, so that a store which names the parts by their places reads on."""
    answer = Answer({"Item": {}}, "R1", 2)
    assert (answer.request_id, answer.attempts, answer.items) == ("R1", 2, None)
