"""Keeps the errors of an instrument away from the operation that it watches."""

from __future__ import annotations

import logging
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.instrumentation.call import Call
    from dynrepo.instrumentation.verb import Scope, Verb

MUTED_FOR = 60.0
"""Seconds for which an instrument is left out after it raised."""

logger = logging.getLogger("dynrepo.instrumentation")


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
