"""A verb of several requests, written once for every driver.

A program is a generator: it yields operations and pauses, is sent the results, and returns what
the verb returns. `run` drives one with a blocking store; an async driver awaits instead.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar, cast

from dynrepo.clock import ends_at
from dynrepo.operations.operation import Operation

R = TypeVar("R")


class Pause(NamedTuple):
    """Wait before going on, in seconds."""

    seconds: float


Program: TypeAlias = Generator[Operation[Any] | Pause, Any, R]


def run(
    program: Program[R],
    execute: Callable[[Operation[Any]], Any],
    sleep: Callable[[float], None] = time.sleep,
) -> R:
    """Drives a program to its end; an error of an operation is raised where it was yielded."""
    resume: Callable[[], Operation[Any] | Pause] = partial(next, program)
    while True:
        try:
            wanted = resume()
        except StopIteration as stop:
            return cast("R", stop.value)
        try:
            result = _done(wanted, execute, sleep)
        except Exception as error:  # noqa: BLE001 - the program decides what becomes of it
            resume = partial(program.throw, error)
        else:
            resume = partial(program.send, result)


def _done(
    wanted: Operation[Any] | Pause,
    execute: Callable[[Operation[Any]], Any],
    sleep: Callable[[float], None],
) -> Any:
    if isinstance(wanted, Pause):
        left = ends_at(math.inf) - time.monotonic()
        return sleep(max(0.0, min(wanted.seconds, left)))
    return execute(wanted)
