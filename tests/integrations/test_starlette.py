"""A container behind HTTP: life, health, errors, cost."""

from __future__ import annotations

import socket
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.responses import Response

from dynrepo import (
    AccessDenied,
    Answer,
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
)
from dynrepo.integrations.fastapi import install, repository

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Some."""

    table = "notes"


class Store:
    """Answers with what it is told to."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self) -> None:
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
        if isinstance(self.answer, DynrepoError):
            raise self.answer
        return self.answer


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
    assert started.wait(10)
    port = listening.getsockname()[1]
    try:
        # uvicorn hangs up after a 500: a connection that is kept could be gone at its next use.
        once = httpx.Limits(max_keepalive_connections=0)
        url = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=url, timeout=30, limits=once) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


class Forgetful(Container):
    """A container that looks at its tables at every probe."""

    def health_check(self) -> Health:
        """The health of this moment."""
        return self._health.look()


STORE = Store()


def application() -> FastAPI:
    """An application with one route to a repository, and one without."""
    app = FastAPI()
    install(app, Forgetful(Notes, store=STORE, instruments=()))

    @app.get("/notes/{note_id}")
    def read(note_id: str, notes: Annotated[Notes, repository(Notes)]) -> Note:
        return notes.require(note_id)

    @app.get("/quiet")
    def quiet() -> str:
        return "nothing was asked"

    return app


@pytest.fixture
def store() -> Store:
    """The application's store, as it was at first."""
    STORE.answer = Store().answer
    return STORE


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of the application."""
    with serving(application()) as connected:
        yield connected


@pytest.mark.usefixtures("store")
def test_a_route_is_given_its_repository(client: httpx.Client) -> None:
    """From the container, by its class."""
    assert client.get("/notes/1").json() == {"note_id": "1"}


def test_the_container_lives_as_long_as_the_application(store: Store) -> None:
    """And inside the application's own lifespan, whose state is kept."""
    heard: list[str] = []

    class Closing(Container):
        def close(self) -> None:
            heard.append("container")
            super().close()

    @asynccontextmanager
    async def lifespan(_app: Any) -> AsyncGenerator[dict[str, str]]:
        yield {"color": "blue"}
        heard.append("application")

    app = FastAPI(lifespan=lifespan)
    install(app, Closing(Notes, store=store))

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
    assert body["details"]["Notes"]["table_status"] == "ACTIVE"


def test_health_is_200_while_it_is_degraded(client: httpx.Client, store: Store) -> None:
    """It serves."""
    assert isinstance(store.answer, Answer)
    store.answer.body["Table"]["TableStatus"] = "UPDATING"
    response = client.get("/.well-known/health")
    assert (response.status_code, response.json()["status"]) == (200, "DEGRADED")


def test_health_is_503_when_a_repository_is_down(client: httpx.Client, store: Store) -> None:
    """So that no request is sent here."""
    store.answer = Unavailable("http://user:secret4711@host is gone")
    response = client.get("/.well-known/health")
    assert (response.status_code, response.json()["status"]) == (503, "DOWN")
    assert response.json()["details"]["Notes"]["error"] == "Unavailable"
    assert "4711" not in response.text


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (ItemNotFound("x"), 404, None),
        (ItemExists("x"), 409, None),
        (VersionConflict("x"), 409, None),
        (ConditionFailed("x"), 409, None),
        (TransactionCanceled("x"), 409, None),
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
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
def test_an_error_has_its_status(
    client: httpx.Client, store: Store, error: DynrepoError, status: int, retry: str | None
) -> None:
    """And says which it is; where asking again may help it says when."""
    store.answer = error
    response = client.get("/notes/1")
    assert response.status_code == status
    assert response.headers.get("retry-after") == retry
    if status != 500:
        assert response.json()["error"] == type(error).__name__
        assert response.json()["detail"].endswith((".", "empty"))


def test_a_write_that_was_done_says_so(
    client: httpx.Client, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """Though its item cannot be read; who only sees a 500 sends it again. The log names it."""
    store.answer = WrittenUnreadable("notes: the write was done", item={"note_id": {"S": "4711"}})
    response = client.get("/notes/1")
    assert (response.status_code, response.json()["error"]) == (500, "WrittenUnreadable")
    assert response.json()["detail"].startswith("This was done")
    assert [record.getMessage() for record in caplog.records if record.name == "dynrepo"] == [
        "notes: the write was done"
    ]
    assert "4711" not in response.text + caplog.text


@pytest.mark.usefixtures("store")
def test_a_request_tells_what_it_cost(client: httpx.Client) -> None:
    """Where it cost something."""
    timing = client.get("/notes/1").headers["server-timing"]
    assert timing.startswith("dynamodb;dur=")
    assert timing.endswith('desc="1 calls, 0.5 units, 0 retries"')
    assert "server-timing" not in client.get("/quiet").headers


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
