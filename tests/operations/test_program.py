"""A program is a generator that anybody can drive, one command after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.errors import Throttled
from dynrepo.operations.operation import Operation
from dynrepo.operations.program import Pause, Progress, Together

if TYPE_CHECKING:
    from dynrepo.operations.program import Program

READ: Operation[Any] = Operation("GetItem", "things", {}, lambda _: None)


def each() -> Program[Any]:
    """A program of one command."""
    return (yield READ)


def program() -> Program[str]:
    """One of each command; an error of the first one is a result, too."""
    try:
        first = yield READ
    except Throttled:
        first = "busy"
    yield Progress(f"first: {first}")
    yield Pause(0.5)
    both = yield Together((each(), each()))
    return f"{first} {both}"


def test_what_is_sent_in_decides_what_comes_next() -> None:
    """The value of the generator is what the verb returns."""
    driven = program()
    assert next(driven) is READ
    assert driven.send("a") == Progress("first: a")
    assert driven.send(None) == Pause(seconds=0.5)
    together = driven.send(None)
    assert isinstance(together, Together)
    assert [next(each) for each in together.programs] == [READ, READ]
    with pytest.raises(StopIteration) as ended:
        driven.send(["b", "c"])
    assert ended.value.value == "a ['b', 'c']"


def test_an_error_is_thrown_in_where_the_command_was() -> None:
    """So that a program decides what becomes of it."""
    driven = program()
    next(driven)
    assert driven.throw(Throttled("busy")) == Progress("first: busy")
