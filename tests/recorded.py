"""What an error tracker records of an error: texts, a pickle, the variables of its frames.

As Sentry, Rollbar and Datadog's snapshots do together: the reprs of the local variables of every
frame of the error, its causes and its contexts, of what is in containers, and of what objects of
this library have in `__dict__` and `__slots__`, three containers deep; and what OpenTelemetry's
SDK records of an exception.
"""

from __future__ import annotations

import pickle
import re
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import TracerProvider
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEPTH = 3

ACCESS_KEY, SECRET_KEY, TOKEN = "AKIAMUSTIKKA", "puolukka/secret", "karpalo/token"
"""The credentials of whoever looks for leaks."""

CARRIED = re.compile(
    r"puolukka|karpalo|AWS4-HMAC|Signature=|security-token"
    r"|[\"'](?:TableName|RequestItems|TransactItems|ExpressionAttributeValues)[\"']: ?"
)
"""Secrets, what is signed, and requests as they are sent."""

STORED = re.compile(r"\{\\?[\"'](?:S|N|B|M|L|SS|NS|BS|BOOL|NULL)\\?[\"']: ?")
"""Values as they are stored."""

GIVEN = re.compile(r" condition\.")
"""Where a variable is the condition that the caller gave, which holds the values it asks for."""

OWN = re.compile(r" (?:[\w\[\]]+\.)*_?keys?\b")
"""Where a variable is the key that the caller gave."""

_TRACER = TracerProvider().get_tracer("tests")


def leaks(error: BaseException, key: str) -> list[str]:
    """Where a tracker finds what it must not; `key` is a text that is in keys."""
    return sorted(
        {
            where
            for where, text in recorded(error)
            if CARRIED.search(text)
            or (STORED.search(text) and not GIVEN.search(where))
            or (key in text and where != "pickle" and not OWN.search(where))
        }
    )


def recorded(error: BaseException) -> Iterator[tuple[str, str]]:
    """Each thing that is recorded of an error: where it was found, and its text."""
    for each in chain_of(error):
        name = type(each).__name__
        yield f"{name} itself", f"{each} {each!r} {each.args} {getattr(each, '__notes__', ())}"
        yield from of_frames(each)
        if type(each).__module__.startswith("botocore."):
            yield f"{name}'s", repr(vars(each))
            yield "pickle", repr(pickle.dumps(each))
    yield "pickle", repr(pickle.dumps(error))
    span: Any = _TRACER.start_span("call")
    span.record_exception(error)
    yield "span", repr(dict(span.events[0].attributes))


def chain_of(error: BaseException) -> list[BaseException]:
    """An error with its causes and contexts."""
    found: list[BaseException] = []
    rest: list[BaseException | None] = [error]
    while rest:
        each = rest.pop()
        if each is not None and not any(each is other for other in found):
            found.append(each)
            rest += (each.__cause__, each.__context__)
    return found


def of_frames(error: BaseException) -> Iterator[tuple[str, str]]:
    """The local variables of the frames of one error, but for those of tests."""
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("tests.", "concurrent.", "threading")):
            continue
        for name, value in list(frame.f_locals.items()):
            for path, text in reprs_of(value):
                yield f"{module}:{frame.f_code.co_name}:{line} {name}{path}", text


def reprs_of(value: Any, depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    """The reprs of a value and of all in it, but for models, which are their user's own."""
    if isinstance(value, BaseModel):
        return
    members = list(members_of(value)) if depth else []
    if not (members and isinstance(value, list | tuple | set | frozenset | Mapping)):
        yield "", repr(value)
    for name, member in members:
        for path, text in reprs_of(member, depth - 1):
            yield f"{name}{path}", text


def members_of(value: Any) -> Iterable[tuple[str, Any]]:
    """What is in a container, or in an object of this library."""
    if isinstance(value, Mapping):
        pairs = [(f"[{number}]", pair) for number, pair in enumerate(value.items())]
        return [(path, part) for path, pair in pairs for part in pair]
    if isinstance(value, list | tuple | set | frozenset):
        return [(f"[{place}]", member) for place, member in enumerate(value)]
    if isinstance(value, type) or type(value).__module__.partition(".")[0] != "dynrepo":
        return []
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    names = dict.fromkeys([*getattr(value, "__dict__", ()), *slots])
    return [(f".{name}", getattr(value, name)) for name in names if hasattr(value, name)]
