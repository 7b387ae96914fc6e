"""Calls in which all happens that instruments count or time."""

from __future__ import annotations

import asyncio

from dynrepo.errors import OutcomeUnknown, Throttled
from dynrepo.instrumentation import Call
from dynrepo.instrumentation.events import (
    BudgetSpent,
    ConnectionAwaited,
    ConnectionMade,
    SenderChosen,
)
from dynrepo.operations.operation import Answer, Effect, Location, Operation
from dynrepo.sending.sender_used import SenderUsed


def calls() -> list[Call]:
    """Reads with all that can be counted, failures, a cancelled write, and one with all events."""
    read, failed = called("Query"), called("Query")
    body = {"Count": 2, "ConsumedCapacity": {"CapacityUnits": 1.0}}
    read.answer = Answer(body, attempts=2)
    failed.error = Throttled("no", code="ThrottlingException", attempts=2)
    doubtful = called("UpdateItem", Effect.ONCE)
    doubtful.error = OutcomeUnknown("no", code="AnswerTimedOut")
    cancelled = called("PutItem", Effect.ONCE)
    cancelled.error = asyncio.CancelledError()
    eventful = called("GetItem")
    eventful.answer = Answer({})
    eventful.events = (
        *(BudgetSpent(), ConnectionMade("a", 0.1)),
        *(ConnectionAwaited("a", 0.1, is_late) for is_late in (False, True)),
        *(SenderChosen(SenderUsed(name, "why")) for name in ("direct", "botocore")),
    )
    slow = called("GetItem")
    slow.answer, slow.duration = Answer({}), 0.3
    return [read, failed, doubtful, cancelled, eventful, slow]


def called(name: str, effect: Effect = Effect.NONE) -> Call:
    """A call of an operation."""
    operation = Operation(name, "users", {}, lambda _: None, effect)
    return Call(operation, lambda: Location("eu-west-1"))
