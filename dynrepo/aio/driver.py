"""Carries out the commands of a program, one after the other, for a caller that waits."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dynrepo.aio.waits import applied, together
from dynrepo.callbacks import not_awaited
from dynrepo.clock import time_left
from dynrepo.errors import DynrepoError
from dynrepo.operations.operation import Operation
from dynrepo.operations.program import Apply, Pause, Progress
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import AsyncExecute
    from dynrepo.operations.program import Command, Program

R = TypeVar("R")


def no_progress(_: str) -> None:
    """Takes the sentences of a program for a caller without a `progress`."""


def in_scope(requests: Requests, execute: AsyncExecute) -> AsyncExecute:
    """The door for the requests of one verb, each of which is made in the verb's scope."""

    async def execute_in_scope(operation: Operation[Any]) -> Any:
        if not requests.scopes:
            return await execute(operation)
        with requests.request():
            return await execute(operation)

    return execute_in_scope


async def run(
    program: Program[R],
    execute: AsyncExecute,
    sleep: Callable[[float], Awaitable[None]],
    progress: Callable[[str], object] = no_progress,
) -> R:
    """Drives a program to its end; an error of an operation is raised where it was yielded.

    The frames of a program hold items as they are stored: no error that leaves it shows them.
    """
    try:
        return await _driven(program, execute, sleep, progress)
    except DynrepoError as error:
        raise without_own_frames(error)  # noqa: B904 - itself


async def _driven(
    program: Program[R],
    execute: AsyncExecute,
    sleep: Callable[[float], Awaitable[None]],
    progress: Callable[[str], object],
) -> R:
    result: Any = None
    failure: BaseException | None = None
    while True:
        try:
            command = program.send(result) if failure is None else program.throw(failure)
        except StopIteration as stop:
            return cast("R", stop.value)
        try:
            result, failure = await _carried_out(command, execute, sleep, progress), None
        except BaseException as error:  # noqa: BLE001 - the program decides what becomes of it
            failure = error


async def _carried_out(
    command: Command,
    execute: AsyncExecute,
    sleep: Callable[[float], Awaitable[None]],
    progress: Callable[[str], object],
) -> Any:
    if isinstance(command, Operation):
        return await execute(command)
    if isinstance(command, Pause):
        return await sleep(time_left(command.seconds))
    if isinstance(command, Progress):
        return not_awaited("progress", progress(command.text))
    if isinstance(command, Apply):
        return await applied(command.function, command.value)
    runs = [partial(run, each, execute, sleep, progress) for each in command.programs]
    return await together(runs)
