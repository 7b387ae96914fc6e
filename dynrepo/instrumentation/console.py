"""Log lines for people: one of 80 columns for each call."""

from __future__ import annotations

import logging
from typing import Any

from dynrepo.instrumentation.logs import GIVEN_UP

COLUMNS = 80
"""Of the longest line of a call; the table's name is cut where it is needed, and then the code."""

_OF_CALLS = {"operation", "table", "duration", "outcome", "error", "attempts", "in_doubt"}
"""What each record of a call has; one of an application may have some of them, of other types."""


class ConsoleFormatter(logging.Formatter):
    """Formats the lines of calls for a console: time, operation, table, outcome.

    ::

        handler = logging.StreamHandler()
        handler.setFormatter(ConsoleFormatter())
        logging.getLogger("dynrepo").addHandler(handler)

    The outcome is `ok`, `cancelled`, or the code of AWS or of what failed, with `in doubt` where a
    write may have been applied, and the duration in milliseconds. Any other record is its time and
    its message. The time is local, to the second.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - of the base class
        """The line of a record, but for a traceback."""
        told = vars(record)
        if record.msg == GIVEN_UP or not told.keys() >= _OF_CALLS:
            return super().formatMessage(record)
        begin = f"{record.asctime} {told['operation']:<18} "
        took = f" {told['duration'] * 1000:.1f} ms"
        left = COLUMNS - len(begin) - len(took) - 1
        outcome = _outcome(told, left - 1)
        return f"{begin}{_in(left - len(outcome), told['table'])} {outcome}{took}"


def _outcome(told: dict[str, Any], columns: int) -> str:
    if told["outcome"] == "success":
        return "ok"
    what = told["error"] if told["outcome"] == "failure" else told["outcome"]
    doubt = ", in doubt" if told["in_doubt"] else ""
    return _cut(str(what), columns - len(doubt)) + doubt


def _in(columns: int, name: str) -> str:
    """A name in a column of 20 or less, cut where it is longer."""
    width = min(20, columns)
    return _cut(name, width).ljust(width)


def _cut(name: str, columns: int) -> str:
    return name if len(name) <= columns else name[: columns - 1] + "~"
