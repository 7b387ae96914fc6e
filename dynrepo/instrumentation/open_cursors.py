"""The line that says, once in a process, that cursors are handed out that anybody can read."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.operation import Location

_logger = logging.getLogger("dynrepo")


class _Line:
    """A warning that is written once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_written = False

    def write(self, table: str) -> None:
        """Writes the line, which names the table of the first such cursor."""
        with self._lock:
            is_written, self._is_written = self._is_written, True
        if not is_written:
            _logger.warning(
                "cursors are handed out without a secret, of %s first: whoever holds one can read"
                " the key in it, and make others: set DYNREPO_CURSOR_SECRET, or cursor_secret=",
                table,
                extra={"table": table},
            )


_line = _Line()


def tell_open_cursor(table: str, located: Callable[[], Location]) -> None:
    """Logs a warning at the first open cursor of the process, of a table that is not in it."""
    with suppress(Exception):  # a handler of the application may raise, and costs no page
        if not located().is_in_process:
            _line.write(table)
