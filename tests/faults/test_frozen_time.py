"""A test that freezes the time of its application freezes none that a store waits by."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest
from freezegun import freeze_time

from dynrepo import (
    AsyncContainer,
    AsyncDynamoStore,
    AsyncRepository,
    Container,
    DynamoStore,
    Repository,
    Timeout,
    deadline,
)
from dynrepo.clock import End, current_end, ends_at
from dynrepo.testing import MemoryStore
from tests.facade import without_facade
from tests.loopback import Loopback, answer, say, say_nothing
from tests.stopwatch import Stopwatch
from tests.wired import Note

if TYPE_CHECKING:
    from collections.abc import Iterator

WHEN = ["1990-01-01", "2039-01-01"]
"""Before and after: by the clock that is frozen everything is over, or nothing ever is."""


class FrozenNotes(Repository[Note]):
    """Notes."""

    table = "notes"


class AsyncFrozenNotes(AsyncRepository[Note]):
    """Notes, for tasks."""

    table = "notes"


DESCRIPTION = {
    "TableStatus": "ACTIVE",
    "KeySchema": [{"AttributeName": "note_id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "note_id", "AttributeType": "S"}],
}


@pytest.fixture
def server() -> Iterator[Loopback]:
    """An engine that describes the table, whatever it is asked."""
    with Loopback(say(answer(json.dumps({"Table": DESCRIPTION}).encode()))) as running:
        yield running


@pytest.fixture(params=["direct", "botocore"])
def options(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Who sends."""
    transport = "auto" if request.param == "direct" else "botocore"
    return {"region": "eu-west-1", "transport": transport}


@without_facade("of both faces already")
@pytest.mark.parametrize("when", WHEN)
class TestAFrozenClock:
    """As freezegun has it, which half of the threads see, and half do not."""

    def test_makes_no_table_down(
        self, when: str, server: Loopback, options: dict[str, Any]
    ) -> None:
        """For threads: a first look, one that reuses the connection, and that of a container."""
        with DynamoStore(endpoint=server.url, **options) as store:
            notes = FrozenNotes(store, instruments=())
            with freeze_time(when):
                first = notes.health_check()
                told = [
                    first,
                    notes.health_check(),
                    Container(FrozenNotes, store=store).health_check(),
                ]
            after = notes.health_check()
        assert [health.status for health in (*told, after)] == ["UP"] * 4
        assert 0 < first.details["latency_ms"] < 60_000

    def test_makes_no_table_down_for_tasks(
        self, when: str, server: Loopback, options: dict[str, Any]
    ) -> None:
        """Where the loop has its own time, as freezegun provides."""

        async def main() -> list[str]:
            async with AsyncDynamoStore(endpoint=server.url, **options) as store:
                notes = AsyncFrozenNotes(store, instruments=())
                container = AsyncContainer(AsyncFrozenNotes, store=store)
                with freeze_time(when, real_asyncio=True):
                    told = [await notes.health_check(), await container.health_check()]
                told.append(await notes.health_check())
            return [health.status for health in told]

        assert asyncio.run(main()) == ["UP"] * 3

    def test_leaves_a_call_its_end(self, when: str, options: dict[str, Any]) -> None:
        """One that is not answered ends in its time, by its deadline or by a block's."""
        with Loopback(say_nothing) as silent:
            store = DynamoStore(endpoint=silent.url, deadline=0.3, attempts=1, **options)
            notes = FrozenNotes(store, instruments=())
            with store, freeze_time(when):
                watch = Stopwatch()
                with pytest.raises(Timeout):
                    notes.connect()
                with deadline(0.3), pytest.raises(Timeout):
                    notes.connect()
                assert 0.3 < watch.seconds < 20

    def test_is_no_end_of_a_block(self, when: str) -> None:
        """That began before the time was frozen, or in it, whichever thread looks."""
        left: list[float] = []

        def look() -> None:
            left.append(ends_at(9.0) - End(0.0).at)

        with deadline(60.0):
            before = current_end.get()
            with freeze_time(when):
                assert ends_at(9.0) == getattr(before, "at", None)
        with freeze_time(when), deadline(60.0):
            inside = ends_at(9.0)
        with freeze_time(when):
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            look()
        assert abs(left[0] - left[1]) < 60
        assert abs(inside - ends_at(9.0)) < 120

    def test_is_the_time_of_items(self, when: str) -> None:
        """What is stored goes by the clock of the application, in memory as well."""
        with freeze_time(when) as frozen:
            assert MemoryStore()._database.clock() == frozen().replace(tzinfo=UTC).timestamp()
