"""What is seen of an operation: one hook around the one door, and the instruments behind it.

`InstrumentationMixin._observe(operation)` is that hook. Each instrument hears of a call twice, and
is fenced: one that raises is reported once, muted for a while, and never felt by the operation.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.errors import ConditionFailed, StoreError, TransactionCanceled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.instrumentation.statsd import StatsClient
    from dynrepo.operation import Answer, Operation
    from dynrepo.store import Location

MUTED_FOR = 60.0
"""Seconds for which an instrument is left out after it raised."""


@dataclass(slots=True)
class Call:
    """One operation on its way: what was asked, and at the end what came of it.

    `duration` is in seconds. Of `answer` and `error` one is set once the call has ended.
    """

    operation: Operation[Any]
    locate: Callable[[], Location]
    started: float = field(default_factory=time.perf_counter)
    duration: float = 0.0
    answer: Answer | None = None
    error: BaseException | None = None

    @property
    def outcome(self) -> str:
        """`success` or `failure`."""
        return "success" if self.error is None else "failure"

    @property
    def refused(self) -> bool:
        """Whether the caller's own condition refused the write: an answer, not a fault."""
        return isinstance(self.error, ConditionFailed | TransactionCanceled)

    @property
    def code(self) -> str | None:
        """The error code of AWS, or the class of another error; None on success."""
        if self.error is None:
            return None
        return (isinstance(self.error, StoreError) and self.error.code) or type(self.error).__name__


class Instrument(Protocol):
    """Somebody who wants to know of every call."""

    def started(self, call: Call, /) -> Any:
        """Called before the request is sent; what it returns is given to `finished`."""
        ...

    def finished(self, call: Call, begun: Any, /) -> None:
        """Called when the answer or the error is there, in the same thread."""
        ...


class InstrumentationMixin:
    """Gives a class with a door to DynamoDB its logs, metrics and spans.

    It needs no `__init__` and no place in the order of base classes: instruments are the class's
    defaults until `use_logger`, `use_metrics`, `use_tracer` or `use_instruments` say otherwise.
    """

    _fences: tuple[_Fence, ...] | None = None

    def use_logger(self, logger: logging.Logger) -> None:
        """Sends this object's log lines to `logger`; TypeError for anything else."""
        from dynrepo.instrumentation.logs import LogInstrument  # noqa: PLC0415

        self._use(LogInstrument(logger))

    def use_metrics(self, client: StatsClient, *, prefix: str = "dynrepo") -> None:
        """Sends timings and counters to a StatsD client; TypeError when it has no `timing`."""
        from dynrepo.instrumentation.statsd import StatsdInstrument  # noqa: PLC0415

        self._use(StatsdInstrument(client, prefix=prefix))

    def use_tracer(self, tracer: Tracer | TracerProvider) -> None:
        """Makes spans with this tracer or provider; TypeError for anything else."""
        from dynrepo.instrumentation.otel import SpanInstrument  # noqa: PLC0415

        self._use(SpanInstrument(tracer))

    def use_instruments(self, *instruments: Instrument) -> None:
        """Replaces all instruments by these; none at all when called without."""
        self._fences = tuple(_Fence(one) for one in instruments)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments in use."""
        return tuple(fence.instrument for fence in self._instrumented())

    def _use(self, instrument: Instrument) -> None:
        others = (one for one in self.instruments if type(one) is not type(instrument))
        self.use_instruments(*others, instrument)

    def _instrumented(self) -> tuple[_Fence, ...]:
        if self._fences is None:
            self._fences = _default_fences()
        return self._fences

    def _observe(self, operation: Operation[Any], locate: Callable[[], Location]) -> Observation:
        """The hook: a context manager around the sending of one operation."""
        return Observation(Call(operation, locate), self._instrumented())


class Observation:
    """The context in which one operation is sent; its value is the call to be filled in."""

    __slots__ = ("_begun", "_call", "_fences")

    def __init__(self, call: Call, fences: tuple[_Fence, ...]) -> None:
        self._call = call
        self._fences = fences

    def __enter__(self) -> Call:
        self._begun = [fence.started(self._call) for fence in self._fences]
        self._call.started = time.perf_counter()
        return self._call

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._call.duration = time.perf_counter() - self._call.started
        self._call.error = error
        for fence, begun in zip(reversed(self._fences), reversed(self._begun), strict=True):
            fence.finished(self._call, begun)


_MUTED = object()


class _Fence:
    """Keeps an instrument's errors away from the operation it watches."""

    def __init__(self, instrument: Instrument) -> None:
        self.instrument = instrument
        self._muted_until = 0.0

    def started(self, call: Call) -> Any:
        if self._muted_until and time.monotonic() < self._muted_until:
            return _MUTED
        try:
            return self.instrument.started(call)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self._mute(error)
            return _MUTED

    def finished(self, call: Call, begun: Any) -> None:
        if begun is _MUTED:
            return
        try:
            self.instrument.finished(call, begun)
        except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
            self._mute(error)

    def _mute(self, error: Exception) -> None:
        self._muted_until = time.monotonic() + MUTED_FOR
        try:
            logging.getLogger("dynrepo.instrumentation").warning(
                "%s raised %s and is muted for %.0f s",
                type(self.instrument).__name__,
                type(error).__name__,
                MUTED_FOR,
            )
        except Exception:  # noqa: BLE001, S110 - the log itself may be what is broken
            pass


@cache
def _default_fences() -> tuple[_Fence, ...]:
    """Logs and spans, which cost next to nothing unused; StatsD when the environment names one."""
    from dynrepo.instrumentation import logs, otel, statsd  # noqa: PLC0415

    made = (logs.LogInstrument(), otel.SpanInstrument(), statsd.from_environment())
    return tuple(_Fence(one) for one in made if one is not None)


__all__ = ["Call", "Instrument", "InstrumentationMixin", "Observation"]

