"""Exceptions that were raised into a call from outside: by a signal, or by another thread.

A worker's time limit, a test's timeout or Ctrl-C may strike at any moment. Such an exception is no
failure of the call, whatever its class: it is not translated, and nothing is tried again.
"""

from __future__ import annotations

import sys
from dis import opmap
from inspect import CO_VARARGS
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

_RAISES = {opmap["RAISE_VARARGS"], opmap["RERAISE"]}
_GIVEN = 2
"""What a signal handler is given: the number of the signal, and the frame."""
_HARMLESS = {opmap["RESUME"], opmap["JUMP_BACKWARD"]}
"""Instructions that raise nothing of their own: a function begins, a loop begins anew."""
_VALIDATION = "pydantic_core._pydantic_core"
_UNSEEN = {"pydantic_core", "dynrepo", "urllib3", "botocore"}
"""Packages whose errors may be raised without a `raise` that can be seen.

They are compiled, or raise an error with the traceback of another one, as urllib3 does.
"""


def interruption_in(error: BaseException) -> BaseException | None:
    """The exception from outside that an error is, or was made from; None where there is none."""
    return next((each for each in _made_from(error) if _is_from_outside(each)), None)


def pass_strike(error: BaseException) -> None:
    """Raises the exception from outside behind an error of code that is the user's.

    That may call compiled code, whose errors are of any class and have no `raise` that can be seen.
    So what another thread set is known only where it struck between two calls.
    """
    # What is not valid is the most frequent error, and pydantic-core makes it of none from outside.
    if type(error).__module__ == _VALIDATION:
        return
    strike = next((each for each in _made_from(error) if _is_surely_from_outside(each)), None)
    if strike is not None:
        raise strike


def pass_interruption(error: BaseException) -> None:
    """Raises the exception from outside that an error is, or was made from, if there is one."""
    interruption = interruption_in(error)
    if interruption is not None:
        raise interruption


def _made_from(error: BaseException) -> Iterator[BaseException]:
    """An error, and those that were handled, on the way of its traceback, where it was raised."""
    frames = {id(trace.tb_frame) for trace in _traces(error)}
    found, seen = [error], set[int]()
    while found:
        each = found.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        for behind in (each.__cause__, each.__context__):
            trace = None if behind is None else behind.__traceback__
            # One that the caller of the library is handling was caught further out.
            if behind is not None and trace is not None and id(trace.tb_frame) in frames:
                frames |= {id(each.tb_frame) for each in _traces(behind)}
                found.append(behind)


def _traces(error: BaseException) -> Iterator[TracebackType]:
    trace = error.__traceback__
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_from_outside(error: BaseException) -> bool:
    if _is_surely_from_outside(error):
        return True
    at = _instruction(error)
    return at is not None and _is_foreign(error) and at not in _RAISES


def _is_surely_from_outside(error: BaseException) -> bool:
    if not isinstance(error, Exception):
        return True
    if any(_handles_signal(trace.tb_frame) for trace in _traces(error)):
        return True
    return _is_foreign(error) and _instruction(error) in _HARMLESS


def _handles_signal(frame: FrameType) -> bool:
    """Whether a frame is that of a signal handler: it is given the frame that it interrupts."""
    code = frame.f_code
    takes_more = code.co_flags & CO_VARARGS
    if frame.f_back is None or (code.co_argcount < _GIVEN and not takes_more):
        return False
    given = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + 1]
    values: list[object] = [frame.f_locals.get(name) for name in given]
    tuples = (cast("tuple[object, ...]", value) for value in values if isinstance(value, tuple))
    inner = [each for value in tuples for each in value]
    return any(value is frame.f_back for value in (*values, *inner))


def _is_foreign(error: BaseException) -> bool:
    """Whether its class is none of Python's own, nor of a package that raises out of sight."""
    package = type(error).__module__.partition(".")[0]
    return package not in sys.stdlib_module_names and package not in _UNSEEN


def _instruction(error: BaseException) -> int | None:
    """The instruction at which the traceback ends; None where there is none.

    What another thread sets strikes at any, an error of the code itself at one that may raise.
    """
    last = next(reversed(list(_traces(error))), None)
    return None if last is None else last.tb_frame.f_code.co_code[last.tb_lasti]
