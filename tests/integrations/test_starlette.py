"""A container behind HTTP: life, health, errors, cost."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI, Request
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse

from dynrepo import (
    AccessDenied,
    Answer,
    AsyncContainer,
    AsyncRepository,
    CodecError,
    ConditionFailed,
    Container,
    CredentialsMissing,
    DynrepoError,
    Health,
    InvalidCursor,
    ItemExists,
    ItemNotFound,
    Location,
    NotUnique,
    Operation,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    TransactionCanceled,
    Unavailable,
    Unprocessed,
    VersionConflict,
    WrittenUnreadable,
    deadline,
)
from dynrepo.clock import time_left
from dynrepo.integrations.fastapi import install, repository
from dynrepo.testing import MemoryStore
from tests.aio import loops

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Iterator

    from starlette.types import Message, Scope


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Some."""

    table = "notes"


class AsyncNotes(AsyncRepository[Note]):
    """Some, for tasks."""

    table = "notes"


class Store:
    """Answers both faces with what it is told to."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.answer: Answer | DynrepoError = Answer(
            {
                "Table": {
                    "TableStatus": "ACTIVE",
                    "KeySchema": [{"AttributeName": "note_id", "KeyType": "HASH"}],
                    "AttributeDefinitions": [{"AttributeName": "note_id", "AttributeType": "S"}],
                },
                "Item": {"note_id": {"S": "1"}},
                "ConsumedCapacity": {"CapacityUnits": 0.5},
            }
        )

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, _operation: Operation[Any], /) -> Answer:
        """Answers, or raises."""
        self.threads.append(threading.get_ident())
        if isinstance(self.answer, DynrepoError):
            raise self.answer
        return self.answer

    async def sleep_async(self, _seconds: float, /) -> None:
        """Does not wait."""

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Answers, or raises, a turn of the loop later."""
        await asyncio.sleep(0)
        return self.execute(operation)


@contextmanager
def serving(app: Any) -> Generator[httpx.Client]:
    """Serves an application on a socket, from its start to its shutdown."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, log_config=None, ws="none", lifespan="on"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    assert started.wait(60)
    port = listening.getsockname()[1]
    try:
        # uvicorn hangs up after a 500: a connection that is kept could be gone at its next use.
        once = httpx.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=30, limits=once) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(60)
        listening.close()


class Forgetful(Container):
    """A container that looks at its tables at every probe."""

    def health_check(self) -> Health:
        """The health of this moment."""
        return self._health.look()


class AsyncForgetful(AsyncContainer):
    """The same, for tasks."""

    async def health_check(self) -> Health:
        """The health of this moment."""
        return await self._health.look()


STORE = Store()


def application(face: str) -> FastAPI:
    """An application with a route to a repository, for threads or for tasks, and one without."""
    app = FastAPI()
    if face == "def":
        install(app, Forgetful(Notes, store=STORE, instruments=()), server_timing=True)

        @app.get("/notes/{note_id}")
        def read(note_id: str, notes: Annotated[Notes, repository(Notes)]) -> Note:
            return notes.require(note_id)

    else:
        install(app, AsyncForgetful(AsyncNotes, store=STORE, instruments=()), server_timing=True)

        @app.get("/notes/{note_id}")
        async def read(note_id: str, notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> Note:
            return await notes.require(note_id)

    @app.get("/quiet")
    def quiet() -> str:
        return "nothing was asked"

    @app.get("/loop")
    async def loop() -> int:
        return threading.get_ident()

    return app


@pytest.fixture
def store() -> Store:
    """The application's store, as it was at first."""
    STORE.__init__()  # type: ignore[misc]
    return STORE


@pytest.fixture(scope="module", params=["def", "async def"])
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of the application."""
    with serving(application(request.param)) as connected:
        yield connected


@pytest.mark.usefixtures("store")
def test_a_route_is_given_its_repository(client: httpx.Client) -> None:
    """From the container, by its class."""
    assert client.get("/notes/1").json() == {"note_id": "1"}


@pytest.mark.parametrize("face", [Container, AsyncContainer])
def test_the_container_lives_as_long_as_the_application(face: Any, store: Store) -> None:
    """And inside the application's own lifespan, whose state is kept."""
    heard: list[str] = []

    class Closed:
        def close(self) -> None:
            heard.append("container")

    container = face(store=store)
    container._opened.append(Closed())

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncGenerator[dict[str, str]]:
        yield {"color": "blue"}
        heard.append("application")

    app = FastAPI(lifespan=lifespan)
    install(app, container)

    @app.get("/")
    def color(request: Request) -> str:
        return str(request.state.color)

    with serving(app) as client:
        assert client.get("/").json() == "blue"
        assert heard == []
    assert heard == ["container", "application"]


def test_alive_is_answered_whatever_the_store_does(client: httpx.Client, store: Store) -> None:
    """A restart would not mend the store."""
    store.answer = Unavailable("gone")
    response = client.get("/.well-known/alive")
    assert (response.status_code, response.json()) == (200, {"status": "UP"})


@pytest.mark.usefixtures("store")
def test_health_is_200_while_all_is_well(client: httpx.Client) -> None:
    """With what is known of each repository."""
    response = client.get("/.well-known/health")
    assert response.status_code == 200
    body = response.json()
    assert body["status"] == "UP"
    assert [each["table_status"] for each in body["details"].values()] == ["ACTIVE"]


def test_health_is_200_while_it_is_degraded(client: httpx.Client, store: Store) -> None:
    """It serves."""
    assert isinstance(store.answer, Answer)
    store.answer.body["Table"]["TableStatus"] = "UPDATING"
    response = client.get("/.well-known/health")
    assert (response.status_code, response.json()["status"]) == (200, "DEGRADED")


def test_health_is_503_when_a_repository_is_down(client: httpx.Client, store: Store) -> None:
    """So that no request is sent here."""
    store.answer = Unavailable("http://user:secrethush@host is gone")
    response = client.get("/.well-known/health")
    assert (response.status_code, response.json()["status"]) == (503, "DOWN")
    assert [each["error"] for each in response.json()["details"].values()] == ["Unavailable"]
    assert "hush" not in response.text


ERRORS: list[tuple[DynrepoError, int, str | None]] = [
    (ItemNotFound("x"), 404, None),
    (ItemExists("x"), 409, None),
    (VersionConflict("x"), 409, None),
    (NotUnique("x"), 409, None),
    (ConditionFailed("x"), 409, None),
    (TransactionCanceled("x"), 409, None),
    (TransactionCanceled("x", retryable=True), 503, "1"),
    (InvalidCursor("x"), 422, None),
    (CodecError("Note.note_id: a key cannot be empty"), 422, None),
    (Throttled("x", retryable=True), 503, "1"),
    (Unavailable("x", retryable=True), 503, "1"),
    (Timeout("x", retryable=True), 503, "1"),
    (Unprocessed("x"), 503, "1"),
    (OutcomeUnknown("x"), 504, None),
    (TableNotFound("x"), 503, None),
    (AccessDenied("x"), 503, None),
    (CredentialsMissing("x"), 503, None),
    (StoreError("x", code="ValidationException"), 500, None),
    (CodecError("the stored item is none", key={"note_id": {"S": "1"}}), 500, None),
]


def test_an_error_has_its_status(client: httpx.Client, store: Store) -> None:
    """And says which it is; where asking again may help it says when."""
    for error, status, retry in ERRORS:
        store.answer = error
        response = client.get("/notes/1")
        name = type(error).__name__
        assert (name, response.status_code) == (name, status)
        assert (name, response.headers.get("retry-after")) == (name, retry)
        if status != 500:
            assert response.json()["error"] == name
            assert response.json()["detail"].endswith((".", "empty"))


def test_a_write_that_was_done_says_so(
    client: httpx.Client, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Though its item cannot be read; who only sees a 500 sends it again. The log names it."""
    store.answer = WrittenUnreadable("notes: the write was done", item={"note_id": {"S": "hush"}})
    response = client.get("/notes/1")
    assert (response.status_code, response.json()["error"]) == (500, "WrittenUnreadable")
    assert response.json()["detail"].startswith("This was done")
    assert [record.getMessage() for record in caplog.records if record.name == "dynrepo"] == [
        "500 for WrittenUnreadable: notes: the write was done"
    ]
    assert "hush" not in response.text + caplog.text


def test_what_is_no_fault_of_the_server_is_not_logged(
    client: httpx.Client, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A status below 500 is an answer; from there on there is one line, with the error's text."""
    for error in (ItemNotFound("x"), ItemExists("x"), InvalidCursor("x")):
        store.answer = error
        assert client.get("/notes/1").status_code < 500
    assert [record for record in caplog.records if record.name == "dynrepo"] == []
    store.answer = Throttled("GetItem on notes failed: SlowDown", retryable=True)
    assert client.get("/notes/1").status_code == 503
    told = [(r.levelname, r.getMessage()) for r in caplog.records if r.name == "dynrepo"]
    assert told == [("ERROR", "503 for Throttled: GetItem on notes failed: SlowDown")]


def test_a_log_that_is_broken_costs_no_answer(
    client: httpx.Client, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a handler of the application raises."""

    def full(_record: logging.LogRecord) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(logging.getLogger("dynrepo"), "handle", full)
    store.answer = Unavailable("gone", retryable=True)
    response = client.get("/notes/1")
    assert (response.status_code, response.json()["error"]) == (503, "Unavailable")


@pytest.mark.usefixtures("store")
def test_a_request_tells_what_it_cost(client: httpx.Client) -> None:
    """Where it cost something."""
    timing = client.get("/notes/1").headers["server-timing"]
    assert timing.startswith("dynamodb;dur=")
    assert timing.endswith('desc="1 calls, 0.5 units, 0 retries"')
    assert "server-timing" not in client.get("/quiet").headers


class Page(BaseModel):
    """Of somebody."""

    page_id: Annotated[str, PartitionKey()]
    owner: str


class Pages(Repository[Page]):
    """Pages of many owners."""

    table = "pages"


@pytest.mark.parametrize("kind", [Container, AsyncContainer])
def test_no_client_is_told_what_a_request_cost(kind: type[Any]) -> None:
    """Unless that is asked for: it would tell how many rows are hidden from it."""
    store = MemoryStore(Pages)
    Pages(store).set_many([Page(page_id=str(number), owner="ada") for number in range(300)])
    app = FastAPI()
    install(app, kind(Pages, store=store, instruments=()))

    @app.get("/mine")
    def mine(pages: Annotated[Pages, repository(Pages)]) -> list[Page]:
        return pages.scan(where=pages.fields.owner == "bob").all()

    with serving(app) as client:
        response = client.get("/mine")
    assert response.json() == []
    assert response.headers.keys() == {"content-length", "content-type", "date", "server"}


@pytest.mark.parametrize("face", ["def", "async def"])
def test_health_is_looked_at_where_its_container_waits(face: str, store: Store) -> None:
    """That of a blocking one in a thread, the other's in the loop."""
    with serving(application(face)) as client:
        assert client.get("/.well-known/health").status_code == 200
        in_the_loop = store.threads == [client.get("/loop").json()]
    assert in_the_loop is (face == "async def")


def test_one_container_serves_routes_of_both_faces(store: Store) -> None:
    """A blocking repository in a thread of the application, as without the other."""
    app = FastAPI()
    container = AsyncContainer(AsyncNotes, Notes, store=store, instruments=())
    install(app, container, server_timing=True)

    @app.get("/threads")
    def in_a_thread(notes: Annotated[Notes, repository(Notes)]) -> Note:
        return notes.require("1")

    @app.get("/tasks")
    async def in_a_task(notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> Note:
        return await notes.require("1")

    with serving(app) as client:
        costs = [client.get(path).headers["server-timing"] for path in ("/threads", "/tasks")]
        store.answer = ItemNotFound("x")
        statuses = [client.get(path).status_code for path in ("/threads", "/tasks")]
        details = client.get("/.well-known/health").json()["details"]
    assert [cost.partition("desc=")[2] for cost in costs] == ['"1 calls, 0.5 units, 0 retries"'] * 2
    assert statuses == [404, 404]
    assert set(details) == {"Notes", "AsyncNotes"}


def called(app: Any, path: str, **more: Any) -> Coroutine[Any, Any, list[Message]]:
    """What an application sends for a GET, called as a server calls it."""
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async def answered() -> list[Message]:
        await app(scope, more.get("receive", receive), send)
        return sent

    return answered()


def cost_of(sent: list[Message]) -> str:
    """The number of calls that a response tells."""
    headers = dict(sent[0]["headers"])
    return str(headers.get(b"server-timing", b"").decode()).partition('desc="')[2].split(",")[0]


def test_the_cost_of_a_request_is_that_of_its_own_tasks(store: Store) -> None:
    """Of those that it started, in whatever thread; not of a request that is served meanwhile."""
    app = FastAPI()
    container = AsyncContainer(AsyncNotes, Notes, store=store, instruments=())
    install(app, container, server_timing=True)

    @app.get("/many/{number}")
    async def many(number: int, notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> int:
        async with asyncio.TaskGroup() as group:
            for _ in range(number):
                group.create_task(notes.require("1"))
        return number

    @app.get("/thread")
    async def thread(notes: Annotated[Notes, repository(Notes)]) -> Note:
        return await asyncio.to_thread(notes.require, "1")

    async def main() -> list[str]:
        paths = ["/many/7", "/many/3", "/thread", "/many/5"]
        return [
            cost_of(sent) for sent in await asyncio.gather(*[called(app, one) for one in paths])
        ]

    assert asyncio.run(main()) == ["7 calls", "3 calls", "1 calls", "5 calls"]


def test_a_deadline_of_a_dependency_binds_its_request(store: Store) -> None:
    """Whoever serves it, a task or a thread, and no request that comes after it."""
    app = FastAPI()
    install(app, AsyncContainer(store=store, instruments=()))

    async def soon() -> AsyncGenerator[None]:
        with deadline(0.5):
            yield

    @app.get("/task", dependencies=[Depends(soon)])
    async def in_a_task() -> float:
        return time_left(60.0)

    @app.get("/thread", dependencies=[Depends(soon)])
    def in_a_thread() -> float:
        return time_left(60.0)

    @app.get("/free")
    async def free() -> float:
        return time_left(60.0)

    async def main() -> list[float]:
        return [
            float((await called(app, path))[1]["body"]) for path in ("/task", "/thread", "/free")
        ]

    task, thread, left = asyncio.run(main())
    assert max(task, thread) <= 0.5
    assert left == 60.0


class Waiting(Store):
    """A store whose answers never come."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def execute_async(self, _operation: Operation[Any], /) -> Answer:
        """Waits until it is cancelled."""
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("route", ["/notes", "/stream"])
def test_a_client_that_went_away_is_no_error(route: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its request is cancelled as it came, and the log has no ERROR of it."""
    store = Waiting()
    app = FastAPI()
    install(app, AsyncContainer(AsyncNotes, store=store))
    caplog.set_level("DEBUG")

    @app.get("/notes")
    async def read(notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> Note:
        return await notes.require("1")

    @app.get("/stream")
    async def stream(notes: Annotated[AsyncNotes, repository(AsyncNotes)]) -> StreamingResponse:
        return StreamingResponse(note.note_id async for note in notes.scan())

    async def gone() -> Message:
        await store.asked.wait()
        return {"type": "http.disconnect"}

    async def main() -> None:
        task = asyncio.ensure_future(called(app, route, receive=gone))
        await gone()
        if route == "/notes":  # as a server does that cancels; that of the stream hears of it
            task.cancel()
        await asyncio.wait([task])
        assert task.cancelled() is (route == "/notes")

    loops.run(main)
    # A server of another test may still be telling of its own requests, in its thread.
    own = [record for record in caplog.records if record.thread == threading.get_ident()]
    lines = [(record.levelname, record.getMessage()) for record in own]
    assert [line for line in lines if line[0] in ("WARNING", "ERROR")] == []
    assert [name for name, text in lines if "cancelled by CancelledError" in text] == ["INFO"]


def test_starlette_alone_will_do(store: Store) -> None:
    """FastAPI is only needed for its dependencies."""
    app = Starlette()
    install(app, Container(Notes, store=store, instruments=()))
    notes: Callable[..., Any] = app.state.dynrepo.repository(Notes).require
    app.add_route("/", lambda _: Response(notes("1").note_id))
    with serving(app) as client:
        assert client.get("/").text == "1"
        store.answer = ItemNotFound("x")
        assert client.get("/").status_code == 404
