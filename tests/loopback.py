"""An HTTP server on loopback that does what a script says, down to the bytes."""

from __future__ import annotations

import json
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


@dataclass
class Received:
    """A request as it came."""

    head: bytes
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        """The headers, by lower-case name."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


Step = Callable[[socket.socket, Received], None]


CAPACITY = {"ConsumedCapacity": {"TableName": "users", "CapacityUnits": 0.5}}
"""What DynamoDB adds to every answer, when it is asked to; alone, it is that of a miss."""


def answer(
    body: Any = None, *, status: int = 200, crc: int | None = None, headers: tuple[str, ...] = ()
) -> bytes:
    """A whole answer, as DynamoDB would send it."""
    content = (
        body if isinstance(body, bytes) else json.dumps(CAPACITY if body is None else body).encode()
    )
    lines = (
        f"HTTP/1.1 {status} Something",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(content)}",
        "x-amzn-RequestId: R1",
        f"x-amz-crc32: {crc32(content) if crc is None else crc}",
        *headers,
    )
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def say(data: bytes | None = None) -> Step:
    """Sends bytes and leaves the connection open."""
    return lambda connection, _: connection.sendall(answer() if data is None else data)


def say_and_close(data: bytes = b"") -> Step:
    """Sends bytes and closes the connection in order."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        connection.close()

    return step


def say_and_half_close(data: bytes) -> Step:
    """Sends bytes and shuts down its own direction only."""

    def step(connection: socket.socket, _: Received) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)

    return step


def reset(connection: socket.socket, _: Received | None = None) -> None:
    """Ends the connection by RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def say_nothing(connection: socket.socket, _: Received) -> None:
    """Waits until the other side gives up; closes the connection if it never does."""
    if not select.select([connection], [], [], 30)[0]:
        connection.close()


def drip(data: bytes, seconds: float) -> Step:
    """Sends byte after byte, until the other side closes the connection."""

    def step(connection: socket.socket, _: Received) -> None:
        for byte in data:
            if select.select([connection], [], [], seconds)[0]:
                return
            connection.sendall(bytes([byte]))

    return step


class Loopback:
    """Answers each request, over whatever connection it comes, by the next step of a script.

    The last step repeats. `received` holds the requests, `connections` counts the connections.
    """

    def __init__(
        self, *script: Step, tls: ssl.SSLContext | None = None, family: int = socket.AF_INET
    ) -> None:
        self.script = list(script) or [say()]
        self.received: list[Received] = []
        self.connections = 0
        self.open: list[socket.socket] = []
        self._tls = tls
        self._lock = threading.Lock()
        host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]
        shown = "[::1]" if family == socket.AF_INET6 else "localhost" if tls else host
        self.url = f"{'https' if tls else 'http'}://{shown}:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A thread that waits in accept() would hold the socket open.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.hang_up()

    def hang_up(self) -> None:
        """Closes every connection that is open."""
        with self._lock:
            connections, self.open = self.open, []
        for connection in connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            # What is sent goes at once, so that a reset right behind it does not overtake it.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self.open.append(connection)
            while (request := _request(connection)) is not None:
                with self._lock:
                    self.received.append(request)
                    step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                step(connection, request)
        except (OSError, ValueError):  # hung up on: TLS says ValueError of a closed socket
            pass
        finally:
            connection.close()


def _request(connection: socket.socket) -> Received | None:
    data = bytearray()
    while (end := data.find(b"\r\n\r\n")) < 0:
        if not (more := connection.recv(65536)):
            return None
        data += more
    head, body = bytes(data[:end]), data[end + 4 :]
    length = int(Received(head, b"").headers.get("content-length", "0"))
    while len(body) < length:
        if not (more := connection.recv(65536)):
            return None
        body += more
    return Received(head, bytes(body))


def tls_for(folder: Path, *names: str, days: float = 1) -> tuple[ssl.SSLContext, Path]:
    """What a server of these names speaks TLS with, and the bundle that makes clients trust it."""
    bundle, key = folder / "certificate.pem", folder / "key.pem"
    for path, content in zip((bundle, key), certificate_for(*names, days=days), strict=True):
        path.write_bytes(content)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(bundle, key)
    return context, bundle


def certificate_for(*names: str, days: float = 1) -> tuple[bytes, bytes]:
    """A certificate and its key, as PEM, that vouch for nobody but themselves, for so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )


def soon(seconds: float = 60) -> float:
    """A point of time, by default one that a test reaches only if something hangs."""
    return time.monotonic() + seconds


def wait_until(condition: Callable[[], bool]) -> None:
    """Waits for what another thread or the kernel does."""
    until = soon()
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.002)
