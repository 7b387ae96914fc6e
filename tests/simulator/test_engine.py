"""The engine applies what arrives, and keeps count of it by place."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from dynrepo.operations.batches import batch_write, delete, put
from dynrepo.operations.deletes import delete_item
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.reads import get_item
from dynrepo.operations.transactions import transact_write
from dynrepo.operations.writes import create_item, put_item, update_item
from dynrepo.sending.outcomes import Refused
from tests.simulator.engine import Engine
from tests.simulator.history import Request, Seen
from tests.simulator.ledger import SHELF, Place, Plain, PlainLedger, Row

pytestmark = pytest.mark.once

MAPPER: Mapper[Plain] = Mapper("plain", PlainLedger.schema)
HERE, THERE = Place("plain", 1), Place("plain", 2)
ENTRY = Plain(number=1, amount=3, tag="a")


class Clock:
    """A clock that is set."""

    now = 0.0

    def __call__(self) -> float:
        """The time in seconds."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """It stands at 0."""
    return Clock()


@pytest.fixture
def server(clock: Clock) -> Engine:
    """An engine that holds nothing."""
    made = Engine(clock, Random(1))  # noqa: S311
    made.clear()
    return made


def request(operation: Any) -> Request:
    """A request that was just sent."""
    return Request(operation.name, "all well", 1, Seen.WAITING)


def test_what_is_applied_is_counted_where_it_writes(server: Engine) -> None:
    """Also what changes nothing; what is refused is not."""
    create = create_item(MAPPER, ENTRY)
    first, second, third = request(create), request(create), request(create)
    server.answered(create, first)
    assert (first.applied, first.changed) == ({HERE: 1}, {HERE: 1})
    assert isinstance(server.answered(create, second), Refused)
    assert not second.applied
    server.answered(put_item(MAPPER, ENTRY), third)
    assert (third.applied, third.changed) == ({HERE: 1}, {HERE: 0})
    assert server.row(HERE) == Row(3, "a")


def test_a_transaction_is_counted_once_by_its_token(server: Engine) -> None:
    """Its repeat is answered, and applies nothing."""
    transaction = transact_write([create_item(MAPPER, ENTRY)], "token")
    sent = request(transaction)
    for _ in range(2):
        answer = server.answered(transaction, sent)
        assert isinstance(answer, dict)
        assert answer.keys() == {"ConsumedCapacity"}
    assert sent.applied == {HERE: 1}


def test_a_batch_is_counted_as_far_as_it_was_done(server: Engine) -> None:
    """What is handed back is not."""
    batch = batch_write(MAPPER, [put(MAPPER, ENTRY), delete(MAPPER, (SHELF, 2))])
    sent = request(batch)
    answer = server.answered(batch, sent, undone=1)
    assert isinstance(answer, dict)
    assert len(answer["UnprocessedItems"]["plain"]) == 1
    assert sent.applied == {HERE: 1}
    server.answered(batch, sent)
    assert sent.applied == {HERE: 2, THERE: 1}


def test_a_read_that_may_be_stale_misses_a_write_of_the_last_second(
    server: Engine, clock: Clock
) -> None:
    """At times; a consistent one never does, nor one that comes later."""
    update = update_item(MAPPER, (SHELF, 1), [PlainLedger.fields.amount.add(1)])
    server.answered(put_item(MAPPER, ENTRY), request(update))
    clock.now = 5.0
    server.answered(update, request(update))

    def amounts(*, consistent: bool) -> set[str]:
        read = get_item(MAPPER, (SHELF, 1), consistent=consistent)
        answers: list[Any] = [server.answered(read, request(read)) for _ in range(50)]
        return {answer["Item"]["amount"]["N"] for answer in answers}

    assert amounts(consistent=True) == {"4"}
    assert amounts(consistent=False) == {"3", "4"}
    clock.now = 6.5
    assert amounts(consistent=False) == {"4"}


def test_nothing_is_left_of_the_schedule_before(server: Engine) -> None:
    """Neither items nor tokens, nor what was there."""
    delete_one = delete_item(MAPPER, (SHELF, 1))
    server.answered(transact_write([create_item(MAPPER, ENTRY)], "token"), request(delete_one))
    server.clear()
    assert server.row(HERE) is None
    assert server.had[HERE] == [None]
    again = transact_write([create_item(MAPPER, ENTRY)], "token")
    sent = request(again)
    server.answered(again, sent)
    assert sent.applied == {HERE: 1}
