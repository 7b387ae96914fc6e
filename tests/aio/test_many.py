"""Many calls at once, and many items in one answer, leave room for others."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, field_validator

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    DynamoStore,
    Operation,
    PartitionKey,
    Repository,
    SortKey,
)
from dynrepo.testing import MemoryStore
from tests.aio import loops
from tests.loopback import CAPACITY, Loopback, answer, say, wait_until

if TYPE_CHECKING:
    import socket
    from collections.abc import Coroutine

    from tests.aio.conftest import Run
    from tests.loopback import Received

KEY = ("user-1", 0)
MEGABYTE = 1000
"""Items of 1 KB."""


class Turns:
    """Counts the turns of a loop, and notes in which of them something happened."""

    now = 0
    noted: list[int]

    @classmethod
    async def counted(cls, main: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns, while the turns are counted."""
        cls.now, cls.noted = 0, []
        task = asyncio.ensure_future(main)
        while not task.done():
            cls.now += 1
            await asyncio.sleep(0)
        return task.result()


class Note(BaseModel):
    """An item that is noted when it is made."""

    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str

    @field_validator("number")
    @classmethod
    def _noted(cls, number: int) -> int:
        Turns.noted.append(Turns.now)
        return number


class Notes(AsyncRepository[Note]):
    """Notes."""

    table = "notes"


def row(number: int) -> dict[str, Any]:
    """A note of 1 KB, as it is stored."""
    return {"owner": {"S": "user-1"}, "number": {"N": str(number)}, "text": {"S": "x" * 980}}


def page(count: int) -> bytes:
    """An answer to a query, with so many notes."""
    rows = [row(number) for number in range(count)]
    return answer({**CAPACITY, "Items": rows, "Count": count, "ScannedCount": count})


def test_a_page_of_a_megabyte_is_read_in_steps() -> None:
    """No turn of the loop makes more than a hundred items of it, and others have theirs."""

    async def main() -> list[Note]:
        with Loopback(say(page(MEGABYTE))) as server:
            store = AsyncDynamoStore(region="eu-west-1", endpoint=server.url)
            notes = Notes(store)
            read = await Turns.counted(notes.query(notes.fields.owner == "user-1").all())
            store.close()
            return read

    assert [note.number for note in loops.run(main)] == [*range(MEGABYTE)]
    in_a_turn = Counter(Turns.noted)
    assert in_a_turn.total() == MEGABYTE
    assert max(in_a_turn.values()) <= 100


def test_a_thousand_gets_at_once_share_the_connections_of_the_pool() -> None:
    """Each is answered, by one request; those that wait hold no socket."""
    Turns.noted = []

    async def main() -> None:
        with Loopback(say(answer({**CAPACITY, "Item": row(0)}))) as server:
            store = AsyncDynamoStore(region="eu-west-1", endpoint=server.url, pool_size=10)
            notes = Notes(store)
            found = await asyncio.gather(*(notes.get(KEY) for _ in range(1000)))
            store.close()
            assert found == [Note(owner="user-1", number=0, text="x" * 980)] * 1000
            assert len(server.received) == 1000
            assert server.connections <= 10

    loops.run(main)


def test_a_call_that_waits_for_a_connection_holds_little_memory() -> None:
    """Its coroutines, its request and a place in line: no buffer, and no answer before its turn."""
    Turns.noted = []

    async def main() -> float:
        with Loopback(say(answer({**CAPACITY, "Item": row(0)}))) as server:
            store = AsyncDynamoStore(
                region="eu-west-1", endpoint=server.url, pool_size=10, deadline=60.0
            )
            notes = Notes(store)
            await notes.get(KEY)  # which opens what is opened once
            tracemalloc.start()
            calls = [asyncio.ensure_future(notes.get(KEY)) for _ in range(1000)]
            await loops.turns()
            held = tracemalloc.get_traced_memory()[0]
            tracemalloc.stop()
            await asyncio.gather(*calls)
            store.close()
            return held / 1000

    assert loops.run(main) < 16_000


class Page(BaseModel):
    """An item of which a hundred fill an answer."""

    book: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""


class Pages(Repository[Page]):
    """Pages, for threads."""

    table = "pages"


class AsyncPages(AsyncRepository[Page]):
    """The same, for tasks."""

    table = "pages"


def page_of(number: int) -> Page:
    """A page of 9 KB."""
    return Page(book="a", number=number, text="x" * 9_000)


def number_of(page: Page | None) -> Any:
    """Which page it is."""
    return None if page is None else page.number


class Library:
    """A server whose answers are those of a memory, and how many it was asked for at a time."""

    def __init__(self) -> None:
        self.memory = MemoryStore(Pages)
        self.names: list[str] = []
        self.most = 0
        self._busy: set[int] = set()
        self._two = threading.Barrier(SIZE)

    def __call__(self, connection: socket.socket, received: Received) -> None:
        """Answers a request."""
        name = received.headers["x-amz-target"].partition(".")[2]
        self._busy.add(id(received))
        self.most = max(self.most, len(self._busy))
        self.names.append(name)
        if len(self.names) <= SIZE:
            self._two.wait(30)  # the first ones are there at the same time
        body = self.memory.execute(Operation(name, "pages", received.json, lambda told: told)).body
        self._busy.discard(id(received))
        connection.sendall(answer(body))


SIZE = 2
"""The connections of a pool."""

SEVERAL = 6
"""What is asked for at once: more than there are connections."""


def test_more_requests_at_once_than_connections_take_turns(run: Run) -> None:
    """In tasks: all is done, in order, and no connection is lost to a scan that is left."""
    library = Library()
    wanted = [("a", number) for number in range(300, -1, -1)]

    async def main() -> None:
        store = AsyncDynamoStore(region="eu-west-1", endpoint=server.url, pool_size=SIZE)
        pages = AsyncPages(store)
        await pages.set_many(map(page_of, range(300)), concurrency=SEVERAL)
        found = await pages.get_many(wanted, concurrency=SEVERAL)
        assert list(map(number_of, found)) == [None, *range(299, -1, -1)]
        read = await pages.scan(segments=SEVERAL).all()
        assert sorted(map(number_of, read)) == [*range(300)]
        await pages.delete_many(wanted[:200], concurrency=SEVERAL)
        assert await pages.scan(segments=SEVERAL).count() == 101
        assert server.connections == library.most == SIZE
        async for _ in pages.scan(segments=SEVERAL):  # whose other requests are broken off
            break
        gets = asyncio.gather(*(pages.get(("a", number)) for number in range(SEVERAL)))
        assert list(map(number_of, await gets)) == [*range(SEVERAL)]
        store.close()

    with Loopback(library) as server:
        run(main)


def test_more_requests_at_once_than_connections_are_kept_have_one_each() -> None:
    """In threads: all is done and in order, over one connection for each at most."""
    library = Library()
    wanted = [("a", number) for number in range(300, -1, -1)]
    with Loopback(library) as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url, pool_size=SIZE)
        pages = Pages(store)
        pages.set_many(map(page_of, range(300)), concurrency=SEVERAL)
        found = pages.get_many(wanted, concurrency=SEVERAL)
        assert list(map(number_of, found)) == [None, *range(299, -1, -1)]
        read = pages.scan(segments=SEVERAL).all()
        assert sorted(map(number_of, read)) == [*range(300)]
        pages.delete_many(wanted[:200], concurrency=SEVERAL)
        assert pages.scan(segments=SEVERAL).count() == 101
        assert 1 < library.most <= SEVERAL
        wait_until(lambda: sum(each.fileno() != -1 for each in server.open) <= SIZE)
        for _ in pages.scan(segments=SEVERAL):
            break
        assert number_of(pages.get(("a", 1))) == 1
        store.close()
