"""Repositories of either face as code that blocks calls them, for tests that are written once."""

from __future__ import annotations

import inspect
import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from dynrepo.blocking.health import PROBE
from dynrepo.blocking.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterator
    from types import TracebackType

    from dynrepo.aio.repository import AsyncRepository

_END: Final = object()
_AWAITED: Final = {"execute": "execute_async"}
_ASYNCHRONOUS: Final = ("__aiter__", "__aenter__", "execute_async")


@contextmanager
def blocking_calls(repository: Repository[Any] | AsyncRepository[Any]) -> Generator[Any]:
    """A repository whose calls return when they are done; no look at its health outlives the block.

    An asynchronous one is awaited in a loop of its own, whatever plugin of pytest has others.
    """
    if isinstance(repository, Repository):
        yield repository
        _join_probes()
        return
    import asyncio  # noqa: PLC0415 - not imported for those who do without it

    # With a factory, a runner leaves the loop alone that others have set for this thread.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        yield _Awaited(repository, runner.run)
        runner.run(_end_probes())


class _Awaited:
    """Something asynchronous whose methods are called, and block: each is awaited by `run`.

    A store's `execute` is its `execute_async`.
    """

    def __init__(self, thing: Any, run: Callable[[Coroutine[Any, Any, Any]], Any]) -> None:
        self.awaited_thing = thing
        self._run = run

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.awaited_thing, _AWAITED.get(name, name))
        return partial(self._call, value) if inspect.isroutine(value) else self._blocking(value)

    def __iter__(self) -> Iterator[Any]:
        things = aiter(self.awaited_thing)
        while (thing := self._run(_result(anext(things, _END)))) is not _END:
            yield thing

    def __enter__(self) -> Self:
        self._run(self.awaited_thing.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run(self.awaited_thing.__aexit__(kind, error, trace))

    def _call(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        result = function(*map(_bare, args), **kwargs)
        return self._run(_result(result)) if inspect.isawaitable(result) else self._blocking(result)

    def _blocking(self, value: Any) -> Any:
        is_asynchronous = any(hasattr(value, name) for name in _ASYNCHRONOUS)
        return _Awaited(value, self._run) if is_asynchronous else value


def _bare(value: Any) -> Any:
    return value.awaited_thing if isinstance(value, _Awaited) else value


async def _result(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _join_probes() -> None:
    for thread in threading.enumerate():
        if thread.name == PROBE:
            thread.join()


async def _end_probes() -> None:
    import asyncio  # noqa: PLC0415 - it is there

    probes = [task for task in asyncio.all_tasks() if task.get_name() == PROBE]
    await asyncio.gather(*probes, return_exceptions=True)
