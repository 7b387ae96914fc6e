"""The door to DynamoDB: one method that sends an operation and says truly what came of it."""

from __future__ import annotations

from asyncio import sleep
from typing import TYPE_CHECKING, Any

from dynrepo.operations.operation import Answer, Location
from dynrepo.public import public
from dynrepo.sending.outcomes import NotSent

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation


@public
class AsyncDynamoStore:
    """DynamoDB for asynchronous repositories."""

    table_prefix = ""
    deadline = 10.0
    location = Location()

    async def execute_async(self, operation: Operation[Any], /) -> Answer:  # noqa: ARG002
        """Sends an operation, again where that is safe, until it is answered or its time is up."""
        raise NotSent(code="NotYet")

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits between the requests of a verb."""
        await sleep(seconds)
