"""What comes before the first request has time of its own, and is done once for all who wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import DynamoStore, PartitionKey, Repository, errors
from dynrepo.aws import connection as connections
from dynrepo.aws import pending
from dynrepo.aws.preparation import CLIENT, PREPARING, Preparation
from dynrepo.blocking import store as stores
from dynrepo.clock import deadline
from dynrepo.sending.outcomes import DeadlineExceeded, NotPrepared, NotSent
from tests.loopback import Loopback, answer, say, soon, wait_until
from tests.stopwatch import Stopwatch, passes
from tests.threads import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Thing(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]
    number: int = 0


class Things(Repository[Thing]):
    """All things."""

    table = "things"


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What preparing waits for in a test; open at its end."""
    event = threading.Event()
    yield event
    event.set()


def slowed(monkeypatch: pytest.MonkeyPatch, wait: Callable[[], object]) -> None:
    """Has the making of a client wait first."""
    connect = connections.connect

    def slow(*arguments: Any, **options: Any) -> Any:
        wait()
        return connect(*arguments, **options)

    monkeypatch.setattr(connections, "connect", slow)


def things_at(server: Loopback, **options: Any) -> Things:
    """A repository over a store that was not used yet."""
    store = DynamoStore(region="eu-west-1", endpoint=server.url, **options)
    return Things(store, instruments=[])


def made(prepared: Preparation[Any], ends: float) -> Any:
    """What was prepared, for a call that ends then."""
    waited_for = prepared.pending(ends)
    waited_for.task.wait(waited_for.seconds)
    return waited_for.result()


class TestPreparation:
    """One thread makes what all wait for."""

    def test_it_is_made_once(self, gate: threading.Event) -> None:
        """Whoever comes while it is made, or later, gets the same."""
        things: list[object] = []

        def make(_: object) -> object:
            gate.wait(30)
            things.append(object())
            return things[-1]

        prepared: Preparation[object] = Preparation(make)
        found: list[object] = []
        waiting = [
            threading.Thread(target=lambda: found.append(made(prepared, soon()))) for _ in range(8)
        ]
        for thread in waiting:
            thread.start()
        gate.set()
        for thread in waiting:
            thread.join(30)
        assert found == things * 8
        assert made(prepared, soon()) is prepared.ready is things[0]

    def test_a_deadline_that_ends_names_the_step(self, gate: threading.Event) -> None:
        """The time is the caller's; what took it is told."""

        def make(step: Callable[[str], None]) -> None:
            step(CLIENT)
            told.set()
            gate.wait(30)

        told = threading.Event()
        prepared: Preparation[None] = Preparation(make)
        with pytest.raises(DeadlineExceeded) as raised:
            made(prepared, time.monotonic() + 0.01)
        assert told.wait(10)
        with pytest.raises(DeadlineExceeded) as raised:
            made(prepared, time.monotonic() + 0.01)
        assert "preparing took the time" in raised.value.remedy
        assert "botocore's client" in raised.value.remedy

    def test_it_has_its_own_time(
        self, monkeypatch: pytest.MonkeyPatch, gate: threading.Event
    ) -> None:
        """A caller that may wait longer does not, and the next one hears so at once."""
        monkeypatch.setattr(pending, "PATIENCE", 0.05)
        prepared: Preparation[bool] = Preparation(lambda _: gate.wait(30))
        for _ in range(2):
            with pytest.raises(NotPrepared) as raised:
                made(prepared, soon())
            assert "import of botocore" in raised.value.remedy
        gate.set()
        wait_until(lambda: prepared.ready is not None)
        prepared.settle()
        assert made(prepared, soon()) is True

    def test_what_fails_is_made_anew(self) -> None:
        """By the next one who asks."""
        results: list[Any] = [NotSent(code="ImportError"), "made"]

        def make(_: object) -> Any:
            result = results.pop(0)
            if isinstance(result, Exception):
                raise result
            return result

        prepared: Preparation[Any] = Preparation(make)
        with pytest.raises(NotSent):
            made(prepared, soon())
        assert made(prepared, soon()) == "made"
        prepared.settle()


def test_the_time_of_a_call_begins_when_it_is_prepared_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A client that takes longer to make than a call may take costs the first call nothing."""
    slowed(monkeypatch, lambda: passes(monkeypatch, 20.0))
    with Loopback() as server:
        assert things_at(server, deadline=15.0).get("1") is None


def test_so_does_the_time_of_two_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write exactly once has the time of one call, from then on."""
    slowed(monkeypatch, lambda: passes(monkeypatch, 20.0))
    item = {"Item": {"id": {"S": "1"}, "number": {"N": "3"}}}
    answers = say(answer({"ConsumedCapacity": []})), say(answer(item))
    with Loopback(*answers) as server:
        things = things_at(server, deadline=15.0)
        made = things.update("1", things.fields.number.add(1), exactly_once=True)
    assert made == Thing(id="1", number=3)


@pytest.mark.parametrize("verb", ["get", "set"])
def test_a_deadline_around_the_first_call_is_absolute(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event, verb: str
) -> None:
    """Preparing counts, the error says that it took the time, and nothing was sent."""
    slowed(monkeypatch, lambda: gate.wait(30))
    with Loopback() as server:
        things = things_at(server)
        watch = Stopwatch()
        with (
            pytest.raises(errors.Timeout, match="preparing took the time") as raised,
            deadline(0.3),
        ):
            things.get("1") if verb == "get" else things.set(Thing(id="1"))
        assert watch.seconds < 5
        assert (raised.value.attempts, server.connections) == (1, 0)
        gate.set()
        assert things.get("1") is None


def test_preparing_that_takes_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    """The error names the step, of a write as well."""
    slowed(monkeypatch, lambda: gate.wait(30))
    with Loopback() as server:
        things = things_at(server)
        things.health_check()  # while it waits, the client is begun
        monkeypatch.setattr(pending, "PATIENCE", 0.1)
        for call in (lambda: things.get("1"), lambda: things.set(Thing(id="1"))):
            with pytest.raises(errors.Unavailable, match="the making of botocore's client"):
                call()
        monkeypatch.setattr(pending, "PATIENCE", 60)
        gate.set()
        assert things.get("1") is None


def test_preparing_that_fails_slowly_has_no_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """All its attempts have the time of one."""
    monkeypatch.setattr(pending, "PATIENCE", 0.5)
    monkeypatch.setattr(stores, "PATIENCE", 0.5)
    begun: list[str | None] = []

    def fail(_region: str | None, endpoint: str | None, *_: object, **__: object) -> None:
        begun.append(endpoint)
        time.sleep(0.4)
        raise OSError

    monkeypatch.setattr(connections, "connect", fail)
    with Loopback() as server, pytest.raises(errors.Unavailable):
        things_at(server).get("1")
    assert begun.count(server.url) <= 2  # of four


def test_an_import_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other step."""
    go_on = threading.Event()

    class Slow:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "dynrepo.aws.connection":
                go_on.wait(30)

    monkeypatch.setattr(pending, "PATIENCE", 0.1)
    monkeypatch.setattr(sys, "meta_path", [Slow(), *sys.meta_path])
    monkeypatch.delitem(sys.modules, "dynrepo.aws.connection")
    monkeypatch.delattr("dynrepo.aws.connection")
    store = DynamoStore(region="eu-west-1", endpoint="http://127.0.0.1:1")
    with pytest.raises(errors.Unavailable, match="the import of botocore"):
        Things(store, instruments=[]).get("1")
    go_on.set()


def test_health_is_told_in_time_while_it_is_prepared_for(
    monkeypatch: pytest.MonkeyPatch, gate: threading.Event
) -> None:
    """And checks that come meanwhile wait for the same look."""
    slowed(monkeypatch, lambda: gate.wait(30))
    before = threading.enumerate()
    with Loopback() as server:
        things = things_at(server)
        watch = Stopwatch()
        found = [things.health_check() for _ in range(2)]
        assert watch.seconds < 4.5
        assert [health.details["error"] for health in found] == ["Timeout"] * 2
        assert len(running("dynrepo-health", before)) <= 1
        assert len(running(PREPARING, before)) == 1


def test_connecting_prepares() -> None:
    """The call after it finds all that it needs."""
    table = {"Table": {"TableName": "things", "TableStatus": "ACTIVE"}}
    with Loopback(say(answer(table))) as server:
        things = things_at(server)
        things.connect()
        store: Any = things.store
        assert store._main.ready is not None
        store.close()


FIRST_CALL = """
import os, signal, sys, threading, time
from typing import Annotated
from pydantic import BaseModel
from dynrepo import *
from dynrepo.aws.preparation import PREPARING

class Thing(BaseModel):
    id: Annotated[str, PartitionKey()]

class Things(Repository[Thing]):
    table = "things"

things = Things(DynamoStore(region="eu-west-1", endpoint="{url}"), instruments=[])

def preparing():
    while not any(thread.name == PREPARING for thread in threading.enumerate()):
        time.sleep(0.001)
    time.sleep({after})
"""

FORK = """
first = threading.Thread(target=things.get, args=("1",))
first.start()
preparing()
child = os.fork()
if child == 0:
    os._exit(0 if things.get("2") is None else 1)
first.join()
print(os.waitpid(child, 0)[1])
"""

SIGNAL = """
def handle(*_):
    print(things.get("2"))

def interrupt():
    preparing()
    os.kill(os.getpid(), signal.SIGUSR1)

signal.signal(signal.SIGUSR1, handle)
threading.Thread(target=interrupt).start()
print(things.get("1"))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("after", [0.0, 0.1])
@pytest.mark.parametrize(("script", "said"), [(FORK, "0\n"), (SIGNAL, "None\nNone\n")])
def test_who_comes_in_the_middle_goes_on(script: str, said: str, after: float) -> None:
    """A forked child, and a signal handler, while a first call imports botocore."""
    with Loopback() as server:
        text = FIRST_CALL.format(url=server.url, after=after) + script
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", text],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert (ended.stdout, ended.stderr) == (said, "")


NOTHING_LEFT = """
import logging, resource, sys, threading
from typing import Annotated
from pydantic import BaseModel
from dynrepo import *

class Thing(BaseModel):
    id: Annotated[str, PartitionKey()]
    number: int = 0

class Things(Repository[Thing]):
    table = "things"

things = Things(
    DynamoStore(region="eu-west-1", endpoint="{url}", transport="{transport}"), instruments=[]
)

def broken(error):
    class Finder:
        def find_spec(self, name, *_):
            if name.startswith(("pynamodb", "botocore")):
                raise error
    sys.meta_path.insert(0, Finder())

def no_thread(_):
    raise RuntimeError("can't start new thread")

class Raising(logging.Handler):
    def handle(self, record):
        raise OSError("the disk is full")

{fault}
for call in (
    lambda: things.create(Thing(id="1")),
    lambda: things.update("1", things.fields.number.add(1)),
    lambda: things.get("1"),
):
    try:
        call()
    except DynrepoError as error:
        print(type(error).__name__, error.code, error.attempts, end="; ")
    else:
        print("done", end="; ")
"""


@pytest.mark.parametrize("transport", ["auto", "botocore"])
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 4096))",
            "Unavailable OSError 4; ",
        ),
        ("threading.Thread.start = no_thread", "Unavailable NoThread 4; "),
        ("broken(ImportError())", "Unavailable ImportError 4; "),
        ("broken(MemoryError())", "Unavailable MemoryError 4; "),
    ],
    ids=["no file descriptor", "no thread", "no import", "no memory"],
)
def test_what_never_left_is_never_in_doubt(transport: str, fault: str, said: str) -> None:
    """Whatever fails within the first call; reads and writes are tried again, and say so."""
    assert _said(fault, transport) == (said * 3, 0)


@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_a_log_handler_that_raises_is_not_felt(transport: str) -> None:
    """While PynamoDB is imported within the first call, either."""
    fault = "logging.root.addHandler(Raising())\nlogging.root.setLevel(1)"
    said, received = _said(fault, transport)
    assert said == "done; done; done; "
    assert received == 3


def _said(fault: str, transport: str) -> tuple[str, int]:
    """What three calls said under a fault, and how many requests there were."""
    miss = {"ConsumedCapacity": {"TableName": "things", "CapacityUnits": 0.5}}
    left = {"id": {"S": "1"}, "number": {"N": "1"}}
    with Loopback(say(answer({**miss, "Attributes": left}))) as server:
        script = NOTHING_LEFT.format(url=server.url, transport=transport, fault=fault)
        ended = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    assert ended.stderr == ""
    return ended.stdout, len(server.received)
