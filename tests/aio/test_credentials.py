"""Credentials are looked for by a thread, and the tasks that want them wait in their loops."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.credentials import Credentials

from dynrepo import AsyncDynamoStore, errors
from dynrepo.aio import store as stores
from dynrepo.aws import connection as connections
from dynrepo.aws import credentials
from dynrepo.clock import deadline
from tests.aio import loops
from tests.aio.blocking_calls import none_allowed
from tests.loopback import Loopback, wait_until
from tests.providers import Process, Provider
from tests.scripted import GET
from tests.stopwatch import passes

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator, Iterator
    from pathlib import Path

    from tests.aio.conftest import Run


@pytest.fixture
def go_on() -> Iterator[threading.Event]:
    """What a provider waits for; set at the end of a test."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a thread of botocore's sender tell what became of a request, on a busy machine too."""
    monkeypatch.setattr(stores, "_LEFT_TO_TELL", 30.0)


@pytest.fixture(params=["auto", "botocore"])
def transport(request: pytest.FixtureRequest) -> Any:
    """Each sender, as a store is told to use it."""
    return request.param


@contextmanager
def provided(
    monkeypatch: pytest.MonkeyPatch, found: Callable[[], Any], **options: Any
) -> Generator[AsyncDynamoStore]:
    """A store that has its credentials from the test, before a server."""
    monkeypatch.setattr(connections, "_found", found)
    with Loopback() as server:
        store = AsyncDynamoStore(region="eu-west-1", endpoint=server.url, **options)
        yield store
        store.close()


def unblocked(call: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], Any]:
    """A test in which nothing may hold up the loop."""

    async def main() -> None:
        with none_allowed():
            await call()

    return main


def test_valid_ones_are_used_while_newer_ones_are_got(
    monkeypatch: pytest.MonkeyPatch, run: Run, transport: Any, go_on: threading.Event
) -> None:
    """No task waits, and the provider is asked once."""
    provider = Provider(minutes=12)
    source = provider.source()

    async def calls() -> None:
        with provided(monkeypatch, lambda: source, transport=transport) as store:
            provider.before = lambda: go_on.wait(30)
            monkeypatch.setattr(credentials, "_PACE", 0.0)
            await store.execute_async(GET)
            await loops.until(lambda: provider.asked == 2)
            for _ in range(10):
                await store.execute_async(GET)
            assert provider.asked == 2
            go_on.set()
            await loops.until(lambda: provider.given == 2)
            await store.execute_async(GET)

    run(unblocked(calls))


def test_without_valid_ones_all_wait_for_one_look(
    monkeypatch: pytest.MonkeyPatch, run_timed: Run, transport: Any, go_on: threading.Event
) -> None:
    """Each as long as it may, and the error says what took the time; the look goes on."""
    provider = Provider(minutes=-1)
    source = provider.source()
    provider.before, provider.minutes = (lambda: go_on.wait(30)), 60

    async def calls() -> None:
        with provided(monkeypatch, lambda: source, transport=transport) as store:
            first = asyncio.ensure_future(store.execute_async(GET))
            await loops.until(lambda: provider.asked == 2)
            with deadline(5.0):
                late = [asyncio.ensure_future(store.execute_async(GET)) for _ in range(8)]
                await loops.turns()
            passes(monkeypatch, 5.0)
            for call in late:
                with pytest.raises(errors.Timeout, match="the AWS credentials took the time"):
                    await call
            gone = asyncio.ensure_future(store.execute_async(GET))
            await loops.turns()
            gone.cancel("enough")
            with pytest.raises(asyncio.CancelledError, match="enough"):
                await gone
            go_on.set()
            await first
            await store.execute_async(GET)

    run_timed(unblocked(calls))
    assert provider.asked == 2


def test_expired_ones_are_waited_for_by_all_tasks_together(
    monkeypatch: pytest.MonkeyPatch, run: Run, go_on: threading.Event
) -> None:
    """After requests were sent with older ones; those who are gone leave nothing behind."""
    provider = Provider(minutes=60)
    source = provider.source()

    async def calls() -> None:
        with provided(monkeypatch, lambda: source) as store:
            await store.execute_async(GET)
            connection: Any = store._main.ready
            shared = connection.credentials
            provider.before = lambda: go_on.wait(30)
            source._expiry_time -= timedelta(hours=2)
            waiting = [asyncio.ensure_future(store.execute_async(GET)) for _ in range(8)]
            await loops.until(lambda: provider.asked == 2)
            await loops.until(lambda: len(shared._look.running._callbacks) == 8)
            for gone in waiting[:4]:
                gone.cancel()
            await asyncio.wait(waiting[:4])
            assert len(shared._look.running._callbacks) == 4
            go_on.set()
            await asyncio.gather(*waiting[4:])

    run(unblocked(calls))
    assert provider.asked == 2


def test_a_botocore_that_does_not_tell_is_asked_by_a_thread(
    monkeypatch: pytest.MonkeyPatch, run: Run, transport: Any
) -> None:
    """At each request, as botocore would."""
    asked: list[str] = []

    class Strange:
        def get_frozen_credentials(self) -> Any:
            asked.append(threading.current_thread().name)
            return Credentials("KEY", "made-up").get_frozen_credentials()

    async def calls() -> None:
        with provided(monkeypatch, Strange, transport=transport) as store:
            for _ in range(3):
                await store.execute_async(GET)

    run(unblocked(calls))
    assert len(asked) >= 3
    assert threading.current_thread().name not in asked


def test_a_process_that_hangs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, transport: Any
) -> None:
    """Each call ends when it must, by an error in words, and one process is run for all."""
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    process = Process(tmp_path, "hangs")

    async def calls() -> None:
        with provided(monkeypatch, connections._found, transport=transport, deadline=1.0) as store:
            results = await asyncio.gather(
                *(store.execute_async(GET) for _ in range(4)), return_exceptions=True
            )
            assert all("the AWS credentials took the time" in str(found) for found in results)

    loops.run(unblocked(calls))
    wait_until(lambda: process.calls > 0)  # it may have taken long to start
    assert process.calls == 1
    process.does("fails")
