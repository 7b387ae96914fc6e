"""Functions of the user's that the library calls, and never awaits."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any, TypeVar

R = TypeVar("R")


def check_called(name: str, function: Any, wanted: str, error: type[Exception] = TypeError) -> None:
    """Raises the error for what cannot be called, and for what is declared with `async def`.

    `wanted` says in the message what the function is.
    """
    if not callable(function):
        raise error(f"{name} is {wanted}, not {type(function).__name__}")
    if _is_asynchronous(function):
        raise error(f"{name} is {wanted}, {_CURE}")


def not_awaited(name: str, result: R) -> R:
    """What a function returned; TypeError for a coroutine, which is closed."""
    if is_closed(result):
        raise TypeError(f"{name} returned a coroutine: it is {_CURE}")
    return result


def is_closed(result: Any) -> bool:
    """Closes what a function returned if it is a coroutine, and returns whether it is one."""
    if inspect.iscoroutine(result):
        result.close()
        return True
    return False


_CURE = "called and not awaited: give it a plain def, not an async one"


def _is_asynchronous(function: Any) -> bool:
    while isinstance(function, partial):
        function = function.func
    called = (function, type(function).__call__)
    return any(map(inspect.iscoroutinefunction, called)) or any(
        map(inspect.isasyncgenfunction, called)
    )
