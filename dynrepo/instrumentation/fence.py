"""Instruments, and the fence that keeps an instrument's errors away from what it watches."""

from __future__ import annotations

import logging
import math
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, TypeAlias
from weakref import WeakValueDictionary

from dynrepo.callbacks import check_called
from dynrepo.clock import steady
from dynrepo.interruption import pass_interruption
from dynrepo.public import public

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator
    from contextlib import AbstractContextManager
    from types import TracebackType

    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Operation

MUTED_FOR = 60.0
"""Seconds for which an instrument is left out after it raised."""

logger = logging.getLogger("dynrepo.instrumentation")

UNTOUCHED: Any = object()
"""What `started` returns where its instrument has nothing to do with a call: it is not finished."""


@public
class Instrument(Protocol):
    """What every call passes when it has ended.

    `started`, where there is such a method, is called with the `Call` before the request is sent,
    and what it returns is given to `finished`. `opened`, where there is one, is called with the
    `Verb` before the first request of a verb, and returns a `Scope` or None: it says which calls
    belong together.

    All run in the thread of the call, or in its loop, and add to its time: one that blocks there
    holds up every task. What they raise is kept from the caller: it is logged once, and the
    instrument is left out for a minute.
    """

    def finished(self, call: Call, begun: Any, /) -> None:
        """Called when the answer or the error is there.

        Args:
            call: What was asked, what came of it, and how long it took.
            begun: What `started` returned; None where there is no such method.
        """
        ...


class Verb(NamedTuple):
    """A verb that may need several requests: `name` is as in `Users.query`."""

    name: str
    table: str


class Scope(Protocol):
    """What an instrument keeps open from the first request of a verb to the end of the last.

    Between two requests, while a caller looks at a page, other code runs in the same thread: a
    scope is entered for each request and left after it, perhaps in several threads or tasks.
    """

    def enter(self) -> Any:
        """Called before a request; what it returns is given to `leave`."""
        ...

    def leave(self, entered: Any, /) -> None:
        """Called after a request, in the same thread and task."""
        ...

    def end(self, error: BaseException | None, /) -> None:
        """Called once when the verb is done, or given up, from whatever thread."""
        ...


class Fence:
    """An instrument, and until when it is left out because it raised.

    `started` and `opened` are its methods, None where it has none. Its methods are called by
    `guard`, or what they raise is given to `mute`. It `reads_events` of calls unless it says that
    it does not: where nobody does, none are kept.
    """

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self.started: Callable[[Call], Any] | None = getattr(instrument, "started", None)
        self.opened: Callable[[Verb], Scope | None] | None = getattr(instrument, "opened", None)
        self.reads_events: bool = getattr(instrument, "reads_events", True)
        self.muted_until = 0.0
        self._lock = threading.Lock()

    @property
    def muted(self) -> bool:
        """Whether the instrument raised, less than a minute ago."""
        return bool(self.muted_until) and steady.monotonic() < self.muted_until

    def guard(self, method: Callable[..., Any], *arguments: Any) -> Any:
        """Calls a method; None, and the instrument is muted, when it raises."""
        try:
            return method(*arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self.mute(error)
            return None

    def mute(self, error: Exception) -> None:
        """Leaves the instrument out for a minute, and says so once.

        Raises again what struck from outside, for it is no error of the instrument.
        """
        pass_interruption(error)
        with self._lock:
            if self.muted:
                return  # another thread has said so
            self.muted_until = steady.monotonic() + MUTED_FOR
        # The class alone: a text could hold anything. And the log may be what is broken.
        with suppress(Exception):
            logger.warning(
                "%s raised %s and is muted for %.0f s",
                type(self.instrument).__name__,
                type(error).__name__,
                MUTED_FOR,
            )


_METHOD = "a method that each call passes"
_fences: WeakValueDictionary[int, Fence] = WeakValueDictionary()


def fence_of(instrument: Instrument) -> Fence:
    """The fence around an instrument: one, however many repositories share the instrument.

    TypeError for what is no instrument: it would be muted at its first call, and never used.
    A method that is a coroutine function would be called, and never awaited.
    """
    methods = [getattr(instrument, "finished", None), getattr(instrument, "started", fence_of)]
    if isinstance(instrument, type) or not all(map(callable, methods)):
        raise TypeError(f"an instrument is an object with a method finished, not {instrument!r}")
    fence = _fences.get(id(instrument))
    if fence is None:
        for name in ("finished", "started", "opened"):
            method = getattr(instrument, name, None)
            if method is not None:
                check_called(f"{type(instrument).__name__}.{name}", method, _METHOD)
        fence = _fences[id(instrument)] = Fence(instrument)
    return fence


Execute: TypeAlias = "Callable[[Operation[Any]], Any]"
"""A door: it sends an operation and returns what was read of its answer."""

AsyncExecute: TypeAlias = "Callable[[Operation[Any]], Awaitable[Any]]"
"""The same, awaited."""


class Requests:
    """The context in which a verb sends its requests: the scopes of the instruments.

    `verb` is the name of a `Verb` and its table, of which it is made where an instrument asks.
    `deadline` are the seconds that a call of the store may take, all waiting before it included.
    It begins before the first request. It ends once, from whatever thread, and raises nothing then.
    `given` are the instruments that a repository was given, None for the default ones, which are
    made by `defaults`; `fences` returns those in use.
    """

    def __init__(
        self,
        verb: tuple[str, str],
        given: tuple[Fence, ...] | None,
        fences: Callable[[], tuple[Fence, ...]],
        deadline: float = math.inf,
        defaults: Any = None,
    ) -> None:
        self.given = given
        self.defaults = defaults
        self.deadline = deadline
        self._verb = verb
        self._fences = fences
        self.scopes: list[tuple[Fence, Scope]] = []
        """What is open; empty before the beginning and after the end."""

    def begin(self) -> None:
        """Opens the scopes of all instruments that have some."""
        for fence in self._fences():
            if fence.opened is not None and not fence.muted:
                scope: Scope | None = fence.guard(fence.opened, Verb(*self._verb))
                if scope is not None:
                    self.scopes.append((fence, scope))

    def request(self) -> AbstractContextManager[object]:
        """The context of one request, to be left by the task or thread that entered it."""
        return _entered(tuple(self.scopes))

    def end(self, error: BaseException | None = None) -> None:
        """Ends the scopes: the verb is done, was given up, or failed by an error."""
        # A caller that stops before the last page closes the generator: that is no failure.
        failure = None if isinstance(error, GeneratorExit) else error
        while self.scopes:
            with suppress(IndexError):  # another thread took the last
                fence, scope = self.scopes.pop()
                fence.guard(scope.end, failure)

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(error)


@contextmanager
def _entered(scopes: tuple[tuple[Fence, Scope], ...]) -> Generator[None]:
    entered = [(fence, scope, fence.guard(scope.enter)) for fence, scope in scopes]
    try:
        yield
    finally:
        for fence, scope, token in reversed(entered):
            if token is not None:
                fence.guard(scope.leave, token)
