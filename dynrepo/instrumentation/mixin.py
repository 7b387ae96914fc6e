"""The hook around the one door, for any class that has one: its instruments, and the calls."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from dynrepo.clock import steady
from dynrepo.instrumentation.environment import OTEL, DefaultInstruments, no_fences
from dynrepo.instrumentation.events import current_call
from dynrepo.instrumentation.fence import UNTOUCHED, Fence, Instrument, Requests, fence_of
from dynrepo.instrumentation.usage import UsageInstrument, collecting
from dynrepo.interruption import pass_interruption
from dynrepo.public import public

if TYPE_CHECKING:
    import logging
    from types import TracebackType

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Location
    from dynrepo.operations.protocols import AnyStatsClient


@public
class InstrumentationMixin:
    """Gives a class with a door to DynamoDB its logs, metrics and spans.

    It needs no `__init__` and no place in the order of base classes: the instruments are the
    defaults until `use_logger`, `use_metrics`, `use_tracer` or `use_instruments` say otherwise. By
    default there are logs, OpenTelemetry spans and histograms, which cost next to nothing while no
    SDK is configured, and StatsD when the environment names a daemon.
    """

    _fences: tuple[Fence, ...] | None = None
    _defaults = DefaultInstruments()

    def use_logger(self, logger: logging.Logger | logging.LoggerAdapter[Any]) -> None:
        """Sends this object's log lines to a logger.

        Args:
            logger: One of the standard library, or an adapter before one.

        Raises:
            TypeError: It is anything else.
        """
        from dynrepo.instrumentation.logs import LogInstrument  # noqa: PLC0415

        self._use(LogInstrument, LogInstrument(_not_none(logger, "use_logger")))

    def use_metrics(self, client: AnyStatsClient, *, prefix: str = "dynrepo") -> None:
        """Sends timings, in milliseconds, and counters to a StatsD client.

        https://github.com/statsd/statsd/blob/master/docs/metric_types.md

        Args:
            client: One with `timing` and `incr` (`statsd.StatsClient`) gets plain lines, one with
                `timing` and `increment` (`datadog.DogStatsd`) gets tags.
            prefix: What the names of all metrics start with.

        Raises:
            TypeError: The client has no such methods.
        """
        from dynrepo.instrumentation import statsd  # noqa: PLC0415

        self._use(statsd.StatsdInstrument, statsd.instrument_for(client, prefix=prefix))

    def use_tracer(self, tracer: Tracer | TracerProvider) -> None:
        """Makes a span for each call.

        https://opentelemetry.io/docs/specs/semconv/database/dynamodb/

        Args:
            tracer: A tracer of OpenTelemetry, or the provider that one is asked of.

        Raises:
            TypeError: It is anything else.
        """
        from dynrepo.instrumentation.otel import SpanInstrument  # noqa: PLC0415

        self._use(SpanInstrument, SpanInstrument(_not_none(tracer, "use_tracer")))

    def use_instruments(self, *instruments: Instrument) -> None:
        """Replaces all instruments by these; none at all when called without.

        Args:
            *instruments: They start in this order and finish in the reverse, as nested blocks do.

        Raises:
            TypeError: One has no method `finished`, or one that is an `async def`.
        """
        self._fences = tuple(map(fence_of, instruments))

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The instruments in use."""
        return tuple(fence.instrument for fence in self._instrumented())

    def _use(self, kind: type, instrument: Instrument) -> None:
        """Puts an instrument in the place of those of its kind."""
        self.use_instruments(*self._with(kind, instrument))

    def _with(self, kind: type, instrument: Instrument) -> tuple[Instrument, ...]:
        others = tuple(other for other in self.instruments if not isinstance(other, kind))
        if hasattr(instrument, "started"):  # around the others, which tell of what it began
            return (instrument, *others)
        return (*others, instrument)

    def _instrumented(self) -> tuple[Fence, ...]:
        if self._fences is not None:
            return self._fences
        made = self._defaults.made.get(OTEL in sys.modules)
        if made is not None:
            return made
        try:
            return self._defaults.make()
        except Exception as error:  # noqa: BLE001 - instruments break no call
            pass_interruption(error)
            return no_fences(error)

    def _requests(self, verb: str, table: str, deadline: float) -> Requests:
        """A context manager around a verb that may send several requests."""
        called = verb, table
        return Requests(called, self._fences, self._instrumented, deadline, self._defaults)

    def _announce(self, table: str, location: Location) -> None:
        """Calls `connected` of the instruments that have it: the table is there."""
        for fence in self._instrumented():
            connected = getattr(fence.instrument, "connected", None)
            if connected is not None:
                fence.guard(connected, table, location)


def are_lacking(defaults: DefaultInstruments) -> bool:
    """Whether those that are due now are not made yet: that reads files."""
    return (OTEL in sys.modules) not in defaults.made


class Observation:
    """The context in which one operation is sent; its value is the call to be filled in."""

    __slots__ = ("_begun", "_call", "_fences", "_is_current", "_outer")

    def __init__(self, call: Call, fences: tuple[Fence, ...]) -> None:
        self._call = call
        self._fences = fences

    # Both loops run for every instrument of every call: they do what `Fence.guard` does, without
    # a call for it.
    def __enter__(self) -> Call:
        call = self._call
        begun: list[tuple[Fence, Any]] = []
        has_reader = False
        for fence in self._fences:
            if fence.muted_until and fence.muted:
                continue
            state = None
            if fence.started is not None:
                try:
                    state = fence.started(call)
                except Exception as error:  # noqa: BLE001 - whatever it is, the operation goes on
                    fence.mute(error)
                    continue
                if state is UNTOUCHED:
                    continue
            begun.append((fence, state))
            has_reader = has_reader or fence.reads_events
        self._begun = begun
        self._outer = outer = current_call.get()  # of a store that makes calls of its own
        self._is_current = is_current = has_reader or outer is not None
        if is_current:  # else nobody reads what is left with it, and to set it takes its time
            current_call.set(call)
        call.started = steady.perf_counter()
        return call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        call = self._call
        call.duration = steady.perf_counter() - call.started
        call.error = error
        if (
            self._is_current and current_call.get() is call
        ):  # else a coroutine was dropped, in whatever context
            current_call.set(self._outer)
        for fence, begun in reversed(self._begun):
            try:
                fence.instrument.finished(call, begun)
            except Exception as failure:  # noqa: BLE001 - whatever it is, the operation goes on
                fence.mute(failure)
        if collecting.get() is not None:
            _usage.guard(_usage.instrument.finished, call, None)


_usage = Fence(UsageInstrument())


def _not_none(value: Any, method: str) -> Any:
    """The value; TypeError for None, which would mean the default."""
    if value is None:
        raise TypeError(f"{method} takes no None")
    return value
