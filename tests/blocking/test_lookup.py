"""The addresses of a host are there in time, and a resolver that hangs costs few threads."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from typing import Any

import pytest

from dynrepo.aws import tasks
from dynrepo.aws.resolver import LOOKUP
from dynrepo.blocking.lookup import addresses_of
from dynrepo.protocol.endpoint import Endpoint
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected
from tests.loopback import Loopback, soon, wait_until
from tests.resolver import FOUND
from tests.threads import running


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("::1", socket.AF_INET6),
        ("fe80::1%1", socket.AF_INET6),
    ],
)
def test_an_address_is_taken_as_it_is(
    hanging: list[str], host: str, family: socket.AddressFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No resolver is asked, and no thread started."""
    monkeypatch.setattr(tasks, "threading", None)
    ((found, _, _, _, address),) = addresses_of(Endpoint(host, 8000), soon())
    assert (found, address) == (family, (host, 8000))
    assert hanging == []


def test_a_name_is_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its addresses may change."""
    asked: list[Any] = []

    def getaddrinfo(*arguments: Any, **_: Any) -> Any:
        asked.append(arguments)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for _ in range(2):
        assert addresses_of(Endpoint("table.example", 80), soon()) == FOUND
    assert asked == [("table.example", 80)] * 2


@pytest.mark.parametrize("name", ["nowhere.example", "local\0host", "x" * 64 + ".example"])
def test_a_name_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nothing can be connected to."""

    def getaddrinfo(host: str, *_: Any, **__: Any) -> Any:
        host.encode("idna")
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(NotConnected):
        addresses_of(Endpoint(name, 80), soon())


def test_a_resolver_that_hangs_keeps_one_thread(hanging: list[str]) -> None:
    """However many wait for it, each is back in time."""
    errors: list[Exception] = []
    before = threading.enumerate()

    def call() -> None:
        for _ in range(4):
            try:
                addresses_of(Endpoint("hanging.example", 80), soon(0.02))
            except ConnectTimedOut as error:
                errors.append(error)

    callers = [threading.Thread(target=call) for _ in range(16)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    wait_until(lambda: bool(hanging))
    assert (len(errors), hanging) == (64, ["hanging.example"])
    assert len(running(LOOKUP, before)) == 1


LAST_WORDS = """
import builtins
import logging
from typing import Annotated
from pydantic import BaseModel
from dynrepo import *

logging.getLogger("dynrepo").addHandler(logging.NullHandler())

class Thing(BaseModel):
    id: Annotated[str, PartitionKey()]

class Things(Repository[Thing]):
    table = "things"

class Last:
    store = DynamoStore(region="eu-west-1", endpoint="{url}", transport="{transport}")
    things = Things(store)
    thing, error = Thing(id="1"), DynrepoError

    def __del__(self):
        try:
            self.things.set(self.thing)
        except self.error as error:
            print(type(error).__name__)
        else:
            print("done")

if {prepared}:
    Last.things.get("1")
builtins.last = Last()
"""


@pytest.mark.parametrize(
    ("host", "prepared", "transport", "said"),
    [
        ("localhost", False, "auto", "Unavailable"),
        ("localhost", True, "auto", "Unavailable"),
        ("127.0.0.1", False, "auto", "Unavailable"),
        ("127.0.0.1", True, "auto", "done"),
        ("127.0.0.1", True, "botocore", "Unavailable"),
    ],
)
def test_a_write_at_the_end_of_the_interpreter_returns(
    host: str,
    prepared: bool,  # noqa: FBT001
    transport: str,
    said: str,
) -> None:
    """It is done, or says that it was not sent, where that would take a thread."""
    with Loopback() as server:
        url = server.url.replace("127.0.0.1", host)
        script = LAST_WORDS.format(url=url, prepared=prepared, transport=transport)
        ended = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
        )
    assert (ended.stdout, ended.stderr, ended.returncode) == (f"{said}\n", "", 0)
    assert len(server.received) == prepared + (said == "done")
