"""Clients by address: late names are not felt, and lines with tags have the right order."""

from __future__ import annotations

import os
import socket
from collections import deque
from concurrent.futures import Future
from copy import copy
from typing import TYPE_CHECKING, Any

import pytest
import statsd

from dynrepo.instrumentation import daemon
from dynrepo.instrumentation import lines as lines_module
from dynrepo.instrumentation.daemon import (
    DaemonInstrument,
    DatagramClient,
    LateClient,
    TaggedDaemonInstrument,
    instrument_at,
)
from dynrepo.instrumentation.events import BudgetSpent, ConnectionMade
from dynrepo.instrumentation.statsd import instrument_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import Call

    Ended = Callable[..., Call]


class TaggedClient:
    """A client in the manner of Datadog's, which writes as it does."""

    def __init__(self, *address: Any) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._address = address
        self._lines: list[str] = []

    def pipeline(self) -> TaggedClient:
        """Lines that are sent together."""
        lines = copy(self)
        lines._lines = []
        return lines

    def timing(self, name: str, value: float, tags: list[str], _rate: float) -> None:
        """Writes a timing."""
        self._lines.append(f"{name}:{value:.6f}|ms|#{','.join(tags)}")

    def increment(self, name: str, value: float, tags: list[str], _rate: float) -> None:
        """Writes a count."""
        self._lines.append(f"{name}:{value}|c|#{','.join(tags)}")

    def send(self) -> None:
        """Sends them."""
        self._socket.sendto("\n".join(self._lines).encode(), self._address)

    def close(self) -> None:
        """Closes the socket."""
        self._socket.close()


@pytest.fixture
def udp(datagrams: Any) -> Iterator[DatagramClient]:
    """A client of the socket."""
    client = DatagramClient(*datagrams.address)
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
        first = instrument.client._client
        instrument.close()
        instrument.close()
        first.send("a:1|c")  # of a call that is at it meanwhile


def test_a_client_that_is_closed_while_it_is_made_serves_what_comes_after() -> None:
    """There are never two of them."""
    gate, made = Future[Client](), list[Client]()

    def make() -> Client:
        made.append(gate.result(10))
        return made[-1]

    late = LateClient(make)
    late.close()
    late.send("a:1|c")
    gate.set_result(Client())
    late._looking.join(10)
    assert (made[0].sent, made[0].is_closed, len(made)) == ([["a"]], False, 1)
    late.close()
    assert made[0].is_closed


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


@pytest.mark.parametrize(
    ("dialect", "lines"),
    [
        (
            "plain",
            [
                "dynrepo.notes.Query.success:1.234500|ms|@0.5",
                "dynrepo.notes.Query.items:20|c|@0.5",
            ],
        ),
        (
            "dogstatsd",
            [
                "dynrepo.duration:1.234500|ms|@0.5|#table:notes,operation:Query,outcome:success",
                "dynrepo.items:20|c|@0.5|#table:notes,operation:Query,outcome:success",
            ],
        ),
    ],
)
def test_the_rate_is_the_share_of_lines_that_are_sent(
    ended: Ended, datagrams: Any, monkeypatch: pytest.MonkeyPatch, dialect: str, lines: list[str]
) -> None:
    """Each line is drawn for itself, and says the rate: before the tags, else daemons lose it."""
    monkeypatch.setattr(lines_module, "draw", iter([0.4, 0.6, 0.4]).__next__)
    instrument = instrument_at(*datagrams.address, dialect=dialect, rate=0.5)
    instrument.finished(ended("Query", body={"Count": 20}), None)
    assert datagrams.lines() == lines
    instrument.client.close()


@pytest.mark.parametrize(
    ("kind", "client"),
    [(DaemonInstrument, statsd.StatsClient), (TaggedDaemonInstrument, TaggedClient)],
)
def test_lines_are_those_that_a_client_of_one_s_own_sends(
    ended: Ended, kind: type[DaemonInstrument], client: Any, datagrams: Any
) -> None:
    """The same names, values and tags, by whoever sends them."""
    call = ended("Query", body={"Count": 2, "ConsumedCapacity": {"CapacityUnits": 0.5}}, attempts=3)
    call.events = (ConnectionMade("h:1", 0.25), BudgetSpent())
    other: Any = client(*datagrams.address)
    instrument_for(other).finished(call, None)
    assert kind(None).text(call).split("\n") == datagrams.lines()
    other.close()


def test_many_lines_are_cut_into_datagrams(udp: DatagramClient, datagrams: Any) -> None:
    """None of which is larger than a network carries in one piece."""
    lines = [f"{'x' * 100}:{number}|c" for number in range(20)]
    udp.send("\n".join(lines))
    received: list[str] = []
    while len(received) < 20:
        datagram = datagrams.lines()
        assert len("\n".join(datagram)) <= daemon.DATAGRAM
        received += datagram
    assert received == lines


def test_an_address_is_one_of_ipv4_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, datagrams: Any
) -> None:
    """Daemons listen there, and a name may have both."""
    four = (socket.AF_INET, socket.SOCK_DGRAM, 17, "", datagrams.address)
    six = (socket.AF_INET6, socket.SOCK_DGRAM, 17, "", ("::1", 9, 0, 0))
    monkeypatch.setattr(daemon.socket, "getaddrinfo", lambda *_, **__: [six, four])
    client = DatagramClient("daemon", 9)
    client.send("a:1|c")
    assert datagrams.lines() == ["a:1|c"]
    client.close()


def test_a_closed_socket_is_lost_lines(datagrams: Any) -> None:
    """As with a daemon that is not there."""
    client = DatagramClient(*datagrams.address)
    client.close()
    client.send("calls:1|c")


def test_a_daemon_that_takes_no_more_holds_up_nobody(udp: DatagramClient) -> None:
    """A datagram for which there is no room is lost."""
    assert udp._socket.gettimeout() == 0


class Client:
    """A client that keeps what is sent by it."""

    def __init__(self) -> None:
        self.sent: list[list[str]] = []
        self.is_closed = False

    def send(self, lines: str) -> None:
        """Keeps the names of lines that are sent together."""
        self.sent.append([line.partition(":")[0] for line in lines.split("\n")])

    def close(self) -> None:
        """Is closed."""
        self.is_closed = True


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


@pytest.mark.parametrize("kind", [DaemonInstrument, TaggedDaemonInstrument])
def test_a_name_that_takes_long_to_look_up_is_not_waited_for(
    notes: Any, late: Any, kind: type[DaemonInstrument], caplog: pytest.LogCaptureFixture
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
    if kind is DaemonInstrument:
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
    repository.use_instruments(DaemonInstrument(client))
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
    repository.use_instruments(DaemonInstrument(client))
    repository.get("1")
    client.close()
    made = Client()
    known.set_result(made)
    ready(client)
    assert (len(made.sent), made.is_closed) == (1, True)


def test_what_is_kept_while_the_address_becomes_known_is_sent(late: Any) -> None:
    """By whoever comes between."""
    client, known = late
    made = Client()

    class Kept(deque[str]):
        def append(self, lines: str) -> None:
            super().append(lines)
            client._client = made  # the thread has found it, and sent what there was before

    client._kept = Kept()
    client.send("begun:1|c")
    assert made.sent == [["begun"]]
    known.set_result(made)


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
            DaemonInstrument(late).finished(ended(), None)
    ready(late)
    DaemonInstrument(late).finished(ended(), None)
    assert made is not None
    assert made.sent == [["dynrepo.notes.GetItem.success"] * 2]
    late.close()
    assert made.is_closed


def test_lines_that_wait_for_a_name_that_is_not_found_are_dropped(ended: Ended, late: Any) -> None:
    """They are not kept for the next look-up."""
    client, known = late
    DaemonInstrument(client).finished(ended(), None)
    known.set_exception(OSError("no such host"))
    ready(client)
    assert not client._kept
    client.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_looks_for_itself(ended: Ended, late: Any) -> None:
    """The thread of its parent is not there, and what the parent kept is the parent's to send."""
    client, known = late
    DaemonInstrument(client).finished(ended("PutItem"), None)
    made = Client()
    client._make = lambda: made
    child = os.fork()
    if child == 0:
        DaemonInstrument(client).finished(ended(), None)
        client._looking.join(30)
        os._exit(made.sent != [["dynrepo.notes.GetItem.success"] * 2])
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    own = Client()
    known.set_result(own)
    ready(client)
    assert own.sent == [["dynrepo.notes.PutItem.success"] * 2]
