"""What waits in the loop waits for no longer than it should, and blocks nothing."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio.waits import ended
from dynrepo.aws.tasks import Task
from tests.aio import loops

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.aio.conftest import Run


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What the calls of a test wait for; open at its end."""
    event = threading.Event()
    yield event
    event.set()


def started(call: Any) -> Task[Any]:
    """The run of a call, in a thread."""
    task = Task(call, "task")
    task.start()
    return task


class TestTheEndOfACallInAThread:
    """It is waited for in the loop."""

    def test_wakes_those_who_wait(self, run: Run) -> None:
        """All of them; the loop goes on meanwhile."""
        gate = threading.Event()
        task = started(lambda: gate.wait(30))

        async def main() -> list[bool]:
            waiting = [asyncio.ensure_future(ended(task, seconds)) for seconds in (30, None)]
            await asyncio.sleep(0)
            gate.set()
            return await asyncio.gather(*waiting)

        assert run(main) == [True, True]
        assert task.outcome() is True

    def test_is_waited_for_so_long_and_no_longer(self, run: Run, gate: threading.Event) -> None:
        """Whoever gave up leaves nothing behind."""
        task = started(lambda: gate.wait(30))

        async def main() -> list[bool]:
            return [await ended(task, 0.01), await ended(task, -1)]

        assert run(main) == [False, False]
        assert not task._told

    def test_that_has_come_is_known_at_once(self) -> None:
        """No loop is asked."""
        task = started(lambda: None)
        task.wait()
        with pytest.raises(StopIteration) as stop:
            ended(task, 30).send(None)
        assert stop.value.value is True

    def test_that_comes_in_between_is_not_missed(self) -> None:
        """Between the look and the wait."""
        task = Task(lambda: None, "task")
        when_done = task.when_done

        def late(tell: Any) -> None:
            task.run()
            when_done(tell)

        task.when_done = late  # type: ignore[method-assign]
        assert loops.run(lambda: ended(task, 30)) is True

    def test_goes_on_when_who_waits_is_cancelled(self, run: Run, gate: threading.Event) -> None:
        """The cancellation passes as it came."""
        task = started(lambda: gate.wait(30))

        async def main() -> None:
            waiting = asyncio.ensure_future(ended(task, 30))
            await asyncio.sleep(0)
            waiting.cancel("enough")
            with pytest.raises(asyncio.CancelledError, match="enough"):
                await waiting

        run(main)
        assert (task._told, task.is_done) == (type(task._told)(), False)

    def test_may_come_after_the_loop_is_closed(
        self, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """That fails nowhere, though nobody is there to be told."""
        failed: list[Any] = []
        monkeypatch.setattr(threading, "excepthook", failed.append)
        task = started(lambda: gate.wait(30))
        loop = asyncio.new_event_loop()
        waiting = ended(task, 30)
        loop.call_soon(loop.stop)
        begun = loop.create_task(_started(waiting))
        loop.run_forever()
        loop.close()
        gate.set()
        assert task.wait(30)
        waiting.close()
        assert (begun.done(), failed) == (True, [])

    def test_is_not_waited_for_where_it_cannot_come(
        self, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """In the very thread of the call, and when the interpreter ends."""

        def call() -> bool:
            return asyncio.run(ended(own[0]))

        own: list[Task[bool]] = []
        own.append(Task(call, "task"))
        own[0].start()
        assert own[0].outcome(30) is False
        task = started(lambda: gate.wait(30))
        monkeypatch.setattr(sys, "is_finalizing", lambda: True)
        assert loops.run(lambda: ended(task)) is False


async def _started(coroutine: Any) -> None:
    """Takes a coroutine to where it waits."""
    coroutine.send(None)
