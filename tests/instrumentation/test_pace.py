"""A block's calls consume so many units a second, whoever makes them, and no more."""

from __future__ import annotations

import asyncio
import contextvars
import math
import threading
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Answer, Throttled, Timeout, deadline, pace, usage
from dynrepo.instrumentation.pace import BURST, Pace, consumption
from dynrepo.instrumentation.usage import UsageKey
from dynrepo.testing import MemoryStore
from tests.aio import loops
from tests.facade import without_facade
from tests.instrumentation.conftest import AsyncCannedStore, AsyncNotes, Note, Notes, Recorder
from tests.instrumentation.moved import MovedClock, MovedStore, Stopped, consumed

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Call

SCAN = {"Items": [], "Count": 0, "ScannedCount": 0}
KIND = UsageKey("notes", "GetItem")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> MovedClock:
    """A clock that moves when a call waits."""
    return MovedClock(monkeypatch)


@pytest.fixture
def notes(clock: MovedClock) -> Callable[..., Notes]:
    """Makes a repository over answers, with no instruments."""

    def make(*answers: Any, **options: Any) -> Notes:
        return Notes(MovedStore(clock, *answers, **options), instruments=())

    return make


def slept(repository: Notes) -> list[float]:
    """The waits, to the microsecond."""
    store: Any = repository.store
    return [round(seconds, 6) for seconds in store.slept]


def test_a_call_waits_for_what_the_one_before_consumed(notes: Callable[..., Notes]) -> None:
    """The first waits for nothing; reads and writes have one pace."""
    repository = notes(consumed(25.0), consumed(100.0), consumed(0.5))
    with pace(units=50) as paced:
        repository.get("1")
        assert slept(repository) == []
        repository.set(Note(note_id="1"))
        assert slept(repository) == [0.5]
        repository.get("1")
    assert slept(repository) == [0.5, 2.0]
    assert (paced.units, paced.consumed, paced.waited) == (50, 125.5, 2.5)


def test_what_is_consumed_keeps_within_the_rate(
    notes: Callable[..., Notes], clock: MovedClock
) -> None:
    """In any t seconds calls begin that consume (t + 0.1) * units at most, and one call more."""
    units, chance = 40.0, Random(7)  # noqa: S311 - the same numbers in each run
    costs = [chance.choice([0.5, 1.0, 3.0, 64.0]) for _ in range(150)]
    repository = notes(*map(consumed, costs))
    with pace(units=units):
        for _ in costs:
            repository.get("1")
            clock.now += chance.choice([0.0, 0.001, 0.3])
    store: Any = repository.store
    begun = [at for at, _ in store.sent]
    for first in range(len(costs)):
        for last in range(first, len(costs)):
            seconds = begun[last] - begun[first]
            assert sum(costs[first:last]) <= (seconds + BURST) * units + 1e-6
    assert sum(costs) / (begun[-1] - begun[0]) > units / 2  # nor much less


def test_what_was_not_used_is_not_saved_up(notes: Callable[..., Notes], clock: MovedClock) -> None:
    """But for a tenth of a second, so that a late timer costs no rate."""
    repository = notes(consumed(10.0))
    with pace(units=50):
        repository.get("1")
        clock.now += 3600
        repository.get("1")
        repository.get("1")
    assert slept(repository) == [0.1]


def test_a_wait_that_ends_late_is_caught_up_with(
    notes: Callable[..., Notes], clock: MovedClock
) -> None:
    """The rate is that of the block, not that of its timers."""
    repository = notes(consumed(5.0))
    started = clock.now
    with pace(units=100):
        for _ in range(21):
            repository.get("1")
            clock.now += 0.01
    assert clock.now - started == pytest.approx(1.01, abs=0.011)


def test_outside_a_block_nothing_waits(notes: Callable[..., Notes]) -> None:
    """Neither before it nor after it."""
    repository = notes(consumed(1000.0))
    repository.get("1")
    with pace(units=1):
        repository.get("1")
    repository.get("1")
    assert slept(repository) == []


def test_in_nested_blocks_each_holds(notes: Callable[..., Notes]) -> None:
    """The slower one is waited for, whichever it is; both count."""
    repository = notes(consumed(10.0))
    with pace(units=10) as outer, pace(units=100) as inner:
        repository.get("1")
        repository.get("1")
    with pace(units=100), pace(units=10):
        repository.get("1")
        repository.get("1")
    assert slept(repository) == [1.0, 1.0]
    assert (outer.consumed, inner.consumed) == (20, 20)


def test_the_wait_is_no_part_of_the_time_of_a_call(notes: Callable[..., Notes]) -> None:
    """A scan at one unit a second takes as long as it takes."""
    repository = notes(consumed(30.0, Item={"note_id": {"S": "1"}}), deadline=5.0)
    with pace(units=1):
        repository.get("1")
        repository.get("1")
    store: Any = repository.store
    assert slept(repository) == [30.0]
    assert store.left == [5.0, 5.0]


def test_a_verb_of_several_requests_in_the_time_of_one_call_waits_as_well(
    notes: Callable[..., Notes],
) -> None:
    """And has its time after that."""
    item = {"note_id": {"S": "1"}, "text": {"S": ""}}
    repository = notes(consumed(30.0, Item=item), consumed(1.0, Attributes=item), deadline=5.0)
    with pace(units=1):
        repository.edit("1", lambda note: note.model_copy(update={"text": "new"}))
    store: Any = repository.store
    assert slept(repository) == [30.0]
    assert store.left == [pytest.approx(5.0), pytest.approx(5.0)]


def test_a_deadline_holds_and_the_wait_counts(notes: Callable[..., Notes]) -> None:
    """A call whose turn comes after it is told at once, and nothing is sent."""
    repository = notes(consumed(10.0))
    recorder = Recorder()
    repository.use_instruments(recorder)
    with deadline(2.5), pace(units=10):
        for _ in range(3):
            repository.get("1")
        store: Any = repository.store
        assert [round(left, 6) for left in store.left] == [2.5, 1.5, 0.5]
        with pytest.raises(Timeout, match="pace block comes after the deadline") as caught:
            repository.get("1")
    assert slept(repository) == [1.0, 1.0]
    assert len(store.sent) == 3
    assert (caught.value.attempts, caught.value.retryable) == (0, True)
    assert [call.outcome for call in recorder.calls] == ["success"] * 3 + ["failure"]


def test_a_turn_that_came_too_late_is_left_to_others(notes: Callable[..., Notes]) -> None:
    """So is one whose wait was broken off."""
    repository = notes(consumed(10.0))
    store: Any = repository.store
    with pace(units=10):
        repository.get("1")
        with deadline(0.5), pytest.raises(Timeout):
            repository.get("1")
        store.breaks_off = True
        with pytest.raises(Stopped):
            repository.get("1")
        store.breaks_off = False
        repository.get("1")
    assert slept(repository) == [1.0]


def test_instruments_see_a_call_when_its_turn_has_come(
    notes: Callable[..., Notes], clock: MovedClock
) -> None:
    """No wait is taken for a slow answer."""
    repository = notes(consumed(10.0))
    begun: list[float] = []

    class Watch(Recorder):
        def started(self, call: Call, /) -> str:
            begun.append(clock.now)
            return super().started(call)

    repository.use_instruments(Watch())
    with pace(units=10):
        repository.get("1")
        repository.get("1")
    assert begun == [1000.0, 1001.0]


def test_calls_at_the_same_time_do_not_begin_together(clock: MovedClock) -> None:
    """Each sets aside what the last of its kind consumed, until its answer tells."""
    kept = Pace(units=100)
    _, units = kept.take(KIND)
    kept.settle(KIND, units, 50.0)
    waits = [kept.take(KIND)[0] for _ in range(4)]
    assert waits == pytest.approx([0.5, 1.0, 1.5, 2.0])
    assert clock.now == 1000.0


def test_a_call_that_fails_counts_as_the_one_before(notes: Callable[..., Notes]) -> None:
    """Its error does not tell what it consumed."""
    refused = Throttled("no", code="ThrottlingException", attempts=4)
    repository = notes(consumed(20.0), refused, consumed(1.0))
    with pace(units=10) as paced:
        repository.get("1")
        with pytest.raises(Throttled):
            repository.get("1")
        repository.get("1")
    assert slept(repository) == [2.0, 2.0]
    assert paced.consumed == 21


@pytest.mark.parametrize(
    ("name", "request_", "body", "units"),
    [
        ("GetItem", {}, {}, 1),
        ("PutItem", {}, {}, 1),
        ("Scan", {}, {"ScannedCount": 7, "Count": 2}, 7),
        ("Query", {}, {"ScannedCount": 0}, 1),
        ("BatchGetItem", {"RequestItems": {"notes": {"Keys": [{}] * 9}}}, {}, 9),
        ("TransactWriteItems", {"TransactItems": [{}, {}]}, {}, 2),
        ("GetItem", {}, consumed(0.0), 0),
    ],
)
def test_an_engine_that_tells_no_capacity_is_counted_by_rows(
    ended: Any, name: str, request_: Any, body: Any, units: float
) -> None:
    """One unit for each that was read or written; what is told is taken."""
    assert consumption(ended(name, request=request_, body=body)) == units


def test_a_failure_consumed_nothing_that_is_known(ended: Any) -> None:
    """One unit is counted for it."""
    assert consumption(ended(error=Throttled())) == 1


def test_what_is_not_charged_does_not_wait() -> None:
    """What is asked of a table itself, nor a health check, which answers in time."""
    repository = Notes(MemoryStore(Notes), instruments=())
    with pace(units=1) as paced:
        repository.set(Note(note_id="1"))
        assert repository.health_check().status == "UP"
        assert not repository.verify_table()
        assert paced.waited == 0
    assert paced.consumed == 1


def test_every_verb_keeps_the_pace() -> None:
    """What they consume together is counted: pages, segments, batches, transactions."""
    repository = Notes(MemoryStore(Notes), instruments=())
    with pace(units=1e9) as paced, usage() as used:
        repository.set_many(Note(note_id=str(number)) for number in range(60))
        assert len(repository.scan(segments=3).all()) == 60
        assert len(repository.get_many(map(str, range(60)))) == 60
        with repository.transaction() as tx:
            tx.set(repository, Note(note_id="a"))
            tx.set(repository, Note(note_id="b"))
        repository.get_together(repository.lookup("1"), repository.lookup("2"))
        repository.update("1", repository.fields.text.set("x"))
        repository.edit("1", lambda note: note.model_copy(update={"text": "y"}))
        repository.delete("2")
        assert repository.query(repository.fields.note_id == "1").count() == 1
    assert paced.consumed == used.total.capacity > 60


@without_facade("its threads are tasks there")
def test_threads_share_the_pace_where_the_context_goes(notes: Callable[..., Notes]) -> None:
    """However many there are; a thread of its own is not bound."""
    repository = notes(consumed(1.0))
    with pace(units=1e6) as paced:
        threads = [
            threading.Thread(target=contextvars.copy_context().run, args=(repository.get, "1"))
            for _ in range(16)
        ]
        threads.append(threading.Thread(target=repository.get, args=("1",)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert paced.consumed == 16


class AsyncMovedStore(AsyncCannedStore):
    """Keeps the waits, which take no time."""

    slept: list[float]
    is_stuck = False

    async def sleep_async(self, seconds: float, /) -> None:
        """Lets others run, until it is cancelled where it is stuck."""
        self.slept = [*getattr(self, "slept", []), seconds]
        await (asyncio.Event().wait() if self.is_stuck else asyncio.sleep(0))


@pytest.mark.parametrize("kind", loops.KINDS)
@pytest.mark.usefixtures("clock")
@without_facade("it is of the asynchronous face as it is")
def test_tasks_share_the_pace(kind: str) -> None:
    """Each waits for a turn of its own; what is made outside waits for none."""
    store = AsyncMovedStore(Answer(consumed(1.0)))
    repository = AsyncNotes(store, instruments=())

    async def both() -> Pace:
        with pace(units=10) as paced:
            await asyncio.gather(*(repository.get("1") for _ in range(4)))
        await repository.get("1")
        return paced

    paced = loops.run(both, kind)
    assert sorted(round(seconds, 6) for seconds in store.slept) == [0.1, 0.2, 0.3]
    assert (paced.consumed, round(paced.waited, 6)) == (4, 0.6)


@pytest.mark.parametrize("kind", loops.KINDS)
@pytest.mark.usefixtures("clock")
@without_facade("it is of the asynchronous face as it is")
def test_a_task_that_is_cancelled_while_it_waits_gives_its_turn_back(kind: str) -> None:
    """CancelledError passes as it came, and nothing was sent."""
    store = AsyncMovedStore(Answer(consumed(1.0)))
    repository = AsyncNotes(store, instruments=())

    async def cancelled() -> None:
        with pace(units=10):
            await repository.get("1")
            store.is_stuck = True
            task = asyncio.create_task(repository.get("1"))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            store.is_stuck = False
            await repository.get("1")

    loops.run(cancelled, kind)
    assert [round(seconds, 6) for seconds in store.slept] == [0.1, 0.1]
    assert len(store.asked) == 2


@pytest.mark.parametrize("units", [0, -1, math.inf, math.nan, "50", True, None])
def test_a_pace_is_a_number_above_zero(units: Any) -> None:
    """Told where the block begins; the text of a variable is no number."""
    with pytest.raises(ValueError, match="more than 0"), pace(units=units):
        raise AssertionError
