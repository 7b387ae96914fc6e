"""The door to DynamoDB: one method that sends an operation and says truly what came of it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.aio.sender import AsyncSender
from dynrepo.aio.waits import ended, sleep
from dynrepo.aws.base_store import BaseStore
from dynrepo.aws.pending import PATIENCE
from dynrepo.aws.workers import Workers
from dynrepo.clock import begin_call, current_end, ends_at, steady
from dynrepo.errors import SettingsError
from dynrepo.instrumentation.events import SenderChosen, note
from dynrepo.operations.operation import Answer
from dynrepo.public import public
from dynrepo.sending.interrupted import note_interrupted
from dynrepo.sending.outcomes import AnswerTimedOut, DeadlineExceeded, NotPrepared
from dynrepo.sending.retry import ATTEMPTS

if TYPE_CHECKING:
    from dynrepo.aws.base_store import AnyConnection
    from dynrepo.aws.pending import Pending
    from dynrepo.aws.sender_choice import AnySender, MakeDirect
    from dynrepo.operations.operation import Operation
    from dynrepo.protocol.endpoint import Timeouts
    from dynrepo.sending.sender_used import SenderUsed

R = TypeVar("R")

SENDING = "dynrepo-botocore"
"""The name of the threads in which botocore's sender sends."""

_LEFT_TO_TELL = 0.1
"""Seconds after the end of a call in which botocore's sender tells what became of the request."""


@public
class AsyncDynamoStore(BaseStore):
    """DynamoDB over PynamoDB's `Connection`, which gets credentials and endpoint from botocore.

    One store serves any number of repositories, tasks, loops and forked processes. Nothing is
    resolved or connected before the first call. Times are in seconds: `connect_timeout` and
    `read_timeout` bound one wait on the socket, `deadline` bounds a call with all its attempts, of
    which there are `attempts` at most, from 1 to 4; where none are given AWS_MAX_ATTEMPTS and the
    profile say how many, or 4. The time of a first call begins when botocore is imported and its
    client made, which has 30 s of its own. `pool_size` connections are in use at a time in a loop.

    What no argument says, `settings` do; without them the variables DYNREPO_REGION,
    DYNREPO_TABLE_PREFIX and so on, which are read now, and of which `settings=Settings()` reads
    none. What neither says is for AWS's own environment, or has the default of `Settings`.
    `SettingsError` for a variable whose value is wrong, unless an argument takes its place, and for
    one that is misspelt.

    With `transport="auto"` requests go out over this library's own sender wherever it does what
    botocore's would, and over botocore's everywhere else, in `pool_size` threads at most; with
    `"botocore"` always over botocore's. `async with` closes the store at the end of the block.
    """

    _fires_signals = False  # whoever receives them would hold up the loop
    _sender: AsyncSender

    @property
    def sender(self) -> SenderUsed:
        """Who sends the requests now, `direct` or `botocore`, and the reason as a sentence.

        A `SendingFailed` where that is not known: the blocking store could not open its client to
        tell, or the asynchronous one has sent nothing yet.
        """
        for preparation in (self._main, self._probe):  # a look at its health is a call, too
            connection = preparation.ready
            known = None if connection is None else connection.chooser.known
            if known is not None:
                return known
        raise NotPrepared(_CALL_FIRST)

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, again where that is safe, until it is answered or its time is up."""
        _require_asyncio()
        if self._main.ready is None:
            await self._prepare(operation)
        within = self.deadline
        ends = steady.monotonic() + within if current_end.get() is None else ends_at(within)
        if operation.deadline is not None:
            ends = min(ends, steady.monotonic() + operation.deadline)
        return await self._sender.send(operation, ends)

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits between the requests of a verb."""
        await sleep(seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def _prepare(self, operation: Operation[Any]) -> None:
        """Waits for the connection, as long as it may take before the time of the call begins."""
        ends, latest = self._prepared_by(operation), steady.monotonic() + PATIENCE
        preparing = AsyncSender(
            partial(self._prepared, ends),
            attempts=self._attempts or ATTEMPTS,
            budget=self._preparing_budget,
        )
        await preparing.send(operation.replaced(accepts=None), min(ends, latest))  # no answer yet
        begin_call()

    async def _prepared(
        self,
        ends: float,
        _operation: Operation[Any],
        attempt: int,
        latest: float,
        **_: bool,
    ) -> Answer:
        await _result(self._main.pending(ends, latest))
        return Answer({}, attempts=attempt)

    async def _attempt(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool
    ) -> Answer:
        if steady.monotonic() >= ends:
            raise DeadlineExceeded
        is_probe = operation.deadline is not None
        preparation = self._probe if is_probe else self._main
        connection: Any = preparation.ready
        if connection is None:
            connection = await _result(preparation.pending(ends))
        chooser = connection.chooser
        while (sender := chooser.sender_now(operation)) is None:
            choice = await _result(chooser.pending(ends))
            note(SenderChosen(choice.used))
        if sender is chooser.botocore:
            workers = self._probing if is_probe else self._workers
            return await _answer(workers, sender, operation, attempt, ends)
        answer: Answer = await sender.send(operation, attempt, ends, anew=anew)
        return answer

    def _opened(self) -> AnyConnection:
        if self._main.ready is None:
            raise NotPrepared(_CALL_FIRST)
        return self._main.ready

    def _begin_sending(self) -> None:
        self._sender = AsyncSender(
            self._attempt,
            attempts=self._attempts or ATTEMPTS,
            budget=self._budget,
            locate=lambda: self.location,
        )
        self._workers = Workers(self._pool_size, SENDING)
        self._probing = Workers(self._pool_size, SENDING)

    def _make_direct(self, timeouts: Timeouts) -> MakeDirect:
        from dynrepo.aio.direct import AsyncDirectSender  # noqa: PLC0415
        from dynrepo.aws.errors import unsent  # noqa: PLC0415 - imports botocore

        return lambda target, credentials: AsyncDirectSender(
            target, credentials, unsent, timeouts, self._pool_size
        )


async def _result(pending: Pending[R]) -> R:
    """What is waited for, in time; a `NotSent` where that is up."""
    await ended(pending.task, pending.seconds)
    return pending.result()


async def _answer(
    workers: Workers, sender: AnySender, operation: Operation[Any], attempt: int, ends: float
) -> Answer:
    """The answer by a sender that blocks, in a thread, which a caller who is gone leaves alone."""
    task = workers.task(partial(sender.send, operation, attempt, ends))
    try:
        await ended(task, ends - steady.monotonic())
    except BaseException as error:
        note_interrupted(error, 1, in_doubt=not workers.withdraw(task))
        raise
    has_not_begun = not task.is_done and workers.withdraw(task)
    if has_not_begun:
        raise DeadlineExceeded(remedy="all threads of botocore's sender are busy; see pool_size")
    if not await ended(task, _LEFT_TO_TELL):
        raise AnswerTimedOut("botocore's sender has not come back in time")
    return task.outcome()


def _require_asyncio() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError as error:
        raise SettingsError("AsyncDynamoStore runs on asyncio only, in a running loop") from error


_CALL_FIRST = "nothing was sent yet: make a call first"
