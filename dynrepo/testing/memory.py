"""`MemoryStore`: DynamoDB in memory, below real repositories.

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
from dynrepo.operations.operation import Answer, Location, Operation
from dynrepo.operations.table_plan import TablePlan
from dynrepo.operations.tables import create_table
from dynrepo.public import public_in
from dynrepo.sending.interrupted import handed_over
from dynrepo.sending.outcomes import DeadlineExceeded
from dynrepo.sending.retry import RetryBudget
from dynrepo.settings import checked_arguments
from dynrepo.testing.database import Body, Database
from dynrepo.testing.dumps import dump_of, tables_of
from dynrepo.testing.expiry import purged
from dynrepo.testing.faults import Exchange
from dynrepo.testing.grammar import check_expressions
from dynrepo.testing.handlers import HANDLERS
from dynrepo.testing.injections import FaultyExchange, Injection, Injections
from dynrepo.testing.refusals import refused
from dynrepo.testing.rules import copied
from dynrepo.testing.shared_tables import declared
from dynrepo.wiring import check_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from dynrepo.aio.repository import AsyncRepository
    from dynrepo.aio.sender import AsyncSender
    from dynrepo.blocking.repository import Repository
    from dynrepo.codec import Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.testing.faults import Fault


@public_in("dynrepo.testing")
class MemoryStore:
    """A store that keeps its tables in this process, for tests; safe for threads and tasks.

    Blocking and asynchronous repositories above it see the same items; each request of the latter
    gives other tasks a turn before it is applied.

    It refuses what DynamoDB refuses, with the errors of a `DynamoStore`, and repeats like one, but
    does not wait. The environment changes nothing: repositories above it have the default settings.

    ```python
    store = MemoryStore(Users, Orders)
    users = Users(store)
    also_users = AsyncUsers(store)
    ```

    Args:
        *repositories: Classes whose tables it starts with; one table that several of them declare
            has the indexes of all.
        table_prefix: What every table name starts with.
        deadline: Seconds for a call with all its attempts.
        clock: Returns the seconds since 1970, by which items expire and tokens of transactions are
            forgotten.

    Raises:
        SchemaError: Two classes that declare one table contradict each other.
        SettingsError: `table_prefix` or `deadline` is wrong, as it would be for a `DynamoStore`.
        TypeError: A class is none of repositories, or `clock` cannot be called.
    """

    settings: Final = None
    """None: no setting leads elsewhere."""

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
        self._injections = Injections(self.table_prefix)
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
        """Answers an operation.

        Args:
            operation: The request.

        Returns:
            What DynamoDB would answer.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
        return self._sender.send(operation, self._end_of(operation))

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Answers an operation as `execute` does, after other tasks had their turn.

        Args:
            operation: The request.

        Returns:
            What DynamoDB would answer.

        Raises:
            DynrepoError: It is not done; nothing else is raised.
        """
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
        """Lets a fault meet requests to come; of several the latest goes first.

        Every attempt of a call is a request.

        Args:
            fault: One of `dynrepo.testing.faults`, or a function of an `Exchange`.
            on: DynamoDB's name of the operation that it meets, as in `GetItem`; without it, any.
            table: The table, with or without the prefix; without it, any.
            when: Says of an operation whether it is met.
            times: How many requests it meets; None for all.

        Returns:
            What counts the requests that it met, and removes it at the end of a `with` block.

        Raises:
            TypeError: `fault` or `when` cannot be called, or `fault` makes one and was not called.
            ValueError: `on` is no operation, or `times` is less than 0.
        """
        return self._injections.add(fault, on, table, when, times)

    def items(self, table: str) -> list[Item]:
        """What a table holds, as it is stored.

        Args:
            table: Its full name.

        Returns:
            Copies of its items in DynamoDB JSON.
        """
        with self._lock:
            rows = self._database.table(table).items
            return [copied(rows.rows[position].item) for position in rows.order]

    def purge_expired(self) -> int:
        """Removes every item whose time to live has passed, as DynamoDB does within days.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html

        Returns:
            How many were removed.
        """
        with self._lock:
            now = self._database.clock()
            return sum(purged(table, now) for table in self._database.tables.values())

    def dump(self) -> dict[str, Any]:
        """Takes down all tables and items.

        Returns:
            A value that JSON can hold, for `load`.
        """
        with self._lock:
            return dump_of(self._database)

    def load(self, dumped: Mapping[str, Any]) -> Self:
        """Adds the tables of a dump, in place of those with the same name.

        Args:
            dumped: What `dump` returned, of this store or of another one.

        Returns:
            The store itself.
        """
        with self._lock:
            self._database.tables |= tables_of(dumped)
        return self

    def _declare(self, mapper: Mapper[Any]) -> None:
        """Makes a table, or gives one that is there what it lacks, in whatever time there is."""
        creation = create_table(mapper, TablePlan())
        if mapper.table not in self._database.tables:
            self._sender.send(creation, math.inf)
        table = self._database.tables[mapper.table]
        expiry = None if mapper.expiry is None else mapper.expiry.attribute
        self._database.tables[mapper.table] = declared(table, creation.request, expiry)

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
        fault = self._injections.fault_for(operation)
        if fault is None:
            return None
        return FaultyExchange(fault, Exchange(operation, ends, self._body))

    def _answer(self, body: Body, attempt: int) -> Answer:
        return Answer(body, request_id=f"memory-{next(self._numbers)}", attempts=attempt)

    def _body(self, operation: Operation[Any]) -> Body:
        handler = HANDLERS.get(operation.name)
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
