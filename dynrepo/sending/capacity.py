"""Whether an engine tells the capacity that a request consumed, which tells what an answer lost.

DynamoDB adds the consumed capacity to whatever answer it is asked to, and it is asked wherever an
answer may have no other member: there an empty one has lost it. Older Alternators, and some proxies
and emulators, do not tell it; an empty answer of theirs means that nothing is stored, or was to be
said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.operations.operation import Operation, nothing

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer

CAPACITY = "ConsumedCapacity"
"""The member of an answer that tells it."""

_ITEM_ANSWERS = {"GetItem", "UpdateItem", "DeleteItem", "Query", "BatchGetItem"}
"""What may be answered with an item, and is asked for the capacity."""


class ConsumedCapacity:
    """What the answers of an engine have shown of it; safe for threads without a lock.

    An engine that told it once is one that tells it: `is_told` is never taken back.
    """

    def __init__(self) -> None:
        self.is_told = False
        self._was_left_out = self._was_missed = False

    @property
    def is_known(self) -> bool:
        """Whether any answer has shown it yet."""
        return self.is_told or self._was_left_out

    @property
    def is_left_out(self) -> bool:
        """Whether it is known that it is not told."""
        return self._was_left_out and not self.is_told

    def see(self, operation_name: str, answer: Answer) -> None:
        """Learns that it is told, or notes that a whole answer had everything else."""
        if CAPACITY in answer.body:
            self.is_told = True
        elif operation_name in _ITEM_ANSWERS:
            self._was_missed = True

    def learn(self, answer: Answer) -> None:
        """Learns from the answer to the probe, which tells it where any does."""
        if CAPACITY in answer.body:
            self.is_told = True
        else:
            self._was_left_out = True

    def judge(self) -> None:
        """Learns from the answers before, where the probe has none: a role may lack `Scan`."""
        self._was_left_out = self._was_missed


def capacity_probe(operation: Operation[Any]) -> Operation[None]:
    """Reads a row of a table, or none: DynamoDB always tells what that consumed.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
    """
    table = operation.parts[0].table if operation.parts else operation.table
    request = {"TableName": table, "Limit": 1}
    return Operation("Scan", table, request, nothing, deadline=operation.deadline)
