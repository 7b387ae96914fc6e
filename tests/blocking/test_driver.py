"""A program is driven to its end, by one command after the other."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.blocking.driver import run
from dynrepo.clock import deadline
from dynrepo.errors import Throttled
from dynrepo.operations.operation import Operation
from dynrepo.operations.program import Apply, Pause, Progress, Together

if TYPE_CHECKING:
    from collections.abc import Generator

    from dynrepo.operations.program import Program


def operation(name: str) -> Operation[Any]:
    """An operation that is known by its name."""
    return Operation(name, "things", {}, lambda answer: answer)


def asleep(_: float) -> None:
    """Waits for nothing."""


def named(wanted: Operation[Any]) -> str:
    """An engine whose answer is what it was asked."""
    return wanted.name


def test_results_are_sent_in_and_the_value_comes_out() -> None:
    """Each operation's result is where it was yielded."""

    def program() -> Program[list[str]]:
        first = yield operation("a")
        second = yield operation("b")
        return [first, second]

    assert run(program(), named, asleep) == ["a", "b"]


def test_a_program_may_ask_for_nothing() -> None:
    """It is done at once."""

    def program() -> Program[int]:
        yield from ()
        return 1

    assert run(program(), named, asleep) == 1


def test_a_function_of_the_callers_is_called() -> None:
    """With the value that is given; what it raises is raised in the program."""

    def program() -> Program[Any]:
        doubled = yield Apply(lambda number: number * 2, 21)
        try:
            yield Apply(int, "x")
        except ValueError:
            return doubled

    assert run(program(), named, asleep) == 42


def test_pauses_are_slept_not_executed() -> None:
    """In the seconds asked for."""
    slept: list[float] = []

    def program() -> Program[None]:
        yield Pause(0.5)
        yield Pause(1.5)

    run(program(), named, slept.append)
    assert slept == [0.5, 1.5]


def test_a_pause_ends_with_the_time_of_its_block() -> None:
    """It is not slept beyond the end of a `deadline` block."""
    slept: list[float] = []

    def program() -> Program[None]:
        yield Pause(60.0)

    with deadline(30.0):
        run(program(), named, slept.append)
    assert 0.0 < slept[0] <= 30.0


def test_an_error_is_raised_where_its_operation_was_yielded() -> None:
    """So that a program can go on after one that it knows how to take."""

    def program() -> Program[str]:
        try:
            yield operation("a")
        except Throttled:
            return (yield operation("b"))  # type: ignore[no-any-return]
        return "not reached"

    def execute(wanted: Operation[Any]) -> str:
        if wanted.name == "a":
            raise Throttled("busy")
        return wanted.name

    assert run(program(), execute, asleep) == "b"


def test_an_error_that_a_program_does_not_take_is_the_callers() -> None:
    """Unchanged, and the program has cleaned up."""
    cleaned: list[bool] = []

    def program() -> Generator[Operation[Any] | Pause, Any, None]:
        try:
            yield operation("a")
        finally:
            cleaned.append(True)

    def execute(_: Operation[Any]) -> None:
        raise Throttled("busy")

    with pytest.raises(Throttled, match="busy"):
        run(program(), execute, asleep)
    assert cleaned == [True]


def test_an_interrupt_ends_the_program() -> None:
    """Ctrl-C while a request is under way is not swallowed."""

    def program() -> Program[None]:
        yield operation("a")

    def execute(_: Operation[Any]) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(program(), execute, asleep)


def test_sentences_go_to_the_caller() -> None:
    """In their order; a caller that wants none gets none."""

    def program() -> Program[str]:
        yield Progress("half way")
        yield Progress("there")
        return "done"

    sentences: list[str] = []
    assert run(program(), named, asleep, sentences.append) == "done"
    assert sentences == ["half way", "there"]
    assert run(program(), named, asleep) == "done"


def test_an_error_of_the_caller_s_own_function_ends_the_program() -> None:
    """It is raised where the sentence was yielded, and comes out as it is."""

    def program() -> Program[None]:
        yield Progress("half way")

    def fail(_: str) -> None:
        raise LookupError("the screen is gone")

    with pytest.raises(LookupError, match="the screen is gone"):
        run(program(), named, asleep, fail)


def together(*names: str) -> Generator[Any, Any, list[str]]:
    """A program that runs several at once, of one operation each, and none of them in an order."""

    def one(name: str) -> Generator[Any, Any, str]:
        return (yield operation(name))  # type: ignore[no-any-return]

    return (yield Together(tuple(map(one, names))))  # type: ignore[no-any-return]


def test_operations_that_go_together_are_under_way_at_the_same_time() -> None:
    """Each waits for the other to arrive; their results come in the order they were named in."""
    both_there = threading.Barrier(2, timeout=10)

    def execute(wanted: Operation[Any]) -> str:
        both_there.wait()
        return wanted.name

    assert run(together("a", "b"), execute, asleep) == ["a", "b"]
    assert run(together(), named, asleep) == []


def test_of_operations_that_go_together_each_is_sent_also_when_one_fails() -> None:
    """The program gets the error of the first that failed, in the order they were named in."""
    sent: set[str] = set()

    def execute(wanted: Operation[Any]) -> str:
        sent.add(wanted.name)
        if wanted.name != "c":
            raise Throttled(wanted.name)
        return wanted.name

    with pytest.raises(Throttled, match="a"):
        run(together("a", "b", "c"), execute, asleep)
    assert sent == {"a", "b", "c"}
