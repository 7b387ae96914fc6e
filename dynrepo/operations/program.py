"""A verb of several requests, written once for every driver.

A program is a generator: it yields commands, is sent what came of them, and returns what the verb
returns. A driver carries the commands out, in its own way of waiting; an error of an operation is
raised where the operation was yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeAlias, TypeVar

from dynrepo.operations.operation import Operation

R = TypeVar("R")


class Pause(NamedTuple):
    """Wait before going on, in seconds."""

    seconds: float


class Together(NamedTuple):
    """Run programs that need not wait for each other; their results come in the same order.

    All of them are run to their ends, also when one fails; then the first error is raised.
    """

    programs: tuple[Program[Any], ...]


class Progress(NamedTuple):
    """Tell the caller of the verb how far it has come, in a sentence."""

    text: str


class Apply(NamedTuple):
    """Call a function of the caller's with a value; what it returns is awaited where it has to be.

    What it raises is raised where the command was yielded, as any error is.
    """

    function: Callable[[Any], Any]
    value: Any


Command: TypeAlias = Operation[Any] | Together | Pause | Progress | Apply
Program: TypeAlias = Generator[Command, Any, R]
