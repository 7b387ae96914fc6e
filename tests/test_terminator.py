"""What is said through the terminator arrives, and ends as it was ended."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.loopback import Loopback, answer, reset, say_and_close
from tests.terminator import Terminator

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.loopback import Step

REQUEST = b"POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000


@contextmanager
def terminated(tls: tuple[ssl.SSLContext, Path], *script: Step) -> Generator[Terminator]:
    """A terminator in front of a server that answers by a script."""
    with Loopback(*script) as server, Terminator(server.url, tls[0]) as terminator:
        yield terminator


def connected(to: Terminator, tls: tuple[ssl.SSLContext, Path]) -> ssl.SSLSocket:
    """A connection of which every byte and end is seen."""
    plain = socket.create_connection(("127.0.0.1", to.server_address[1]), timeout=5)
    return ssl.create_default_context(cafile=tls[1]).wrap_socket(
        plain, server_hostname="localhost", suppress_ragged_eofs=False
    )


def read(connection: ssl.SSLSocket) -> bytes:
    """All that comes until the other side says that this was all."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_long_request_and_a_long_answer(tls: tuple[ssl.SSLContext, Path]) -> None:
    """Both arrive whole, and the end is one that TLS vouches for."""
    said = answer(b"y" * 1_000_000)
    with terminated(tls, say_and_close(said)) as terminator, connected(terminator, tls) as client:
        client.sendall(REQUEST)
        assert read(client) == said


def test_a_reset(tls: tuple[ssl.SSLContext, Path]) -> None:
    """It is never taken for an end in order."""
    with terminated(tls, reset) as terminator, connected(terminator, tls) as client:
        client.sendall(REQUEST)
        with pytest.raises(OSError, match=r"EOF|reset"):
            read(client)


def test_others_live_on(tls: tuple[ssl.SSLContext, Path]) -> None:
    """A client that resets its connection, or speaks no TLS, is nobody else's trouble."""
    script = say_and_close(answer())
    with terminated(tls, script) as terminator, connected(terminator, tls) as client:
        reset(connected(terminator, tls))
        with socket.create_connection(client.getpeername()) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        client.sendall(REQUEST)
        assert read(client) == answer()
