"""What servers on loopback do over TLS, and with what: well, badly, and not as anybody should."""

from __future__ import annotations

import socket
import ssl
import warnings
from typing import TYPE_CHECKING

import pytest

from tests.loopback import Received, reset, tls_for
from tests.terminator import end

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.loopback import Step

TLS = tuple[ssl.SSLContext, "Path"]
"""What a server speaks TLS with, and the bundle that makes clients trust it."""

UNBOUNDED = b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"Item": {}}'
"""An answer that ends with the connection."""


def say_and_end(data: bytes = b"") -> Step:
    """Sends bytes and ends the connection with TLS's word that this is the end."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        end(connection)

    return step


def say_and_half_end(data: bytes = b"") -> Step:
    """Sends bytes and TLS's word that this is the end, and leaves the connection open."""

    def step(connection: socket.socket, _: Received) -> None:
        assert isinstance(connection, ssl.SSLSocket)
        connection.sendall(data)
        connection.settimeout(0)
        with pytest.raises(ssl.SSLWantReadError):
            connection.unwrap()
        connection.settimeout(None)

    return step


def say_and_reset(data: bytes) -> Step:
    """Sends bytes and ends the connection by RST."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        reset(connection)

    return step


def say_raw(data: bytes, raw: bytes) -> Step:
    """Sends bytes over TLS, and then some past it."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        socket.socket.sendall(connection, raw)

    return step


class Hasty:
    """A server's TLS that resets the connection as soon as it is there."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, connection: socket.socket, **options: bool) -> socket.socket:
        """Shakes hands and is gone."""
        reset(self._context.wrap_socket(connection, **options))
        raise ConnectionError


def of_another_name(folder: Path) -> TLS:
    """Its certificate names another host."""
    return tls_for(folder, "elsewhere.example")


def expired(folder: Path) -> TLS:
    """Its certificate was valid yesterday."""
    return tls_for(folder, "localhost", days=-1)


def of_a_stranger(folder: Path) -> TLS:
    """Nobody who is trusted vouches for it."""
    (folder / "known").mkdir()
    return tls_for(folder, "localhost")[0], tls_for(folder / "known", "localhost")[1]


def of_old(folder: Path) -> TLS:
    """It speaks TLS 1.1."""
    context, bundle = tls_for(folder, "localhost")
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore"):  # Python warns of these versions
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context, bundle


UNFIT: dict[Callable[[Path], TLS], str] = {
    of_another_name: "another name",
    expired: "expired",
    of_a_stranger: "untrusted",
    of_old: "TLS 1.1",
}
"""What makes that with which no client should talk to a server."""
