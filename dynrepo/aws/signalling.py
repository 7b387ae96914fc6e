"""PynamoDB's signals around requests that PynamoDB does not send."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from dynrepo.operations.operation import Answer, Operation


class SignallingSender:
    """A sender around which PynamoDB's signals are fired; the second for what was answered."""

    def __init__(self, connection: Any, sender: Any) -> None:
        self._connection = connection
        self._sender = sender

    def send(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool = False
    ) -> Answer:
        """The answer to an operation, by the sender."""
        signal = operation.name, uuid4(), operation.request.get("TableName")
        with suppress(Exception):  # PynamoDB logs what a receiver raises, and a handler may raise
            self._connection.send_pre_boto_callback(*signal)
        answer: Answer = self._sender.send(operation, attempt, ends, anew=anew)
        with suppress(Exception):
            self._connection.send_post_boto_callback(*signal)
        return answer
