"""What happens to a call on its way, noted for its instruments by whoever sends it.

A store and its connections know nothing of repositories and their instruments: `note` leaves an
event with the call that is being made in the current context, and does nothing where there is none.
"""

from __future__ import annotations

import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dynrepo.sending.sender_used import SenderUsed


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a time, in nanoseconds since 1970."""

    at: int = field(default_factory=time.time_ns, kw_only=True)


@dataclass(frozen=True, slots=True)
class AttemptFailed(Event):
    """A request came to nothing: the attempt with this number, from 1 on.

    `code` is the error code of AWS where `is_answer`, else the class name of the local failure.
    `pause` are the seconds until the request is sent again; None where it is not.
    """

    number: int
    code: str
    is_answer: bool
    is_throttled: bool
    request_id: str | None
    pause: float | None


@dataclass(frozen=True, slots=True)
class BudgetSpent(Event):
    """A request was not sent again, since the store's retries were used up."""


@dataclass(frozen=True, slots=True)
class ConnectionMade(Event):
    """A connection was opened for a pool, by its name, in so many seconds."""

    pool: str
    seconds: float


@dataclass(frozen=True, slots=True)
class ConnectionAwaited(Event):
    """All connections of a pool were in use, so that a request waited so many seconds for one.

    It was not sent if `is_late`.
    """

    pool: str
    seconds: float
    is_late: bool


@dataclass(frozen=True, slots=True)
class SenderChosen(Event):
    """It was decided who sends for a store."""

    used: SenderUsed


class Eventful(Protocol):
    """What events are left with: a call."""

    events: tuple[Event, ...]


current_call: ContextVar[Eventful | None] = ContextVar("dynrepo_call", default=None)
"""The call that is being made in this context."""


def note(event: Event) -> None:
    """Leaves an event with the current call, if there is one."""
    call = current_call.get()
    if call is not None:
        call.events += (event,)
