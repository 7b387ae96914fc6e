"""The addresses of a host are there in time, and the loop goes on while they are looked up."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from dynrepo.aio.lookup import addresses_of
from dynrepo.aws import tasks
from dynrepo.aws.resolver import LOOKUP
from dynrepo.protocol.endpoint import Endpoint
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected
from tests.aio import loops
from tests.loopback import soon, wait_until
from tests.resolver import FOUND

if TYPE_CHECKING:
    from tests.aio.conftest import Run


def test_an_address_is_taken_as_it_is(hanging: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """No resolver is asked, and no thread started."""
    monkeypatch.setattr(tasks, "threading", None)
    found = loops.run(lambda: addresses_of(Endpoint("::1", 8000), soon()))
    assert found == [(socket.AF_INET6, socket.SOCK_STREAM, 0, "", ("::1", 8000))]
    assert hanging == []


def test_a_name_is_looked_up_anew(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its addresses may change; it is done on another thread than the loop's."""
    threads: list[str] = []

    def getaddrinfo(*_: Any, **__: Any) -> Any:
        threads.append(threading.current_thread().name)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def main() -> None:
        for _ in range(2):
            assert await addresses_of(Endpoint("table.example", 80), soon()) == FOUND

    run(main)
    assert threads == [LOOKUP] * 2


def test_a_name_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be connected to."""

    def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(NotConnected):
        loops.run(lambda: addresses_of(Endpoint("nowhere.example", 80), soon()))


def test_a_resolver_that_hangs_keeps_one_thread(run: Run, hanging: list[str]) -> None:
    """However many wait for it, each is back in time."""
    host = f"{uuid4()}.example"  # each time another one: the threads of others may not have ended

    async def main() -> list[Any]:
        endpoint = Endpoint(host, 80)
        waiting = [addresses_of(endpoint, soon(0.02)) for _ in range(64)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    assert {type(outcome) for outcome in run(main)} == {ConnectTimedOut}
    wait_until(lambda: bool(hanging))
    assert hanging == [host]
