"""Structured log lines on the standard library's logging: debug for a call, error for a failure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dynrepo.instrumentation import Call

logging.getLogger("dynrepo").addHandler(logging.NullHandler())


class LogInstrument:
    """Logs each call with the fields operation, table, duration (seconds), outcome and error.

    A refused condition is an answer and logged at DEBUG as a success is.
    """

    def __init__(self, logger: logging.Logger | logging.LoggerAdapter[Any] | None = None) -> None:
        if logger is None:
            logger = logging.getLogger("dynrepo")
        if not isinstance(logger, logging.Logger | logging.LoggerAdapter):
            raise TypeError(f"use_logger takes a logging.Logger, not {type(logger).__name__}")
        self.logger = logger

    def started(self, call: Call, /) -> None:
        """Logs nothing yet: one line a call is enough."""

    def finished(self, call: Call, begun: Any, /) -> None:
        """Logs the call."""
        level = logging.DEBUG if call.error is None or call.refused else logging.ERROR
        if self.logger.isEnabledFor(level):
            self.logger.log(
                level,
                "%s %s %s in %.3f ms",
                call.operation.name,
                call.operation.table,
                call.code or "ok",
                call.duration * 1000,
                extra=_fields(call),
            )


def _fields(call: Call) -> dict[str, Any]:
    return {
        "operation": call.operation.name,
        "table": call.operation.table,
        "duration": call.duration,
        "outcome": call.outcome,
        "error": call.code,
    }
