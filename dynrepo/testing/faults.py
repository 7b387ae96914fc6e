"""Faults on demand: what goes wrong between a repository and its tables.

```python
store.inject(throttling(), on="GetItem", times=2)
store.inject(lost_reply(), on="PutItem")
```

A fault is a function: it is given the `Exchange` of one request, and returns the body of an answer
or raises. One that takes its time is a generator: it yields the seconds to wait, which block no
loop, and returns the body. One of your own is as good as those here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from dynrepo.clock import steady
from dynrepo.sending.outcomes import AnswerTimedOut, NotConnected
from dynrepo.testing.database import Body
from dynrepo.testing.refusals import answered, refused

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way, as a fault is given it.

    Attributes:
        operation: What is asked.
        ends: When it must be answered, in seconds of `time.monotonic`.
        apply: Applies an operation, and returns the body of its answer; `answer` calls it.
    """

    operation: Operation[Any]
    ends: float
    apply: Callable[[Operation[Any]], Body] = field(repr=False)

    def answer(self, request: Mapping[str, Any] | None = None) -> Body:
        """Applies the request.

        Args:
            request: Other parameters in DynamoDB JSON, in the place of its own.

        Returns:
            The body of the answer.
        """
        wanted = self.operation if request is None else self.operation.replaced(request=request)
        return self.apply(wanted)


Fault: TypeAlias = Callable[[Exchange], Body | Generator[float, None, Body]]


def refusal(code: str, message: str = "", *, status: int = 400) -> Fault:
    """DynamoDB refuses with an error code, and applies nothing.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html

    Args:
        code: As in `AccessDeniedException`.
        message: AWS's sentence; of those that are not known to the library nothing is told.
        status: The status of the HTTP answer.

    Returns:
        A fault for `MemoryStore.inject`, which never raises by itself.
    """

    def fault(_: Exchange) -> Body:
        raise answered(code, message, status=status)

    return fault


def throttling() -> Fault:
    """The table is over its throughput; nothing is applied.

    Returns:
        A fault: callers see `Throttled`, once their attempts are used up.
    """
    return refusal("ProvisionedThroughputExceededException")


def server_error() -> Fault:
    """DynamoDB fails on its side, and it is unknown whether it applied the request: it did not.

    Returns:
        A fault: callers see `Unavailable` of a read, and `OutcomeUnknown` of a write, where no
            attempt is left.
    """
    return refusal("InternalServerError", status=500)


def unreachable() -> Fault:
    """Nothing answers at the endpoint; nothing is applied.

    Returns:
        A fault, which never raises before a request meets it: callers see `Unavailable`.
    """

    def fault(_: Exchange) -> Body:
        raise NotConnected

    return fault


def lost_reply() -> Fault:
    """The request is applied, and its answer is lost.

    Returns:
        A fault, which never raises before a request meets it: callers see `Timeout` of a read, and
            `OutcomeUnknown` of a write, where no attempt is left.
    """

    def fault(exchange: Exchange) -> Body:
        exchange.answer()
        raise AnswerTimedOut

    return fault


def latency(seconds: float) -> Fault:
    """The answer comes late; when the call's time is up before, it is applied and never comes.

    Args:
        seconds: By how much. It is waited for.

    Returns:
        A fault, which never raises before a request meets it.
    """

    def fault(exchange: Exchange) -> Generator[float, None, Body]:
        left = max(0.0, exchange.ends - steady.monotonic())
        yield min(seconds, left)
        body = exchange.answer()
        if seconds > left:
            raise AnswerTimedOut
        return body

    return fault


def unprocessed(count: int = 1) -> Fault:
    """A batch comes back with its last keys or writes not done; other requests are done.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html

    Args:
        count: How many are not done.

    Returns:
        A fault: callers see `Unprocessed`, once their rounds are used up.
    """

    def fault(exchange: Exchange) -> Body:
        if "RequestItems" not in exchange.operation.request:
            return exchange.answer()
        reads = exchange.operation.name == "BatchGetItem"
        done: Body = {}
        left: Body = {}
        room = count
        for table, wanted in reversed(exchange.operation.request["RequestItems"].items()):
            requests = wanted["Keys"] if reads else wanted
            cut = max(0, len(requests) - room)
            room -= len(requests) - cut
            for target, some in ((done, requests[:cut]), (left, requests[cut:])):
                if some:
                    target[table] = {**wanted, "Keys": some} if reads else some
        parameter = "UnprocessedKeys" if reads else "UnprocessedItems"
        body: Body = exchange.answer({"RequestItems": done}) if done else {"Responses": {}}
        return {**body, parameter: left}

    return fault


def table_status(status: str, *, index_status: str | None = None) -> Fault:
    """The table is described in this state; CREATING or DELETING, it serves no request.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html

    Args:
        status: As in `UPDATING`.
        index_status: The state of its global indexes; without it, as they are.

    Returns:
        A fault, which never raises before a request meets it.
    """

    def fault(exchange: Exchange) -> Body:
        if exchange.operation.name != "DescribeTable":
            if status in ("CREATING", "DELETING"):
                raise refused("ResourceNotFoundException", "Requested resource not found")
            return exchange.answer()
        body = exchange.answer()
        table = {**body["Table"], "TableStatus": status}
        if index_status is not None:
            table["GlobalSecondaryIndexes"] = [
                {**index, "IndexStatus": index_status}
                for index in table.get("GlobalSecondaryIndexes", ())
            ]
        return {**body, "Table": table}

    return fault


MAKERS: Final = (
    refusal,
    throttling,
    server_error,
    unreachable,
    lost_reply,
    latency,
    unprocessed,
    table_status,
)
