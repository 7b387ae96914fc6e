"""An operator sees which keys are hot, and nobody sees the keys."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import AsyncRepository, HotKey, HotKeys, PartitionKey, Repository
from dynrepo.testing import MemoryStore
from tests.aio import loops
from tests.facade import without_facade


class Visit(BaseModel):
    """A key, and somebody's data."""

    name: Annotated[str, PartitionKey()]
    place: Annotated[str, PartitionKey(index="by_place")] = "here"


class Visits(Repository[Visit]):
    """All visits."""

    table = "visits"


class AsyncVisits(AsyncRepository[Visit]):
    """All visits, awaited."""

    table = "visits"


ADA, BOB = {"S": "ada@example.org"}, {"S": "bob@example.org"}


def visited(hot: HotKeys) -> Visits:
    """Three reads of one key, one write of another with its index, a query of the index."""
    visits = Visits(MemoryStore(Visits), instruments=(hot,))
    visits.set(Visit(name="bob@example.org"))
    for _ in range(3):
        visits.get("ada@example.org", consistent=True)
    visits.query(visits.fields.place == "there", index="by_place").all()
    return visits


def test_the_dearest_keys_come_first() -> None:
    """Of tables and of indexes that are queried, by what they consumed."""
    hot = HotKeys(hashed=False)
    visited(hot)
    assert hot.top() == [
        HotKey("visits", None, "ada@example.org", 3.0, 0.0),
        HotKey("visits", None, "bob@example.org", 2.0, 0.0),
        HotKey("visits", "by_place", "there", 0.5, 0.0),
    ]
    assert [each.key for each in hot.top(1)] == ["ada@example.org"]
    assert len(hot.top(table="visits")) == 3
    assert hot.top(table="others") == []


def test_top_takes_a_number() -> None:
    """A table is named."""
    wrong: Any = "visits"
    with pytest.raises(TypeError, match=r"not 'visits': write top\(table=\.\.\.\)"):
        HotKeys().top(wrong)


def test_a_key_is_told_as_a_hash() -> None:
    """Equal for equal keys; nothing that is told, or shown of it, has the key."""
    hot = HotKeys()
    visited(hot)
    first, second, _ = hot.top()
    assert (first.key, second.key) == (hot.name_of(ADA), hot.name_of(BOB))
    assert len(first.key) == len(second.key) == 16
    assert first.key != second.key
    shown = f"{hot} {hot!r} {hot.top()} {vars(hot)} {hot.report(2)}"
    assert "example" not in shown
    assert "there" not in shown


def test_another_process_hashes_otherwise() -> None:
    """Nobody can try keys against what is told: the salt is drawn when the process begins."""
    program = f"from dynrepo import HotKeys; print(HotKeys().name_of({ADA!r}))"
    told = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.strip()
    assert len(told) == 16
    assert told != HotKeys().name_of(ADA)
    assert HotKeys().name_of(ADA) == HotKeys().name_of(dict(ADA))
    assert HotKeys().name_of({"S": "1"}) != HotKeys().name_of({"N": "1"})


@pytest.mark.parametrize(
    "key", ["user-1", 7, {"S": 7}, {"B": b"a"}, {"S": "a", "N": "1"}, {}, None]
)
def test_what_is_no_key_as_it_is_stored_has_no_name(key: Any) -> None:
    """A hash that no key has would say that a hot one is cold."""
    for hashed in (True, False):
        with pytest.raises(TypeError, match="takes a key as it is stored") as raised:
            HotKeys(hashed=hashed).name_of(key)
        assert "user-1" not in str(raised.value)


@pytest.mark.parametrize("size", [0, 1.5, math.nan, "9", True, None])
def test_a_size_is_a_number_of_keys(size: Any) -> None:
    """With half a key more none would ever be left out."""
    with pytest.raises(ValueError, match="size counts keys"):
        HotKeys(size=size)


@pytest.mark.parametrize("hashed", [None, 0, "no"])
def test_keys_are_told_as_they_are_stored_only_where_that_was_said(hashed: Any) -> None:
    """They may be personal data."""
    with pytest.raises(TypeError, match="hashed is True or False"):
        HotKeys(hashed=hashed)


def test_memory_is_bounded_and_the_error_told() -> None:
    """One of `size` keys is hot: it is found, and what is told of it is within its error."""
    hot = HotKeys(size=5, hashed=False)
    visits = Visits(MemoryStore(Visits), instruments=(hot,))
    for number in range(200):
        visits.get(f"cold-{number}")
        visits.get("hot", consistent=True)
    first, *others = hot.top(100)
    assert len(others) == 4
    assert first.key == "hot"
    assert first.units - first.error <= 200 <= first.units
    assert max(each.error for each in others) <= 300 / 5
    assert "a key that is not kept has" in str(hot)


def test_threads_add_up() -> None:
    """Nothing is lost between them."""
    hot = HotKeys(size=2)
    visits = Visits(MemoryStore(Visits), instruments=(hot,))

    def work(name: str) -> None:
        for _ in range(50):
            visits.get(name, consistent=True)

    threads = [threading.Thread(target=work, args=[name]) for name in "aabb"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.units for each in hot.top()] == [100.0, 100.0]


@pytest.mark.parametrize("kind", loops.KINDS)
@without_facade("it is of the asynchronous face as it is")
def test_one_instrument_serves_both_faces(kind: str) -> None:
    """What tasks and threads consumed adds up."""
    hot = HotKeys(hashed=False)
    store = MemoryStore(Visits)
    visits = AsyncVisits(store, instruments=(hot,))

    async def awaited() -> None:
        await visits.set(Visit(name="a"))
        await visits.get("a")

    loops.run(awaited, kind)
    Visits(store, instruments=(hot,)).get("a")
    assert [(each.key, each.units) for each in hot.top()] == [("a", 3.0)]


def test_a_report_has_80_columns() -> None:
    """Each table and index with its keys; names of keys may hold anything."""
    hot = HotKeys(hashed=False)
    assert str(hot) == "no call has told what it consumed"
    visits = visited(hot)
    visits.get("x" * 200 + "\n")
    lines = str(hot).splitlines()
    assert lines[0] == "visits: 5.5 units; a key that is not kept has 0.0 at most"
    assert "           3.0  ada@example.org" in lines
    assert any(line.startswith("visits, index by_place: 0.5 units") for line in lines)
    assert max(map(len, lines)) <= 80
    assert "bob" in str(hot)
    assert "bob" not in hot.report(1)


def test_it_may_begin_anew() -> None:
    """As for the next five minutes."""
    hot = HotKeys()
    visits = visited(hot)
    hot.clear()
    assert hot.top() == []
    visits.get("ada@example.org")
    assert len(hot.top()) == 1


def test_a_call_that_tells_nothing_leaves_nothing(ended: Any) -> None:
    """Neither a failure, nor an operation on a table."""
    hot = HotKeys()
    hot.finished(ended("DescribeTable"), None)
    hot.finished(ended(error=ValueError()), None)
    assert hot.top() == []
