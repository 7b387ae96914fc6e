"""A name is looked up by one thread for all who ask, and nothing of theirs stays with it."""

from __future__ import annotations

import socket
import threading
from contextvars import ContextVar
from typing import Any

import pytest

from dynrepo.aws.resolver import LOOKUP, addresses_found, literal_address, lookup_of
from dynrepo.protocol.endpoint import Endpoint
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]


@pytest.mark.parametrize(
    ("host", "family"),
    [
        ("127.0.0.1", socket.AF_INET),
        ("::1", socket.AF_INET6),
        ("fe80::1%1", socket.AF_INET6),
    ],
)
def test_an_address_is_taken_as_it_is(host: str, family: socket.AddressFamily) -> None:
    """No resolver is asked."""
    assert literal_address(Endpoint(host, 8000)) == [
        (family, socket.SOCK_STREAM, 0, "", (host, 8000))
    ]


def test_a_name_is_no_address() -> None:
    """Though it may look like one."""
    assert literal_address(Endpoint("127.0.0.1.example", 80)) is None


def test_one_look_up_serves_all_who_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs; until it has ended, nothing is found."""
    go_on = threading.Event()
    asked: list[Any] = []

    def getaddrinfo(*arguments: Any, **_: Any) -> Any:
        asked.append((arguments, threading.current_thread().name, variable.get("nothing")))
        go_on.wait(30)
        return FOUND

    variable: ContextVar[str] = ContextVar("variable")
    variable.set("the caller's")
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    endpoint = Endpoint("table.example", 80)
    lookup = lookup_of(endpoint)
    assert lookup_of(endpoint) is lookup
    with pytest.raises(ConnectTimedOut):
        addresses_found(lookup)
    go_on.set()
    lookup.wait(30)
    assert addresses_found(lookup) == FOUND
    assert asked == [(("table.example", 80), LOOKUP, "nothing")]
    assert lookup_of(endpoint) is not lookup


@pytest.mark.parametrize("error", [socket.gaierror(socket.EAI_NONAME, "unknown"), UnicodeError()])
def test_a_name_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Nothing can be connected to."""

    def getaddrinfo(*_: Any, **__: Any) -> Any:
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    lookup = lookup_of(Endpoint("nowhere.example", 80))
    lookup.wait(30)
    with pytest.raises(NotConnected):
        addresses_found(lookup)
