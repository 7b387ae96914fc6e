"""What a method takes, said where it is given something else."""

from __future__ import annotations

from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, TypeVar, cast

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")
G = TypeVar("G")


def used_as(usage: str) -> Callable[[F], F]:
    """Has a method show its usage in the TypeError for arguments that it does not take.

    For methods that build something: the call within a call would show in the time of a get.
    """

    def shown(function: F) -> F:
        @wraps(function)
        def called(*given: Any, **named: Any) -> Any:
            try:
                return function(*given, **named)
            except TypeError as error:
                if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                    raise  # from within
                reason = str(error)
            raise TypeError(f"{reason}: write {usage}")

        # In the place of `__wrapped__`, which says that a function may be called in its place.
        del called.__wrapped__
        cast("Any", called).__signature__ = signature(function)
        cast("Any", called).usage = usage  # for mocks, which refuse the same
        return cast("F", called)

    return shown


def several(verb: str, given: G) -> G:
    """What is given as several keys or items; TypeError for one, which Python would take apart."""
    if not _ONE.isdisjoint(type(given).__mro__):  # Pydantic makes `isinstance` slow
        kind = type(given).__name__
        raise TypeError(f"{verb} takes any number, here is one {kind}: write {verb}([...])")
    return given


_ONE = frozenset([str, bytes, BaseModel])
