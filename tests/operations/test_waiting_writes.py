"""The writes of a batch until they are sent."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest

from dynrepo.operations.batches import WRITE_SIZE, Write
from dynrepo.operations.waiting_writes import WaitingWrites


def write(name: int, text: str = "") -> Write:
    """A write on a key."""
    return Write({"PutRequest": {"Item": {"id": {"S": text}}}}, name)


def added(waiting: WaitingWrites, *names: int, text: str = "") -> list[list[Write]]:
    """What is handed out while writes are added."""
    return [out for name in names if (out := waiting.add(write(name, text)))]


def names(writes: list[Write]) -> list[Any]:
    """The keys of writes."""
    return [each.identity for each in writes]


def test_writes_are_handed_out_by_25() -> None:
    """Each once, and the rest at the end."""
    waiting = WaitingWrites()
    (first,) = added(waiting, *range(30))
    assert names(first) == list(range(WRITE_SIZE))
    assert names(waiting.rest()) == list(range(WRITE_SIZE, 30))
    assert waiting.rest() == []


def test_the_last_write_on_a_key_counts() -> None:
    """And is one of 25."""
    waiting = WaitingWrites()
    assert added(waiting, *range(24)) == []
    assert added(waiting, 0, text="last") == []
    assert waiting.rest()[0] == write(0, "last")


def are_under_way_for_another(waiting: WaitingWrites) -> bool:
    """Whether another thread finds writes under way."""
    found: list[bool] = []
    thread = Thread(target=lambda: found.append(waiting.are_under_way))
    thread.start()
    thread.join(30)
    return found[0]


def test_nobody_waits_for_what_it_was_given_itself() -> None:
    """A signal broke it off: it cannot send and ask at the same time."""
    waiting = WaitingWrites()
    assert added(waiting, *range(25))
    assert not waiting.are_under_way
    assert are_under_way_for_another(waiting)


def test_a_key_under_way_waits() -> None:
    """Until the request with it has ended; others go before it."""
    waiting = WaitingWrites()
    (first,) = added(waiting, *range(25))
    assert are_under_way_for_another(waiting)
    assert added(waiting, *range(25), text="later") == []
    (second,) = added(waiting, *range(25, 50))
    assert names(second) == list(range(25, 50))
    waiting.done(first)
    (third,) = added(waiting, 50)
    assert third[:25] == [write(name, "later") for name in range(25)]
    waiting.done(second)
    waiting.done(third)
    assert not are_under_way_for_another(waiting)


def test_what_was_not_sent_waits_again() -> None:
    """Before what was added meanwhile, and but for what that replaced."""
    waiting = WaitingWrites()
    (first,) = added(waiting, *range(25))
    added(waiting, 30, 3, text="later")
    waiting.take_back(first)
    waiting.done(first)
    rest = waiting.rest()
    assert names(rest) == [*range(25), 30]
    assert [each for each in rest if each != write(int(str(each.identity)))] == [
        write(3, "later"),
        write(30, "later"),
    ]


def test_nothing_is_taken_after_the_end() -> None:
    """What was taken before is handed out."""
    waiting = WaitingWrites()
    waiting.add(write(1))
    waiting.end()
    with pytest.raises(ValueError, match="begin another"):
        waiting.add(write(2))
    assert names(waiting.rest()) == [1]
