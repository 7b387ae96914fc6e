"""`MemoryStore`: DynamoDB in memory, below real repositories.

::

    store = MemoryStore(Users, Orders)
    users = Users(store)
    also_users = AsyncUsers(store)

Keys, codec, conditions, indexes, cursors and errors are the real ones; there is no network and no
process. It starts in a millisecond and answers in microseconds.
"""

from __future__ import annotations

import math
import threading
import time
from functools import cached_property
from itertools import count
from types import coroutine
from typing import TYPE_CHECKING, Any, Final, Self

from dynrepo.blocking.sender import Sender
from dynrepo.callbacks import check_called
from dynrepo.clock import ends_at, seconds_since_1970, steady
from dynrepo.errors import SchemaError
from dynrepo.operations.operation import Answer, Location, Operation
from dynrepo.operations.table_plan import TablePlan
from dynrepo.operations.tables import create_table
from dynrepo.public import public_in
from dynrepo.sending.interrupted import handed_over
from dynrepo.sending.outcomes import DeadlineExceeded
from dynrepo.sending.retry import RetryBudget
from dynrepo.settings import checked_arguments
from dynrepo.testing import (
    batch_requests,
    item_requests,
    query_requests,
    table_requests,
    transaction_requests,
)
from dynrepo.testing.database import Body, Database
from dynrepo.testing.expiry import purged
from dynrepo.testing.faults import Exchange, Fault, FaultyExchange, Injection, check_fault
from dynrepo.testing.grammar import check_expressions
from dynrepo.testing.refusals import refused
from dynrepo.testing.rules import admitted, copied
from dynrepo.testing.shared_tables import widened
from dynrepo.testing.tables import MemoryTable
from dynrepo.wiring import check_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from dynrepo.aio.repository import AsyncRepository
    from dynrepo.aio.sender import AsyncSender
    from dynrepo.blocking.repository import Repository
    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper

_HANDLERS: Final[dict[str, Callable[[Database, Operation[Any]], Body]]] = {
    **table_requests.HANDLERS,
    "GetItem": item_requests.get_item,
    "PutItem": item_requests.write_item,
    "UpdateItem": item_requests.write_item,
    "DeleteItem": item_requests.write_item,
    "BatchGetItem": batch_requests.batch_get_item,
    "BatchWriteItem": batch_requests.batch_write_item,
    "TransactGetItems": transaction_requests.transact_get_items,
    "TransactWriteItems": transaction_requests.transact_write_items,
    "Query": query_requests.query,
    "Scan": query_requests.scan,
}


@public_in("dynrepo.testing")
class MemoryStore:
    """A store that keeps its tables in this process, for tests; safe for threads and tasks.

    Blocking and asynchronous repositories above it see the same items; each request of the latter
    gives other tasks a turn before it is applied.

    Given repository classes, it starts with their tables; one that several of them declare has the
    indexes of all, and a SchemaError says where they contradict each other. It refuses what
    DynamoDB refuses, with the errors of a `DynamoStore`, and repeats like one, but does not wait.
    `deadline` is in seconds for a call with all its attempts; `clock` gives the time in seconds
    since 1970.

    The environment changes nothing: repositories above it have the default settings.
    """

    settings: Final = None

    def __init__(
        self,
        *repositories: type[Repository[Any] | AsyncRepository[Any]],
        table_prefix: str = "",
        deadline: float = 10.0,
        clock: Callable[[], float] = seconds_since_1970,
    ) -> None:
        given = checked_arguments({"table_prefix": table_prefix, "deadline": deadline})
        self.table_prefix: str = given["table_prefix"]
        self.deadline: float = given["deadline"]
        check_called("clock", clock, "called for the seconds since 1970")
        self._database = Database(clock)
        self._injections: list[Injection] = []
        self._lock = threading.RLock()
        self._numbers = count(1)
        self._budget = RetryBudget()
        self._sender = Sender(
            self._attempt, self.sleep, budget=self._budget, locate=lambda: self.location
        )
        for repository in repositories:
            check_repository("a MemoryStore", repository)
            self._declare(repository(self, instruments=()).mapper)

    @property
    def location(self) -> Location:
        """A made-up region and URL, another for each store."""
        return Location("memory", f"memory://dynrepo/{id(self):x}")

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the tables there are, sorted."""
        return tuple(sorted(self._database.tables))

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Answers an operation; raises a `DynrepoError`, and nothing else, when it is not done."""
        return self._sender.send(operation, self._end_of(operation))

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Answers an operation as `execute` does, after other tasks had their turn."""
        return await self._async_sender.send(operation, self._end_of(operation))

    def sleep(self, _: float, /) -> None:
        """Does not wait: neither between attempts, nor between the requests of a verb."""

    async def sleep_async(self, _: float, /) -> None:
        """Does not wait either, but gives other tasks a turn."""
        await _turn()

    def close(self) -> None:
        """Does nothing: there is nothing to close."""

    def inject(
        self,
        fault: Fault,
        *,
        on: str | None = None,
        table: str | None = None,
        when: Callable[[Operation[Any]], bool] = lambda _: True,
        times: int | None = 1,
    ) -> Injection:
        """Lets a fault meet the next `times` requests, or all when None; the latest goes first.

        `on` is the name of an operation, as in "GetItem"; `table` a table's name, with or without
        the prefix; `when` a predicate on the operation. Every attempt of a call is a request.
        TypeError or ValueError for what could never meet a request.
        """
        check_fault(fault)
        check_called("when", when, "a predicate on an operation")
        if on is not None and on not in _HANDLERS:
            raise ValueError(f"on is the name of an operation, such as GetItem, not {on!r}")
        if times is not None and times < 0:
            raise ValueError(f"a fault meets 0 requests or more, not {times}")

        def applies(operation: Operation[Any]) -> bool:
            names = (None, operation.table, operation.table.removeprefix(self.table_prefix))
            return on in (None, operation.name) and table in names and when(operation)

        injection = Injection(fault, applies, times)
        with self._lock:
            self._injections.insert(0, injection)
        return injection

    def items(self, table: str) -> list[Item]:
        """Copies of all items of a table in DynamoDB JSON; `table` is its full name."""
        with self._lock:
            rows = self._database.table(table).items
            return [copied(rows.rows[position].item) for position in rows.order]

    def purge_expired(self) -> int:
        """Removes every item whose time to live has passed, as DynamoDB does within days."""
        with self._lock:
            now = self._database.clock()
            return sum(purged(table, now) for table in self._database.tables.values())

    def dump(self) -> dict[str, Any]:
        """All tables and items as a value that JSON can hold."""
        with self._lock:
            return {
                name: {
                    "definition": copied(table.request),
                    "time_to_live": table.ttl,
                    "items": self.items(name),
                }
                for name, table in self._database.tables.items()
            }

    def load(self, dumped: Mapping[str, Any]) -> Self:
        """Adds the tables of a dump, in place of those with the same name."""
        with self._lock:
            for name, dumped_table in dumped.items():
                table = MemoryTable(copied(dumped_table["definition"]))
                table.ttl = dumped_table["time_to_live"]
                for dumped_item in dumped_table["items"]:
                    item, size = admitted(dumped_item)
                    table.put(table.keys.position(item), item, size)
                self._database.tables[name] = table
        return self

    def _declare(self, mapper: Mapper[Any]) -> None:
        """Makes a table, or gives one that is there what it lacks, in whatever time there is."""
        creation = create_table(mapper, TablePlan())
        if mapper.table not in self._database.tables:
            self._sender.send(creation, math.inf)
        table = self._database.tables[mapper.table]
        wider = table_requests.rebuilt(table, widened(table.request, creation.request))
        ttl = mapper.expiry
        if ttl is not None and wider.ttl not in (None, ttl.attribute):
            raise SchemaError(
                f"the table {mapper.table} is declared twice, with different ends of life:"
                f" {wider.ttl}; {ttl.attribute}"
            )
        wider.ttl = wider.ttl if ttl is None else ttl.attribute
        self._database.tables[mapper.table] = wider

    @cached_property
    def _async_sender(self) -> AsyncSender:
        from dynrepo.aio.sender import AsyncSender  # noqa: PLC0415 - imports asyncio

        sleep, budget = self.sleep_async, self._budget
        return AsyncSender(self._attempt_async, sleep, budget=budget, locate=lambda: self.location)

    def _end_of(self, operation: Operation[Any]) -> float:
        ends = ends_at(self.deadline)
        if operation.deadline is None:
            return ends
        return min(ends, steady.monotonic() + operation.deadline)

    def _attempt(self, operation: Operation[Any], attempt: int, ends: float, **_: Any) -> Answer:
        faulty = self._faulty(operation, ends)
        if faulty is None:
            return self._answer(self._body(operation), attempt)
        for seconds in faulty.pauses():
            time.sleep(seconds)
        return self._answer(faulty.body, attempt)

    async def _attempt_async(
        self, operation: Operation[Any], attempt: int, ends: float, **_: Any
    ) -> Answer:
        await _turn()
        faulty = self._faulty(operation, ends)
        if faulty is None:
            return self._answer(self._body(operation), attempt)
        from dynrepo.aio.waits import sleep  # noqa: PLC0415 - the sender has imported it

        with handed_over():
            for seconds in faulty.pauses():
                await sleep(seconds)
        return self._answer(faulty.body, attempt)

    def _faulty(self, operation: Operation[Any], ends: float) -> FaultyExchange | None:
        """A request in time as a fault has it; None where it meets none."""
        if steady.monotonic() >= ends:
            raise DeadlineExceeded
        fault = self._fault(operation)
        if fault is None:
            return None
        return FaultyExchange(fault, Exchange(operation, ends, self._body))

    def _answer(self, body: Body, attempt: int) -> Answer:
        return Answer(body, request_id=f"memory-{next(self._numbers)}", attempts=attempt)

    def _fault(self, operation: Operation[Any]) -> Fault | None:
        if not self._injections:
            return None
        with self._lock:
            self._injections = [injection for injection in self._injections if not injection.spent]
            return next(
                (injection.fault for injection in self._injections if injection.meets(operation)),
                None,
            )

    def _body(self, operation: Operation[Any]) -> Body:
        handler = _HANDLERS.get(operation.name)
        if handler is None:
            raise refused("UnknownOperationException", f"No {operation.name} in memory")
        for part in (operation, *operation.parts):
            check_expressions(part.expressions)
        with self._lock:
            return handler(self._database, operation)


@coroutine
def _turn() -> Generator[None]:
    """Lets the other tasks of the loop run, up to where they wait."""
    yield
