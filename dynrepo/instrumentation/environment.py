"""The default instruments: what the environment, or the settings, ask for."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

from dynrepo.errors import SettingsError, Timeout
from dynrepo.instrumentation.fence import Fence, Instrument, fence_of, logger

if TYPE_CHECKING:
    from dynrepo.settings import Settings


def no_fences(error: Exception) -> tuple[Fence, ...]:
    """Those of a call while the default instruments cannot be made, which is no fault of its own.

    So it is where no file can be opened, and at the end of the interpreter.
    """
    with suppress(Exception):  # a handler of the application may raise
        logger.warning("no instruments: %s", type(error).__name__)
    return ()


class DefaultInstruments:
    """The instruments of those that were given none: what settings ask for, made at the first call.

    OpenTelemetry is among them where the application has imported it: its import takes a tenth of
    the time to the first item of a process, and before the application imports it no SDK is
    configured but one that the environment names. Without `telemetry` the environment says what
    is asked for, and a wrong variable costs no call its result: it is reported.
    """

    def __init__(self, telemetry: Settings | None = None) -> None:
        self._telemetry = telemetry
        self.made: dict[bool, tuple[Fence, ...]] = {}
        """Those that there are, by whether OpenTelemetry was imported when they were made."""

    def make(self) -> tuple[Fence, ...]:
        """Makes those that are due now; others of the same settings have the same."""
        is_imported = OTEL in sys.modules
        telemetry = _of_environment() if self._telemetry is None else self._telemetry
        try:
            made = self.made[is_imported] = _fences_of(telemetry, otel=is_imported)
        except BaseException:
            self.made.pop(is_imported, None)  # the next call tries again
            raise
        return made

    def begin_without(self) -> None:
        """Has calls pass none until those are made that are too late for the first one."""
        self.made.setdefault(OTEL in sys.modules, no_fences(Timeout()))


OTEL = "opentelemetry"


def default_instruments(settings: Settings) -> DefaultInstruments:
    """Those by settings: the same for all that say the same of telemetry."""
    return _defaults_by(_telemetry_of(settings))


@cache
def _defaults_by(telemetry: Settings) -> DefaultInstruments:
    return DefaultInstruments(telemetry)


def _telemetry_of(settings: Settings) -> Settings:
    """What settings say of telemetry, and nothing besides."""
    from dynrepo.settings import Settings  # noqa: PLC0415 - only once needed

    return Settings.model_construct(**{name: getattr(settings, name) for name in _OF_TELEMETRY})


_OF_TELEMETRY = ("slow", "statsd", "statsd_prefix", "statsd_dialect", "statsd_rate")


def _of_environment() -> Settings:
    """What the environment says of telemetry; a wrong variable is reported."""
    from dynrepo.settings import Settings  # noqa: PLC0415 - only once needed

    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        logger.warning("%s; the default is used", error)
        settings = Settings.model_construct()
    return _telemetry_of(settings)


@cache
def _fences_of(telemetry: Settings, *, otel: bool) -> tuple[Fence, ...]:
    if otel:
        return tuple(map(fence_of, _traced(_instruments(telemetry))))
    if any(name.startswith("OTEL_PYTHON_") for name in os.environ):
        return _fences_of(telemetry, otel=True)
    return tuple(map(fence_of, _instruments(telemetry)))


def instruments_for(settings: Settings) -> tuple[Instrument, ...]:
    """Log lines, spans and histograms, and StatsD lines where the settings name a daemon."""
    return _traced(_made_by(settings))


def _traced(instruments: tuple[Instrument, ...]) -> tuple[Instrument, ...]:
    """The instruments with those of OpenTelemetry, inside whose span a log line is written."""
    from dynrepo.instrumentation import otel  # noqa: PLC0415 - only once needed

    return (*otel.instruments(), *instruments)


def _made_by(settings: Settings) -> tuple[Instrument, ...]:
    from dynrepo.instrumentation.logs import LogInstrument  # noqa: PLC0415 - only once needed

    log = LogInstrument(slow=settings.slow)
    if settings.statsd is None:
        return (log,)
    from dynrepo.instrumentation.daemon import instrument_at  # noqa: PLC0415 - the same
    from dynrepo.settings import host_and_port  # noqa: PLC0415 - the same

    statsd = instrument_at(
        *host_and_port(settings.statsd),
        dialect=settings.statsd_dialect,
        prefix=settings.statsd_prefix,
        rate=settings.statsd_rate,
    )
    return log, statsd


_instruments = cache(_made_by)
"""Those of equal settings are one set, with one socket."""
