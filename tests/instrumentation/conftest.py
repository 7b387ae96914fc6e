"""A repository over a store that answers what the test says, and instruments that can be read."""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import Answer, DynrepoError, Location, Operation, PartitionKey, Repository
from dynrepo.aio.repository import AsyncRepository
from dynrepo.instrumentation import Call
from dynrepo.operations.operation import Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Note(BaseModel):
    """A key and a text, which no log, metric or span may hold."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """The notes of everybody."""

    table = "notes"


class CannedStore:
    """Answers with what it was given, in turn, and with the last of it from then on."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self, *answers: Answer | BaseException) -> None:
        self.answers = deque(answers or [Answer({})])
        self.asked: list[Operation[Any]] = []

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Answers, or raises."""
        self.asked.append(operation)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.popleft()
        if isinstance(answer, BaseException):
            raise answer
        return answer


class AsyncNotes(AsyncRepository[Note]):
    """The notes of everybody, awaited."""

    table = "notes"


class AsyncCannedStore(CannedStore):
    """The same for asynchronous repositories; other tasks run before it answers."""

    async def sleep_async(self, _seconds: float, /) -> None:
        """Lets others run."""
        await asyncio.sleep(0)

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Answers, or raises."""
        for _ in range(3):
            await asyncio.sleep(0)
        return self.execute(operation)


class Recorder:
    """An instrument that keeps its calls."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.begun: list[Call] = []

    def started(self, call: Call, /) -> str:
        """Keeps the call."""
        self.begun.append(call)
        return "begun"

    def finished(self, call: Call, begun: str, /) -> None:
        """Keeps the call, which has ended now."""
        assert begun == "begun"
        self.calls.append(call)


class Broken:
    """An instrument that raises where it is told to."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.started_calls = 0

    def started(self, _call: Call, /) -> None:
        """Raises, perhaps."""
        self.started_calls += 1
        if self.where == "started":
            raise RuntimeError("secret hush")

    def finished(self, _call: Call, _begun: Any, /) -> None:
        """Raises, perhaps."""
        if self.where == "finished":
            raise RuntimeError("secret hush")


@pytest.fixture
def broken() -> Callable[[str], Broken]:
    """Makes an instrument that raises in the method named."""
    return Broken


@pytest.fixture
def notes() -> Callable[..., Notes]:
    """Makes a repository over the answers given, with no instruments."""

    def make(*answers: Answer | DynrepoError) -> Notes:
        return Notes(CannedStore(*answers), instruments=())

    return make


@pytest.fixture
def async_notes() -> Callable[..., AsyncNotes]:
    """Makes an asynchronous repository over the answers given, with no instruments."""

    def make(*answers: Answer | BaseException) -> AsyncNotes:
        return AsyncNotes(AsyncCannedStore(*answers), instruments=())

    return make


@pytest.fixture
def recorder() -> Recorder:
    """An instrument that keeps its calls."""
    return Recorder()


@pytest.fixture
def ended() -> Callable[..., Call]:
    """Makes a call that has ended, from the parts of an operation, an answer and an error."""

    def make(
        name: str = "GetItem",
        *,
        table: str = "notes",
        request: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        error: BaseException | None = None,
        effect: Effect = Effect.NONE,
        **answer: Any,
    ) -> Call:
        operation = Operation(name, table, request or {}, lambda _: None, effect)
        call = Call(operation, lambda: CannedStore.location)
        if error is None:
            call.answer = Answer(body or {}, **answer)
        call.error = error
        call.duration = 0.0012345
        return call

    return make


class Datagrams:
    """A UDP socket on loopback that keeps what arrives."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(30)

    @property
    def address(self) -> tuple[str, int]:
        """Where to send to."""
        host, port = self.socket.getsockname()
        return host, port

    def lines(self) -> list[str]:
        """The lines of the next datagram."""
        return self.socket.recv(65535).decode().split("\n")


@pytest.fixture
def datagrams() -> Iterator[Datagrams]:
    """A UDP socket on loopback."""
    receiver = Datagrams()
    yield receiver
    receiver.socket.close()
