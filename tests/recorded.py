"""What an error tracker records of an error: texts, pickles, and the variables of its frames.

As Sentry, Rollbar and Datadog's snapshots do together: the reprs of the local variables of every
frame of the error, its causes and its contexts, of what is in containers, and of what objects of
this library have in `__dict__` and `__slots__`, three containers deep.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 3


def recorded(error: BaseException) -> Iterator[tuple[str, str]]:
    """Each thing that is recorded of an error: where it was found, and its text."""
    for each in chain_of(error):
        name = type(each).__name__
        yield f"str({name})", str(each)
        yield f"repr({name})", repr(each)
        yield f"args of {name}", repr(each.args)
        yield f"notes of {name}", repr(getattr(each, "__notes__", ()))
        yield from of_frames(each)
    yield "pickle", repr(pickle.dumps(error))
    yield "stack trace", "".join(traceback.format_exception(error))


def chain_of(error: BaseException) -> list[BaseException]:
    """An error with its causes and contexts."""
    found: list[BaseException] = []
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop()
        if each is not None and each not in found:
            found.append(each)
            rest += (each.__cause__, each.__context__)
    return found


def of_frames(error: BaseException) -> Iterator[tuple[str, str]]:
    """The local variables of the frames of one error that are not those of a test."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("tests.", "concurrent.", "threading")):
            continue
        for name, value in list(frame.f_locals.items()):
            where = f"{module}:{frame.f_code.co_name}:{line} {name}"
            for path, text in reprs_of(value):
                yield f"{where}{path}", text


def reprs_of(value: Any, depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """The reprs of a value and of all in it, but for models, which are their user's own."""
    if isinstance(value, BaseModel):
        return
    inner = list(members_of(value)) if depth else []
    if depth and isinstance(value, Mapping):
        yield from (("[key]", repr(key)) for key in value)
    if not inner or not isinstance(value, list | tuple | Mapping | set | frozenset):
        yield "", repr(value)
    for name, member in inner:
        for path, text in reprs_of(member, depth - 1):
            yield f"{name}{path}", text


def members_of(value: Any) -> Iterator[tuple[str, Any]]:
    """What is in a container, or in an object of this library."""
    if isinstance(value, Mapping):
        yield from ((f"[{key!r}]", member) for key, member in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        yield from ((f"[{place}]", member) for place, member in enumerate(value))
    elif type(value).__module__.partition(".")[0] == "dynrepo" and not isinstance(value, type):
        names = {
            name
            for kind in type(value).__mro__
            for name in getattr(kind, "__slots__", ())
            if isinstance(name, str)
        }
        names |= set(getattr(value, "__dict__", ()))
        yield from (
            (f".{name}", getattr(value, name)) for name in sorted(names) if hasattr(value, name)
        )
