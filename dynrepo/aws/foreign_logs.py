"""What PynamoDB and botocore log of our calls: no value of them is told, and no handler is felt.

PynamoDB's lines hold keys and values, and this library logs the same without them: those of our
calls are left out. botocore's belong to the application, and go to its handlers; but one that
raises, as some do when a disk is full, must not become the outcome of a call.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Generator

_in_call: ContextVar[bool] = ContextVar("dynrepo_in_call", default=False)


@contextmanager
def fenced_logs() -> Generator[None]:
    """The context of a call of this library into botocore or PynamoDB."""
    token = _in_call.set(True)
    try:
        yield
    finally:
        _in_call.reset(token)


class _HandedOn(logging.Filter):
    """Hands the lines of a call to a logger's handlers itself, past the filters that come after it.

    What filters and handlers raise is dropped, with the line.
    """

    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._log = log

    def filter(self, record: logging.LogRecord) -> bool:
        in_call = _in_call.get()
        if in_call:
            with suppress(Exception):
                shown = self._after_me(record)
                if shown is not None:
                    self._log.callHandlers(shown)
        return not in_call

    def _after_me(self, record: logging.LogRecord) -> logging.LogRecord | None:
        """The line as the filters after this one leave it; None where one of them keeps it back."""
        rest = logging.Filterer()
        rest.filters = self._log.filters[self._log.filters.index(self) + 1 :]
        passed = cast("bool | logging.LogRecord", rest.filter(record))
        if isinstance(passed, logging.LogRecord):  # which Python 3.12 and later return
            return passed
        return record if passed else None


class _WithoutArguments(_HandedOn):
    """Leaves out what is traced of our calls, and takes the arguments out of all other lines."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == "Calling %s with arguments %s" and isinstance(record.args, tuple):
            record.args = (record.args[0], "(not shown)")
        if _in_call.get() and record.levelno == logging.DEBUG:
            return False
        return super().filter(record)


def fence_loggers() -> None:
    """Has the lines of our calls handed on by the loggers that botocore and urllib3 have now."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("botocore.", "urllib3.")):
            _fence(logging.getLogger(name))


def _fence(logger: logging.Logger, fence: type[_HandedOn] = _HandedOn) -> None:
    if not any(isinstance(each, _HandedOn) for each in logger.filters):
        logger.addFilter(fence(logger))


_fence(logging.getLogger("pynamodb.connection.base"), _WithoutArguments)
_fence(logging.getLogger("pynamodb.settings"))  # which logs while it is imported
