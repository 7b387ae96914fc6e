"""What PynamoDB and botocore log of our calls: no value of them is told, and no handler is felt.

PynamoDB's lines hold keys and values, and this library logs the same without them: those of our
calls are left out. botocore's belong to the application, and go to its handlers; but one that
raises, as some do when a disk is full, must not become the outcome of a call.
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class _Calls(threading.local):
    now = False
    """Whether this thread is in a call of this library."""


here = _Calls()


@contextmanager
def fenced() -> Generator[None]:
    """The context of a call of this library."""
    outer, here.now = here.now, True
    try:
        yield
    finally:
        here.now = outer


class _HandedOn(logging.Filter):
    """Hands the lines of a call to a logger's handlers itself; what they raise is dropped."""

    def __init__(self, log: logging.Logger) -> None:
        super().__init__()
        self._log = log

    def filter(self, record: logging.LogRecord) -> bool:
        if here.now:
            with suppress(Exception):
                self._log.callHandlers(record)
        return not here.now


class _LeftOut(logging.Filter):
    """Leaves out the lines of our calls, and takes the arguments out of all others."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.msg == "Calling %s with arguments %s" and isinstance(record.args, tuple):
            record.args = (record.args[0], "(not shown)")
        return not here.now


logging.getLogger("pynamodb.connection.base").addFilter(_LeftOut())
for _name in list(logging.root.manager.loggerDict):
    if _name.startswith(("botocore.", "urllib3.")):
        logging.getLogger(_name).addFilter(_HandedOn(logging.getLogger(_name)))
