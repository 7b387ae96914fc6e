"""The door to DynamoDB: one method that sends an operation and says truly what came of it."""

from __future__ import annotations

import math
import os
import re
import time
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.blocking.preparation import CLIENT, PATIENCE, Preparation
from dynrepo.blocking.sender import Sender
from dynrepo.clock import begin_call, current_end, ends_at, prepared_by
from dynrepo.errors import SettingsError
from dynrepo.interruption import pass_interruption
from dynrepo.operations.operation import Answer, Location
from dynrepo.public import public
from dynrepo.sending.outcomes import DeadlineExceeded, NotSent, SendingFailed
from dynrepo.sending.retry import ATTEMPTS, RetryBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.aws.connection import Connection, GivenConnection, WireConnection
    from dynrepo.aws.sender_choice import SenderUsed
    from dynrepo.operations.operation import Operation

    _Connection: TypeAlias = WireConnection | GivenConnection


@public
class DynamoStore:
    """DynamoDB over PynamoDB's `Connection`, which gets credentials and endpoint from botocore.

    One store serves any number of repositories, threads and forked processes. Nothing is resolved
    or connected before the first call. Times are in seconds: `connect_timeout` and `read_timeout`
    bound one wait on the socket, `deadline` bounds a call with all its attempts, of which there are
    `attempts` at most, from 1 to 4; where none are given AWS_MAX_ATTEMPTS and the profile say how
    many, or 4. The time of a first call begins when botocore is imported and its client made, which
    has 30 s of its own. `pool_size` idle connections are kept; more may be in use.

    With `transport="auto"` requests go out over this library's own sender wherever it does what
    botocore's would, and over botocore's everywhere else; with `"botocore"` always over botocore's.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        table_prefix: str = "",
        connect_timeout: float = 1.0,
        read_timeout: float = 3.0,
        deadline: float = 10.0,
        attempts: int | None = None,
        pool_size: int = 50,
        connection: Connection | None = None,
        transport: Literal["auto", "botocore"] = "auto",
    ) -> None:
        if attempts is not None and not 1 <= attempts <= ATTEMPTS:
            raise SettingsError(f"attempts should be 1 to {ATTEMPTS}, not {attempts}")
        if pool_size < 1:
            raise SettingsError(f"pool_size should be 1 or more, not {pool_size}")
        self.table_prefix = table_prefix
        self.deadline = deadline
        self._attempts = attempts
        self._attempts_asked = False
        self._pool_size = pool_size
        self._region = region or os.environ.get("AWS_REGION")
        self._endpoint = endpoint
        self._timeouts = (connect_timeout, read_timeout)
        self._given = connection
        self._transport: Literal["auto", "botocore"] = transport
        self._budget = RetryBudget()
        self._begin()
        _stores.add(self)

    @property
    def location(self) -> Location:
        """The region and the endpoint that botocore resolved; as given, where it could not."""
        try:
            meta = self._connected().client.meta
        except Exception as error:  # noqa: BLE001 - the call itself will say what is wrong
            pass_interruption(error)
            return Location(self._region, _shown(self._endpoint))
        return Location(meta.region_name, _shown(meta.endpoint_url))

    @property
    def sender(self) -> SenderUsed:
        """Who sends the requests now, `direct` or `botocore`, and the reason as a sentence.

        Opens the client as a first call does; what that raises is a `SendingFailed`.
        """
        return self._connected().chooser.used

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Sends an operation, again where that is safe, until it is answered or its time is up."""
        if self._main.ready is None:
            self._prepare(operation)
        within = self.deadline
        ends = time.monotonic() + within if current_end.get() is None else ends_at(within)
        if operation.deadline is not None:
            ends = min(ends, time.monotonic() + operation.deadline)
        return self._sender.send(operation, ends)

    def sleep(self, seconds: float, /) -> None:
        """Waits between the requests of a verb."""
        time.sleep(seconds)

    def close(self) -> None:
        """Closes the connections, waiting for nothing; a later call opens new ones."""
        connections = self._open()
        self._begin()
        for connection in connections:
            with suppress(Exception):  # what cannot be closed needs no closing
                connection.close()

    def forget(self) -> None:
        """Starts anew in a forked process, without the sockets and locks of its parent."""
        for connection in self._open():
            connection.forget()  # one that was given lives on
        self._budget = RetryBudget()  # the lock of the parent's may be held for ever
        self._begin()

    def settle(self) -> None:
        """Waits, before a fork, for what a thread prepares: the child could not."""
        self._main.settle()
        self._probe.settle()
        for connection in self._open():
            connection.settle()

    def _prepare(self, operation: Operation[Any]) -> None:
        """Waits for the connection, as long as it may take before the time of the call begins."""
        ends = prepared_by(math.inf)
        if operation.deadline is not None:
            ends = min(ends, time.monotonic() + operation.deadline)
        latest = time.monotonic() + PATIENCE
        preparing = Sender(
            partial(self._prepared, ends),
            attempts=self._attempts or ATTEMPTS,
            budget=self._preparing_budget,
        )
        preparing.send(operation._replace(accepts=None), min(ends, latest))  # no answer yet
        begin_call()

    def _prepared(
        self, ends: float, _operation: Operation[Any], attempt: int, latest: float
    ) -> Answer:
        self._main.made(ends, latest)
        return Answer({}, attempts=attempt)

    def _attempt(self, operation: Operation[Any], attempt: int, ends: float) -> Answer:
        if time.monotonic() >= ends:
            raise DeadlineExceeded
        preparation = self._main if operation.deadline is None else self._probe
        connection = preparation.ready or preparation.made(ends)
        return connection.chooser.sender_for(operation, ends).send(operation, attempt, ends)

    def _connected(self) -> WireConnection | GivenConnection:
        return self._main.made(prepared_by(math.inf))

    def _open(self) -> list[_Connection]:
        preparations = {self._main, self._probe}  # which are one, where a connection was given
        return [each.ready for each in preparations if each.ready is not None]

    def _connect(
        self, make: Callable[[Callable[[str], None]], _Connection], step: Callable[[str], None]
    ) -> _Connection:
        try:
            return make(step)
        except SendingFailed:
            raise
        except Exception as error:
            raise NotSent(code=type(error).__name__) from error

    def _make_main(self, step: Callable[[str], None]) -> _Connection:
        """Makes the connection, and asks its session once how many requests a call may send."""
        made = self._make(self._timeouts, step)
        if not self._attempts_asked:
            from dynrepo.aws.attempts import attempts_by  # noqa: PLC0415

            self._attempts = attempts_by(made.session, self._attempts)
            self._attempts_asked = True
            self._sender.attempts = self._attempts
        return made

    def _make(self, timeouts: tuple[float, float], step: Callable[[str], None]) -> _Connection:
        # botocore takes half a second to import
        with fenced_logs():
            from dynrepo.aws import connection, errors  # noqa: PLC0415
            from dynrepo.blocking.direct import DirectSender  # noqa: PLC0415
            from dynrepo.protocol.endpoint import Timeouts  # noqa: PLC0415

        step(CLIENT)
        if self._given is not None:
            return connection.given(self._given)
        kept = Timeouts(*timeouts)
        return connection.connect(
            self._region,
            self._endpoint,
            *kept,
            make_direct=lambda target, credentials: DirectSender(
                target, credentials, errors.unsent, kept, self._pool_size
            ),
            pool_size=self._pool_size,
            transport=self._transport,
            credentials=getattr(self._main.ready, "credentials", None),
        )

    def _begin(self) -> None:
        """Leaves all connections to the calls that use them now, and starts anew."""
        self._main = Preparation(partial(self._connect, self._make_main))
        # Probes have a connection of their own, not to queue behind others.
        self._probe = self._main
        if self._given is None:
            make = partial(self._make, _PROBE_TIMEOUTS)
            self._probe = Preparation(partial(self._connect, make))
        self._preparing_budget = RetryBudget()
        # What an outage took of the budget is not given back by closing.
        self._sender = Sender(
            self._attempt, attempts=self._attempts or ATTEMPTS, budget=self._budget
        )


def _shown(endpoint: str | None) -> str | None:
    """An endpoint as it may be logged: without a user and a password, should it have them."""
    return None if endpoint is None else re.sub(r"(?<=//)[^/@]*@", "", endpoint)


_PROBE_TIMEOUTS = (0.5, 1.0)

_stores: weakref.WeakSet[DynamoStore] = weakref.WeakSet()


def _settle_all() -> None:
    for store in list(_stores):
        store.settle()


def _forget_all() -> None:
    """A child process that used its parent's sockets would read its parent's answers."""
    for store in list(_stores):
        store.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_settle_all, after_in_child=_forget_all)
