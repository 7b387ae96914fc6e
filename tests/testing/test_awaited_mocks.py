"""A mock of an asynchronous repository is as strict as one of a blocking one, and is awaited."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY
from uuid import UUID

import pytest

from dynrepo import AsyncItemStoreProvider, CodecError, Health, ItemExists, Status, Throttled
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.mock import MissingCall, UnexpectedCall, in_order, mock_of
from models.order import Orders
from models.user import AsyncUsers, Users
from tests.aio.loops import run_on_each
from tests.testing.people import ADA, BOB
from tests.testing.test_mock import WRONG

if TYPE_CHECKING:
    from collections.abc import Coroutine


async def sign_up(users: AsyncUsers) -> Any:
    """Domain code, as people write it."""
    try:
        return await users.by_email(ADA.email) or await users.create(ADA)
    except ItemExists as taken:
        return taken.item


def test_what_is_expected_happens() -> None:
    """Own methods run for real above the verbs; an error is raised where the verb is awaited."""

    async def signed_up() -> None:
        with mock_of(AsyncUsers) as users:
            assert isinstance(users, AsyncUsers)
            in_order(
                users.expect.query(AsyncUsers.fields.email == ADA.email, index="by_email"),
                users.expect.create(ADA).raises(ItemExists("taken", item=BOB)),
            )
            assert await sign_up(users) == BOB

    run_on_each(signed_up)


def test_a_query_of_a_mock_is_a_query() -> None:
    """It is iterated, counted, limited, paged and read in segments over the items given."""

    async def read() -> None:
        users = mock_of(AsyncUsers)
        users.expect.scan().returns([ADA, BOB]).any_times()
        assert [user async for user in users.scan()] == await users.scan().all() == [ADA, BOB]
        assert (await users.scan().count(), await users.scan().first()) == (2, ADA)
        first = await users.scan().page(1)
        second = await users.scan().page(1, first.cursor)
        assert (first.items, second.items) == ([ADA], [BOB])
        assert [len(page) async for page in users.scan().pages(1)] == [1, 1]
        users.expect.scan(segments=2).returns([ADA, BOB])
        assert await users.scan(segments=2).all() == [ADA, BOB]
        users.expect.scan(limit=1).raises(Throttled)
        with pytest.raises(Throttled):
            await users.scan(limit=1).first()
        users.verify()

    run_on_each(read)


def test_without_an_answer_the_obvious_one_is_given() -> None:
    """By every verb that has one."""

    async def obvious() -> None:
        users = mock_of(AsyncUsers)
        users.expect.get(ADA)
        users.expect.get_many([ADA, BOB])
        users.expect.set(ADA)
        users.expect.set_many([ADA])
        users.expect.delete(ADA)
        users.expect.health_check()
        users.expect.connect()
        users.expect.create_table()
        assert await users.get(ADA) is None
        assert await users.get_many([ADA, BOB]) == [None, None]
        assert await users.set(ADA) is ADA
        await users.set_many([ADA])
        assert await users.delete(ADA) is None
        assert (await users.health_check()).status is Status.UP
        assert await users.connect() is users
        await users.create_table()
        users.expect.health_check().returns(Health(Status.DOWN))
        assert (await users.health_check()).status is Status.DOWN
        users.verify()

    run_on_each(obvious)


def test_a_function_can_answer_at_once_or_later() -> None:
    """What it returns is one that the verb can return, in either case."""

    async def found(_: Any) -> Any:
        await asyncio.sleep(0)
        return ADA

    async def wrong(_: Any) -> Any:
        return 1

    async def answered() -> None:
        users = mock_of(AsyncUsers)
        for function in (found, lambda _: ADA):
            users.expect.get(ADA).calls(function)
            assert await users.get(ADA) is ADA
        for function in (wrong, lambda _: 1):
            users.expect.get(ADA).calls(function)
            with pytest.raises(TypeError, match=r"AsyncUsers\.get returns User \| None, not int"):
                await users.get(ADA)

    run_on_each(answered)


def test_a_blocking_verb_is_not_answered_by_a_coroutine() -> None:
    """It would be handed to code that does not await."""
    users = mock_of(Users)

    async def found(_: Any) -> Any:
        return ADA

    coroutine = found(ADA)
    users.expect.get(ANY).calls(lambda _: coroutine)
    with pytest.raises(TypeError, match="returned a coroutine"):
        users.get(ADA)
    coroutine.close()


def outcome(value: Any) -> Any:
    """What a coroutine returns or raises; anything else as it is."""
    if not inspect.iscoroutine(value):
        return value

    async def awaited() -> Any:
        return await value

    return asyncio.run(awaited())


def test_a_wrong_use_is_explained_in_the_same_words() -> None:
    """Where the call is expected, in a loop or without one."""
    for misuse, error, message in WRONG:
        users = mock_of(AsyncUsers)
        expected = message.replace("Users", "AsyncUsers").replace("as AsyncUsers", "as Users")
        with pytest.raises(error, match=expected):  # noqa: PT012 - also where it is awaited
            used = misuse(users)
            for part in used if isinstance(used, tuple) else (used,):
                outcome(part)


def test_several_requests_at_once_are_expected_without_a_loop() -> None:
    """Nor is a task begun for them, or a thread, where they are called."""
    keys = [UUID(int=number) for number in range(250)]
    users = mock_of(AsyncUsers)
    users.expect.get_many(keys, concurrency=3)
    assert asyncio.run(users.get_many(keys, concurrency=3)) == [None] * 250
    with pytest.raises(TypeError, match="expected UUID, found str"):
        users.expect.get_many([*keys, "not a uuid"], concurrency=3)
    users.verify()


def test_an_unexpected_call_fails_where_it_is_awaited() -> None:
    """So does one that the real verb would refuse; one with wrong arguments where it is made."""

    async def unexpected() -> None:
        users = mock_of(AsyncUsers)
        users.expect.get(ADA).any_times()
        with pytest.raises(UnexpectedCall, match=r"unexpected call: AsyncUsers\.get\("):
            await users.get(BOB)
        with pytest.raises(CodecError):
            await users.get(5)
        with pytest.raises(TypeError, match=r"AsyncUsers\.get: missing a required argument: 'key'"):
            users.get()
        with pytest.raises(UnexpectedCall):
            users.verify()

    run_on_each(unexpected)


@pytest.mark.parametrize("verb", ["get", "set", "delete"])
def test_a_call_that_nobody_awaits_was_not_made(verb: str) -> None:
    """Expected once, any times, or not at all: it is told of, as nothing would have been sent."""
    users = mock_of(AsyncUsers)
    users.expect.get(ADA)
    users.expect.set(ADA).any_times()
    getattr(users, verb)(ADA)
    assert users.calls == ()
    for _ in range(2):  # however often it is asked
        with pytest.raises(MissingCall) as caught:
            users.verify()
        missing, told, forgotten = str(caught.value).partition("calls were not made, for nobody")
        assert "AsyncUsers.get(User(" in missing
        assert "expected once, called never" in missing
        assert told
        assert f"awaited them:\n  AsyncUsers.{verb}(User(" in forgotten


def test_calls_at_the_same_time_each_take_one_expectation() -> None:
    """One that was cancelled before it began is none, and one in mid-answer is."""

    async def late(_: Any) -> Any:
        await asyncio.sleep(60)

    async def cancelled(call: Coroutine[Any, Any, Any], turns: int) -> None:
        task = asyncio.ensure_future(call)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def at_once() -> None:
        users = mock_of(AsyncUsers)
        users.expect.get(ANY).times(3).returns(ADA)
        assert await asyncio.gather(*[users.get(ADA) for _ in range(3)]) == [ADA] * 3
        users.expect.get(ADA).calls(late)
        await cancelled(users.get(ADA), 1)
        assert len(users.calls) == 4
        users.verify()

    run_on_each(at_once)


def test_a_verb_is_a_function_of_coroutines_to_who_asks() -> None:
    """As a framework does that runs what blocks in a thread; a query is handed out at once."""
    users, real = mock_of(AsyncUsers), AsyncUsers
    for verb in ("get", "set", "health_check", "query"):
        expected = asyncio.iscoroutinefunction(getattr(real, verb))
        assert asyncio.iscoroutinefunction(getattr(users, verb)) is expected


def test_it_is_what_domain_code_asks_for() -> None:
    """Each method of the protocols is there, awaited where theirs is, of a mock and of the rest."""
    members = [name for name in dir(AsyncItemStoreProvider) if not name.startswith("_")]
    assert {"get", "set", "delete", "health_check", "connect"} < set(members)
    for store in (mock_of(AsyncUsers), AsyncUsers(MemoryStore())):
        for name in members:
            expected = asyncio.iscoroutinefunction(getattr(AsyncItemStoreProvider, name))
            assert asyncio.iscoroutinefunction(getattr(store, name)) is expected


def test_reads_together_take_lookups_of_both_faces() -> None:
    """A lookup is of no face."""

    async def together() -> None:
        users, orders = mock_of(AsyncUsers), mock_of(Orders)
        users.expect.get_together(users.lookup(ADA), orders.lookup((ADA.user_id, 1))).returns(
            (ADA, None)
        )
        lookups = users.lookup(ADA.user_id), orders.lookup((ADA.user_id, 1))
        assert await users.get_together(*lookups) == (ADA, None)

    run_on_each(together)
