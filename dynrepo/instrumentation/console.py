"""Log lines for people: one of 80 columns for each call."""

from __future__ import annotations

import logging

from dynrepo.instrumentation.logs import GIVEN_UP

COLUMNS = 80
"""Of the longest line of a call; a table's name is cut where it is needed."""

_OF_CALLS = ("operation", "table", "outcome", "duration")


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
        if record.msg == GIVEN_UP or not told.keys() >= set(_OF_CALLS):
            return super().formatMessage(record)
        begin = f"{record.asctime} {told['operation']:<18} "
        end = f" {_outcome(told)} {told['duration'] * 1000:.1f} ms"
        return begin + _in(COLUMNS - len(begin) - len(end), told["table"]) + end


def _outcome(told: dict[str, object]) -> str:
    if told["outcome"] == "success":
        return "ok"
    what = told["error"] if told["outcome"] == "failure" else told["outcome"]
    return f"{what}, in doubt" if told.get("in_doubt") else str(what)


def _in(columns: int, name: str) -> str:
    """A name in a column of 20 or less, cut where it is longer."""
    width = max(1, min(20, columns))
    return name.ljust(width) if len(name) <= width else name[: width - 1] + "~"
