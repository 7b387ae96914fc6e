"""Clients by address: late names are not felt, and lines with tags have the right order."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.instrumentation import daemon, fence
from dynrepo.instrumentation.daemon import DogStatsClient, LateClient, instrument_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import Call

    Ended = Callable[..., Call]


@pytest.fixture
def dogstatsd(datagrams: Any) -> Iterator[DogStatsClient]:
    """A client of the socket."""
    client = DogStatsClient(*datagrams.address)
    yield client
    client.close()


def test_plain_lines_arrive(ended: Ended, datagrams: Any) -> None:
    """At the address given."""
    instrument = instrument_at(*datagrams.address, prefix="app")
    instrument.finished(ended(), None)
    assert datagrams.lines() == [
        "app.notes.GetItem.success:1.234500|ms",
        "app.notes.GetItem.success:1|c",
    ]
    instrument.client.close()


def test_lines_with_tags_arrive(ended: Ended, datagrams: Any) -> None:
    """In the other dialect."""
    instrument = instrument_at(*datagrams.address, dialect="dogstatsd")
    instrument.finished(ended(), None)
    tags = "#table:notes,operation:GetItem,outcome:success"
    assert datagrams.lines() == [
        f"dynrepo.duration:1.234500|ms|{tags}",
        f"dynrepo.calls:1|c|{tags}",
    ]
    instrument.client.close()


def test_the_rate_stands_before_the_tags(
    dogstatsd: DogStatsClient, datagrams: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the other order daemons lose it; and the rate is the share of lines that are sent."""
    monkeypatch.setattr(daemon, "draw", iter([0.4, 0.6, 0.4]).__next__)
    lines = dogstatsd.pipeline()
    lines.increment("calls", 1, ["a:b", "c:d"], 0.5)
    lines.increment("lost", 1, ["a:b"], 0.5)
    lines.timing("time", 1.5, rate=0.5)
    lines.send()
    assert datagrams.lines() == ["calls:1|c|@0.5|#a:b,c:d", "time:1.500000|ms|@0.5"]


def test_many_lines_are_cut_into_datagrams(dogstatsd: DogStatsClient, datagrams: Any) -> None:
    """None of which is larger than a network carries in one piece."""
    lines = dogstatsd.pipeline()
    for number in range(20):
        lines.increment("x" * 100, number)
    lines.send()
    received: list[str] = []
    while len(received) < 20:
        datagram = datagrams.lines()
        assert len("\n".join(datagram)) <= daemon.DATAGRAM
        received += datagram
    assert received == [f"{'x' * 100}:{number}|c" for number in range(20)]


def test_a_closed_socket_is_lost_lines(datagrams: Any) -> None:
    """As with a daemon that is not there."""
    client = DogStatsClient(*datagrams.address)
    client.close()
    lines = client.pipeline()
    lines.increment("calls")
    lines.send()


def test_a_name_that_takes_long_to_look_up_is_not_waited_for(
    notes: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Calls go on; lines are sent once the daemon's address is known and the mute is over."""
    monkeypatch.setattr(daemon, "LOOKUP_WAIT", 0.0)
    monkeypatch.setattr(fence, "MUTED_FOR", 0.0)
    known = threading.Event()
    told: list[str] = []

    class Client:
        def timing(self, name: str, *_: Any) -> None:
            told.append(name)

        def incr(self, *_: Any) -> None:
            """Counts."""

    def make() -> Client:
        known.wait(5)
        return Client()

    late: Any = LateClient(make)
    repository = notes()
    repository.use_instruments(daemon.StatsdInstrument(late))
    assert repository.get("1") is None
    assert "StatsdInstrument raised TimeoutError" in caplog.text
    known.set()
    late._client.result(5)
    repository.get("1")
    assert told == ["dynrepo.notes.GetItem.success"]


def test_a_host_that_does_not_exist_is_not_felt(
    notes: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither when the instrument is made nor when a call is."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise OSError("no such host")

    monkeypatch.setattr(daemon.socket, "getaddrinfo", unknown)
    repository = notes()
    for dialect in ("plain", "dogstatsd"):
        repository.use_instruments(instrument_at("nowhere", 8125, dialect=dialect))
        assert repository.get("1") is None
    assert len(caplog.records) == 2


def test_a_name_that_cannot_be_looked_up_is_tried_again(ended: Ended) -> None:
    """What went wrong is raised to the fence, each time."""
    tries: list[int] = []

    def make() -> Any:
        tries.append(1)
        raise OSError("no such host")

    late: Any = LateClient(make)
    for _ in range(2):
        with pytest.raises(OSError, match="no such host"):
            daemon.StatsdInstrument(late).finished(ended(), None)
        late._client.exception(5)
    assert len(tries) == 3
    late.close()
