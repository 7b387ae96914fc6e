"""A function of the user's is called, and never awaited: what would have to be is refused."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, Encoding, PartitionKey, Repository, SchemaError
from dynrepo.callbacks import check_called, is_closed, not_awaited
from dynrepo.instrumentation import fence_of
from dynrepo.instrumentation.statsd import instrument_for
from dynrepo.testing import MemoryStore
from tests.aio.loops import nothing_left, run

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]


class Things(Repository[Thing]):
    """All things."""

    table = "things"


class AsyncThings(AsyncRepository[Thing]):
    """The same, awaited."""

    table = "things"


async def _awaited(*_: Any) -> Any:
    """What an `async def` is that should have been a `def`."""


awaited: Any = _awaited  # a checker would tell


async def iterated(*_: Any) -> AsyncGenerator[int]:
    """One of those with a `yield`."""
    yield 1


class Awaited:
    """An object that is called by an `async def`."""

    async def __call__(self, *_: Any) -> None:
        """Is never awaited."""


def returned(*_: Any) -> Any:
    """Hands out a coroutine, which does not show before it is called."""
    return awaited()


class Methods:
    """Something of which one method is an `async def`."""

    def __init__(self, name: str) -> None:
        names = ("finished", "started", "opened", "timing", "incr")
        vars(self).update(dict.fromkeys(names, lambda *_: None) | {name: awaited})


methods: Any = Methods  # the same


@pytest.mark.parametrize(
    "function", [awaited, iterated, partial(awaited, 1), Awaited(), Awaited().__call__]
)
def test_what_would_have_to_be_awaited_is_refused_by_what_it_is(function: Any) -> None:
    """A function, a method, an object, and a part of one; the message names the cure."""
    with pytest.raises(
        TypeError, match=r"hook is called now and then, called and not awaited:.* a"
    ):
        check_called("hook", function, "called now and then")
    with pytest.raises(SchemaError, match="give it a plain def, not an async one"):
        check_called("hook", function, "called now and then", SchemaError)


@pytest.mark.parametrize("function", [print, partial(print, end=""), Awaited, [].append, lambda: 1])
def test_any_other_function_is_taken(function: Any) -> None:
    """Also a class."""
    check_called("hook", function, "called now and then")


def test_what_is_no_function_is_told_by_its_type() -> None:
    """And by no value."""
    with pytest.raises(TypeError, match=r"hook is called now and then, not str$"):
        check_called("hook", "secret", "called now and then")


def test_a_coroutine_is_closed_and_no_other_result_is() -> None:
    """One that a function returned would be collected with a warning."""
    with nothing_left():
        assert is_closed(awaited())
        with pytest.raises(TypeError, match=r"hook returned a coroutine: .* a plain def"):
            not_awaited("hook", awaited())
    assert not_awaited("hook", 1) == 1
    assert not is_closed(None)


WRONG: dict[str, tuple[type[Exception], Callable[[Any], object]]] = {
    "progress": (TypeError, lambda store: Things(store).verify_table(progress=awaited)),
    "progress ": (TypeError, lambda store: Things(store).ensure_table(progress=awaited)),
    "progress, awaited": (
        TypeError,
        lambda store: run(lambda: AsyncThings(store).verify_table(progress=awaited)),
    ),
    "progress , awaited": (
        TypeError,
        lambda store: run(lambda: AsyncThings(store).ensure_table(progress=awaited)),
    ),
    "bad_rows": (TypeError, lambda store: Things(store).scan(bad_rows=awaited)),
    "bad_rows, awaited": (TypeError, lambda store: AsyncThings(store).scan(bad_rows=awaited)),
    "clock": (TypeError, lambda store: Things(store, clock=awaited)),
    "clock, awaited": (TypeError, lambda store: AsyncThings(store, clock=awaited)),
    "clock of a memory": (TypeError, lambda _: MemoryStore(clock=awaited)),
    "a fault": (TypeError, lambda store: store.inject(awaited)),
    "when": (TypeError, lambda store: store.inject(lambda _: {}, when=awaited)),
    "Methods.finished": (TypeError, lambda _: fence_of(methods("finished"))),
    "Methods.started": (TypeError, lambda _: fence_of(methods("started"))),
    "Methods.opened": (TypeError, lambda _: fence_of(methods("opened"))),
    "Methods.timing": (TypeError, lambda _: instrument_for(methods("timing"))),
    "Methods.incr": (TypeError, lambda _: instrument_for(methods("incr"))),
    "Encoding: encode": (SchemaError, lambda _: Encoding("S", encode=awaited, decode=str)),
    "Encoding: decode": (SchemaError, lambda _: Encoding("S", encode=str, decode=awaited)),
}
"""What takes a function, the error, and a call that gives it an `async def`."""


@pytest.mark.parametrize("name", WRONG)
def test_an_async_def_is_refused_where_it_is_given(name: str) -> None:
    """By an error that names what it was given for and what to write; no request is made."""
    error, call = WRONG[name]
    store = MemoryStore(Things)
    met = store.inject(lambda exchange: exchange.answer(), times=None)
    told = name.removesuffix(", awaited").strip().removesuffix(" of a memory")
    with nothing_left(), pytest.raises(error, match=rf"^{told} is .*a plain def, not an async one"):
        call(store)
    assert met.hits == 0


@pytest.mark.parametrize("base", [Repository, AsyncRepository])
def test_an_upcast_that_would_have_to_be_awaited_is_refused_where_it_is_written(base: Any) -> None:
    """In either face: what reads an item waits for nothing."""
    with pytest.raises(SchemaError, match=r"^Olds\.upcast is .*a plain def, not an async one"):

        class Olds(base[Thing]):  # type: ignore[misc]
            table = "things"
            upcast = awaited


def test_a_coroutine_that_shows_when_the_function_is_called_is_an_error_of_that_call() -> None:
    """And no warning of one that was never awaited."""
    store = MemoryStore(Things)
    things = Things(store)
    with nothing_left(), pytest.raises(TypeError, match=r"^progress returned a coroutine"):
        things.verify_table(sample="all", progress=returned)
    with nothing_left(), pytest.raises(TypeError, match=r"^progress returned a coroutine"):
        run(lambda: AsyncThings(store).verify_table(sample="all", progress=returned))


def test_progress_may_start_a_task() -> None:
    """That is no coroutine: it runs, and is waited for by whoever started it."""
    told: list[str] = []

    async def tell(sentence: str) -> None:
        await asyncio.sleep(0)
        told.append(sentence)

    async def main() -> None:
        tasks: list[asyncio.Task[None]] = []
        things = AsyncThings(MemoryStore(Things))
        await things.verify_table(
            sample="all", progress=lambda text: tasks.append(asyncio.create_task(tell(text)))
        )
        await asyncio.gather(*tasks)
        assert len(told) == len(tasks) > 0

    run(main)
