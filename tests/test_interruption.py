"""What is raised into a call from outside comes out of it as what it is."""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
import time
from contextlib import contextmanager
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel, field_validator
from urllib3.exceptions import ProtocolError

from dynrepo import DynamoStore, PartitionKey, Repository, Version
from dynrepo.blocking.sender import Sender
from dynrepo.interruption import interruption_in
from dynrepo.operations.writes import put_item
from dynrepo.testing.memory import MemoryStore
from tests.loopback import CAPACITY, Loopback, answer, drip, say, say_nothing, wait_until
from tests.strikes import struck

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from dynrepo import Answer


class SoftTimeLimitExceeded(Exception):
    """As Celery's: an Exception, raised by a signal handler."""


class Row(BaseModel):
    """A row."""

    id: Annotated[str, PartitionKey()]
    n: int = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


class Limit:
    """A handler of a worker's, as a method."""

    def __init__(self, kind: Callable[[], BaseException]) -> None:
        self._kind = kind

    def strike(self, _signum: int, frame: FrameType | None) -> None:
        """Raises, if need be a little later: Python swallows what is raised in a clean-up."""
        struck_in = frame
        while struck_in is not None:
            if struck_in.f_code.co_name in ("_remove", "__del__"):
                signal.setitimer(signal.ITIMER_REAL, 0.01)
                return
            struck_in = struck_in.f_back
        raise self._kind()


@contextmanager
def limited(
    seconds: float, kind: Callable[[], BaseException] = SoftTimeLimitExceeded
) -> Iterator[None]:
    """A block into which a signal handler raises after so many seconds."""
    before = signal.signal(signal.SIGALRM, Limit(kind).strike)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


VERBS: dict[str, Callable[[Rows], Any]] = {
    "get": lambda rows: rows.get("a"),
    "create": lambda rows: rows.create(Row(id="a")),
    "update": lambda rows: rows.update("a", Rows.fields.n.add(1)),
}
PHASES = {"no answer": say_nothing, "half an answer": drip(answer(CAPACITY), 0.05)}

signals = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no timer")


@signals
@pytest.mark.parametrize("transport", ["auto", "botocore"])
@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("kind", [SoftTimeLimitExceeded, TimeoutError, KeyboardInterrupt])
def test_a_time_limit_strikes_while_an_answer_is_read(
    transport: Any, phase: str, kind: type[BaseException]
) -> None:
    """Nothing is sent again, nothing is translated, and the connection is not used again."""
    with Loopback(PHASES[phase]) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", transport=transport)
        rows = Rows(store, instruments=[])
        store.sender  # noqa: B018 - prepares
        for call in VERBS.values():
            with pytest.raises(kind) as raised, limited(0.1, kind):
                call(rows)
            assert type(raised.value) is kind
        # On a busy machine it may strike before anything is sent, connected or not.
        assert len(server.received) <= server.connections <= len(VERBS)
        before, server.script = server.connections, [say(answer(CAPACITY))]
        assert rows.get("a") is None
        assert server.connections == before + 1
        store.close()


@signals
def test_a_time_limit_strikes_in_a_pause() -> None:
    """Between two attempts, or while a look is waited for."""

    def refuse(*_: Any, **__: Any) -> Answer:
        raise ConnectionRefusedError

    sender = Sender(refuse, sleep=lambda _: time.sleep(30))
    rows = Rows(DynamoStore(region="eu-west-1"))
    with pytest.raises(SoftTimeLimitExceeded), limited(0.1):
        sender.send(rows.lookup("a"), time.monotonic() + 60)


class Visit(BaseModel, extra="allow"):
    """An item of all kinds of fields, some of them the user's."""

    id: Annotated[str, PartitionKey()]
    n: int = 0
    tags: set[str] = set()
    at: Decimal = Decimal(1)
    version: Annotated[int, Version()] = 0

    @field_validator("n")
    @classmethod
    def _kept(cls, n: int) -> int:
        return n


class Visits(Repository[Visit]):
    """Visits, which an older program wrote otherwise."""

    table = "visits"

    def upcast(self, item: dict[str, Any]) -> dict[str, Any]:
        """Keeps them."""
        return item


ADA = Visit(id="a", tags={"x"}, version=1, note=[Decimal(1)])  # type: ignore[call-arg]
STEPS: dict[str, Callable[[Visits], Any]] = {
    "get": lambda visits: visits.get("a"),
    "set": lambda visits: visits.set(ADA),
    "save": lambda visits: visits.save(ADA),
    "update": lambda visits: visits.update("a", Visits.fields.at.add(1)),
    "delete": lambda visits: visits.delete(ADA),
    "get_many": lambda visits: visits.get_many(["a", "b"]),
    "set_many": lambda visits: visits.set_many([ADA]),
    "query": lambda visits: list(visits.query(Visits.fields.id == "a")),
    "verify_table": lambda visits: visits.verify_table(sample=2),
    "health_check": lambda visits: visits.health_check(),
}


@signals
@pytest.mark.parametrize("verb", STEPS)
def test_a_time_limit_strikes_at_whatever_moment_of_a_call(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also while a value is written or read, or answers are compared, or health is asked."""
    store = MemoryStore(Visits)
    visits = Visits(store)
    dropped: list[Any] = []  # Python itself drops what strikes while it frees something
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)

    def call() -> None:
        STEPS[verb](visits)

    swallowed = 0
    before = signal.signal(signal.SIGALRM, Limit(SoftTimeLimitExceeded).strike)
    try:
        for moment in count():  # the first is none: the call finds out what it does once
            store.execute(put_item(visits.mapper, Visit(id="a", n=1, tags={"y"})))
            try:
                if not struck(call, moment) and moment:
                    break
            except SoftTimeLimitExceeded:
                continue
            swallowed += moment > 0
    finally:
        signal.signal(signal.SIGALRM, before)
    assert moment > 10
    assert swallowed == len(dropped)


def test_what_another_thread_raises_into_code_of_the_user_passes() -> None:
    """Also where errors of that code become a CodecError."""

    class Old(Repository[Row]):
        table = "rows"

        def upcast(self, item: dict[str, Any]) -> dict[str, Any]:
            hangs.set()
            while True:
                pass
            return item

    def strike_later(thread: threading.Thread) -> None:
        hangs.wait(30)
        strike(thread, SoftTimeLimitExceeded)

    hangs = threading.Event()
    store = MemoryStore(Old)
    Rows(store).set(Row(id="a"))
    striker = threading.Thread(target=strike_later, args=[threading.current_thread()])
    striker.start()
    with pytest.raises(SoftTimeLimitExceeded):
        Old(store).get("a")
    striker.join(30)


def strike(thread: threading.Thread, kind: type[BaseException]) -> None:
    """Raises in another thread, as some timeouts do."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(kind)
    )


def test_what_another_thread_raises_passes() -> None:
    """It strikes when the wait for the socket is over, and is none of its failures."""
    caught: list[BaseException] = []
    with Loopback(drip(answer(CAPACITY), 0.02)) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1")
        store.sender  # noqa: B018 - prepares
        rows = Rows(store, instruments=[])

        def run() -> None:
            try:
                rows.set(Row(id="a"))
            except BaseException as error:  # noqa: BLE001 - looked at below
                caught.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        wait_until(lambda: bool(server.received))
        strike(thread, SoftTimeLimitExceeded)
        thread.join(30)
        store.close()
    assert [type(error) for error in caught] == [SoftTimeLimitExceeded]
    assert len(server.received) == 1


def raised(raise_it: Callable[[], Any]) -> BaseException:
    """What a call raises."""
    try:
        raise_it()
    except BaseException as error:  # noqa: BLE001 - given back
        return error
    raise AssertionError


def while_handling(handled: BaseException, call: Callable[[], None]) -> None:
    """KeyError, after a call was made while another exception is handled, and is not blamed."""
    try:
        raise handled  # noqa: TRY301
    except BaseException:  # noqa: BLE001 - of any class
        assert interruption_in(raised(call)) is None
        raise KeyError from None


class Odd(Exception):
    """An error that nobody knows."""


def test_what_a_call_raises_itself_is_no_interruption() -> None:
    """Of whatever class it is, whatever the caller is handling at the time."""

    def odd() -> None:
        raise Odd

    def wrapped() -> None:
        try:
            odd()
        except Odd as error:
            raise OSError from error

    assert interruption_in(raised(odd)) is None
    assert interruption_in(raised(wrapped)) is None
    assert interruption_in(Odd()) is None
    with pytest.raises(KeyError):
        while_handling(KeyboardInterrupt(), odd)


@signals
def test_an_interruption_is_found_behind_what_was_made_of_it() -> None:
    """By a cause, or by a context alone."""

    def wrapped() -> None:
        try:
            time.sleep(30)
        except SoftTimeLimitExceeded:
            raise OSError  # noqa: B904 - as others do

    with limited(0.05):
        error = raised(wrapped)
    assert isinstance(interruption_in(error), SoftTimeLimitExceeded)
    assert isinstance(interruption_in(raised(lambda: exec("raise SystemExit"))), SystemExit)  # noqa: S102


def test_an_error_with_the_traceback_of_another_is_one_of_the_call() -> None:
    """As urllib3 raises what the socket said: it ends where nothing is raised."""
    try:
        int("no number")
    except ValueError as error:
        trace = error.__traceback__
    lost = ProtocolError("Connection aborted.").with_traceback(trace)
    assert interruption_in(lost) is None
