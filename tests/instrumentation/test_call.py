"""What a call says of itself: outcome, code, attempts, capacity, rows, batches and tables."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    Call,
    ConditionFailed,
    DynrepoError,
    ItemExists,
    ItemNotFound,
    NotUnique,
    OutcomeUnknown,
    StoreError,
    Throttled,
    TransactionCanceled,
    VersionConflict,
)
from dynrepo.instrumentation.call import is_refusal
from dynrepo.instrumentation.events import AttemptFailed
from dynrepo.operations.operation import Effect
from dynrepo.sending.interrupted import note_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable

    Ended = Callable[..., Call]


def canceled(*reasons: DynrepoError | None) -> TransactionCanceled:
    """A transaction that was canceled for reasons."""
    return TransactionCanceled("no", reasons=reasons, code="TransactionCanceledException")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, ("success", False, None)),
        (ConditionFailed("no"), ("failure", True, "ConditionFailed")),
        (ItemNotFound("no", code="Conditional"), ("failure", True, "ItemNotFound")),
        (canceled(ItemExists("no"), None), ("failure", True, "TransactionCanceled")),
        (canceled(StoreError("no")), ("failure", False, "TransactionCanceledException")),
        (OutcomeUnknown("lost", code="AnswerLost"), ("failure", False, "AnswerLost")),
        (Throttled("no", code="ThrottlingException"), ("failure", False, "ThrottlingException")),
        (StoreError("no"), ("failure", False, "StoreError")),
        (RuntimeError("no"), ("failure", False, "RuntimeError")),
        (asyncio.CancelledError(), ("cancelled", False, "CancelledError")),
        (KeyboardInterrupt(), ("cancelled", False, "KeyboardInterrupt")),
        (SystemExit(1), ("cancelled", False, "SystemExit")),
        (GeneratorExit(), ("cancelled", False, "GeneratorExit")),
    ],
)
def test_an_error_is_told_by_its_code(
    ended: Ended, error: BaseException | None, said: tuple[Any, ...]
) -> None:
    """That of AWS or of what failed, else its class; a refused condition is told by its class."""
    call = ended(error=error)
    assert (call.outcome, call.refused, call.code) == said


def test_attempts_are_the_answer_s_or_the_error_s(ended: Ended) -> None:
    """One at least: an error of another library counts none."""
    assert ended(attempts=2).attempts == 2
    assert ended(error=Throttled("no", attempts=4)).attempts == 4
    assert ended(error=ConditionFailed("no")).attempts == 1
    assert ended(error=RuntimeError("no")).attempts == 1


def cancelled(attempts: int, *, in_doubt: bool) -> BaseException:
    """What stops a call that has sent so many requests."""
    error = asyncio.CancelledError()
    note_interrupted(error, attempts, in_doubt=in_doubt)
    return error


def test_a_cancelled_call_has_the_attempts_that_its_sender_made(ended: Ended) -> None:
    """One where the sender left no word."""
    assert ended(error=cancelled(3, in_doubt=False)).attempts == 3
    assert ended(error=cancelled(0, in_doubt=False)).attempts == 1
    assert ended(error=asyncio.CancelledError()).attempts == 1


@pytest.mark.parametrize(
    ("error", "in_doubt"),
    [
        (None, False),
        (OutcomeUnknown("lost"), True),
        (Throttled("no"), False),
        (cancelled(2, in_doubt=True), True),
        (cancelled(2, in_doubt=False), False),
        (KeyboardInterrupt(), True),  # nothing is known, so it may be
    ],
)
def test_a_write_is_in_doubt_where_it_may_have_been_applied(
    ended: Ended, error: BaseException | None, *, in_doubt: bool
) -> None:
    """Unless it is known that it was, or was not; a read never is."""
    for effect in (Effect.ONCE, Effect.REPEATABLE):
        assert ended("PutItem", error=error, effect=effect).in_doubt is in_doubt
    if not isinstance(error, OutcomeUnknown):
        assert ended("GetItem", error=error).in_doubt is False


def test_a_write_that_was_answered_before_it_was_cancelled_is_not_in_doubt(ended: Ended) -> None:
    """The exception struck when the answer was there."""
    call = ended("PutItem", effect=Effect.ONCE)
    call.error = KeyboardInterrupt()
    assert (call.outcome, call.in_doubt, call.attempts) == ("cancelled", False, 1)


@pytest.mark.parametrize(
    ("body", "capacity", "texts"),
    [
        ({}, None, []),
        (
            {"ConsumedCapacity": {"TableName": "a", "CapacityUnits": 1.5}},
            1.5,
            ['{"TableName": "a", "CapacityUnits": 1.5}'],
        ),
        (
            {"ConsumedCapacity": [{"TableName": "a", "CapacityUnits": 1}, {"TableName": "b"}]},
            1.0,
            ['{"TableName": "a", "CapacityUnits": 1}', '{"TableName": "b"}'],
        ),
    ],
)
def test_capacity_is_of_all_tables_together(
    ended: Ended, body: dict[str, Any], capacity: float | None, texts: list[str]
) -> None:
    """And as JSON for each, as the conventions of tracing have it; None where none is said."""
    call = ended(body=body)
    assert (call.capacity, call.consumed) == (capacity, texts)
    failed = ended(error=RuntimeError())
    assert (failed.capacity, failed.consumed) == (None, [])


@pytest.mark.parametrize(
    ("operation", "body", "rows"),
    [
        ("GetItem", {"Item": {"a": {"S": "b"}}}, 1),
        ("GetItem", {"Item": {}}, 0),
        ("GetItem", {}, 0),
        ("Query", {"Count": 3}, 3),
        ("Scan", {}, 0),
        ("BatchGetItem", {"Responses": {"a": [{}, {}], "b": [{}]}}, 3),
        ("TransactGetItems", {"Responses": [{"Item": {}}, {}]}, 1),
        ("PutItem", {}, None),
    ],
)
def test_rows_are_the_items_of_a_read(
    ended: Ended, operation: str, body: dict[str, Any], rows: int | None
) -> None:
    """None for a write, and for a read that failed."""
    assert ended(operation, body=body).rows == rows
    assert ended(operation, error=RuntimeError()).rows is None


def test_what_a_call_says_of_itself(ended: Callable[..., Call]) -> None:
    """Refused writes, codes, attempts, capacity, rows, batches and tables."""
    refused = ended("PutItem", error=ConditionFailed("no"))
    assert (refused.refused, refused.outcome, refused.code) == (True, "failure", "ConditionFailed")
    throttled = ended(error=Throttled("no", code="ThrottlingException", attempts=4))
    assert (throttled.refused, throttled.code, throttled.attempts) == (
        False,
        "ThrottlingException",
        4,
    )
    page = ended("Query", body={"Count": 3, "ConsumedCapacity": {"CapacityUnits": 1.5}}, attempts=2)
    assert (page.code, page.attempts, page.rows, page.capacity) == (None, 2, 3, 1.5)
    batch = ended(
        "BatchGetItem",
        request={"RequestItems": {"a": {"Keys": [{}, {}]}, "b": {"Keys": [{}]}}},
        body={
            "Responses": {"a": [{}, {}], "b": []},
            "ConsumedCapacity": [{"CapacityUnits": 1}, {"CapacityUnits": 0.5}],
        },
    )
    assert (batch.batch_size, batch.rows, batch.capacity, batch.tables) == (3, 2, 1.5, ("a", "b"))
    writes = ended("BatchWriteItem", request={"RequestItems": {"a": [{}, {}]}})
    assert (writes.batch_size, writes.rows, writes.capacity) == (2, None, None)
    transaction = ended(
        "TransactWriteItems",
        request={"TransactItems": [{"Put": {"TableName": "b"}}, {"Delete": {"TableName": "a"}}]},
    )
    assert (transaction.batch_size, transaction.tables) == (2, ("b", "a"))
    assert (ended().batch_size, ended().tables, ended().rows) == (None, ("notes",), 0)


def test_throttles_are_those_that_were_told(ended: Ended) -> None:
    """And one of a call that failed as throttled, where its store tells nothing of attempts."""
    told = ended()
    told.events = (
        AttemptFailed(1, "ThrottlingException", True, True, None, 0.1),
        AttemptFailed(2, "AnswerLost", False, False, None, 0.1),
    )
    assert told.throttles == 1
    assert ended(error=Throttled("no")).throttles == 1
    assert ended().throttles == 0


@pytest.mark.parametrize(
    ("body", "consumption"),
    [
        ({}, []),
        ({"ConsumedCapacity": {"CapacityUnits": 2}}, [("notes", 2.0)]),
        ({"ConsumedCapacity": [{"TableName": "notes"}, {"TableName": "x"}]}, [("notes", 0.0)]),
    ],
)
def test_consumption_is_told_by_table(ended: Ended, body: Any, consumption: Any) -> None:
    """By the names that were asked, and no other that an answer may hold."""
    assert ended(body=body).consumption == consumption
    assert ended(error=Throttled("no")).consumption == []


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (ConditionFailed("no"), True),
        (ItemExists("no"), True),
        (VersionConflict("no"), True),
        (NotUnique("no"), True),
        (ItemNotFound("no"), True),
        (canceled(None, ItemNotFound("no")), True),
        (canceled(VersionConflict("no"), Throttled("busy")), True),
        (canceled(VersionConflict("no"), StoreError("too large")), False),
        (canceled(StoreError("not valid"), None), False),
        (canceled(Throttled("busy")), False),
        (canceled(), False),
        (OutcomeUnknown("lost"), False),
        (StoreError("no"), False),
        (KeyError("no"), False),
        (None, False),
    ],
)
def test_a_condition_that_did_not_hold_is_an_answer(
    error: BaseException | None, *, is_one: bool
) -> None:
    """Load, faults and what is not known are none; nor is what stands beside a fault."""
    assert is_refusal(error) is is_one
