"""Clients by address: late names are not felt, and lines with tags have the right order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import pytest
import statsd

from dynrepo.instrumentation import daemon
from dynrepo.instrumentation.daemon import DogStatsClient, LateClient, instrument_at
from dynrepo.instrumentation.statsd import StatsdInstrument, TaggedStatsdInstrument

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


@pytest.mark.parametrize("dialect", ["plain", "dogstatsd"])
def test_a_closed_client_is_made_anew(ended: Ended, datagrams: Any, dialect: str) -> None:
    """By the next call, as often as it is closed; an instrument closed twice is closed."""
    instrument = instrument_at(*datagrams.address, dialect=dialect)
    for _ in range(3):
        instrument.finished(ended(), None)
        assert "1.234500|ms" in datagrams.lines()[0]
        first = instrument.client.pipeline()
        first.timing("a", 1.0)
        instrument.close()
        instrument.close()
        first.send()  # of a call that is at it meanwhile


def test_a_client_that_is_closed_while_it_is_made_serves_what_comes_after() -> None:
    """There are never two of them."""
    gate, made = Future[Kept](), list[Kept]()

    def make() -> Kept:
        made.append(gate.result(10))
        return made[-1]

    late = LateClient(make)
    late.close()
    lines = late.pipeline()
    lines.incr("a")
    lines.send()
    gate.set_result(Kept())
    late._looking.join(10)
    assert (made[0].sent, made[0].is_closed, len(made)) == (["a"], False, 1)
    late.close()
    assert made[0].is_closed


class Kept:
    """A client, and its own pipeline, that keeps the names of what it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_closed = False

    def pipeline(self) -> Kept:
        """Itself."""
        return self

    def incr(self, name: str) -> None:
        """Keeps a name."""
        self.sent.append(name)

    def send(self) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Remembers it."""
        self.is_closed = True


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


class Client:
    """A client that keeps what is sent by it."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.is_closed = False

    def pipeline(self) -> Any:
        """Lines that are sent together."""
        return Lines(self.sent)

    def close(self) -> None:
        """Is closed."""
        self.is_closed = True


class Lines:
    """The names of some lines."""

    def __init__(self, sent: list[list[str]]) -> None:
        self._sent = sent
        self._names: list[str] = []

    def timing(self, name: str, *_: Any) -> None:
        """Keeps the name."""
        self._names.append(name)

    incr = increment = timing

    def send(self) -> None:
        """Sends the names."""
        self._sent.append(self._names)


@pytest.fixture
def late() -> Iterator[tuple[LateClient, Future[Client]]]:
    """A client whose address is known when the future has it."""
    known: Future[Client] = Future()
    client = LateClient(lambda: known.result(30))
    yield client, known
    if not known.done():
        known.set_result(Client())


def ready(client: LateClient) -> None:
    """Waits until a look-up has ended, and what was kept is sent."""
    client._looking.join(30)
    assert not client._looking.is_alive()


@pytest.mark.parametrize("kind", [StatsdInstrument, TaggedStatsdInstrument])
def test_a_name_that_takes_long_to_look_up_is_not_waited_for(
    notes: Any, late: Any, kind: type[StatsdInstrument], caplog: pytest.LogCaptureFixture
) -> None:
    """Calls go on, in a loop as well; their lines are sent once the daemon's address is known."""
    client, known = late
    repository = notes()
    repository.use_instruments(kind(client))
    repository.get("1")
    repository.delete("1")
    made = Client()
    known.set_result(made)
    ready(client)
    repository.set(repository.schema.model(note_id="1"))
    assert len(made.sent) == 3
    if kind is StatsdInstrument:
        names = [f"dynrepo.notes.{name}Item.success" for name in ("Get", "Delete", "Put")]
        assert made.sent == [[name, name] for name in names]
    assert caplog.records == []


def test_only_so_many_lines_are_kept(
    notes: Any, late: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the last calls."""
    client, known = late
    monkeypatch.setattr(client, "_kept", deque(maxlen=2))
    assert 100 <= daemon.KEPT <= 10_000
    repository = notes()
    repository.use_instruments(StatsdInstrument(client))
    for _ in range(5):
        repository.get("1")
    made = Client()
    known.set_result(made)
    ready(client)
    assert len(made.sent) == 2


def test_a_client_that_is_closed_before_it_is_there_is_closed_then(notes: Any, late: Any) -> None:
    """After what was kept is sent."""
    client, known = late
    repository = notes()
    repository.use_instruments(StatsdInstrument(client))
    repository.get("1")
    client.close()
    made = Client()
    known.set_result(made)
    ready(client)
    assert (len(made.sent), made.is_closed) == (1, True)


def test_what_is_written_while_the_address_becomes_known_is_sent(late: Any) -> None:
    """Lines that were begun before, and are sent after it."""
    client, known = late
    lines = client.pipeline()
    lines.timing("begun", 1.0)
    made = Client()
    known.set_result(made)
    ready(client)
    assert made.sent == []
    lines.send()
    assert made.sent == [["begun"]]


def test_a_daemon_that_takes_no_more_holds_up_nobody(datagrams: Any) -> None:
    """A datagram for which there is no room is lost."""
    plain: Any = daemon._plain(*datagrams.address)
    assert plain._sock.gettimeout() == 0
    plain.close()


def test_a_client_without_a_private_name_sends_all_the_same(
    datagrams: Any, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may wait then."""
    made = statsd.StatsClient(*datagrams.address)
    monkeypatch.setattr(made, "renamed", made._sock, raising=False)
    monkeypatch.delattr(made, "_sock")
    monkeypatch.setattr(
        statsd.StatsClient, "_sock", property(lambda self: self.renamed), raising=False
    )
    monkeypatch.setattr(statsd, "StatsClient", lambda *_, **__: made)
    instrument_at(*datagrams.address).finished(ended(), None)
    assert datagrams.lines()[0] == "dynrepo.notes.GetItem.success:1.234500|ms"
    made.renamed.close()


def test_a_host_that_does_not_exist_is_not_felt(
    notes: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither when the instrument is made nor when a call is."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise OSError("no such host")

    monkeypatch.setattr(daemon.socket, "getaddrinfo", unknown)
    repository = notes()
    for dialect in ("plain", "dogstatsd"):
        instrument: Any = instrument_at("nowhere", 8125, dialect=dialect)
        ready(instrument.client)
        repository.use_instruments(instrument)
        assert repository.get("1") is None
    assert len(caplog.records) == 2


def test_a_name_that_cannot_be_looked_up_is_tried_again(ended: Ended) -> None:
    """What went wrong is raised to the fence, each time."""
    tries: list[Client | None] = [None, None, Client()]
    made = tries[-1]

    def make() -> Any:
        client = tries.pop(0)
        if client is None:
            raise OSError("no such host")
        return client

    late: Any = LateClient(make)
    for _ in range(2):
        ready(late)
        with pytest.raises(OSError, match="no such host"):
            StatsdInstrument(late).finished(ended(), None)
    ready(late)
    StatsdInstrument(late).finished(ended(), None)
    assert made is not None
    assert made.sent == [["dynrepo.notes.GetItem.success"] * 2]
    late.close()
    assert made.is_closed


def test_lines_that_wait_for_a_name_that_is_not_found_are_dropped(ended: Ended, late: Any) -> None:
    """They are not kept for the next look-up."""
    client, known = late
    StatsdInstrument(client).finished(ended(), None)
    known.set_exception(OSError("no such host"))
    ready(client)
    assert not client._kept
    client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_looks_for_itself(ended: Ended, late: Any) -> None:
    """The thread of its parent is not there, and what the parent kept is the parent's to send."""
    client, known = late
    StatsdInstrument(client).finished(ended("PutItem"), None)
    made = Client()
    client._make = lambda: made
    child = os.fork()
    if child == 0:
        StatsdInstrument(client).finished(ended(), None)
        client._looking.join(30)
        os._exit(made.sent != [["dynrepo.notes.GetItem.success"] * 2])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    own = Client()
    known.set_result(own)
    ready(client)
    assert own.sent == [["dynrepo.notes.PutItem.success"] * 2]
