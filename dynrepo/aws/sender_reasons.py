"""Why botocore's sender is used: as a sentence, which the log gets once."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dynrepo.sending.sender_used import SenderUsed

logger = logging.getLogger("dynrepo")

ASKED = "it was asked for"


class ReasonsTold:
    """The log lines of a connection on its sender.

    A reason is told once in a row, at WARNING, with the fields `sender` and `reason`: a request by
    botocore's sender takes several times as long. What was asked for is not told.
    """

    def __init__(self) -> None:
        self._last: SenderUsed | None = None

    def tell(self, used: SenderUsed) -> None:
        """Logs that botocore's sender is used, unless that was the last thing told."""
        last, self._last = self._last, used
        if used.name == "direct" or used.reason == ASKED or used == last:
            return
        with suppress(Exception):  # a handler of the application may raise
            logger.warning(
                "botocore sends the requests: %s",
                used.reason,
                extra={"sender": used.name, "reason": used.reason},
            )


def unforeseen(error: Exception) -> str:
    """A sentence for an error while a sender is chosen: the name that is missing, if one is."""
    missing = getattr(error, "name", None) or (error.args[0] if type(error) is KeyError else None)
    if missing:
        return f"this botocore has no {missing}"
    return f"{type(error).__name__} while the sender was chosen"
