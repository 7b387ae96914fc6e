"""Faults on demand mean to a caller what the same faults mean on a network."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from dynrepo import (
    ItemExists,
    OutcomeUnknown,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    Unavailable,
    Unprocessed,
    deadline,
)
from dynrepo.testing import faults
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from models.user import AsyncUsers, Users
from tests.aio.loops import TIMED, run, run_on_each, turns, until
from tests.stopwatch import passes
from tests.testing.people import ADA
from tests.testing.rows import Rows, put

if TYPE_CHECKING:
    from collections.abc import Generator


class PausesKept(MemoryStore):
    """A store that notes how long it would have waited."""

    def __init__(self, *repositories: Any) -> None:
        self.pauses: list[float] = []
        super().__init__(*repositories)

    def sleep(self, seconds: float, /) -> None:
        """Waits for nothing."""
        self.pauses.append(seconds)
        super().sleep(seconds)


FAULTS: dict[str, tuple[faults.Fault, type[Exception]]] = {
    "throttling": (faults.throttling(), Throttled),
    "server error": (faults.server_error(), Unavailable),
    "unreachable": (faults.unreachable(), Unavailable),
    "refusal": (faults.refusal("AccessDeniedException"), StoreError),
    "lost reply": (faults.lost_reply(), Timeout),
    "creating": (faults.table_status("CREATING"), TableNotFound),
}


@pytest.mark.parametrize(("fault", "error"), FAULTS.values(), ids=FAULTS)
def test_a_fault_for_ever_reaches_the_caller(fault: faults.Fault, error: type[Exception]) -> None:
    """As the error that the same fault on a network would be; after the block it is gone."""
    store = MemoryStore(Users)
    users = Users(store)
    with store.inject(fault, on="GetItem", times=None) as injection, pytest.raises(error):
        users.get(ADA)
    assert injection.hits
    assert users.get(ADA) is None


def test_only_batches_come_back_undone() -> None:
    """Any other request is answered as ever."""
    store = MemoryStore(Users)
    with store.inject(faults.unprocessed(), times=None):
        assert Users(store).get(ADA) is None


def test_a_fault_that_passes_is_repeated_away() -> None:
    """As on a network, where it would wait between attempts."""
    store = PausesKept(Users)
    with store.inject(faults.throttling(), table="users", times=3) as injection:
        assert Users(store).get(ADA) is None
    assert injection.hits == len(store.pauses) == 3


def test_a_lost_reply_leaves_a_write_in_doubt() -> None:
    """An `add` is applied and unknown; a `create` finds itself stored."""
    store = MemoryStore(Users)
    users = Users(store)
    store.inject(faults.lost_reply(), on="PutItem")
    assert users.create(ADA) == ADA
    store.inject(faults.lost_reply(), on="UpdateItem")
    with pytest.raises(OutcomeUnknown):
        users.update(ADA, Users.fields.visits.add(1))
    assert users.require(ADA).visits == 1
    with pytest.raises(ItemExists):
        users.create(ADA)


def test_a_write_that_did_not_leave_is_not_in_doubt() -> None:
    """It was not applied, and may be sent again."""
    store = MemoryStore(Users)
    users = Users(store)
    users.create(ADA)
    with store.inject(faults.unreachable(), times=None), pytest.raises(Unavailable):
        users.update(ADA, Users.fields.visits.add(1))
    store.inject(faults.unreachable())
    assert users.update(ADA, Users.fields.visits.add(1)).visits == 1


def test_latency_is_bounded_by_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A late answer is an answer; one after the deadline is not."""
    monkeypatch.setattr(time, "sleep", lambda seconds: passes(monkeypatch, seconds))
    store = MemoryStore(Users, deadline=30)
    users = Users(store)
    store.inject(faults.latency(20))
    assert users.get(ADA) is None
    store.inject(faults.latency(60))
    with pytest.raises(Timeout):
        users.get(ADA)


def test_a_late_answer_holds_up_no_other_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a fault of one's own that yields how long it takes; what comes too late, never comes."""
    store = MemoryStore(Users)
    users = AsyncUsers(store)

    def slow(exchange: faults.Exchange) -> Generator[float, None, dict[str, Any]]:
        yield 4.0
        yield 4.0
        return exchange.answer()

    async def late() -> None:
        for fault in (faults.latency(8.0), slow):
            met = store.inject(fault)
            writing = asyncio.create_task(users.set(ADA))
            await until(lambda met=met: met.hits)
            for _ in range(2):
                assert not writing.done()
                passes(monkeypatch, 4.0)
                await turns()
            await writing
        late = store.inject(faults.latency(60), on="DeleteItem")
        with deadline(5.0):
            deleting = asyncio.create_task(users.delete(ADA))
            await until(lambda: late.hits)
        passes(monkeypatch, 5.0)
        with pytest.raises(OutcomeUnknown):
            await deleting
        assert await users.get(ADA) is None

    for kind in TIMED:
        run(late, kind)


def test_a_fault_means_the_same_in_both_faces() -> None:
    """Also one of those that botocore has."""
    store = MemoryStore(Users)
    users = AsyncUsers(store)

    def unplugged(_: faults.Exchange) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="http://localhost")

    async def faulty() -> None:
        for fault, error in [*FAULTS.values(), (unplugged, Unavailable)]:
            with store.inject(fault, on="GetItem", times=None), pytest.raises(error):
                await users.get(ADA)
        store.inject(faults.lost_reply(), on="UpdateItem")
        await users.set(ADA)
        with pytest.raises(OutcomeUnknown):
            await users.update(ADA, Users.fields.visits.add(1))
        assert (await users.require(ADA)).visits == 1

    run_on_each(faulty)


def test_a_batch_can_come_back_undone() -> None:
    """What is left is sent again, until the last round."""
    store = MemoryStore(Documents)
    documents = Documents(store)
    with store.inject(faults.unprocessed(2), on="BatchWriteItem", times=1):
        documents.set_many([Document(name=str(n)) for n in range(3)])
    with store.inject(faults.unprocessed(2), on="BatchGetItem", times=1):
        assert None not in documents.get_many(["0", "1", "2"])
    assert len(store.items("documents")) == 3


def test_a_batch_that_is_never_done_is_unprocessed() -> None:
    """With the keys that are left; the pauses between the rounds are the store's."""
    store = PausesKept(Documents)
    store.inject(faults.unprocessed(1), on="BatchGetItem", times=None)
    with pytest.raises(Unprocessed) as caught:
        Documents(store).get_many(["a", "b"])
    assert caught.value.keys == ("b",)
    assert store.pauses


def test_health_shows_the_states_of_a_table() -> None:
    """Serving, not fully, not at all."""
    store = MemoryStore(Users)
    users = Users(store)
    for fault, status in [
        (faults.table_status("UPDATING"), "DEGRADED"),
        (faults.table_status("ACTIVE", index_status="CREATING"), "DEGRADED"),
        (faults.table_status("DELETING"), "DOWN"),
    ]:
        with store.inject(fault, times=None):
            assert users.health_check().status == status


def test_a_fault_of_ones_own_is_given_the_exchange() -> None:
    """It may answer, or change the request first."""
    store = MemoryStore(Rows)

    def renamed(exchange: faults.Exchange) -> dict[str, Any]:
        item = {**exchange.operation.request["Item"], "a": {"S": "changed"}}
        return exchange.answer({**exchange.operation.request, "Item": item})

    with store.inject(renamed, on="PutItem"):
        put(store, a={"S": "sent"})
    assert store.items("rows")[0]["a"] == {"S": "changed"}
