"""The door to DynamoDB: one method that sends an operation and says truly what came of it."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.aws.base_store import BaseStore
from dynrepo.aws.pending import PATIENCE
from dynrepo.blocking.sender import Sender
from dynrepo.blocking.waits import ended, sleep
from dynrepo.clock import begin_call, current_end, ends_at, prepared_by, steady
from dynrepo.operations.operation import Answer
from dynrepo.public import public
from dynrepo.sending.outcomes import DeadlineExceeded
from dynrepo.sending.retry import ATTEMPTS

if TYPE_CHECKING:
    from dynrepo.aws.base_store import AnyConnection
    from dynrepo.aws.pending import Pending
    from dynrepo.aws.sender_choice import MakeDirect
    from dynrepo.operations.operation import Operation
    from dynrepo.protocol.endpoint import Timeouts
    from dynrepo.sending.sender_used import SenderUsed

R = TypeVar("R")


@public
class DynamoStore(BaseStore):
    """DynamoDB over PynamoDB's `Connection`, which gets credentials and endpoint from botocore.

    One store serves any number of repositories, threads and forked processes. Nothing is
    resolved or connected before the first call. The time of that begins when botocore is imported
    and its client made, which has 30 s of its own. `with` closes the store at the end of the
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
        pool_size: Idle connections that are kept, 50 by default; more may be in use.
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

    _fires_signals = True
    _sender: Sender

    @property
    def sender(self) -> SenderUsed:
        """Who sends the requests now, `direct` or `botocore`, and the reason as a sentence.

        A `SendingFailed` where that is not known: the blocking store could not open its client to
        tell, or the asynchronous one has sent nothing yet.
        """
        return self._opened().chooser.used

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, again where that is safe, until it is answered or its time is up.

        Args:
            operation: The request, and what sending it twice would do.

        Returns:
            What the engine answered.

        Raises:
            DynrepoError: It is not done, or may not be; nothing else is raised.
        """
        if self._main.ready is None:
            self._prepare(operation)
        within = self.deadline
        ends = steady.monotonic() + within if current_end.get() is None else ends_at(within)
        if operation.deadline is not None:
            ends = min(ends, steady.monotonic() + operation.deadline)
        return self._sender.send(operation, ends)

    def sleep(self, seconds: float, /) -> None:
        """Waits between the requests of a verb.

        Args:
            seconds: For how long.
        """
        sleep(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepare(self, operation: Operation[Any]) -> None:
        """Waits for the connection, as long as it may take before the time of the call begins."""
        ends, latest = self._prepared_by(operation), steady.monotonic() + PATIENCE
        preparing = Sender(
            partial(self._prepared, ends),
            attempts=self._attempts or ATTEMPTS,
            budget=self._preparing_budget,
        )
        preparing.send(operation.replaced(accepts=None), min(ends, latest))  # no answer yet
        begin_call()

    def _prepared(
        self,
        ends: float,
        _operation: Operation[Any],
        attempt: int,
        latest: float,
        **_: bool,
    ) -> Answer:
        _result(self._main.pending(ends, latest))
        return Answer({}, attempts=attempt)

    def _attempt(
        self, operation: Operation[Any], attempt: int, ends: float, *, anew: bool
    ) -> Answer:
        if steady.monotonic() >= ends:
            raise DeadlineExceeded
        preparation = self._main if operation.deadline is None else self._probe
        chooser = (preparation.ready or _result(preparation.pending(ends))).chooser
        sender = chooser.sender_now(operation) or chooser.sender_for(operation, ends)
        answer: Answer = sender.send(operation, attempt, ends, anew=anew)
        return answer

    def _opened(self) -> AnyConnection:
        return self._main.ready or _result(self._main.pending(prepared_by(math.inf)))

    def _begin_sending(self) -> None:
        self._sender = Sender(
            self._attempt,
            attempts=self._attempts or ATTEMPTS,
            budget=self._budget,
            locate=lambda: self.location,
        )

    def _make_direct(self, timeouts: Timeouts) -> MakeDirect:
        from dynrepo.aws.errors import unsent  # noqa: PLC0415 - imports botocore
        from dynrepo.blocking.direct import DirectSender  # noqa: PLC0415

        return lambda target, credentials: DirectSender(
            target, credentials, unsent, timeouts, self._pool_size
        )


def _result(pending: Pending[R]) -> R:
    """What is waited for, in time; a `NotSent` where that is up."""
    ended(pending.task, pending.seconds)
    return pending.result()
