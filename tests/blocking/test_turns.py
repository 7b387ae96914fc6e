"""A call waits for its turn, through its store, before it is sent."""

from __future__ import annotations

import pytest

from dynrepo import Timeout, deadline, pace
from tests.instrumentation.conftest import Notes, Recorder
from tests.instrumentation.moved import MovedClock, MovedStore, Stopped, consumed


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> MovedStore:
    """Each call consumes 5 units."""
    return MovedStore(MovedClock(monkeypatch), consumed(5.0))


def test_the_wait_goes_through_the_store(store: MovedStore) -> None:
    """A store that does not wait, as one in memory, waits for no turn either."""
    notes = Notes(store, instruments=())
    with pace(units=1):
        for _ in range(3):
            notes.get("1")
    assert store.slept == [5.0, 5.0]
    assert [at for at, _ in store.sent] == [1000.0, 1005.0, 1010.0]


def test_a_late_turn_is_refused_before_the_wait(store: MovedStore) -> None:
    """Instruments see one call that failed."""
    recorder = Recorder()
    notes = Notes(store, instruments=(recorder,))
    with pace(units=1), deadline(5.0):
        notes.get("1")
        with pytest.raises(Timeout):
            notes.get("1")
    assert store.slept == []
    assert [call.outcome for call in recorder.calls] == ["success", "failure"]


def test_a_wait_that_is_broken_off_sends_nothing(store: MovedStore) -> None:
    """What broke it off passes as it came; the next call has the turn."""
    notes = Notes(store, instruments=())
    with pace(units=1):
        notes.get("1")
        store.breaks_off = True
        with pytest.raises(Stopped):
            notes.get("1")
        assert len(store.sent) == 1
        store.breaks_off = False
        notes.get("1")
    assert store.slept == [5.0]
