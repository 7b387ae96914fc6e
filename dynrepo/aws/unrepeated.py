"""A connection of the caller's without its own retries, as long as a store sends over it.

PynamoDB and botocore repeat every request alike by default: an `add` whose answer was lost counts
twice, and a `create` is told that its own item is in the way.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dynrepo.aws.errors import unsent
from dynrepo.protocol.answer import OK, verify

if TYPE_CHECKING:
    from pynamodb.connection import Connection

    from dynrepo.aws.botocore_sender import BotocoreSender
    from dynrepo.operations.operation import Answer, Operation

_sent_by_store: ContextVar[bool] = ContextVar("dynrepo_sent_by_store", default=False)


class UnrepeatedSender:
    """botocore's sender over a connection of the caller's, each request of which is sent once."""

    def __init__(self, sender: BotocoreSender, connection: Connection) -> None:
        self._sender = sender
        self._connection = connection
        self._watched: Any = None

    def send(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool = False
    ) -> Answer:
        """The answer to an operation, by the sender."""
        try:
            self._watch(self._connection.client)
        except Exception as error:
            raise unsent(error) from error
        token = _sent_by_store.set(True)
        try:
            return self._sender.send(operation, attempt, ends, anew=anew)
        finally:
            _sent_by_store.reset(token)

    def _watch(self, client: Any) -> None:
        """Has a client ask, before it repeats a request, whether a store sends it."""
        events = getattr(client.meta, "events", None)
        if client is not self._watched and events is not None:
            events.register_first("needs-retry.dynamodb", _end, unique_id="dynrepo-unrepeated")
        self._watched = client


def _end(response: Any, caught_exception: Any, operation: Any, **_: Any) -> None:
    """Raises what a request of a store came to, where botocore may repeat it."""
    if not _sent_by_store.get():
        return
    if caught_exception is not None:
        raise caught_exception
    answer, parsed = response
    verify(operation.name, answer.status_code, answer.headers, answer.content)
    if answer.status_code != OK:
        raise ClientError(parsed, operation.name)
