"""A blocking repository in `asyncio.to_thread`: what goes along, what cancelling means."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import Timeout, deadline, usage
from dynrepo.testing import MemoryStore
from models.document import Document, Documents
from tests.aio.loops import until

if TYPE_CHECKING:
    from dynrepo.instrumentation import Call
    from dynrepo.testing.faults import Exchange


class Outcomes:
    """An instrument that keeps how calls ended."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def finished(self, call: Call, begun: Any, /) -> None:  # noqa: ARG002 - the protocol's
        """Keeps one."""
        self.kept.append(call.outcome)


def test_deadline_and_usage_go_along() -> None:
    """The thread of the call runs in a copy of the task's context."""

    async def main() -> int:
        documents = Documents(MemoryStore(Documents))
        with usage() as used:
            await asyncio.to_thread(documents.get, "a")
            with deadline(0), pytest.raises(Timeout):
                await asyncio.to_thread(documents.get, "a")
        return used.total.calls

    assert asyncio.run(main()) == 2


def test_a_task_that_is_cancelled_leaves_the_call_to_its_thread() -> None:
    """The write is made, and told as the success that it is; the task is told of nothing."""
    gate = threading.Event()

    def at_the_gate(exchange: Exchange) -> Any:
        gate.wait(60)
        return exchange.answer()

    async def main() -> tuple[bool, list[str]]:
        store, outcomes = MemoryStore(Documents), Outcomes()
        documents = Documents(store, instruments=[outcomes])
        fault = store.inject(at_the_gate, on="PutItem")
        task = asyncio.create_task(asyncio.to_thread(documents.set, Document(name="a")))
        await until(lambda: fault.hits)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gate.set()
        await until(lambda: outcomes.kept)
        return documents.exists("a"), outcomes.kept[:1]

    assert asyncio.run(main()) == (True, ["success"])
