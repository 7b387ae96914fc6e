"""A TLS terminator on loopback: what an engine says over plain HTTP, it says over TLS."""

from __future__ import annotations

import select
import socket
import ssl
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import TracebackType

# More than a TLS record holds: none is left half read where waiting on the socket would miss it.
PIECE = 64 * 1024


class Terminator(ThreadingTCPServer):
    """Takes connections over TLS, and makes one to the engine for each."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, engine: str, tls: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Relay)
        parts = urlsplit(engine)
        self.engine = (str(parts.hostname), int(parts.port or 80))
        self.tls = tls
        self.endpoint = f"https://localhost:{self.server_address[1]}"
        """The URL to reach the engine at."""

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=[0.05], daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.shutdown()
        self.server_close()


class _Relay(BaseRequestHandler):
    """One connection of a client, and the one to the engine behind it."""

    server: Terminator
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError), self._secured() as client:
            with socket.create_connection(self.server.engine) as engine:
                for one in (client, engine):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                relay(client, engine)
            end(client)

    def _secured(self) -> ssl.SSLSocket:
        return self.server.tls.wrap_socket(
            self.request, server_side=True, suppress_ragged_eofs=False
        )


def relay(client: socket.socket, engine: socket.socket) -> None:
    """Passes on what each side says, until one of them ends; an unclean end is an `OSError`."""
    other = {client: engine, engine: client}
    while True:
        for one in select.select([client, engine], [], [])[0]:
            if not (piece := one.recv(PIECE)):
                return
            other[one].sendall(piece)


def end(connection: socket.socket) -> None:
    """Says over TLS that nothing more will come, waits for no answer, and closes."""
    if isinstance(connection, ssl.SSLSocket):
        with suppress(OSError, ValueError):
            connection.settimeout(0)
            connection.unwrap()
    connection.close()
