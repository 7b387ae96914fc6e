"""What may become of one request: how far it gets, when, and what its caller sees of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from dynrepo.operations.operation import Operation


class Arrival(Enum):
    """When the engine gets a request; late is when its caller may have given it up."""

    AT_ONCE = "at once"
    LATE = "late"
    NEVER = "never"


class Ending(Enum):
    """How the exchange ends for the caller."""

    ANSWERED = "answered"
    SILENT = "no answer"
    RESET = "the connection is reset"
    BROKEN = "an answer that its checksum denies"
    ODD = "an answer with something else in it"
    CUT = "half an answer, and the end of the connection"
    UNSENT = "the connection was closed before"


@dataclass(frozen=True)
class Fate:
    """A fault of the network or of the engine, or none.

    `weight` is its share of the requests. `error` is a status and a code in place of the engine's
    answer. A `copied` request arrives twice. A `slow` answer takes seconds, one `in_pieces`
    comes in two. `undone` is for batches: so many of their keys or writes come back.
    """

    name: str
    weight: int
    arrival: Arrival = Arrival.AT_ONCE
    ending: Ending = Ending.ANSWERED
    error: tuple[int, str] | None = None
    copied: bool = False
    slow: bool = False
    in_pieces: bool = False
    undone: int = 0


_NEVER, _LATE = Arrival.NEVER, Arrival.LATE
_SILENT, _RESET = Ending.SILENT, Ending.RESET

WRONG_CLOCK = "RequestTimeTooSkewed"
"""What is refused with this code is sent once more, by the clock of the server."""

FATES = (
    Fate("all well", 90),
    Fate("answered slowly", 6, slow=True),
    Fate("answered in pieces", 6, in_pieces=True),
    Fate("closed before it left", 3, _NEVER, Ending.UNSENT),
    Fate("lost", 6, _NEVER, _SILENT),
    Fate("lost by a reset", 4, _NEVER, _RESET),
    Fate("answer lost", 8, ending=_SILENT),
    Fate("answer lost by a reset", 10, ending=_RESET),
    Fate("answer broken", 3, ending=Ending.BROKEN),
    Fate("answer cut", 3, ending=Ending.CUT),
    Fate("answer odd", 3, ending=Ending.ODD),
    Fate("delayed", 8, _LATE, _SILENT),
    Fate("delayed after a reset", 8, _LATE, _RESET),
    Fate("doubled", 6, copied=True),
    Fate("doubled, answers lost", 4, ending=_SILENT, copied=True),
    Fate("throttled", 6, _NEVER, error=(400, "ProvisionedThroughputExceededException")),
    Fate("in conflict with a transaction", 3, _NEVER, error=(400, "TransactionConflictException")),
    Fate("failed before", 5, _NEVER, error=(500, "InternalServerError")),
    Fate("failed after", 5, error=(500, "InternalServerError")),
    Fate("access denied", 3, _NEVER, error=(400, "AccessDeniedException")),
    Fate("token expired", 2, _NEVER, error=(400, "ExpiredTokenException")),
    Fate("signed by a wrong clock", 2, _NEVER, error=(400, WRONG_CLOCK)),
    Fate("table not found", 2, _NEVER, error=(400, "ResourceNotFoundException")),
)

BATCH_FATES = (
    *FATES,
    Fate("handed back in part", 40, undone=1),
    Fate("handed back", 20, undone=100),
)
"""Those of a request with several keys or writes that are not made together."""

NO_CREDENTIALS = "no credentials"
NO_CONNECTION = "no connection"
NO_CONNECTION_IN_TIME = "no connection in time"
UNSENT = (NO_CREDENTIALS, NO_CONNECTION, NO_CONNECTION_IN_TIME)
"""The fates before there is a connection to send over."""

_WEIGHTS = [fate.weight for fate in FATES]
_BATCH_WEIGHTS = [fate.weight for fate in BATCH_FATES]


def drawn(dice: Random, operation: Operation[object]) -> Fate:
    """The fate of a request, by the dice."""
    if operation.name.startswith("Batch"):
        return dice.choices(BATCH_FATES, _BATCH_WEIGHTS)[0]
    return dice.choices(FATES, _WEIGHTS)[0]
