"""Runs a test on each kind of loop that this Python has; what it leaves behind is an error."""

from __future__ import annotations

import asyncio
import gc
import sys
import warnings
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

T = TypeVar("T")


def _debugging() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_debug(True)
    return loop


def _eager() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 - of 3.12
    return loop


class LoopWithoutReaders(asyncio.SelectorEventLoop):
    """A loop that watches no sockets of others, as the one that Windows has by default."""

    def add_reader(self, *_: Any, **__: Any) -> NoReturn:
        """Is not there."""
        raise NotImplementedError

    add_writer = add_reader


KINDS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "plain": asyncio.new_event_loop,
    "debug": _debugging,
    "no readers": LoopWithoutReaders,
}
"""What makes a loop of each kind."""

if hasattr(asyncio, "eager_task_factory"):
    KINDS["eager"] = _eager

TIMED = tuple(KINDS)
"""The kinds whose time is that of `time.monotonic`: uvloop has a clock of its own."""

if find_spec("uvloop"):
    KINDS["uvloop"] = import_module("uvloop").new_event_loop


def run(main: Callable[[], Coroutine[Any, Any, T]], kind: str = "plain") -> T:
    """What a coroutine function returns on a loop of a kind, as `asyncio.run` runs it.

    Fails where a socket, a transport or a loop was left open, an exception never retrieved, or a
    coroutine never awaited.
    """
    with nothing_left() as told, asyncio.Runner(loop_factory=KINDS[kind]) as runner:
        runner.get_loop().set_exception_handler(lambda _, context: told.append(context))
        return runner.run(_awaited(main))


async def _awaited(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return await main()


def run_on_each(main: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Runs a coroutine function on a loop of each kind, one after the other."""
    for kind in KINDS:
        try:
            run(main, kind)
        except BaseException as error:
            error.add_note(f"on a loop of the kind {kind!r}")
            raise


async def until(condition: Callable[[], object]) -> None:
    """Returns when something holds that another thread or task brings about."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - threads set no event of a loop
            await asyncio.sleep(0.002)


async def turns() -> None:
    """Lets tasks that have begun come to where they wait."""
    for _ in range(20):
        await asyncio.sleep(0)


@contextmanager
def nothing_left() -> Generator[list[Any]]:
    """The block leaves nothing that warns or fails when it is dropped; gives the list of what did.

    What loops tell their exception handlers may be appended to it.
    """
    gc.collect()  # what others left is not this one's
    gc.freeze()  # to go through what is there already would take longer than most blocks
    told: list[Any] = []
    hook = sys.unraisablehook
    with warnings.catch_warnings(action="error"):
        sys.unraisablehook = lambda failed: told.append((failed.exc_value, repr(failed.object)))
        try:
            yield told
            gc.collect()
        finally:
            sys.unraisablehook = hook
    assert told == [], told
