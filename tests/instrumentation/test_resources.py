"""Pools and stores are listed as long as they are there; uses are kept for who collects them."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from dynrepo.instrumentation import resources
from dynrepo.instrumentation.resources import (
    KEPT,
    PoolState,
    WatchedPool,
    alive,
    collector,
    collectors,
    note_use,
)

if TYPE_CHECKING:
    import pytest


class Listed:
    """A pool."""

    def state(self) -> PoolState:
        """Nothing in it."""
        return PoolState("h:1", 0, 0)


def test_what_is_gone_is_listed_no_longer() -> None:
    """The list keeps nothing alive."""
    listed: WeakSet[WatchedPool] = WeakSet()
    pool = Listed()
    listed.add(pool)
    assert alive(listed) == [pool]
    del pool
    gc.collect()
    assert alive(listed) == []


def test_a_list_that_grows_meanwhile_is_read_again() -> None:
    """Another thread may make a store at any moment."""

    class Growing(WeakSet[Any]):
        tries = 0

        def __iter__(self) -> Any:
            self.tries += 1
            if self.tries == 1:
                raise RuntimeError("Set changed size during iteration")
            return super().__iter__()

    growing, pool = Growing(), Listed()
    growing.add(pool)
    assert alive(growing) == [pool]


def test_uses_are_kept_for_each_who_collects(monkeypatch: pytest.MonkeyPatch) -> None:
    """And for nobody where nobody does; the last ones, where they are many."""
    monkeypatch.setattr(resources, "collectors", [])
    note_use("h:1", 0.5)
    first, second = collector(), collector()
    note_use("h:1", 0.25)
    assert list(first) == list(second) == [("h:1", 0.25)]
    first.clear()
    for _ in range(KEPT + 5):
        note_use("h:2", 1.0)
    assert len(first) == KEPT
    assert first is not collectors
