"""What is read in a loop comes as it is asked for, and ends with whoever asks."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import AsyncRepository
from dynrepo.aio.feeds import flattened, merged
from dynrepo.testing import MemoryStore
from models.document import Document
from tests.aio import loops

if TYPE_CHECKING:
    from tests.aio.conftest import Run


class AsyncDocuments(AsyncRepository[Document]):
    """Documents."""

    table = "documents"


class Feed:
    """Numbers, one after the other."""

    def __init__(self, *numbers: Any) -> None:
        self.left = list(numbers)
        self.is_closed = False

    def __aiter__(self) -> Feed:
        return self

    async def __anext__(self) -> Any:
        await asyncio.sleep(0)
        if not self.left or self.is_closed:
            raise StopAsyncIteration
        number = self.left.pop(0)
        if isinstance(number, Exception):
            raise number
        return number

    async def aclose(self) -> None:
        """Gives nothing more."""
        self.is_closed = True


class Hanging(Feed):
    """Gives nothing, and has no end."""

    async def __anext__(self) -> Any:
        await asyncio.sleep(3600)


async def all_of(feed: Any) -> list[Any]:
    """What a feed gives, to its end."""
    found = []
    while True:
        try:
            found.append(await anext(feed))
        except StopAsyncIteration:
            return found


class TestMergedFeeds:
    """Several feeds are read at the same time."""

    def test_give_all_that_they_have(self, run: Run) -> None:
        """Of different lengths; one is read as it is."""

        async def main() -> None:
            assert sorted(await all_of(merged([Feed(1, 2, 3), Feed(), Feed(4)]))) == [1, 2, 3, 4]
            one = Feed(1)
            assert merged([one]) is one

        run(main)

    def test_raise_where_they_are_read(self, run: Run) -> None:
        """And are over then."""

        async def main() -> None:
            feed = merged([Feed(1, LookupError()), Feed(*range(100))])
            with pytest.raises(LookupError):
                await all_of(feed)
            assert await all_of(feed) == []

        run(main)

    @pytest.mark.parametrize("closes", [True, False], ids=["closed", "dropped"])
    def test_leave_no_task_when_they_are_left(self, run: Run, *, closes: bool) -> None:
        """After the first, or before."""

        async def main() -> None:
            for is_begun in (True, False):
                feed = merged([Feed(*range(10)), Feed(*range(10))])
                if is_begun:
                    await anext(feed)  # type: ignore[call-overload]
                if closes:
                    await feed.aclose()
                    assert await all_of(feed) == []
                del feed
                await loops.until(lambda: asyncio.all_tasks() == {asyncio.current_task()})

        run(main)

    def test_end_for_whoever_waits_when_another_task_closes_them(self, run: Run) -> None:
        """As they end when nothing is left: no cancellation is raised that is not its own."""

        async def main() -> None:
            feed = merged([Hanging(), Hanging()])
            waiting = asyncio.ensure_future(all_of(feed))
            await asyncio.sleep(0.01)
            await feed.aclose()
            assert await asyncio.wait_for(waiting, 20) == []
            assert asyncio.all_tasks() == {asyncio.current_task()}

        run(main)

    def test_pass_the_cancellation_of_whoever_waits(self, run: Run) -> None:
        """As it came."""

        async def main() -> None:
            feed = merged([Hanging(), Hanging()])
            waiting = asyncio.ensure_future(all_of(feed))
            await asyncio.sleep(0.01)
            waiting.cancel("enough")
            with pytest.raises(asyncio.CancelledError, match="enough"):
                await waiting
            await feed.aclose()

        run(main)


class TestRows:
    """The rows of answers, one after the other."""

    def test_come_as_far_as_they_are_wanted(self, run: Run) -> None:
        """The next answer is asked for when its rows are wanted."""

        async def main() -> None:
            feed = Feed([1, 2], [], [3, 4], [5])
            rows = flattened(feed, iter, 3)
            assert [row async for row in rows] == [1, 2, 3]
            assert feed.left == [[5]]
            assert feed.is_closed
            assert [row async for row in flattened(Feed([1], [2]), iter, None)] == [1, 2]

        run(main)

    def test_are_given_to_one_task_at_a_time(self, run: Run) -> None:
        """Two would get the same; whoever was first goes on."""
        gate: list[asyncio.Event] = []

        class SlowFeed(Feed):
            async def __anext__(self) -> Any:
                await gate[0].wait()
                return await super().__anext__()

        async def main() -> None:
            gate[:] = [asyncio.Event()]
            rows = flattened(SlowFeed([1, 2], [3]), iter, None)
            first = asyncio.ensure_future(all_of(rows))
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="each task or thread needs one of its own"):
                await asyncio.wait_for(anext(rows), 20)
            gate[0].set()
            assert await first == [1, 2, 3]

        run(main)

    def test_are_over_after_an_error(self, run: Run) -> None:
        """Of a row, or of an answer."""

        def spoilt(_: Any) -> Any:
            yield 1
            raise LookupError

        async def main() -> None:
            for rows in (
                flattened(Feed([1, 2], [3]), spoilt, None),
                flattened(Feed([1], LookupError(), [3]), iter, None),
            ):
                assert await anext(rows) == 1
                with pytest.raises(LookupError):
                    await anext(rows)
                with pytest.raises(StopAsyncIteration):
                    await anext(rows)

        run(main)


def test_what_is_iterated_is_no_asynchronous_generator(run: Run) -> None:
    """One that is dropped half read is closed by the loop, in a task: nothing is awaited here."""

    async def main() -> None:
        documents = AsyncDocuments(MemoryStore(AsyncDocuments))
        await documents.set_many([Document(name=str(number)) for number in range(9)])
        feeds: list[Any] = [
            documents.scan(),
            documents.scan(segments=2),
            documents.scan().pages(2),
            documents.query(documents.fields.name == "1"),
        ]
        for feed in map(aiter, feeds):
            assert not inspect.isasyncgen(feed)
            await anext(feed)
            closed = feed
            del feed
        await closed.aclose()
        with pytest.raises(StopAsyncIteration):
            await anext(closed)
        await loops.until(lambda: asyncio.all_tasks() == {asyncio.current_task()})

    run(main)
