"""Many calls at once, and many items in one answer, leave room for others."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, field_validator

from dynrepo import AsyncDynamoStore, AsyncRepository, PartitionKey, SortKey
from tests.aio import loops
from tests.loopback import CAPACITY, Loopback, answer, say

if TYPE_CHECKING:
    from collections.abc import Coroutine

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
