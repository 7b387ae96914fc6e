"""How far a call had come that was stopped from outside: it goes along with the exception.

A task that is cancelled, Ctrl-C or the end of the process stop a call at any moment. Its caller
gets that exception, as it was raised; logs and metrics read from it what the sender knew by then.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator

_NAME = "dynrepo_interrupted"
"""The attribute of the exception: a plain tuple, which can be unpickled without this library."""


class Interrupted(NamedTuple):
    """The requests that a call had sent, and whether one of them may have been applied."""

    attempts: int
    in_doubt: bool


def note_interrupted(error: BaseException, attempts: int, *, in_doubt: bool) -> None:
    """Notes on an exception that passes how far its call had come; in vain where it takes no note.

    `in_doubt` says whether a request was on its way, or the answer to one before it was lost. Kept
    are the most attempts and the greatest doubt of all notes: of the connection, which knows
    whether it has sent the request, of the sender, and of the sender of a look.
    """
    noted = interrupted_of(error)
    if noted is not None:
        attempts, in_doubt = max(attempts, noted.attempts), in_doubt or noted.in_doubt
    with suppress(Exception):
        setattr(error, _NAME, (attempts, in_doubt))


@contextmanager
def handed_over() -> Generator[None]:
    """The block of a request that was handed over: whoever is stopped in it may have written."""
    try:
        yield
    except BaseException as error:
        if not isinstance(error, Exception):
            note_interrupted(error, 1, in_doubt=True)
        raise


def interrupted_of(error: BaseException) -> Interrupted | None:
    """What was noted on an exception; None where nothing was."""
    noted = getattr(error, _NAME, None)
    return None if noted is None else Interrupted(*noted)


def stopped_from_outside(error: BaseException) -> bool:
    """Whether an exception stopped a call, and is no outcome of it."""
    return not isinstance(error, Exception) or interrupted_of(error) is not None
