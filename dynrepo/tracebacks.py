"""What the traceback of an error shows to whoever records the variables of its frames.

The frames below the sender hold requests with their headers, those of botocore, urllib3 and
`http.client` among them; the frames of programs hold items and keys as they are stored.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

E = TypeVar("E", bound=BaseException)


def without_frames(error: E) -> E:
    """The error without the tracebacks of itself and of all that led to it.

    botocore's of a closed connection holds the request, with its headers: it is taken out. A note
    names the module and the line that raised each. A context that is not shown, by
    `raise ... from`, is left out as well.
    """
    for each in _chain(error):
        if each.__traceback__ is not None:
            _note_place(each, each.__traceback__)
        each.__traceback__ = None
        if "request" in vars(each):
            vars(each)["request"] = None
        if each.__suppress_context__ and each.__context__ is not each.__cause__:
            each.__context__ = None
    return error


def without_own_frames(error: E) -> E:
    """The error without the frames of this library in its tracebacks, and of what led to it."""
    for each in _chain(error):
        each.__traceback__ = _foreign(each.__traceback__)
    return error


def _note_place(error: BaseException, trace: TracebackType) -> None:
    while trace.tb_next is not None:
        trace = trace.tb_next
    note = f"raised in {trace.tb_frame.f_globals.get('__name__')}, line {trace.tb_lineno}"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error, its causes and contexts, each once."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            rest += (each.__cause__, each.__context__)


def _foreign(trace: TracebackType | None) -> TracebackType | None:
    """The frames of a traceback that are of other modules than this library's."""
    if trace is None:
        return None
    rest = _foreign(trace.tb_next)
    if trace.tb_frame.f_globals.get("__name__", "").startswith("dynrepo."):
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
