"""What becomes of calls that are cancelled, and how they are settled: docs/how-to/async.md."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import pytest

from dynrepo import (
    ConditionFailed,
    ItemExists,
    OutcomeUnknown,
    Timeout,
    VersionConflict,
    deadline,
)
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import latency, lost_reply, throttling
from models.order import AsyncOrders, Order, Status
from models.user import AsyncUsers, User
from tests.aio.loops import until
from tests.stopwatch import passes

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from dynrepo import Call
    from dynrepo.testing.faults import Exchange, Fault
    from tests.aio.conftest import Run

KEY = UUID(int=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = User(user_id=KEY, email="ada@example.org", name="Ada", joined=NOW)
FIELDS = AsyncUsers.fields
ORDER = Order(user_id=KEY, number=1, placed=NOW, total=Decimal(9))
PAID = Order.model_validate(dict(ORDER) | {"status": Status.PAID, "version": 1}, extra="forbid")

Verb: TypeAlias = "Callable[[Shop], Awaitable[object]]"


def slow_answer(exchange: Exchange) -> Generator[float, None, Any]:
    """Applies the request; its answer takes a minute."""
    body = exchange.answer()
    yield 60
    return body


class Shop:
    """Ada and her order, in a memory."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = MemoryStore(AsyncUsers, AsyncOrders) if store is None else store
        self.users = AsyncUsers(self.store)
        self.orders = AsyncOrders(self.store)

    async def opened(self) -> Shop:
        """With both of them in it."""
        await self.users.create(ADA)
        await self.orders.create(ORDER)
        return self

    async def credit(self) -> None:
        """Ten visits more, once for a token."""
        async with self.users.transaction(token="ten-more") as tx:
            tx.update(self.users, ADA, FIELDS.visits.add(10))

    async def cancelled(self, call: Verb, operation: str) -> None:
        """Makes a call, and cancels it when its request was applied."""
        fault = self.store.inject(slow_answer, on=operation)
        task = asyncio.ensure_future(call(self))
        await until(lambda: fault.hits)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


WRITES: dict[str, tuple[str, Verb]] = {
    "set": ("PutItem", lambda shop: shop.users.set(ADA)),
    "create": ("PutItem", lambda shop: shop.users.create(other())),
    "save": ("UpdateItem", lambda shop: shop.orders.save(PAID)),
    "update": ("UpdateItem", lambda shop: shop.users.update(KEY, FIELDS.visits.add(1))),
    "update on a condition": (
        "UpdateItem",
        lambda shop: shop.users.update(KEY, FIELDS.visits.set(1), condition=FIELDS.visits == 0),
    ),
    "update exactly once": (
        "TransactWriteItems",
        lambda shop: shop.users.update(KEY, FIELDS.visits.add(1), exactly_once=True),
    ),
    "delete": ("DeleteItem", lambda shop: shop.users.delete(KEY)),
    "transaction": ("TransactWriteItems", Shop.credit),
}


def other() -> User:
    """Somebody who is not there yet."""
    return User.model_validate(dict(ADA) | {"user_id": UUID(int=2)}, extra="forbid")


def people(count: int) -> list[User]:
    """So many more."""
    return [
        User.model_validate(dict(ADA) | {"user_id": UUID(int=number)}, extra="forbid")
        for number in range(10, 10 + count)
    ]


async def _name_of_what_becomes(call: Awaitable[object]) -> str:
    try:
        await call
    except (ConditionFailed, OutcomeUnknown, Timeout) as error:
        return type(error).__name__
    return "done"


@pytest.mark.parametrize(
    ("write", "again", "visits"),
    [
        ("set", "done", 0),
        ("create", ItemExists.__name__, 0),
        ("save", VersionConflict.__name__, 0),
        ("update", "done", 2),
        ("update on a condition", ConditionFailed.__name__, 1),
        ("update exactly once", "done", 2),
        ("transaction", "done", 10),
    ],
)
def test_a_cancelled_write_that_was_made_is_found_by_asking_again(
    run: Run, write: str, again: str, visits: int
) -> None:
    """By a refusal, or by nothing happening; but what only counts is counted twice."""

    async def main() -> tuple[str, User, Order]:
        shop = await Shop().opened()
        operation, call = WRITES[write]
        await shop.cancelled(call, operation)
        told = await _name_of_what_becomes(call(shop))
        return told, await shop.users.require(KEY), await shop.orders.require(ORDER)

    told, ada, order = run(main)
    assert (told, ada.visits) == (again, visits)
    assert order.status is (Status.PAID if write == "save" else Status.OPEN)


def test_the_refusal_has_the_item_by_which_one_sees_that_it_is_ones_own() -> None:
    """Of a create, a save and an update on a condition."""

    async def main() -> dict[str, Any]:
        shop = await Shop().opened()
        items: dict[str, Any] = {}
        for write in ("create", "save", "update on a condition"):
            operation, call = WRITES[write]
            await shop.cancelled(call, operation)
            with pytest.raises(ConditionFailed) as refused:
                await call(shop)
            items[write] = refused.value.item
        return items

    items = asyncio.run(main())
    assert items["create"] == other()
    assert items["save"].status is Status.PAID
    assert items["update on a condition"].visits == 1


@pytest.mark.parametrize("write", WRITES)
def test_what_is_cancelled_before_it_is_sent_writes_nothing(write: str) -> None:
    """Whatever the write."""

    async def main() -> tuple[Any, Any]:
        shop = await Shop().opened()
        before = shop.store.dump()
        task = asyncio.ensure_future(WRITES[write][1](shop))
        await asyncio.sleep(0)  # it has begun
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return before, shop.store.dump()

    before, after = asyncio.run(main())
    assert before == after


def test_a_transaction_that_is_cancelled_in_its_block_sends_nothing() -> None:
    """It would have been sent at the end."""

    async def main() -> int:
        shop = await Shop().opened()

        async def never_ends() -> None:
            async with shop.users.transaction() as tx:
                tx.update(shop.users, ADA, FIELDS.visits.add(1))
                await asyncio.sleep(60)

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(never_ends(), 0.01)
        return (await shop.users.require(KEY)).visits

    assert asyncio.run(main()) == 0


def test_set_many_notes_how_many_were_written() -> None:
    """On the cancellation, which passes as it came."""

    async def main() -> list[str]:
        shop = await Shop().opened()
        first = shop.store.inject(lambda exchange: exchange.answer(), on="BatchWriteItem")
        second = shop.store.inject(slow_answer, on="BatchWriteItem", when=lambda _: first.spent)
        task = asyncio.ensure_future(shop.users.set_many(people(60)))
        await until(lambda: second.hits)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await task
        return cancelled.value.__notes__

    assert asyncio.run(main()) == ["users: 25 writes were made before this, others may be"]


def test_what_others_put_into_a_batch_is_sent_nonetheless() -> None:
    """Where the task that sends for all is cancelled, and the block goes on."""

    async def main() -> int:
        shop = await Shop().opened()
        fault = shop.store.inject(slow_answer, on="BatchWriteItem")
        *others, last = people(25)
        async with shop.users.batch() as batch:
            for person in others:
                await batch.set(person)
            sending = asyncio.ensure_future(batch.set(last))
            await until(lambda: fault.hits)
            await shop.users.delete_many(others)  # as if nothing had been made of the request
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
        return len([person for person in await shop.users.get_many(others) if person])

    assert asyncio.run(main()) == 24


def test_a_block_of_deadline_says_what_a_cancellation_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether a write may have been applied, or never left."""

    async def main() -> tuple[str, str, str]:
        shop = await Shop().opened()
        update = WRITES["update"][1]
        late = shop.store.inject(latency(60), on="UpdateItem")
        with deadline(5.0):
            updating = asyncio.ensure_future(_name_of_what_becomes(update(shop)))
            await until(lambda: late.hits)
            passes(monkeypatch, 5.0)
            sent = await updating
        with deadline(0):
            unsent = await _name_of_what_becomes(update(shop))
        visits = (await shop.users.require(KEY)).visits
        made = shop.store.inject(slow_answer, on="UpdateItem")
        updating = asyncio.ensure_future(asyncio.wait_for(update(shop), 5.0))
        await until(lambda: made.hits)
        passes(monkeypatch, 5.0)
        with pytest.raises(TimeoutError) as cancelled:
            await updating
        assert (await shop.users.require(KEY)).visits == visits + 1
        return sent, unsent, cancelled.type.__name__

    assert asyncio.run(main()) == ("OutcomeUnknown", "Timeout", "TimeoutError")


class Recorder:
    """An instrument that keeps what is told of each call."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int, bool]] = []

    def finished(self, call: Call, _: Any, /) -> None:
        """Keeps the name, the outcome, the attempts, and whether the call may have been applied."""
        self.told.append((call.operation.name, call.outcome, call.attempts, call.in_doubt))


class Halting(MemoryStore):
    """A memory in which the pause between two attempts has no end."""

    pauses = 0

    async def sleep_async(self, _: float, /) -> None:
        """Waits for ever."""
        self.pauses += 1
        await asyncio.Event().wait()


async def _told_of(store: MemoryStore, call: Verb, begun: Callable[[], object]) -> list[Any]:
    """What is told of a call that is cancelled when something has begun."""
    recorder = Recorder()
    shop = Shop(store)
    shop.users.use_instruments(recorder)
    task = asyncio.ensure_future(call(shop))
    await until(begun)
    task.cancel("gone")
    with pytest.raises(asyncio.CancelledError, match="gone"):
        await task
    return recorder.told


class TestWhatIsToldOfACancelledCall:
    """Its attempts, and whether it may have been applied, as far as it had come."""

    @pytest.mark.parametrize(
        ("fault", "in_doubt"), [(lost_reply(), True), (throttling(), False)], ids=["lost", "not"]
    )
    def test_in_the_pause_between_two_attempts(
        self, run: Run, fault: Fault, *, in_doubt: bool
    ) -> None:
        """By what became of the attempt before."""

        async def main() -> list[Any]:
            store = Halting(AsyncUsers, AsyncOrders)
            store.inject(fault, on="PutItem")
            return await _told_of(store, lambda shop: shop.users.set(ADA), lambda: store.pauses)

        assert run(main) == [("PutItem", "cancelled", 1, in_doubt)]

    def test_in_the_look_that_settles_it(self, run: Run) -> None:
        """The look counts as an attempt, and what it is for stays in doubt."""

        async def main() -> list[Any]:
            store = MemoryStore(AsyncUsers, AsyncOrders)
            store.inject(lost_reply(), on="PutItem")
            look = store.inject(latency(60), on="GetItem")
            return await _told_of(store, lambda shop: shop.users.create(ADA), lambda: look.hits)

        assert run(main) == [("PutItem", "cancelled", 2, True)]

    @pytest.mark.parametrize(
        ("operation", "told"),
        [
            ("TransactWriteItems", [("TransactWriteItems", "cancelled", 1, True)]),
            (
                "GetItem",
                [("TransactWriteItems", "success", 1, False), ("GetItem", "cancelled", 1, False)],
            ),
        ],
    )
    def test_in_either_request_of_an_exact_update(
        self, run: Run, operation: str, told: list[Any]
    ) -> None:
        """The write is known to be done when it is the reading afterwards that is broken off."""

        async def main() -> list[Any]:
            store = MemoryStore(AsyncUsers, AsyncOrders)
            await AsyncUsers(store, instruments=()).create(ADA)
            met = store.inject(slow_answer, on=operation)
            return await _told_of(store, WRITES["update exactly once"][1], lambda: met.hits)

        assert run(main) == told

    @pytest.mark.parametrize(("concurrency", "made"), [(1, 50), (2, 50), (3, 0)])
    def test_in_a_batch_of_many(self, run: Run, concurrency: int, made: int) -> None:
        """By a note on the cancellation: so many of the first; each request is told by itself."""

        async def main() -> tuple[list[str], list[Any]]:
            store = MemoryStore(AsyncUsers)
            sent: list[Any] = []
            late = store.inject(
                slow_answer,
                on="BatchWriteItem",
                when=lambda each: sent.append(each) or len(sent) > 2,
                times=None,
            )
            recorder = Recorder()
            users = AsyncUsers(store, instruments=[recorder])
            task = asyncio.ensure_future(users.set_many(people(100), concurrency=concurrency))
            await until(lambda: late.hits)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await task
            return cancelled.value.__notes__, sorted(recorder.told)

        notes, told = run(main)
        assert notes == [f"users: {made} writes were made before this, others may be"]
        assert ("BatchWriteItem", "cancelled", 1, True) in told
        assert told.count(("BatchWriteItem", "success", 1, False)) == 2
