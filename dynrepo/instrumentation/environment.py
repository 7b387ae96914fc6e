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


def default_fences() -> tuple[Fence, ...]:
    """What the environment asks for, with OpenTelemetry where the application has imported it.

    Its import takes a tenth of the time to the first item of a process, and before the application
    imports it no SDK is configured but one that the environment names.
    """
    is_imported = OTEL in sys.modules
    try:
        made = MADE[is_imported] = _default_fences(otel=is_imported)
    except BaseException:
        MADE.pop(is_imported, None)  # the next call tries again
        raise
    return made


def begin_without() -> None:
    """Has calls pass no instruments until those are made that are too late for the first one."""
    MADE.setdefault(OTEL in sys.modules, no_fences(Timeout()))


OTEL = "opentelemetry"

MADE: dict[bool, tuple[Fence, ...]] = {}
"""The default instruments, as far as they were made, by whether OpenTelemetry was imported then."""


@cache
def _default_fences(*, otel: bool) -> tuple[Fence, ...]:
    if otel:
        return tuple(map(fence_of, _traced(_instruments())))
    if _names_a_variable("OTEL_PYTHON_"):
        return _default_fences(otel=True)
    return tuple(map(fence_of, _instruments()))


@cache
def _instruments() -> tuple[Instrument, ...]:
    """A wrong variable is reported, and costs no call its result."""
    from dynrepo.instrumentation.logs import LogInstrument  # noqa: PLC0415 - only once needed

    if not _names_a_variable("DYNREPO_"):
        return (LogInstrument(),)
    from dynrepo.settings import Settings  # noqa: PLC0415 - the same

    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        logger.warning("%s; the default is used", error)
        settings = Settings()
    return _set(settings)


def _names_a_variable(prefix: str) -> bool:
    return any(name.startswith(prefix) for name in os.environ)


def instruments_for(settings: Settings) -> tuple[Instrument, ...]:
    """Log lines, spans and histograms, and StatsD lines where the settings name a daemon."""
    return _traced(_set(settings))


def _traced(instruments: tuple[Instrument, ...]) -> tuple[Instrument, ...]:
    """The instruments with those of OpenTelemetry, inside whose span a log line is written."""
    from dynrepo.instrumentation import otel  # noqa: PLC0415 - only once needed

    return (*otel.instruments(), *instruments)


def _set(settings: Settings) -> tuple[Instrument, ...]:
    from dynrepo.instrumentation import daemon, logs  # noqa: PLC0415 - only once needed
    from dynrepo.settings import host_and_port  # noqa: PLC0415 - the same

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
