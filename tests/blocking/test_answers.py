"""The answers to a query, one after the other, and the verb that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey, Throttled
from dynrepo.testing.faults import throttling
from dynrepo.testing.memory import MemoryStore

if TYPE_CHECKING:
    from dynrepo.testing.faults import Exchange


class Entry(BaseModel):
    """Of a log."""

    log: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]


class Entries(Repository[Entry]):
    """Some."""

    table = "entries"


class Watch:
    """An instrument, and the scope that it opens: it notes what becomes of the verb."""

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def opened(self, verb: Any) -> Watch:
        """Notes the name."""
        self.seen.append(verb.name)
        return self

    def enter(self) -> str:
        """Notes a request."""
        self.seen.append("in")
        return "token"

    def leave(self, entered: str, /) -> None:
        """Notes the end of a request."""
        assert entered == "token"
        self.seen.append("out")

    def end(self, error: BaseException | None, /) -> None:
        """Notes the end of the verb."""
        self.seen.append(error)

    def finished(self, call: Any, begun: Any, /) -> None:
        """Does nothing."""


@pytest.fixture
def watch() -> Watch:
    """One that has seen nothing."""
    return Watch()


@pytest.fixture
def entries(watch: Watch) -> Entries:
    """Nine of them."""
    store = MemoryStore()
    plain = Entries(store, instruments=[])
    plain.create_table()
    plain.set_many(Entry(log="a", number=n) for n in range(9))
    return Entries(store, instruments=[watch])


def test_a_verb_lasts_from_the_first_request_to_the_last(entries: Entries, watch: Watch) -> None:
    """Each request is in its scope, and nothing of the caller's is in between."""
    pages = entries.query(Entries.fields.log == "a").pages(5)
    assert watch.seen == []
    assert [len(page) for page in pages] == [5, 4]
    assert watch.seen == ["Entries.query", "in", "out", "in", "out", None]
    assert list(pages) == []
    assert len(watch.seen) == 6


@pytest.mark.parametrize("closes", [True, False], ids=["closed", "dropped"])
def test_whoever_stops_early_reads_no_further(
    entries: Entries, watch: Watch, *, closes: bool
) -> None:
    """The verb is over."""
    pages: Any = entries.query(Entries.fields.log == "a").pages(2)
    assert len(next(pages)) == 2
    if closes:
        pages.close()
    del pages
    assert watch.seen == ["Entries.query", "in", "out", None]


def test_an_error_ends_the_verb(entries: Entries, watch: Watch) -> None:
    """And is told to it; there is no further page."""
    pages = entries.query(Entries.fields.log == "a").pages(2)
    next(pages)
    store: Any = entries.store
    with store.inject(throttling(), times=None), pytest.raises(Throttled) as raised:
        next(pages)
    assert watch.seen[-1] is raised.value
    assert watch.seen[-3:-1] == ["in", "out"]


def test_segments_are_read_to_the_end(entries: Entries, watch: Watch) -> None:
    """In one verb; whoever closes stops them all."""
    assert len(entries.scan(segments=3).all()) == 9
    assert (watch.seen[0], watch.seen[-1]) == ("Entries.scan", None)
    rows: Any = iter(entries.scan(segments=3))
    next(rows)
    rows.close()
    assert watch.seen[-1] is None


def test_pages_are_given_to_one_caller_at_a_time(entries: Entries) -> None:
    """Two who ask at once would get the same page; whoever was first goes on."""
    pages = entries.query(Entries.fields.log == "a").pages(5)
    store: Any = entries.store

    def asked_meanwhile(exchange: Exchange) -> Any:
        with pytest.raises(RuntimeError, match="each task or thread needs one of its own"):
            next(pages)
        return exchange.answer()

    with store.inject(asked_meanwhile, times=None):
        assert [entry.number for page in pages for entry in page] == [*range(9)]


def test_pages_that_are_closed_end_for_whoever_waits(entries: Entries) -> None:
    """And for those who ask later: no further page is read."""
    pages: Any = entries.query(Entries.fields.log == "a").pages(2)
    store: Any = entries.store
    asked: list[Exchange] = []

    def closed_meanwhile(exchange: Exchange) -> Any:
        asked.append(exchange)
        pages.close()
        return exchange.answer()

    with store.inject(closed_meanwhile, times=None):
        assert (list(pages), list(pages)) == ([], [])
    assert len(asked) == 1
