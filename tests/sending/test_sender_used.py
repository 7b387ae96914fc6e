"""Who sends, and why, as a store of either face tells it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    DynamoStore,
    PartitionKey,
    Repository,
    SenderUsed,
)
from dynrepo.sending.outcomes import NotPrepared
from tests.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """The notes of everybody."""

    table = "users"


class AsyncNotes(AsyncRepository[Note]):
    """The same, awaited."""

    table = "users"


@pytest.fixture
def url() -> Iterator[str]:
    """A server that finds nothing."""
    with Loopback() as server:
        yield server.url


def blocking_sender(url: str, calls: int = 1) -> SenderUsed:
    """Who sends for a blocking store, after some calls."""
    with DynamoStore(region="eu-west-1", endpoint=url) as store:
        for _ in range(calls):
            Notes(store, instruments=()).get("1")
        return store.sender


def asynchronous_sender(url: str, calls: int = 1) -> SenderUsed:
    """Who sends for an asynchronous one."""

    async def main() -> SenderUsed:
        async with AsyncDynamoStore(region="eu-west-1", endpoint=url) as store:
            for _ in range(calls):
                await AsyncNotes(store, instruments=()).get("1")
            return store.sender

    return asyncio.run(main())


BOTH = pytest.mark.parametrize("sender", [blocking_sender, asynchronous_sender])


@BOTH
def test_a_store_says_who_sends_and_why(sender: Callable[[str], SenderUsed], url: str) -> None:
    """By a name and a sentence, of which nothing is a secret."""
    assert sender(url) == SenderUsed("direct", "nothing stands in its way")
    assert SenderUsed.__module__ == "dynrepo"


@BOTH
def test_an_instrumented_botocore_is_said_once(
    sender: Callable[[str, int], SenderUsed],
    url: str,
    caplog: pytest.LogCaptureFixture,
    instrumented: None,  # noqa: ARG001 - is on
) -> None:
    """The instrumentation of botocore turns the direct sender off: in the log, and in the store."""
    caplog.set_level(logging.INFO, "dynrepo")
    used = sender(url, 3)
    assert used.name == "botocore"
    assert [record.getMessage() for record in caplog.records] == [
        f"botocore sends the requests: {used.reason}"
    ]
    assert (caplog.records[0].levelname, vars(caplog.records[0])["reason"]) == (
        "WARNING",
        used.reason,
    )


@pytest.fixture
def instrumented() -> Iterator[None]:
    """OpenTelemetry's instrumentation of botocore, on."""
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor  # noqa: PLC0415

    BotocoreInstrumentor().instrument()
    yield
    BotocoreInstrumentor().uninstrument()


def test_what_was_asked_for_is_not_said(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """Who sets `transport="botocore"` knows."""
    with DynamoStore(region="eu-west-1", endpoint=url, transport="botocore") as store:
        assert store.sender == SenderUsed("botocore", "it was asked for")
    assert caplog.records == []


def test_before_a_call_an_asynchronous_store_does_not_know(url: str) -> None:
    """It waits for nothing to tell."""
    with pytest.raises(NotPrepared):
        _ = AsyncDynamoStore(region="eu-west-1", endpoint=url).sender
