"""The asynchronous face under the names of the blocking one, for tests that are written once.

`import tests` installs it where `FACE=aio` is in the environment. A module `dynrepo.blocking.x` is
then `dynrepo.aio.x`, where each `AsyncName` is `Name`, too. What a test calls of it goes to one
loop in a thread of its own, and the test waits for what becomes of it there: so the threads of a
test are tasks of that loop. What tests define below the library, stores and functions that send or
sleep, is called in threads, and may call the library in its turn.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import pkgutil
import re
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from tests.faces import renamed

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextvars import Context
    from types import FrameType, ModuleType

WORKERS = 100
"""Threads at most that call what tests define."""


class LoopThread:
    """A loop in a daemon thread, which starts with the first call."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._starting = threading.Lock()

    def result(self, function: Callable[[], Any]) -> Any:
        """What a function returns or raises, or the coroutine that it returns, in a task there."""
        ended: Future[Any] = Future()
        tasks: list[asyncio.Task[None]] = []
        loop, context = self._running(), copy_context()

        def begin() -> None:
            tasks.append(loop.create_task(_outcome(function, ended), context=context))

        loop.call_soon_threadsafe(begin)
        try:
            return ended.result()
        except BaseException:
            if not ended.done():  # a signal struck the thread that waits
                loop.call_soon_threadsafe(_cancel, tasks)
            raise
        finally:
            _take_over(context)

    def forget(self) -> None:
        """Starts anew in a forked process, which has the loop and not its thread."""
        self.__init__()  # type: ignore[misc]

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._loop.set_default_executor(ThreadPoolExecutor(WORKERS))
                threading.Thread(target=_run, args=[self._loop], name="loop", daemon=True).start()
            return self._loop


async def _outcome(function: Callable[[], Any], ended: Future[Any]) -> None:
    """Hands over what becomes of a call: what a task raises might end the loop."""
    try:
        result = function()
        ended.set_result(await result if inspect.iscoroutine(result) else result)
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        ended.set_exception(error)


def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    while True:
        try:
            loop.run_forever()
        except (KeyboardInterrupt, SystemExit):  # of an inner task: whoever waits for it is told
            continue


def _take_over(context: Context) -> None:
    """Sets what a call set in its copy of the context, as if it had been made here."""
    for variable, value in context.items():
        if variable.get(None) is not value:
            variable.set(value)


THREAD, ASIDE = LoopThread(), LoopThread()
"""The loop of all calls, and another one for those made in the midst of a call of the first."""


def without_facade(reason: str) -> pytest.MarkDecorator:
    """Marks a test of what one face alone has, with what that is."""
    return pytest.mark.skipif(os.environ.get("FACE") == "aio", reason=reason)


def blocking(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of the library, awaitable or not, for callers outside of the loop as well."""
    adapters = _adapters(function)
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        if adapters:
            given = signature.bind(*arguments, **options)
            for name in adapters.keys() & given.arguments.keys():
                given.arguments[name] = adapters[name](given.arguments[name])
            arguments, options = given.args, given.kwargs
        caller = sys._getframe(1)
        loop = ASIDE if _is_callback(caller, function.__name__) else THREAD
        if function.__name__ == "__init__" or (loop is THREAD and _is_in_loop()):
            return function(*arguments, **options)
        if _is_below(caller):
            return function(*arguments, **options)
        rest = [_listed(argument) for argument in arguments[1:]]
        try:
            return loop.result(functools.partial(function, *arguments[:1], *rest, **options))
        except StopAsyncIteration as end:
            raise StopIteration from end

    return call


def _is_in_loop() -> bool:
    return asyncio._get_running_loop() is not None


def _is_below(caller: FrameType) -> bool:
    """Whether the library calls itself, where no loop runs: at a fork, in a thread of its own."""
    name = caller.f_globals["__name__"]
    return name.startswith("dynrepo.") and not name.startswith("dynrepo.testing.")


def _is_callback(caller: FrameType | None, name: str) -> bool:
    """Whether a function of a test, which the library calls in a loop, calls a verb."""
    is_private = name.startswith("_") and not name.startswith("__")
    if not _is_in_loop() or is_private or not _is_of_a_test(caller):
        return False
    while caller is not None and _is_of_a_test(caller):
        if caller.f_code.co_flags & inspect.CO_COROUTINE:
            return False  # it awaits
        caller = caller.f_back
    return True


def _is_of_a_test(frame: FrameType | None) -> bool:
    name = "" if frame is None else frame.f_globals["__name__"]
    return name.startswith("tests.") and name != __name__


def _listed(argument: Any) -> Any:
    """A query that is given where items are expected, as a list: read here, where it may block."""
    return list(argument) if hasattr(argument, "__aiter__") else argument


def _adapters(function: Callable[..., Any]) -> dict[str, Callable[[Any], Any]]:
    """What makes the arguments that tests give into what the asynchronous face takes."""
    return {
        name: store_for_tasks if "AsyncStore" in str(annotation) else awaitable
        for name, annotation in inspect.get_annotations(function).items()
        if name != "return" and re.search("Awaitable|AsyncExecute|AsyncStore", str(annotation))
    }


def awaitable(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that blocks, as one to be awaited; what is awaitable stays as it is."""
    inner = function
    while isinstance(inner, functools.partial):
        inner = inner.func
    if inspect.iscoroutinefunction(inspect.unwrap(inner)):
        return function

    async def call(*arguments: Any, **options: Any) -> Any:
        result = await asyncio.to_thread(function, *arguments, **options)
        # The library's own may be a lambda, which nobody can tell from one that blocks.
        return await result if inspect.iscoroutine(result) else result

    return call


def store_for_tasks(store: Any) -> Any:
    """A store whose `execute` a test wrote, or overrides: its `execute_async` does the same."""
    if isinstance(store, type) or not hasattr(store, "execute"):
        return store  # it is to be refused
    for cls in type(store).__mro__[:-1]:
        for name in _BLOCKING & vars(cls).keys():
            if f"{name}_async" not in vars(cls):
                setattr(cls, f"{name}_async", _method_for_tasks(vars(cls)[name]))
    type(store).__setattr__ = _set_for_tasks  # type: ignore[assignment]
    return store


_BLOCKING = {"execute", "sleep"}


def _set_for_tasks(self: Any, name: str, value: Any) -> None:
    object.__setattr__(self, name, value)
    if name in _BLOCKING:
        object.__setattr__(self, f"{name}_async", awaitable(value))


def _method_for_tasks(method: Callable[..., Any]) -> Callable[..., Any]:
    async def call(self: Any, *arguments: Any) -> Any:
        return await asyncio.to_thread(method, self, *arguments)

    return call


def install() -> None:
    """Puts the modules of the asynchronous face in place of those of the blocking one."""
    import dynrepo.aio  # noqa: PLC0415
    import dynrepo.blocking  # noqa: PLC0415
    import dynrepo.testing.names  # noqa: PLC0415 - stands on the blocking face as it is

    for found in pkgutil.iter_modules(dynrepo.aio.__path__):
        module = import_module(f"dynrepo.aio.{found.name}")
        _adapt(module)
        setattr(dynrepo.blocking, found.name, module)
        sys.modules[f"dynrepo.blocking.{found.name}"] = module
    if hasattr(os, "register_at_fork"):
        for thread in (THREAD, ASIDE):
            os.register_at_fork(after_in_child=thread.forget)


def _adapt(module: ModuleType) -> None:
    """Gives a module the names of its blocking twin."""
    for name, thing in list(vars(module).items()):
        if inspect.isclass(thing) and _is_of_the_face(thing):
            _adapt_class(thing)
        elif inspect.iscoroutinefunction(thing) and thing.__module__ == module.__name__:
            setattr(module, name, blocking(thing))
        if not hasattr(module, renamed(name)):
            setattr(module, renamed(name), getattr(module, name))


def _is_of_the_face(cls: type) -> bool:
    is_ours = cls.__module__.partition(".")[0] == "dynrepo"
    return is_ours and cls.__name__.lstrip("_").startswith("Async")


_CALLED = re.compile(r"[a-z]\w*|__a(iter|next|enter|exit)__|__init__")
"""The methods that tests call, and those to which arguments are given."""


def _adapt_class(cls: type) -> None:
    own, is_block = dict(vars(cls)), hasattr(cls, "__aenter__")
    for name, member in inspect.getmembers_static(cls, inspect.isfunction):
        # What is inherited from above the faces never waits; but a block is filled in one thread.
        is_called = _CALLED.fullmatch(name) and (name in own or is_block)
        if (is_called or inspect.iscoroutinefunction(member)) and _is_to_be_wrapped(member):
            setattr(cls, name, blocking(member))
    if "execute_async" in own:
        cls.__setattr__ = _set_for_tasks  # type: ignore[assignment]
    for name in own:
        if renamed(name) not in own:
            setattr(cls, renamed(name), getattr(cls, name))


def _is_to_be_wrapped(function: Any) -> bool:
    return function.__module__.startswith("dynrepo.") and not hasattr(function, "__wrapped__")
