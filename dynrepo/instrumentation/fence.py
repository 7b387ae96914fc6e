"""Keeps the errors of an instrument away from the operation that it watches."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Operation

MUTED_FOR = 60.0
"""Seconds for which an instrument is left out after it raised."""

logger = logging.getLogger("dynrepo.instrumentation")


Execute: TypeAlias = "Callable[[Operation[Any]], Any]"


class Verb(NamedTuple):
    """A verb that may need several requests: `name` is as in `Users.query`."""

    name: str
    table: str


class Scope(Protocol):
    """What an instrument keeps open from the first request of a verb to the end of the last.

    Between two requests, while a caller looks at a page, other code runs in the same thread: a
    scope is entered for each request and left after it, perhaps in several threads.
    """

    def enter(self) -> Any:
        """Called before a request; what it returns is given to `leave`."""
        ...

    def leave(self, entered: Any, /) -> None:
        """Called after a request, in the same thread."""
        ...

    def end(self, error: BaseException | None, /) -> None:
        """Called when the verb is done, or given up."""
        ...


class Instrument(Protocol):
    """Somebody who wants to know of every call.

    One that wants to know when a call begins has a method `started` besides: it is given the
    `Call`, before the request is sent, and what it returns is given to `finished`. One that wants
    to know which calls belong together has a method `opened`: it is given the `Verb`, before its
    first request, and returns a `Scope` or None.

    All run in the thread of the call, and add to its time. What they raise is kept from the
    caller: it is logged once, and the instrument is left out for a minute.
    """

    def finished(self, call: Call, begun: Any, /) -> None:
        """Called when the answer or the error is there."""
        ...


_MUTED = object()


class Fence:
    """An instrument that never raises: one that does is reported once and muted for a while."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._start: Callable[[Call], Any] | None = getattr(instrument, "started", None)
        self._open: Callable[[Verb], Scope | None] | None = getattr(instrument, "opened", None)
        self._muted_until = 0.0
        self._lock = threading.Lock()

    @property
    def muted(self) -> bool:
        """Whether the instrument raised, less than a minute ago."""
        return bool(self._muted_until) and time.monotonic() < self._muted_until

    def started(self, call: Call) -> Any:
        """Tells the instrument that a call begins, if it wants to know."""
        if self._muted_until and self.muted:
            return _MUTED
        if self._start is None:
            return None
        try:
            return self._start(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self._mute(error)
            return _MUTED

    def finished(self, call: Call, begun: Any) -> None:
        """Tells the instrument that a call has ended."""
        if begun is _MUTED:
            return
        try:  # not by `guard`: this passes for every instrument of every call
            self.instrument.finished(call, begun)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self._mute(error)

    def opened(self, verb: Verb) -> Scope | None:
        """Asks the instrument for what it keeps open for a verb, if it does so at all."""
        return None if self._open is None or self.muted else self.guard(self._open, verb)

    def guard(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a method; None, and the instrument is muted, when it raises."""
        try:
            return method(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self._mute(error)
            return None

    def _mute(self, error: Exception) -> None:
        with self._lock:
            if self.muted:
                return  # another thread has said so
            self._muted_until = time.monotonic() + MUTED_FOR
        # The class alone: a text could hold anything. And the log may be what is broken.
        with suppress(Exception):
            logger.warning(
                "%s raised %s and is muted for %.0f s",
                type(self.instrument).__name__,
                type(error).__name__,
                MUTED_FOR,
            )


_fences: WeakValueDictionary[int, Fence] = WeakValueDictionary()


def fence_of(instrument: Instrument) -> Fence:
    """The fence around an instrument: one, however many repositories share the instrument.

    TypeError for what is no instrument: it would be muted at the first call, and never be heard.
    """
    methods = [getattr(instrument, "finished", None), getattr(instrument, "started", fence_of)]
    if isinstance(instrument, type) or not all(map(callable, methods)):
        raise TypeError(f"an instrument is an object with a method finished, not {instrument!r}")
    fence = _fences.get(id(instrument))
    if fence is None:
        fence = _fences[id(instrument)] = Fence(instrument)
    return fence


class Requests:
    """The context in which a verb sends its requests; its value is the door for them."""

    def __init__(self, verb: Verb, fences: tuple[Fence, ...], execute: Execute) -> None:
        self._verb = verb
        self._fences = fences
        self._given = execute
        self._scopes: list[tuple[Fence, Scope]] = []

    def __enter__(self) -> Execute:
        self._scopes.clear()
        for fence in self._fences:
            scope = fence.opened(self._verb)
            if scope is not None:
                self._scopes.append((fence, scope))
        return self._execute if self._scopes else self._given

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Who stops before the last page closes the generator: that is no failure.
        failure = None if isinstance(error, GeneratorExit) else error
        for fence, scope in reversed(self._scopes):
            fence.guard(scope.end, failure)

    def _execute(self, wanted: Operation[Any]) -> Any:
        entered = [(fence, scope, fence.guard(scope.enter)) for fence, scope in self._scopes]
        try:
            return self._given(wanted)
        finally:
            for fence, scope, token in reversed(entered):
                if token is not None:
                    fence.guard(scope.leave, token)
