"""Faults on demand: what goes wrong between a repository and its tables.

::

    store.inject(throttling(), on="GetItem", times=2)
    store.inject(lost_reply(), on="PutItem")

A fault is a function: it is given the `Exchange` of one request, and returns the body of an answer
or raises. One that takes its time is a generator: it yields the seconds to wait, which block no
loop, and returns the body. One of your own is as good as those here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

from dynrepo.callbacks import check_called
from dynrepo.clock import steady
from dynrepo.sending.outcomes import AnswerTimedOut, NotConnected
from dynrepo.testing.database import Body
from dynrepo.testing.refusals import answered, refused

if TYPE_CHECKING:
    from dynrepo.operations.operation import Operation


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request on its way: the operation, when it must be answered, and how it is answered.

    `ends` is on the clock of `time.monotonic`. `answer()` applies the request and returns the body;
    given another request, it applies that one in its place.
    """

    operation: Operation[Any]
    ends: float
    apply: Callable[[Operation[Any]], Body] = field(repr=False)

    def answer(self, request: Mapping[str, Any] | None = None) -> Body:
        """Applies the request and returns the body of its answer."""
        wanted = self.operation if request is None else self.operation.replaced(request=request)
        return self.apply(wanted)


Fault: TypeAlias = Callable[[Exchange], Body | Generator[float, None, Body]]


class FaultyExchange:
    """One exchange as a fault has it: pauses, and then the `body` of the answer."""

    def __init__(self, fault: Fault, exchange: Exchange) -> None:
        self._fault = fault
        self._exchange = exchange
        self.body: Body = {}

    def pauses(self) -> Generator[float]:
        """Seconds to wait, one pause after the other; raises what the fault raises.

        What botocore would raise becomes an outcome of sending, as on a network.
        """
        try:
            met = self._fault(self._exchange)
            self.body = (yield from met) if isinstance(met, Generator) else met
        except Exception as error:
            packages = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
            if packages.isdisjoint({"botocore", "pynamodb"}):
                raise
            from dynrepo.aws.errors import outcome_of  # noqa: PLC0415 - botocore is there already

            raise outcome_of(error) from error


def refusal(code: str, message: str = "", *, status: int = 400) -> Fault:
    """DynamoDB refuses with an error code, and applies nothing."""

    def fault(_: Exchange) -> Body:
        raise answered(code, message, status=status)

    return fault


def throttling() -> Fault:
    """The table is over its throughput; nothing is applied."""
    return refusal("ProvisionedThroughputExceededException")


def server_error() -> Fault:
    """DynamoDB fails on its side, and it is unknown whether it applied the request: it did not."""
    return refusal("InternalServerError", status=500)


def unreachable() -> Fault:
    """Nothing answers at the endpoint; nothing is applied."""

    def fault(_: Exchange) -> Body:
        raise NotConnected

    return fault


def lost_reply() -> Fault:
    """The request is applied, and its answer is lost."""

    def fault(exchange: Exchange) -> Body:
        exchange.answer()
        raise AnswerTimedOut

    return fault


def latency(seconds: float) -> Fault:
    """The answer comes late; when the call's time is up before, it is applied and never comes."""

    def fault(exchange: Exchange) -> Generator[float, None, Body]:
        left = max(0.0, exchange.ends - steady.monotonic())
        yield min(seconds, left)
        body = exchange.answer()
        if seconds > left:
            raise AnswerTimedOut
        return body

    return fault


def unprocessed(count: int = 1) -> Fault:
    """A batch comes back with the last `count` of its keys or writes not done; others are done."""

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
    """The table is described in this state; CREATING or DELETING, it serves no request."""

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


_MAKERS: Final = (
    refusal,
    throttling,
    server_error,
    unreachable,
    lost_reply,
    latency,
    unprocessed,
    table_status,
)


def check_fault(fault: Any) -> None:
    """TypeError unless this can be called with an `Exchange`."""
    if fault in _MAKERS:
        raise TypeError(f"{fault.__name__} makes a fault: inject({fault.__name__}(...))")
    check_called("a fault", fault, "a function of an Exchange")


@dataclass
class Injection:
    """A fault for requests to come; a context manager that removes it at the end of its block.

    `hits` counts the requests that it met.
    """

    fault: Fault
    applies: Callable[[Operation[Any]], bool]
    times: int | None
    hits: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has met all the requests that it was for."""
        return self.hits == self.times

    def meets(self, operation: Operation[Any]) -> bool:
        """Whether it meets this request; counts it."""
        if self.spent or not self.applies(operation):
            return False
        self.hits += 1
        return True

    def remove(self) -> None:
        """Lets every further request pass."""
        self.times = self.hits

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()
