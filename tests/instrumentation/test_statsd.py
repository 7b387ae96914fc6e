"""What a StatsD daemon is told: one timing and one counter a call, and clean names."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest
import statsd
from hypothesis import given
from hypothesis import strategies as st

from dynrepo import Answer, Call, ItemExists, Location, Operation, OutcomeUnknown, Throttled
from dynrepo.instrumentation import lines
from dynrepo.instrumentation.statsd import (
    STREAM_TIMEOUT,
    StatsdInstrument,
    TaggedStatsdInstrument,
    WrittenFor,
    impatient,
    instrument_for,
    is_plain,
)
from dynrepo.operations.operation import Effect
from dynrepo.sending.interrupted import note_interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ended = Callable[..., Call]


class Client:
    """A client that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def timing(self, *arguments: Any) -> None:
        """Keeps a timing."""
        self.told.append(("timing", *arguments))

    def incr(self, *arguments: Any) -> None:
        """Keeps a count."""
        self.told.append(("incr", *arguments))

    def increment(self, *arguments: Any) -> None:
        """Keeps a count with tags."""
        self.told.append(("increment", *arguments))


def test_a_call_is_one_timing_and_one_counter(ended: Ended) -> None:
    """The timing in fractions of a millisecond; both by table, operation and outcome."""
    client = Client()
    StatsdInstrument(client).finished(ended("PutItem"), None)
    assert client.told == [
        ("timing", "dynrepo.notes.PutItem.success", pytest.approx(1.2345), 1),
        ("incr", "dynrepo.notes.PutItem.success", 1, 1),
    ]


def test_what_there_is_to_count_is_counted(ended: Ended) -> None:
    """Items, capacity and retries; what is zero is not sent."""
    client = Client()
    body = {"Count": 20, "ConsumedCapacity": {"CapacityUnits": 2.5}}
    StatsdInstrument(client, prefix="app.db", rate=0.5).finished(
        ended("Query", body=body, attempts=3), None
    )
    assert client.told[2:] == [
        ("incr", "app.db.notes.Query.items", 20, 0.5),
        ("incr", "app.db.notes.Query.capacity", 2.5, 0.5),
        ("incr", "app.db.notes.Query.retries", 2, 0.5),
    ]


def test_a_throttled_call_is_a_failure_and_counted_as_throttled(ended: Ended) -> None:
    """So that an alarm can tell the two apart."""
    client = Client()
    error = Throttled("no", code="ThrottlingException", attempts=4)
    StatsdInstrument(client).finished(ended(error=error), None)
    assert [told[1] for told in client.told] == [
        "dynrepo.notes.GetItem.failure",
        "dynrepo.notes.GetItem.failure",
        "dynrepo.notes.GetItem.retries",
        "dynrepo.notes.GetItem.throttled",
    ]


@pytest.mark.parametrize(("effect", "counted"), [(Effect.NONE, []), (Effect.ONCE, ["in_doubt"])])
def test_a_cancelled_call_is_an_outcome_of_its_own(
    ended: Ended, effect: Effect, counted: list[str]
) -> None:
    """With its retries; a write that may have been applied is counted beside."""
    error = asyncio.CancelledError()
    note_interrupted(error, 3, in_doubt=True)
    call = ended("PutItem", error=error, effect=effect)
    plain, tagged = Client(), Client()
    StatsdInstrument(plain).finished(call, None)
    assert plain.told == [
        ("timing", "dynrepo.notes.PutItem.cancelled", pytest.approx(1.2345), 1),
        ("incr", "dynrepo.notes.PutItem.cancelled", 1, 1),
        ("incr", "dynrepo.notes.PutItem.retries", 2, 1),
        *(("incr", f"dynrepo.notes.PutItem.{name}", 1, 1) for name in counted),
    ]
    TaggedStatsdInstrument(tagged).finished(call, None)
    tags = ["table:notes", "operation:PutItem", "outcome:cancelled", "error:CancelledError"]
    assert tagged.told[1] == ("increment", "dynrepo.calls", 1, tags, 1)


def test_a_write_whose_answer_was_lost_is_counted_as_in_doubt(ended: Ended) -> None:
    """Beside the failure that it is for its caller."""
    client = Client()
    call = ended("PutItem", error=OutcomeUnknown("lost", attempts=1), effect=Effect.ONCE)
    StatsdInstrument(client).finished(call, None)
    assert [told[1].rpartition(".")[2] for told in client.told] == [
        "failure",
        "failure",
        "in_doubt",
    ]


def test_the_lines_of_a_call_leave_in_one_datagram(ended: Ended, datagrams: Any) -> None:
    """With the client of the statsd package, and any other that has a pipeline."""
    client = statsd.StatsClient(*datagrams.address)
    StatsdInstrument(client).finished(ended(body={"Item": {"a": {"S": "b"}}}), None)
    assert datagrams.lines() == [
        "dynrepo.notes.GetItem.success:1.234500|ms",
        "dynrepo.notes.GetItem.success:1|c",
        "dynrepo.notes.GetItem.items:1|c",
    ]
    client.close()


def test_no_line_of_a_call_is_sent_with_the_next(ended: Ended, datagrams: Any) -> None:
    """Whether they were sent or not."""

    class Failing(StatsdInstrument):
        def measure(self, call: Call, client: Any) -> None:
            super().measure(call, client)
            if call.operation.table == "bad":
                raise ValueError

    client = statsd.StatsClient(*datagrams.address)
    instrument = Failing(client)
    call = ended(body={"Item": {"a": {"S": "b"}}})
    instrument.finished(call, None)
    first = datagrams.lines()
    with pytest.raises(ValueError):  # noqa: PT011 - its own
        instrument.finished(ended(table="bad"), None)
    instrument.finished(call, None)
    assert datagrams.lines() == first
    client.close()


def test_another_client_may_be_put_in_the_place_of_one(ended: Ended, datagrams: Any) -> None:
    """What comes after is sent by that one alone."""
    client = statsd.StatsClient(*datagrams.address)
    instrument = StatsdInstrument(client)
    instrument.finished(ended(), None)
    datagrams.lines()
    other = Client()
    instrument.client = other
    instrument.finished(ended(), None)
    assert instrument.client is other
    assert [told[1] for told in other.told] == ["dynrepo.notes.GetItem.success"] * 2
    client.close()


class Lines:
    """A pipeline of another client, which keeps what it has sent."""

    def __init__(self, sent: list[list[str]]) -> None:
        self.lines: list[str] = []
        self.sent = sent

    def timing(self, name: str, *_: Any) -> None:
        """Keeps a line."""
        self.lines.append(name)

    incr = timing

    def send(self) -> None:
        """Sends all that it has."""
        self.sent.append(self.lines)


def test_a_pipeline_of_another_client_is_used_once(ended: Ended) -> None:
    """For it may hold what it has sent."""
    sent: list[list[str]] = []

    class Other(Client):
        def pipeline(self) -> Lines:
            return Lines(sent)

    instrument = StatsdInstrument(Other())
    instrument.finished(ended(), None)
    instrument.finished(ended(), None)
    assert sent == [["dynrepo.notes.GetItem.success"] * 2] * 2


def test_the_prefix_and_the_rate_are_the_client_s_and_ours(
    ended: Ended, datagrams: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each line is drawn for itself; nothing is sent where none is drawn."""
    monkeypatch.setattr(lines, "draw", iter([0.9, 0.9, 0.9, 0.4]).__next__)
    client = statsd.StatsClient(*datagrams.address, prefix="app")
    instrument = StatsdInstrument(client, rate=0.5)
    instrument.finished(ended(), None)
    instrument.finished(ended(), None)
    assert datagrams.lines() == ["app.dynrepo.notes.GetItem.success:1|c|@0.5"]
    client.close()


def test_lines_that_are_too_long_for_one_datagram_leave_in_several(
    ended: Ended, datagrams: Any
) -> None:
    """As the client of the statsd package cuts them."""
    client = statsd.StatsClient(*datagrams.address)
    StatsdInstrument(client, prefix="x" * 300).finished(ended(), None)
    name = f"{'x' * 300}.notes.GetItem.success"
    assert [datagrams.lines() for _ in range(2)] == [[f"{name}:1.234500|ms"], [f"{name}:1|c"]]
    client.close()


def test_a_subclass_may_measure_otherwise(ended: Ended, datagrams: Any) -> None:
    """Its method says what is sent."""

    class Short(StatsdInstrument):
        def measure(self, call: Call, client: Any) -> None:
            client.incr(call.operation.name)

    client = statsd.StatsClient(*datagrams.address)
    Short(client).finished(ended(), None)
    assert datagrams.lines() == ["GetItem:1|c"]
    client.close()


class TaggedClient:
    """A client in the manner of Datadog's that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def timing(self, *arguments: Any) -> None:
        """Keeps a timing."""
        self.told.append(("timing", *arguments))

    def increment(self, *arguments: Any) -> None:
        """Keeps a count."""
        self.told.append(("increment", *arguments))


def test_a_client_that_sends_tags_gets_tags(ended: Ended) -> None:
    """Table, operation, outcome and error beside few names."""
    client = TaggedClient()
    instrument = instrument_for(client)
    instrument.finished(ended("PutItem", error=ItemExists("taken")), None)
    tags = ["table:notes", "operation:PutItem", "outcome:failure", "error:ItemExists"]
    assert client.told == [
        ("timing", "dynrepo.duration", pytest.approx(1.2345), tags, 1),
        ("increment", "dynrepo.calls", 1, tags, 1),
    ]


def test_the_dialect_is_the_client_s() -> None:
    """And what is no client is refused."""
    assert type(instrument_for(Client())) is StatsdInstrument
    assert type(instrument_for(TaggedClient())) is TaggedStatsdInstrument
    with pytest.raises(TypeError, match="timing and incr, not object"):
        instrument_for(object())  # type: ignore[arg-type]


def test_no_prefix_can_inject_a_metric() -> None:
    """Its dots are levels."""
    assert StatsdInstrument(Client(), prefix="a.b\n:c|d").prefix == "a.b__c_d"


def test_no_key_is_sent(notes: Any, datagrams: Any) -> None:
    """Nor anything of an item."""
    repository = notes(Answer({"Item": {"note_id": {"S": "keyhush"}}}))
    client = statsd.StatsClient(*datagrams.address)
    repository.use_metrics(client)
    repository.get("keyhush")
    assert "hush" not in str(datagrams.lines())
    client.close()


@pytest.mark.parametrize("fault", ["closed", "unreachable"])
def test_a_dead_client_is_not_felt(notes: Any, fault: str) -> None:
    """Neither one that was closed, nor a TCP daemon that is not there."""
    if fault == "closed":
        client: Any = statsd.StatsClient("127.0.0.1", 8125)
        client.close()
    else:
        client = statsd.TCPStatsClient("127.0.0.1", 9, timeout=0.5)
    repository = notes()
    repository.use_metrics(client)
    assert repository.get("1") is None
    client.close()


def test_a_daemon_that_stops_reading_is_waited_for_a_moment_only() -> None:
    """Behind TCP, unless the client was given a time of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = statsd.TCPStatsClient(*server.getsockname())
        impatient(client)
        client.connect()
        connected = statsd.TCPStatsClient(*server.getsockname())
        connected.connect()
        impatient(connected)
        patient = statsd.TCPStatsClient(*server.getsockname(), timeout=7)
        impatient(patient)
        patient.connect()
        waits = [opened._sock.gettimeout() for opened in (client, connected, patient)]
        for opened in (client, connected, patient):
            opened.close()
    assert waits == [STREAM_TIMEOUT, STREAM_TIMEOUT, 7]


@pytest.mark.parametrize("lost", ["_timeout", "_sock"])
def test_a_client_without_a_private_name_is_used_as_it_is(
    lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of statsd's two only the wait depends on them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = statsd.TCPStatsClient(*server.getsockname())
        client.connect()
        monkeypatch.setattr(client, f"renamed{lost}", getattr(client, lost), raising=False)
        opened = client._sock
        monkeypatch.delattr(client, lost)
        StatsdInstrument(client)
        assert opened.gettimeout() is None
        opened.close()


@pytest.fixture
def plain() -> Iterator[statsd.StatsClient]:
    """A client of the package."""
    client = statsd.StatsClient("127.0.0.1", 9)
    yield client
    client.close()


class Keeping(statsd.StatsClient):
    """Keeps what it sends."""

    def __init__(self, **settings: Any) -> None:
        super().__init__("127.0.0.1", 9, **settings)
        self.sent: list[str] = []
        self.close()

    def _send(self, data: str) -> None:
        self.sent.append(data)


@given(
    st.sampled_from(["GetItem", "Query", "BatchWriteItem"]),
    st.integers(0, 10**6),
    st.none() | st.integers(0, 9) | st.floats(0, 1e6),
    st.sampled_from([None, "", "app", "a.b"]),
    st.sampled_from([40, 120, 512]),
)
def test_the_datagrams_are_those_of_the_package(
    operation: str, count: int, units: float | None, prefix: str | None, most: int
) -> None:
    """Character by character, however long they are, and for a call that is equal to another."""
    client = Keeping(prefix=prefix, maxudpsize=most)
    body: dict[str, Any] = {"Count": count}
    if units is not None:
        body["ConsumedCapacity"] = {"CapacityUnits": units}
    request = Operation(operation, "notes", {}, lambda _: None)
    call = Call(request, Location, answer=Answer(body, attempts=1 + count % 3), duration=count / 7)
    written, measured = WrittenFor(client, "dynrepo", 1), StatsdInstrument(client)
    for _ in range(2):
        written.tell(call)
        sent, client.sent = client.sent, []
        measured.finished(call, None)  # by the pipeline, since this is no client of the package
        assert client.sent == sent
        client.sent = []


def test_only_the_package_s_own_client_is_written_for(
    plain: statsd.StatsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subclass, another client, and one with a part of its own send as they see fit.

    So does one of a release that names its parts otherwise.
    """
    assert is_plain(plain)
    assert not is_plain(Keeping())
    assert not is_plain(object())
    for name in ("pipeline", "_send"):
        setattr(plain, name, print)
        assert not is_plain(plain)
        delattr(plain, name)
    with monkeypatch.context() as patched:
        for owner in statsd.StatsClient.__mro__[:2]:
            patched.delattr(owner, "_send")
        assert not is_plain(plain)
    assert is_plain(plain)
    del plain._prefix
    assert not is_plain(plain)
