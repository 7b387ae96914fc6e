"""Structured log lines on the standard library's logging."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from dynrepo.errors import StoreError
from dynrepo.instrumentation.call import CANCELLED

if TYPE_CHECKING:
    from dynrepo.instrumentation.call import Call
    from dynrepo.operations.operation import Location

SLOW = 1.0
"""Seconds from which a call is worth a warning."""


class LogInstrument:
    """One line a call: DEBUG, WARNING when it took `slow` seconds or more, ERROR when it failed.

    The fields `operation`, `table`, `duration` (seconds), `outcome`, `error`, `attempts`,
    `in_doubt`, `capacity` (units), `verb`, `index`, `region` and `request_id` stand on the record,
    for a formatter that writes `extra` fields, and `entity` where a table is shared; the last four
    in the text of an ERROR, too. A write whose condition did not hold, and a look for a table that
    is not there, are DEBUG. Retries that did not help are a WARNING of their own. A call that was
    cancelled is INFO, and WARNING if it is a write that may have been applied.
    """

    reads_events = False

    def __init__(
        self,
        logger: logging.Logger | logging.LoggerAdapter[Any] | None = None,
        *,
        slow: float = SLOW,
    ) -> None:
        if logger is None:
            logger = logging.getLogger("dynrepo")
        self.logger: logging.Logger | logging.LoggerAdapter[Any] = _require_logger(logger)
        self.slow = slow

    def connected(self, table: str, location: Location, /) -> None:
        """Logs that a table is there, at INFO."""
        self.logger.info(
            "connected to %s in %s at %s",
            table,
            location.region,
            location.endpoint,
            extra={"table": table, "region": location.region, "endpoint": location.endpoint},
        )

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Logs the call."""
        error = call.error
        if error is not None and call.outcome == CANCELLED:
            self._log_cancelled(call)
        elif error is not None and not call.refused:
            self._log_failed(call)
        else:
            level = logging.WARNING if call.duration >= self.slow else logging.DEBUG
            if self.logger.isEnabledFor(level):  # else there is nothing to look up for it
                self._log(level, _DONE, call, call.code or "ok", call.duration * 1000)

    def _log_failed(self, call: Call) -> None:
        self._log(logging.ERROR, _DONE + "%s", call, call.code, call.duration * 1000, _rest(call))
        if isinstance(call.error, StoreError) and call.error.retryable and call.attempts > 1:
            self._log(logging.WARNING, GIVEN_UP, call, call.attempts)

    def _log_cancelled(self, call: Call) -> None:
        message = "%s %s: cancelled by %s after %.3f ms, in attempt %d"
        level = logging.WARNING if call.duration >= self.slow else logging.INFO
        if call.in_doubt:
            message += "; it may have been applied"
            level = logging.WARNING
        self._log(level, message, call, call.code, call.duration * 1000, call.attempts)

    def _log(self, level: int, message: str, call: Call, *arguments: Any) -> None:
        self.logger.log(level, message, *_names(call), *arguments, extra=fields(call))


_DONE = "%s %s: %s in %.3f ms"

GIVEN_UP = "%s %s: given up after %d attempts"
"""The message of a second line about a call, which no formatter of the first has to show."""


def _require_logger(logger: Any) -> Any:
    """The logger; TypeError for what is none."""
    if isinstance(logger, logging.Logger | logging.LoggerAdapter):
        return logger  # pyright: ignore[reportUnknownVariableType]
    raise TypeError(f"use_logger takes a logging.Logger, not {type(logger).__name__}")


def _names(call: Call) -> tuple[str, str]:
    """The operation, and the table with the entity that is meant."""
    operation = call.operation
    entity = f" ({operation.entity})" if operation.entity else ""
    return operation.name, operation.table + entity


def _rest(call: Call) -> str:
    """What else is known of a call that failed."""
    told = fields(call)
    names = {"verb": "verb", "index": "index", "region": "region", "request_id": "request"}
    rest = [f"{name} {told[field]}" for field, name in names.items() if told[field]]
    return "; " + ", ".join(rest) if rest else ""


def fields(call: Call) -> dict[str, Any]:
    """What a log line says of a call, by name."""
    of_entity = {"entity": call.operation.entity} if call.operation.entity else {}
    return {
        "operation": call.operation.name,
        "table": call.operation.table,
        **of_entity,
        "duration": call.duration,
        "outcome": call.outcome,
        "error": call.code,
        "attempts": call.attempts,
        "in_doubt": call.in_doubt,
        "capacity": call.capacity,
        "verb": call.verb,
        "index": call.index,
        "region": _region_of(call),
        "request_id": call.request_id,
    }


def _region_of(call: Call) -> str | None:
    """Where the call went; not asked where it was stopped: a store may have to find that out."""
    return None if call.outcome == CANCELLED else call.locate().region
