"""One operation as the instruments see it: what was asked, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from dynrepo.errors import (
    ConditionFailed,
    DynrepoError,
    ItemNotFound,
    OutcomeUnknown,
    TableNotFound,
    Throttled,
    TransactionCanceled,
)
from dynrepo.instrumentation.events import AttemptFailed
from dynrepo.operations.operation import Effect
from dynrepo.plain_text import LONGEST_INDEX, told_name
from dynrepo.public import public
from dynrepo.sending.interrupted import interrupted_of, stopped_from_outside

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.events import Event
    from dynrepo.operations.operation import Answer, Location, Operation

CANCELLED = "cancelled"


@public
@dataclass(slots=True, eq=False, repr=False)
class Call:
    """One operation on its way: one request of a verb, with all its attempts.

    What its properties read from the request and the answer names tables and indexes, or counts: no
    key, no item. `operation` and `answer` hold both: do not log them.

    Attributes:
        operation: What was asked.
        locate: Returns where the request goes; a store may have to find that out first.
        started: When it was sent, in seconds of `time.perf_counter`.
        duration: Seconds with all attempts; set when the call has ended.
        answer: What came back; None until the call has ended, and where it failed.
        error: Why it failed, or was stopped; None until then, and where it did not.
        events: What happened on its way, in order: attempts that failed, connections that were made
            or waited for.
        verb: The method of the repository that asks, as in `update`; empty where it is not known.
    """

    operation: Operation[Any]
    locate: Callable[[], Location]
    started: float = 0.0
    duration: float = 0.0
    answer: Answer | None = None
    error: BaseException | None = None
    events: tuple[Event, ...] = ()
    verb: str = ""

    @property
    def outcome(self) -> str:
        """`success`, `failure`, or `cancelled`: stopped from outside, before there was either."""
        if self.error is None:
            return "success"
        return CANCELLED if stopped_from_outside(self.error) else "failure"

    @property
    def refused(self) -> bool:
        """Whether the error is an answer of DynamoDB, and no failure.

        So it is where a condition of a write did not hold, and where a table was looked for and is
        not there.
        """
        is_missing = self.operation.seeks and isinstance(self.error, TableNotFound)
        return is_missing or is_refusal(self.error)

    @property
    def in_doubt(self) -> bool:
        """Whether it is a write that may or may not have been applied, by what is known of it."""
        error = self.error
        if error is None or self.answer is not None or self.operation.effect is Effect.NONE:
            return False
        if not stopped_from_outside(error):
            return isinstance(error, OutcomeUnknown)
        noted = interrupted_of(error)
        return noted is None or noted.in_doubt

    @property
    def code(self) -> str | None:
        """The error code of AWS, or of what failed here; None on success.

        It is the class of the error where there is no such code, and where the write was refused.
        """
        error = self.error
        if isinstance(error, DynrepoError) and error.code and not self.refused:
            return error.code
        return None if error is None else type(error).__name__

    @property
    def attempts(self) -> int:
        """Requests sent: 1, and one for each retry."""
        if self.answer is not None:
            return self.answer.attempts
        noted = None if self.error is None else interrupted_of(self.error)
        return max(1, getattr(noted or self.error, "attempts", 1))

    @property
    def throttles(self) -> int:
        """Requests that were throttled; 1 at least where the call failed by it."""
        told = sum(isinstance(event, AttemptFailed) and event.is_throttled for event in self.events)
        return told or int(isinstance(self.error, Throttled))

    @property
    def request_id(self) -> str | None:
        """AWS's id of the request that ended the call; None where it was not answered."""
        found = getattr(self.answer or self.error, "request_id", None)
        return None if found is None else told_name(found)

    @property
    def index(self) -> str | None:
        """The index that is read; None where it is the table."""
        return self.operation.request.get("IndexName")

    @property
    def capacity(self) -> float | None:
        """Capacity units consumed, reads and writes together; None when the answer does not say."""
        return None if self.answer is None else units_of(self.answer)

    @property
    def consumed(self) -> list[str]:
        """What each table consumed, as the JSON that the conventions of tracing ask for."""
        consumed = None if self.answer is None else self.answer.body.get("ConsumedCapacity")
        if consumed is None:
            return []
        is_of_one = "TableName" in consumed or "CapacityUnits" in consumed
        tables = [consumed] if is_of_one else consumed
        return [_json_of(table) for table in tables]

    @property
    def rows(self) -> int | None:
        """Items that the answer of a read holds; None for other operations and failures."""
        return None if self.answer is None else rows_of(self.operation.name, self.answer)

    @property
    def batch_size(self) -> int | None:
        """Reads and writes in a batch or a transaction; None for other operations."""
        request = self.operation.request
        if (tables := request.get("RequestItems")) is not None:
            return sum(map(_size, tables.values()))
        parts = request.get("TransactItems")
        return None if parts is None else len(parts)

    @property
    def consumption(self) -> list[tuple[str, float]]:
        """The tables that the answer tells the consumption of, each with its capacity units."""
        consumed = None if self.answer is None else self.answer.body.get("ConsumedCapacity")
        if consumed is None:
            return []
        if "CapacityUnits" in consumed:
            return [(self.operation.table, float(consumed["CapacityUnits"]))]
        told = {each.get("TableName"): each.get("CapacityUnits", 0) for each in consumed}
        return [(table, float(told[table])) for table in self.tables if table in told]

    @property
    def tables(self) -> tuple[str, ...]:
        """The full names of the tables asked, each once."""
        request = self.operation.request
        if (tables := request.get("RequestItems")) is not None:
            return tuple(tables)
        if (parts := request.get("TransactItems")) is not None:
            asked = (write for part in parts for write in part.values())
            return tuple(dict.fromkeys(write["TableName"] for write in asked))
        return (self.operation.table,)


def units_of(answer: Answer) -> float | None:
    """The capacity units that an answer tells, of all tables; None where it tells none."""
    consumed = answer.body.get("ConsumedCapacity")
    if consumed is None:
        return None
    if "CapacityUnits" in consumed:  # of one table; a batch and a transaction have a list
        return float(consumed["CapacityUnits"])
    return float(sum(table.get("CapacityUnits", 0) for table in consumed))


def rows_of(operation: str, answer: Answer) -> int | None:
    """The items that the answer to an operation holds; None where it is no read."""
    count = _ROWS.get(operation)
    if count is None:
        return None
    return count(answer.body) if answer.items is None else len(answer.items)


def one_table(tables: str) -> str | None:
    """The table of an operation, by `Operation.table`; None where it names several."""
    return None if "," in tables else tables


def _json_of(consumed: Mapping[str, Any]) -> str:
    """What a table consumed, as JSON; most answers tell the units alone, of which few differ."""
    table, units = consumed.get("TableName"), consumed.get("CapacityUnits")
    if len(consumed) > _TABLE_AND_UNITS or table is None or units is None:
        told = json.dumps(consumed)
        if len(told) <= _LONGEST_CONSUMED:
            return told
    return _json_of_units(told_name(table, LONGEST_INDEX), units or 0)


_TABLE_AND_UNITS = 2
_LONGEST_CONSUMED = 16_384
"""Characters: a table has 25 indexes at most, each with a name of 255 and three numbers."""


@lru_cache(maxsize=1024, typed=True)
def _json_of_units(table: str, units: float) -> str:
    return json.dumps({"TableName": table, "CapacityUnits": units})


def _size(asked: Mapping[str, list[Any]] | list[Any]) -> int:
    """How many keys a batch asks of a table, or how many writes it holds for one."""
    return len(asked["Keys"] if isinstance(asked, Mapping) else asked)


_ROWS: dict[str, Callable[[Mapping[str, Any]], int]] = {
    "GetItem": lambda body: 1 if body.get("Item") else 0,
    "Query": lambda body: body.get("Count", 0),
    "Scan": lambda body: body.get("Count", 0),
    "BatchGetItem": lambda body: sum(map(len, body.get("Responses", {}).values())),
    "TransactGetItems": lambda body: sum("Item" in got for got in body.get("Responses", ())),
}


def is_refusal(error: BaseException | None) -> bool:
    """Whether an error says that a condition did not hold, and no more: an answer, and no failure.

    It decides so for log levels and the status of spans alike. So says a canceled transaction if a
    condition of its writes did not hold, and nothing else than load stood against the other ones.
    One that gives no reasons does not.
    """
    if not isinstance(error, TransactionCanceled):
        return isinstance(error, ConditionFailed | ItemNotFound)
    stood = [reason for reason in error.reasons if not isinstance(reason, Throttled | None)]
    return bool(stood) and all(map(is_refusal, stood))
