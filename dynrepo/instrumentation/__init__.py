"""What is seen of an operation: one hook around the one door, and the instruments behind it.

`InstrumentationMixin._observe` is that hook. Each instrument hears of a call twice, and is fenced:
one that raises is reported once, muted for a while, and never felt by the operation.
"""

from __future__ import annotations

import logging
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from dynrepo.errors import SettingsError
from dynrepo.instrumentation.call import Call
from dynrepo.instrumentation.fence import Fence, Instrument, fence_of, logger
from dynrepo.instrumentation.usage import collect
from dynrepo.instrumentation.verb import Requests, Scope, Verb
from dynrepo.settings import OTEL_NAMED, Settings, host_and_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from opentelemetry.trace import Tracer, TracerProvider

    from dynrepo.instrumentation.statsd import AnyStatsClient
    from dynrepo.instrumentation.verb import Execute
    from dynrepo.operation import Operation
    from dynrepo.store import Location

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
        return _default_fences(otel=_otel_is_there()) if self._fences is None else self._fences

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
        self._begun = [fence.started(self._call) for fence in self._fences]
        self._call.begin()
        return self._call

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._call.end(error)
        for fence, begun in zip(reversed(self._fences), reversed(self._begun), strict=True):
            fence.finished(self._call, begun)
        collect(self._call)


def _given(value: Any, method: str) -> Any:
    """What was given: None would mean the default, which nobody asks for by `use_`."""
    if value is None:
        raise TypeError(f"{method} takes no None")
    return value


@cache
def _default_fences(*, otel: bool) -> tuple[Fence, ...]:
    """What the environment asks for; without OpenTelemetry while nobody could listen to it."""
    instruments = _environment_instruments()
    return tuple(fence_of(one) for one in (_traced(instruments) if otel else instruments))


def _otel_is_there() -> bool:
    """Whether anybody has imported OpenTelemetry, without which nobody listens.

    Its import takes a tenth of the time to the first item of a process.
    """
    return "opentelemetry" in sys.modules or OTEL_NAMED


@cache
def _environment_instruments() -> tuple[Instrument, ...]:
    """A wrong variable is reported, and costs no call its result."""
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        logger.warning("%s; the default is used", error)
        settings = Settings()
    return _settings_instruments(settings)


def instruments_for(settings: Settings) -> tuple[Instrument, ...]:
    """Log lines, spans and histograms, and StatsD lines where the settings name a daemon."""
    return _traced(_settings_instruments(settings))


def _traced(instruments: tuple[Instrument, ...]) -> tuple[Instrument, ...]:
    """The instruments with those of OpenTelemetry, which come after the log lines."""
    from dynrepo.instrumentation import otel  # noqa: PLC0415 - only once needed

    log, *others = instruments
    return (log, *otel.instruments(), *others)


def _settings_instruments(settings: Settings) -> tuple[Instrument, ...]:
    from dynrepo.instrumentation import daemon, logs  # noqa: PLC0415 - only once needed

    log = logs.LogInstrument(slow=settings.slow)
    if settings.statsd is None:
        return (log,)
    statsd = daemon.instrument_at(
        *host_and_port(settings.statsd),
        dialect=settings.statsd_dialect,
        prefix=settings.statsd_prefix,
        rate=settings.statsd_rate,
    )
    return log, statsd


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
