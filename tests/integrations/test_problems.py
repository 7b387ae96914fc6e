"""What a client is told of an error, whatever the framework."""

from __future__ import annotations

import pytest

from dynrepo import (
    CodecError,
    DynrepoError,
    ItemNotFound,
    NotUnique,
    StoreError,
    Throttled,
    Unprocessed,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.integrations.problems import Problem, problem_of

BUSY = "The store is busy or cannot be reached."


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (
            ItemNotFound("notes has no item"),
            Problem(404, "ItemNotFound", "Nothing is stored under this key."),
        ),
        (
            VersionConflict("notes"),
            Problem(409, "VersionConflict", "The item has changed since it was read."),
        ),
        (
            NotUnique("notes"),
            Problem(409, "NotUnique", "Another item has a value that is to be unique."),
        ),
        (CodecError("Note.text: too long"), Problem(422, "CodecError", "Note.text: too long")),
        (Throttled("x", retryable=True), Problem(503, "Throttled", BUSY, {"Retry-After": "1"})),
    ],
)
def test_a_client_is_told_a_fixed_sentence(error: DynrepoError, problem: Problem) -> None:
    """Of the class that says most; of a value that cannot be stored, which field it is."""
    assert problem_of(error) == problem


def test_what_only_a_programmer_cures_is_no_problem_of_a_client() -> None:
    """It is to be raised."""
    assert problem_of(StoreError("x", code="ValidationException")) is None
    assert problem_of(CodecError("the stored item is none", key={"note_id": {"S": "1"}})) is None
    assert problem_of(KeyError("x")) is None


def test_what_was_done_is_told_though_nobody_can_read_it() -> None:
    """A CodecError of another kind: who only sees a bare 500 sends the request again."""
    problem = problem_of(WrittenUnreadable("notes: the write was done", item={}))
    assert problem is not None
    assert problem.status == 500
    assert problem.body["detail"].startswith("This was done")


def test_headers_are_of_one_problem() -> None:
    """A framework may add to them."""
    first = problem_of(Unprocessed("x"))
    assert first is not None
    first.headers["X-Mine"] = "1"
    second = problem_of(Unprocessed("x"))
    assert second is not None
    assert second.headers == {"Retry-After": "1"}
