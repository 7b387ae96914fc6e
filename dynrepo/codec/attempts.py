"""Attempts that fail at a part of a value, and are made again from another side.

A member of a union is tried, reads all that is below, and fails at the end; the next one reads the
same again. In a value of unions within unions that would double with each level. So what was made
of a part is remembered until the outermost attempt has ended.
"""

from __future__ import annotations

from threading import local
from typing import TYPE_CHECKING, Any

from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable


class FailedAttempt:
    """What is there in place of a value that could not be made."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason


class _Outcomes(local):
    """The outcomes of the thread's attempts; None where none is being made."""

    outcomes: dict[Hashable, tuple[Any, Any]] | None = None


_known = _Outcomes()


def attempt(make: Callable[[Any], Any], given: Any) -> Any:
    """What a function makes of something; `FailedAttempt` where it raises."""
    try:
        return make(given)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # validators and encodings of the user's may raise anything
        pass_strike(error)
        return FailedAttempt(error.with_traceback(None))


def remembered(question: Hashable, make: Callable[[Any], Any], given: Any) -> Any:
    """What a function makes, or made before within the outermost attempt; it may raise anything.

    `question` tells the function and what is given apart from all others that are alive.
    """
    outcomes = _known.outcomes
    if outcomes is None:
        _known.outcomes = {}
        try:
            return make(given)
        finally:
            _known.outcomes = None
    if question not in outcomes:
        outcomes[question] = given, attempt(make, given)
    _, found = outcomes[question]  # what is given stays alive, so that its id stays its own
    if isinstance(found, FailedAttempt):
        raise found.reason
    return found
