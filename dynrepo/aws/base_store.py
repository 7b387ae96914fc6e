"""A store over DynamoDB but for its waiting: what it was given, and the connections that it has."""

from __future__ import annotations

import math
import os
import re
import weakref
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from dynrepo.aws.foreign_logs import fenced_logs
from dynrepo.aws.preparation import CLIENT, Preparation
from dynrepo.clock import prepared_by, steady
from dynrepo.instrumentation.resources import StoreState, stores
from dynrepo.interruption import pass_interruption
from dynrepo.operations.operation import Location
from dynrepo.sending.outcomes import NotSent, SendingFailed
from dynrepo.sending.retry import RetryBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.aws.connection import Connection, GivenConnection, WireConnection
    from dynrepo.aws.sender_choice import MakeDirect
    from dynrepo.operations.operation import Operation
    from dynrepo.protocol.endpoint import Timeouts
    from dynrepo.settings import Settings

    AnyConnection: TypeAlias = WireConnection | GivenConnection


class BaseStore:
    """What both faces of a store over DynamoDB have: its place, its options, its connections.

    A face has a `_sender` whose `attempts` it is told, made anew by `_begin_sending`.
    """

    _fires_signals: ClassVar[bool]
    _sender: Any

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint: str | None = None,
        table_prefix: str | None = None,
        connect_timeout: float | None = None,
        read_timeout: float | None = None,
        deadline: float | None = None,
        attempts: int | None = None,
        pool_size: int | None = None,
        connection: Connection | None = None,
        transport: Literal["auto", "botocore"] | None = None,
        settings: Settings | None = None,
    ) -> None:
        from dynrepo import settings as reading  # noqa: PLC0415 - its import is for a store alone

        given = _without_none(
            region=region,
            endpoint=endpoint,
            table_prefix=table_prefix,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            deadline=deadline,
            attempts=attempts,
            pool_size=pool_size,
            transport=transport,
        )
        given = reading.checked_arguments(given)
        own = settings is None
        self.settings = reading.settings_for(given) if own else reading.checked_settings(settings)
        """What says all that the arguments do not; of repositories above it as well."""
        options = self.settings.model_copy(update=given)
        self.table_prefix = options.table_prefix
        self.deadline = options.deadline
        self._attempts = options.attempts
        self._attempts_asked = False
        self._pool_size = options.pool_size
        self._region = options.region or os.environ.get("AWS_REGION")
        self._endpoint = options.endpoint
        self._timeouts = (options.connect_timeout, options.read_timeout)
        self._given = connection
        self._transport: Literal["auto", "botocore"] = options.transport
        self._budget = RetryBudget()
        self._resolved: Location | None = None
        self._begin()
        _stores.add(self)
        stores.add(self)

    @property
    def location(self) -> Location:
        """The region and the endpoint as botocore resolved them, or as they were given.

        The blocking store has botocore resolve them, the asynchronous one knows what it resolved
        for a call.
        """
        if self._resolved is None:
            try:
                self._opened()
            except Exception as error:  # noqa: BLE001 - the call itself will say what is wrong
                pass_interruption(error)
        return self._resolved or self._place_given()

    def state(self) -> StoreState | None:
        """Where it sends, by whom, and the retries left, for metrics; None before a first call."""
        if self._main.ready is None:
            return None
        place = self._resolved or self._place_given()
        return StoreState(place, self._main.ready.chooser.known, self._budget.left)

    def is_placed_as(self, other: object) -> bool:
        """Whether a store surely sends to where this one does, by equal options; waits for nothing.

        Of two whose place was resolved `location` tells.
        """
        if not isinstance(other, BaseStore) or (self._resolved and other._resolved):  # noqa: SLF001
            return False
        return self._options_as_given() == other._options_as_given()  # noqa: SLF001 - its own class

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

    def _opened(self) -> AnyConnection:
        """The connection, as far as the face may make one to tell of it; else a `SendingFailed`."""
        raise NotImplementedError

    def _begin_sending(self) -> None:
        """Makes the sender of the face, with the budget that the store has for repeats."""
        raise NotImplementedError

    def _make_direct(self, timeouts: Timeouts) -> MakeDirect:
        """What makes the direct senders of the face."""
        raise NotImplementedError

    def _prepared_by(self, operation: Operation[Any]) -> float:
        """When a first call must have been prepared for, before its own time begins."""
        ends = prepared_by(math.inf)
        if operation.deadline is None:
            return ends
        return min(ends, steady.monotonic() + operation.deadline)

    def _place_given(self) -> Location:
        """The place by the options and the environment; unknown for a connection of the caller's.

        What botocore made of the same for another store is known.
        """
        if self._given is not None:
            return Location()
        region = self._region or os.environ.get("AWS_DEFAULT_REGION")
        as_given = Location(region, _shown(self._endpoint))
        return _places.get(self._options_of_place(), as_given)

    def _options_of_place(self) -> tuple[str | None, ...]:
        return (self._region, self._endpoint, *map(os.environ.get, _OF_A_PLACE))

    def _options_as_given(self) -> tuple[object, ...]:
        return (self._given, *self._options_of_place())

    def _open(self) -> list[AnyConnection]:
        preparations = {self._main, self._probe}  # which are one, where a connection was given
        return [each.ready for each in preparations if each.ready is not None]

    def _connect(
        self, make: Callable[[Callable[[str], None]], AnyConnection], step: Callable[[str], None]
    ) -> AnyConnection:
        try:
            return make(step)
        except SendingFailed:
            raise
        except Exception as error:
            raise NotSent(code=type(error).__name__) from error

    def _make_main(self, step: Callable[[str], None]) -> AnyConnection:
        """Makes the connection, and asks its session once how many requests a call may send."""
        made = self._make(self._timeouts, step)
        with suppress(Exception):  # of a connection of the caller's, which may have none
            meta = made.client.meta
            self._resolved = Location(meta.region_name, _shown(meta.endpoint_url))
            if self._given is None:
                _places[self._options_of_place()] = self._resolved
        if not self._attempts_asked:
            from dynrepo.aws.attempts import attempts_by  # noqa: PLC0415

            self._attempts = attempts_by(made.session, self._attempts)
            self._attempts_asked = True
            self._sender.attempts = self._attempts
        return made

    def _make(self, timeouts: tuple[float, float], step: Callable[[str], None]) -> AnyConnection:
        # botocore takes half a second to import
        with fenced_logs():
            from dynrepo.aws import connection  # noqa: PLC0415
            from dynrepo.protocol.endpoint import Timeouts  # noqa: PLC0415

            make_direct = self._make_direct(Timeouts(*timeouts))
        step(CLIENT)
        if self._given is not None:
            return connection.given(self._given)
        return connection.connect(
            self._region,
            self._endpoint,
            *timeouts,
            make_direct=make_direct,
            pool_size=self._pool_size,
            transport=self._transport,
            credentials=getattr(self._main.ready, "credentials", None),
            fires_signals=self._fires_signals,
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
        self._begin_sending()


def _without_none(**options: Any) -> dict[str, Any]:
    """The options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def _shown(endpoint: str | None) -> str | None:
    """An endpoint as it may be logged: without user and password, query and what is no text.

    A password that is not quoted may hold whatever ends one in a URL: all up to the last `@` goes.
    """
    return None if endpoint is None else re.sub(r"(?s)(?<=//).*@|[?#].*|[^!-~]", "", endpoint)


_PROBE_TIMEOUTS = (0.5, 1.0)

_OF_A_PLACE = (
    *("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE"),
    *("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_ACCOUNT_ID_ENDPOINT_MODE"),
)
"""Variables by which botocore resolves an endpoint, where the options do not say all of it."""

_places: dict[tuple[str | None, ...], Location] = {}
"""What botocore resolved, by the options and the variables that it did so from."""

_stores: weakref.WeakSet[BaseStore] = weakref.WeakSet()


def _settle_all() -> None:
    for store in list(_stores):
        store.settle()


def _forget_all() -> None:
    """A child process that used its parent's sockets would read its parent's answers."""
    for store in list(_stores):
        store.forget()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(before=_settle_all, after_in_child=_forget_all)
