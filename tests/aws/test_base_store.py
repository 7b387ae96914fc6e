"""A store's place, options and connections are those of its face, whichever that is."""

from __future__ import annotations

import inspect
import multiprocessing
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import AsyncDynamoStore, DynamoStore, Settings, errors
from dynrepo.aws import connection as connections
from dynrepo.aws.base_store import BaseStore
from dynrepo.operations.operation import Operation
from dynrepo.sending.outcomes import Misconfigured
from dynrepo.testing import MemoryStore
from tests.loopback import Loopback, Received, answer
from tests.scripted import EMPTY, GET, Scripted
from tests.threads import together

if TYPE_CHECKING:
    import socket


def test_the_location_is_what_botocore_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The region of AWS_REGION, too, which botocore itself does not read."""
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    location = DynamoStore().location
    assert location.region == "eu-north-1"
    assert location.endpoint is not None
    assert "eu-north-1" in location.endpoint


def test_a_store_tells_its_state_once_it_has_sent() -> None:
    """Where it sends, by whom, and how many retries are left; and nothing before."""
    with Loopback() as server, DynamoStore(region="eu-west-1", endpoint=server.url) as store:
        assert store.state() is None
        store.execute(GET)
        state = store.state()
        assert state is not None
        assert state.location == store.location
        assert state.sender == store.sender
        assert state.retries_left == 100.0
    assert store.state() is None


def test_an_unknown_location_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never raises: the call itself says what is missing."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    store = DynamoStore()
    assert store.location.region is None
    with pytest.raises(errors.StoreError, match="AWS_REGION"):
        store.execute(GET)


def test_stores_of_equal_options_are_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of either face, told before a client is made; another region or URL may be another place."""
    monkeypatch.delenv("AWS_REGION", raising=False)
    store = AsyncDynamoStore()
    assert store.is_placed_as(AsyncDynamoStore(table_prefix="a-", pool_size=1))
    assert store.is_placed_as(DynamoStore())
    assert DynamoStore().is_placed_as(store)
    others: list[object] = [
        DynamoStore(region="eu-west-1"),
        DynamoStore(endpoint="http://127.0.0.1:1"),
        DynamoStore(connection=Scripted()),
        object(),
    ]
    assert [store.is_placed_as(other) for other in others] == [False] * 4


def test_what_was_resolved_counts_more_than_options(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment may have changed between two clients."""
    stores = [DynamoStore(endpoint="http://127.0.0.1:1") for _ in range(2)]
    for store, region in zip(stores, ("eu-west-1", "eu-north-1"), strict=True):
        monkeypatch.setenv("AWS_DEFAULT_REGION", region)
        assert store.location.region == region
    assert not stores[0].is_placed_as(stores[1])


def test_sixteen_threads_make_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many come first at once."""
    import botocore.session  # noqa: PLC0415 - counted here

    made: list[Any] = []
    create = botocore.session.Session.create_client

    def count(*arguments: Any, **options: Any) -> Any:
        made.append(1)
        return create(*arguments, **options)

    monkeypatch.setattr(botocore.session.Session, "create_client", count)
    store = DynamoStore(endpoint="http://127.0.0.1:1", region="eu-west-1")
    results = together(lambda: store.execute(GET))
    assert {type(one) for one in results} == {errors.Unavailable}
    assert len(made) == 1


def test_closing_waits_for_nothing_and_opens_again() -> None:
    """A later call has a new connection."""
    connection = Scripted(EMPTY)
    store = DynamoStore(connection=connection)
    store.close()
    store.execute(GET)
    store.close()
    store.close()
    assert connection.closed == 1
    store.execute(GET)


@pytest.mark.parametrize("transport", ["auto", "botocore"])
@pytest.mark.parametrize(("pool_size", "opened"), [(1, 3), (2, 2)])
def test_so_many_connections_are_kept(transport: Any, pool_size: int, opened: int) -> None:
    """Two at the same time need two connections; one of them is closed where one is kept."""
    both = threading.Barrier(2)

    def wait(connection: socket.socket, _: Received) -> None:
        both.wait(10)
        connection.sendall(answer())

    with Loopback(wait) as server:
        store = DynamoStore(
            region="eu-west-1", endpoint=server.url, pool_size=pool_size, transport=transport
        )
        for _ in range(2):
            assert [one.attempts for one in together(lambda: store.execute(GET), 2)] == [1, 1]
        store.close()
        assert server.connections == opened


@pytest.mark.parametrize(
    "secret",
    [
        "http://ada:secret@127.0.0.1:1",
        "http://ada:sec@ret@127.0.0.1:1",
        "http://ada:sec/ret@127.0.0.1:1",
        "http://ada:sec?ret#@127.0.0.1:1",
        "http://127.0.0.1:1?token=secret",
        "http://127.0.0.1:1#secret",
        "http://127.0.0.1:1\n\r",
    ],
)
def test_credentials_in_an_endpoint_are_shown_to_nobody(secret: str) -> None:
    """Where a store is stands in logs, spans and health; settings may be made without a check."""
    settings = Settings.model_construct(endpoint=secret, region="eu-west-1")
    assert DynamoStore(settings=settings).location.endpoint == "http://127.0.0.1:1"


@pytest.mark.parametrize("make", [DynamoStore, AsyncDynamoStore, MemoryStore])
@pytest.mark.parametrize("prefix", ["a\n", "a b", "a#", "\u00e9", "x" * 255, 5])
def test_a_prefix_that_no_table_has_is_refused(make: Any, prefix: Any) -> None:
    """By whatever store: it stands in log lines and in the names of metrics."""
    with pytest.raises(errors.SettingsError, match="table_prefix"):
        make(table_prefix=prefix)


def test_a_store_that_was_never_used_is_closed_and_forgotten() -> None:
    """There is nothing to close."""
    store = DynamoStore()
    store.close()
    store.forget()
    store.settle()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("transport", ["auto", "botocore"])
def test_a_forked_process(transport: Any) -> None:
    """It shares no socket with its parent, whoever of them asks first."""

    def echo(connection: socket.socket, request: Received) -> None:
        connection.sendall(answer({"Item": request.json["Key"]}))

    def ask(name: str) -> bool:
        key = {"id": {"S": name}}
        wanted: Operation[Any] = Operation(
            "GetItem", "users", {"TableName": "users", "Key": key}, lambda answer: answer
        )
        return bool(store.execute(wanted).body["Item"] == key)

    def child(name: str) -> None:
        os._exit(0 if all(ask(f"{name}-{turn}") for turn in range(20)) else 1)

    with Loopback(echo) as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url, transport=transport)
        assert ask("parent")
        before = server.connections
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=child, args=(f"child {number}",)) for number in range(3)]
        for process in children:
            process.start()
        assert all(ask(f"parent-{turn}") for turn in range(50))
        for process in children:
            process.join(90)
        assert [process.exitcode for process in children] == [0, 0, 0]
        assert server.connections == before + 3


@pytest.mark.parametrize("face", [DynamoStore, AsyncDynamoStore])
def test_both_faces_take_the_same_options(face: type[BaseStore]) -> None:
    """And refuse the same, where they are made; nothing is resolved."""
    assert inspect.signature(face) == inspect.signature(BaseStore)
    store = face(table_prefix="eu-", deadline=3.0)
    assert (store.table_prefix, store.deadline) == ("eu-", 3.0)
    with pytest.raises(errors.SettingsError, match="pool_size: input should be greater than 0"):
        face(pool_size=0)
    assert store._main._call.running is None


@pytest.mark.parametrize(
    ("failure", "code"), [(MemoryError(), "MemoryError"), (Misconfigured("?"), "Misconfigured")]
)
def test_what_fails_while_it_connects_was_not_sent(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, code: str
) -> None:
    """Of whatever kind it is."""

    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(connections, "connect", fail)
    with pytest.raises(errors.StoreError) as raised:
        DynamoStore(region="eu-west-1", attempts=1).execute(GET._replace(name="PutItem"))
    assert raised.value.code == code


def test_a_probe_has_a_connection_of_its_own() -> None:
    """It does not queue behind others; both have the same credentials."""
    with Loopback() as server:
        store = DynamoStore(region="eu-west-1", endpoint=server.url)
        store.execute(GET)
        store.execute(GET._replace(deadline=5.0))
        main, probe = store._open()
        assert main is not probe
        assert main.credentials is probe.credentials  # type: ignore[union-attr]
        store.settle()
        store.forget()
        assert store._open() == []
        store.execute(GET)
        store.close()
        assert server.connections == 3
