"""A verb of several requests, written once for every driver.

A program is a generator: it yields operations and pauses, is sent the results, and returns what
the verb returns. `run` drives one with a blocking store; an async driver awaits instead.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from dynrepo.operation import Operation

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait before going on, in seconds."""

    seconds: float


Program: TypeAlias = Generator[Operation[Any] | Pause, Any, R]


def run(
    program: Program[R],
    execute: Callable[[Operation[Any]], Any],
    sleep: Callable[[float], None] = time.sleep,
) -> R:
    """Drives a program to its end; an error of an operation is raised where it was yielded."""
    step: Callable[[], Operation[Any] | Pause] = lambda: next(program)  # noqa: E731
    while True:
        try:
            wanted = step()
        except StopIteration as stop:
            return stop.value  # type: ignore[no-any-return]
        try:
            result = sleep(wanted.seconds) if isinstance(wanted, Pause) else execute(wanted)
        except Exception as error:  # noqa: BLE001
            step = lambda error=error: program.throw(error)  # noqa: E731
        else:
            step = lambda result=result: program.send(result)  # noqa: E731
