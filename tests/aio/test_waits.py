"""What waits in the loop waits for no longer than it should, and blocks nothing."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, PartitionKey, deadline
from dynrepo.aio import waits
from dynrepo.aio.waits import (
    AsyncCondition,
    AsyncSharedCall,
    applied,
    check_change,
    current_caller,
    ended,
    instruments_made,
    stepped,
    together,
)
from dynrepo.aws.tasks import Task
from dynrepo.errors import Timeout
from dynrepo.instrumentation import environment, fence_of, mixin
from dynrepo.instrumentation.environment import DefaultInstruments
from dynrepo.sending.outcomes import NoThread
from dynrepo.testing import MemoryStore
from tests.aio import loops
from tests.stopwatch import passes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

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


class TestAFunctionOfTheCallers:
    """It is applied in the loop."""

    def test_may_be_awaited_or_not(self, run: Run) -> None:
        """What comes of it is returned, or raised."""

        async def doubled(number: int) -> int:
            await asyncio.sleep(0)
            return number * 2

        async def main() -> list[Any]:
            with pytest.raises(ZeroDivisionError):
                await applied(lambda number: number / 0, 1)
            return [await applied(function, 21) for function in (doubled, str)]

        assert run(main) == [42, "21"]

    def test_is_one_that_can_be_called(self) -> None:
        """Of coroutines or not."""
        check_change(asyncio.sleep)
        check_change(str)
        with pytest.raises(TypeError, match=r"change is a function that .*, not int$"):
            check_change(5)


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
        assert not task._callbacks

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
        assert (task._callbacks, task.is_done) == (type(task._callbacks)(), False)

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


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]


class AsyncThings(AsyncRepository[Thing]):
    """All things."""

    table = "things"


class Noting:
    """An instrument that notes the operations that it is told of."""

    def __init__(self, seen: list[Any]) -> None:
        self.seen = seen

    def finished(self, call: Any, _: Any, /) -> None:
        """Notes one."""
        self.seen.append(call)


FIRST_CALLS: dict[str, Callable[[AsyncThings], Awaitable[object]]] = {
    "get": lambda things: things.get("a"),
    "get_many": lambda things: things.get_many(["a", "b"]),
    "scan": lambda things: things.scan().all(),
}
"""Each way in which a call begins: by itself, as one of several, by being iterated."""


class TestTheDefaultInstruments:
    """They are made in a thread, since that reads files."""

    def test_are_made_once_for_all_who_wait(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In another thread than that of the loop."""
        threads: list[threading.Thread] = []
        gate = threading.Event()

        def make() -> None:
            threads.append(threading.current_thread())
            gate.wait(30)

        defaults = DefaultInstruments()
        monkeypatch.setattr(defaults, "make", make)

        async def main() -> None:
            waiting = [asyncio.ensure_future(instruments_made(defaults, 60.0)) for _ in range(20)]
            await asyncio.sleep(0)
            gate.set()
            await asyncio.gather(*waiting)

        run(main)
        assert len(threads) == 1
        assert threads[0] is not threading.current_thread()

    def test_are_left_to_the_call_where_no_thread_can_be_started(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Which makes them itself."""

        def refuse(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refuse)
        loops.run(lambda: instruments_made(DefaultInstruments(), 60.0))

    @pytest.mark.parametrize("name", FIRST_CALLS)
    @pytest.mark.parametrize("bound", ["the store", "a block"])
    def test_that_hang_hold_up_a_call_no_longer_than_it_may_take(
        self, monkeypatch: pytest.MonkeyPatch, name: str, bound: str
    ) -> None:
        """Nor later calls at all; they are in use as soon as they are made."""
        gate, seen = threading.Event(), list[Any]()
        defaults = self._made_by(monkeypatch, lambda: gate.wait(30) and (fence_of(Noting(seen)),))

        async def main() -> None:
            store = MemoryStore(AsyncThings, deadline=8.0 if bound == "the store" else 60.0)
            things = AsyncThings(store)
            with deadline(8.0 if bound == "a block" else 60.0):
                call = asyncio.ensure_future(FIRST_CALLS[name](things))
                await loops.turns()
                assert not call.done()
                passes(monkeypatch, 8.0)
                (outcome,) = await asyncio.gather(call, return_exceptions=True)
            assert isinstance(outcome, Timeout) is (bound == "a block")
            await FIRST_CALLS[name](things)
            assert (seen, defaults.made) == ([], {False: ()})
            gate.set()
            await loops.until(lambda: defaults.made[False])
            await FIRST_CALLS[name](things)
            assert seen

        loops.run(main)

    def test_that_fail_after_a_call_went_on_without_them_are_made_anew(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By the next call."""
        gate = threading.Event()

        def fail() -> Any:
            gate.wait(30)
            raise OSError("no file")

        defaults = self._made_by(monkeypatch, fail)

        async def main() -> None:
            await instruments_made(defaults, 0.0)
            assert defaults.made == {False: ()}
            gate.set()
            await loops.until(lambda: not defaults.made)

        loops.run(main)

    def _made_by(self, monkeypatch: pytest.MonkeyPatch, make: Any) -> DefaultInstruments:
        """Has a function make those of every repository, none of which are there."""
        defaults = DefaultInstruments()
        monkeypatch.setattr(environment, "_defaults_by", lambda _: defaults)
        monkeypatch.setattr(environment, "OTEL", "is not imported")
        monkeypatch.setattr(mixin, "OTEL", "is not imported")
        monkeypatch.setattr(environment, "_fences_of", lambda *_, **__: make())
        return defaults


async def _started(coroutine: Any) -> None:
    """Takes a coroutine to where it waits."""
    coroutine.send(None)


class TestCallsTogether:
    """They run at the same time."""

    def test_give_what_they_return_in_their_order(self, run: Run) -> None:
        """Each waits for the other to arrive."""

        async def main() -> list[int]:
            both = asyncio.Barrier(2)

            async def call(number: int) -> int:
                await both.wait()
                return number

            return await together([lambda: call(1), lambda: call(2)])

        assert run(main) == [1, 2]

    def test_are_all_waited_for_also_when_one_fails(self, run: Run) -> None:
        """The first error in their order is raised; the others bother nobody."""
        ended_: list[str] = []

        async def call(name: str) -> None:
            await asyncio.sleep(0)
            ended_.append(name)
            raise LookupError(name)

        async def main() -> None:
            with pytest.raises(LookupError, match="a"):
                await together([lambda: call("a"), lambda: call("b")])

        run(main)
        assert sorted(ended_) == ["a", "b"]

    def test_are_cancelled_with_their_caller(self, run: Run) -> None:
        """Who gets his own cancellation, when they are gone."""
        cancelled: list[str] = []

        async def call(name: str) -> None:
            try:
                await asyncio.sleep(60)
            finally:
                cancelled.append(name)

        async def main() -> None:
            caller = asyncio.ensure_future(together([lambda: call("a"), lambda: call("b")]))
            await asyncio.sleep(0.01)
            caller.cancel()
            with pytest.raises(asyncio.CancelledError):
                await caller
            assert sorted(cancelled) == ["a", "b"]

        run(main)


def test_a_condition_is_looked_at_when_it_is_told(run: Run) -> None:
    """By all who wait; whoever gave up is not missed."""

    async def main() -> None:
        condition, there = AsyncCondition(), [False]
        waiting = [asyncio.ensure_future(condition.wait_for(lambda: there[0])) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        condition.notify_all()
        await asyncio.sleep(0)
        assert not waiting[1].done()
        there[0] = True
        condition.notify_all()
        await asyncio.gather(*waiting[1:])
        await condition.wait_for(lambda: True)

    run(main)


def test_each_task_is_a_caller_of_its_own(run: Run) -> None:
    """Whatever it calls."""

    async def caller() -> int:
        await asyncio.sleep(0)
        return current_caller()

    async def main() -> None:
        assert len({current_caller(), *await asyncio.gather(caller(), caller())}) == 3
        assert await caller() == current_caller()

    run(main)


def test_the_loop_has_a_turn_after_each_step(run: Run) -> None:
    """Of what takes long to read."""
    turns: list[int] = []

    def steps() -> Any:
        for number in range(3):
            turns.append(number)
            yield
        return "read"

    async def main() -> str:
        asyncio.get_running_loop().call_soon(turns.append, 99)
        return await stepped(steps())

    assert run(main) == "read"
    assert turns == [0, 99, 1, 2]


class TestASharedCall:
    """One run at a time serves all who ask."""

    def test_runs_once_for_those_who_ask_meanwhile(self, run: Run) -> None:
        """In nobody's context; a later one runs anew."""
        variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
        runs: list[str] = []

        async def call() -> int:
            runs.append(variable.get())
            await asyncio.sleep(0.01)
            return len(runs)

        shared = AsyncSharedCall(call, "shared")

        async def main() -> None:
            variable.set("here")
            assert await asyncio.gather(*(shared.task().outcome(60) for _ in range(5))) == [1] * 5
            assert await shared.task().outcome() == 2

        run(main)
        assert set(runs) == {"none"}

    def test_goes_on_when_one_who_waits_gives_up(self, run: Run) -> None:
        """By a cancellation, or since it takes too long."""
        gate: list[asyncio.Event] = []

        async def call() -> str:
            gate.append(asyncio.Event())
            await gate[0].wait()
            return "there"

        async def main() -> None:
            shared = AsyncSharedCall(call, "shared")
            first = asyncio.ensure_future(shared.task().outcome())
            await asyncio.sleep(0.01)
            first.cancel()
            with pytest.raises(Timeout, match="no answer in time"):
                await shared.task().outcome(0.01)
            last = asyncio.ensure_future(shared.task().outcome())
            await asyncio.sleep(0)
            gate[0].set()
            assert await last == "there"
            assert len(gate) == 1

        run(main)

    def test_needs_a_loop(self) -> None:
        """One of another library, as trio's, is none: nothing is begun."""

        async def call() -> None:
            raise AssertionError

        with pytest.raises(NoThread):
            AsyncSharedCall(call, "shared").task()

    def test_is_given_up_when_it_hangs(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """For the next one who asks; those who waited are told that no answer came."""
        begun: list[int] = []

        async def call() -> str:
            begun.append(len(begun))
            await asyncio.sleep(3600 if len(begun) == 1 else 0)
            return "there"

        async def main() -> None:
            shared = AsyncSharedCall(call, "shared")
            waiting = asyncio.ensure_future(shared.task().outcome())
            await asyncio.sleep(0)
            monkeypatch.setattr(waits, "GIVEN_UP", -1.0)
            assert await shared.task().outcome() == "there"
            with pytest.raises(Timeout, match="no answer in time"):
                await waiting

        run(main)
        assert begun == [0, 1]

    def test_raises_what_the_call_raises(self, run: Run) -> None:
        """To all; and nobody need be there to hear it."""

        async def call() -> None:
            raise LookupError

        async def main() -> None:
            shared = AsyncSharedCall(call, "shared")
            with pytest.raises(LookupError):
                await shared.task().outcome()
            shared.task()
            await asyncio.sleep(0.01)

        run(main)

    def test_serves_one_loop_after_another(self) -> None:
        """Also one that was closed without an end."""

        async def call() -> str:
            await asyncio.sleep(0)
            return "there"

        shared = AsyncSharedCall(call, "shared")

        async def main() -> str:
            return await shared.task().outcome()

        for _ in range(2):
            assert loops.run(main) == "there"
        assert shared._runs == {}

    def test_that_began_when_another_had_ended_is_not_forgotten_with_it(self, run: Run) -> None:
        """Those who come then share it: two never run at a time."""
        gates: list[asyncio.Event] = []

        async def call() -> int:
            gates.append(asyncio.Event())
            await gates[-1].wait()
            return len(gates)

        async def main() -> None:
            shared = AsyncSharedCall(call, "shared")
            first, later = shared.task(), list[Any]()
            await asyncio.sleep(0)
            gates[0].set()
            # Comes when the first has ended, and before anybody is told so.
            asyncio.get_running_loop().call_soon(lambda: later.append(shared.task()))
            assert await first.outcome(60) == 1
            third = shared.task()
            assert [third] == later
            gates[1].set()
            assert await third.outcome(60) == 2

        run(main)
