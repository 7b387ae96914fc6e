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
def connected(tls: tuple[ssl.SSLContext, Path], *script: Step) -> Generator[ssl.SSLSocket]:
    """A connection over TLS to a server without it, whose every byte and end is seen."""
    context, bundle = tls
    trusting = ssl.create_default_context(cafile=bundle)
    with Loopback(*script) as server, Terminator(server.url, context) as terminator:
        plain = socket.create_connection(terminator.server_address[:2], timeout=5)
        with trusting.wrap_socket(
            plain, server_hostname="localhost", suppress_ragged_eofs=False
        ) as secured:
            yield secured


def read(connection: ssl.SSLSocket) -> bytes:
    """All that comes until the other side says that this was all."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_long_request_and_a_long_answer(tls: tuple[ssl.SSLContext, Path]) -> None:
    """Both arrive whole, and the end is one that TLS vouches for."""
    said = answer(b"y" * 1_000_000)
    with connected(tls, say_and_close(said)) as client:
        client.sendall(REQUEST)
        assert read(client) == said


def test_a_reset(tls: tuple[ssl.SSLContext, Path]) -> None:
    """It is never taken for an end in order."""
    with connected(tls, reset) as client:
        client.sendall(REQUEST)
        with pytest.raises(OSError, match=r"EOF|reset"):
            read(client)


def test_others_live_on(tls: tuple[ssl.SSLContext, Path]) -> None:
    """A client that hangs up in the middle, or speaks no TLS, is nobody else's trouble."""
    with connected(tls, say_and_close(answer())) as client:
        with socket.create_connection(client.getpeername()) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
        reset(socket.create_connection(client.getpeername()))
        client.sendall(REQUEST)
        assert read(client) == answer()
