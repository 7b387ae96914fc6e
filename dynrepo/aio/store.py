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
    resolved or connected before the first call. The time of that begins when botocore is imported
    and its client made, which has 30 s of its own. `async with` closes the store at the end of the
    block.

    What no argument says, the variables DYNREPO_REGION, DYNREPO_TABLE_PREFIX and so on do, which
    are read when the store is made; else AWS's own environment, or the default of `Settings`.
    https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html

    Args:
        region: The AWS region; without it, and without its variables, that of the profile.
        endpoint: The URL of the engine, without credentials; without it, AWS's for the region.
        table_prefix: What every table name starts with, as in `staging-`.
        connect_timeout: Seconds for one connection; 1.0 by default.
        read_timeout: Seconds for one wait on the socket; 3.0 by default.
        deadline: Seconds for a call with all its attempts; 10.0 by default.
        attempts: Requests that a call may send, from 1 to 4; without it AWS_MAX_ATTEMPTS and the
            profile say how many, or it is 4.
        pool_size: Connections that are in use at a time in a loop, and threads in which botocore's
            sender sends, at most; 50 by default.
        connection: One of PynamoDB that your code makes; region, endpoint and timeouts are its own
            then, and botocore sends.
        transport: With `"auto"` requests go out over this library's own sender wherever it does
            what botocore's would, and over botocore's everywhere else; with
            `"botocore"` always over botocore's.
        settings: Say all that no argument does, in the place of the variables: of
            `settings=Settings()` none is read.

    Raises:
        SettingsError: An argument is wrong, or a variable whose place no argument takes, or the
            name of a variable is misspelt.
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
        """Sends an operation, again where that is safe, until it is answered or its time is up.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the engine answered.

        Raises:
            DynrepoError: It is not done, or may not be; nothing else is raised.
        """
        _require_asyncio()
        if self._main.ready is None:
            await self._prepare(operation)
        within = self.deadline
        ends = steady.monotonic() + within if current_end.get() is None else ends_at(within)
        if operation.deadline is not None:
            ends = min(ends, steady.monotonic() + operation.deadline)
        return await self._sender.send(operation, ends)

    async def sleep_async(self, seconds: float, /) -> None:
        """Waits between the requests of a verb.

        Args:
            seconds: For how long.
        """
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
