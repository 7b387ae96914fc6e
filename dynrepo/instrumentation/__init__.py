"""What is seen of an operation: one hook around the one door, and the instruments behind it.

`InstrumentationMixin._observe` is that hook. Each instrument hears of a call, and is fenced:
one that raises is reported once, muted for a while, and never felt by the operation.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dynrepo.instrumentation.call import Call
from dynrepo.instrumentation.environment import default_fences, instruments_for
from dynrepo.instrumentation.fence import Fence, Instrument, Requests, Scope, Verb, fence_of
from dynrepo.instrumentation.usage import collect

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.instrumentation.fence import Execute
    from dynrepo.instrumentation.statsd import AnyStatsClient
    from dynrepo.operations.operation import Operation
    from dynrepo.operations.protocols import Location

logging.getLogger("dynrepo").addHandler(logging.NullHandler())


class InstrumentationMixin:
    """Gives a class with a door to DynamoDB its logs, metrics and spans.

    It needs no `__init__` and no place in the order of base classes: the instruments are the
    defaults until `use_logger`, `use_metrics`, `use_tracer` or `use_instruments` say otherwise. By
    default there are logs, OpenTelemetry spans and histograms, which cost next to nothing while
    nobody listens, and StatsD when the environment names a daemon.
    """

    _fences: tuple[Fence, ...] | None = None

    def use_logger(self, logger: logging.Logger | logging.LoggerAdapter[Any]) -> None:
        """Sends this object's log lines to `logger`; TypeError for anything else."""
        from dynrepo.instrumentation.logs import LogInstrument  # noqa: PLC0415

        self._use(LogInstrument, LogInstrument(_given(logger, "use_logger")))

    def use_metrics(self, client: AnyStatsClient, *, prefix: str = "dynrepo") -> None:
        """Sends timings and counters to a StatsD client.

        A client with `timing` and `incr` (`statsd.StatsClient`) gets plain lines, one with `timing`
        and `increment` (`datadog.DogStatsd`) gets tags; TypeError for anything else.
        """
        from dynrepo.instrumentation import statsd  # noqa: PLC0415

        self._use(statsd.StatsdInstrument, statsd.instrument_for(client, prefix=prefix))

    def use_tracer(self, tracer: Tracer | TracerProvider) -> None:
        """Makes spans with this tracer or provider; TypeError for anything else."""
        from dynrepo.instrumentation.otel import SpanInstrument  # noqa: PLC0415

        self._use(SpanInstrument, SpanInstrument(_given(tracer, "use_tracer")))

    def use_instruments(self, *instruments: Instrument) -> None:
        """Replaces all instruments by these; none at all when called without.

        They start in this order and finish in the reverse, as nested blocks do.
        """
        self._fences = tuple(fence_of(one) for one in instruments)

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments in use."""
        return tuple(fence.instrument for fence in self._instrumented())

    def _use(self, kind: type, instrument: Instrument) -> None:
        """Puts an instrument in the place of those of its kind."""
        self.use_instruments(*self._with(kind, instrument))

    def _with(self, kind: type, instrument: Instrument) -> tuple[Instrument, ...]:
        return (*(one for one in self.instruments if not isinstance(one, kind)), instrument)

    def _instrumented(self) -> tuple[Fence, ...]:
        return default_fences() if self._fences is None else self._fences

    def _observe(self, operation: Operation[Any], locate: Callable[[], Location]) -> Observation:
        """The hook: a context manager around the sending of one operation."""
        return Observation(Call(operation, locate), self._fences or self._instrumented())

    def _requests(self, verb: str, table: str, execute: Execute) -> Requests:
        """A context manager around a verb that may send several requests, by its own `execute`."""
        return Requests(Verb(verb, table), self._instrumented(), execute)

    def _announce(self, table: str, location: Location) -> None:
        """Tells the instruments that want to know it that a table is there."""
        for fence in self._instrumented():
            connected = getattr(fence.instrument, "connected", None)
            if connected is not None:
                fence.guard(connected, table, location)


class Observation:
    """The context in which one operation is sent; its value is the call to be filled in."""

    __slots__ = ("_begun", "_call", "_fences")

    def __init__(self, call: Call, fences: tuple[Fence, ...]) -> None:
        self._call = call
        self._fences = fences

    def __enter__(self) -> Call:
        self._begun = [(fence, fence.started(self._call)) for fence in self._fences]
        self._call.begin()
        return self._call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call.end(error)
        for fence, begun in reversed(self._begun):
            fence.finished(self._call, begun)
        collect(self._call)


def _given(value: Any, method: str) -> Any:
    """What was given: None would mean the default, which nobody asks for by `use_`."""
    if value is None:
        raise TypeError(f"{method} takes no None")
    return value


__all__ = [
    "Call",
    "Fence",
    "Instrument",
    "InstrumentationMixin",
    "Observation",
    "Requests",
    "Scope",
    "Verb",
    "fence_of",
    "instruments_for",
]
