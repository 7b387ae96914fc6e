"""A proxy on loopback that lies: it stands in front of a real engine and spoils what passes.

`FAULTS` names everything that can go wrong between a request and its answer. What is certain of
each is written beside it: whether the request reaches the engine, and whether a caller can know.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import struct
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit
from zlib import crc32

from tests.terminator import end

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

ALWAYS = 1_000_000

MARKER = re.compile(rb"account-[0-9a-f]{12}")
"""How requests are told apart that share a proxy."""

READ_FIRST = "account-f"
"""How the accounts begin whose first request, a read, meets no fault; no others begin so."""

PATIENCE = 20.0
"""Seconds after which a connection is given up that its client neither uses nor closes."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came: the operation's name, the head as it will be forwarded, the body."""

    operation: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """The engine's answer."""

    status: int
    headers: dict[str, str]
    body: bytes


class Gone(Exception):
    """The connection is at its end."""


class Wire:
    """One connection of a client, and the connection to the engine behind it."""

    def __init__(self, client: socket.socket, engine: tuple[str, int]) -> None:
        self.client = client
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._engine = http.client.HTTPConnection(*engine, timeout=PATIENCE)
        self._file = client.makefile("rb")

    def request(self) -> Request:
        """The next request; `Gone` when the client has none."""
        line = self._file.readline()
        if not line:
            raise Gone
        headers = {}
        while (line := self._file.readline().rstrip(b"\r\n")) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        body = self._file.read(int(headers.get("content-length", "0")))
        return Request(headers.get("x-amz-target", "").rpartition(".")[2], headers, body)

    def apply(self, request: Request) -> Reply:
        """What the engine answers to a request."""
        self._engine.request("POST", "/", request.body, request.headers)
        response = self._engine.getresponse()
        body = response.read()
        kept = {
            name.lower(): value
            for name, value in response.getheaders()
            if name.lower() in ("content-type", "x-amzn-requestid")
        }
        return Reply(response.status, kept, body)

    def send(self, reply: Reply, **changes: str) -> None:
        """An answer as it should be, with its checksum, but for some headers."""
        self.client.sendall(head(reply, **changes) + reply.body)

    def send_raw(self, data: bytes) -> None:
        """Sends bytes as they are, past TLS where there is one."""
        socket.socket.sendall(self.client, data)

    def reset(self) -> None:
        """Ends the connection as a crash does."""
        self.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.cut()

    def cut(self) -> None:
        """Ends the connection without TLS's word that this is the end."""
        self._file.close()
        self.client.close()
        raise Gone

    def hold(self) -> None:
        """Says nothing until the client gives up."""
        with suppress(OSError):
            while self.client.recv(65536):
                pass
        raise Gone

    def close(self) -> None:
        """Ends both connections, that of the client in order if it is still there."""
        self._file.close()
        end(self.client)
        self._engine.close()


def head(reply: Reply, **changes: str) -> bytes:
    """The head of an answer; a header that is changed to nothing is left out."""
    headers = {
        "content-length": str(len(reply.body)),
        "x-amz-crc32": str(crc32(reply.body)),
        **reply.headers,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    return "\r\n".join([f"HTTP/1.1 {reply.status} Said", *lines, "", ""]).encode("latin-1")


def error(status: int, code: str) -> Reply:
    """An error as DynamoDB tells it."""
    kind = {"content-type": "application/x-amz-json-1.0", "x-amzn-requestid": "FAULT"}
    return Reply(status, kind, json.dumps({"__type": f"com.amazonaws#{code}"}).encode())


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong: what happens on the wire, and what of it can be known.

    `applied` says whether the request reaches the engine. `certain` says that the caller can know
    whether it did. `harmless` says that the caller gets its answer nevertheless. `slow` says that
    one of it takes all the time that a call has. `races` says that another request may be on its
    way on the connection that ends, so that its answer is lost.
    """

    name: str
    play: Callable[[Wire, Request], None]
    applied: bool = True
    certain: bool = False
    harmless: bool = False
    slow: bool = False
    races: bool = False


def _reset_before(wire: Wire, _: Request) -> None:
    wire.reset()


def _reset_after(wire: Wire, request: Request) -> None:
    wire.apply(request)
    wire.reset()


def _closed_after(wire: Wire, request: Request) -> None:
    wire.apply(request)
    raise Gone


def _hole_before(wire: Wire, _: Request) -> None:
    wire.hold()


def _hole_after(wire: Wire, request: Request) -> None:
    wire.apply(request)
    wire.hold()


def _late(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    time.sleep(0.05)
    wire.send(reply)


def _drip(wire: Wire, data: bytes) -> None:
    """A byte at a time, each well within any read timeout, for ever."""
    for place in range(len(data)):
        wire.client.sendall(data[place : place + 1])
        time.sleep(0.05)
    raise Gone


def _dripping_body(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    longer = Reply(reply.status, reply.headers, reply.body + b" " * 400)
    wire.client.sendall(head(longer))
    _drip(wire, longer.body)


def _dripping_head(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    _drip(wire, head(reply, x_long="x" * 400) + reply.body)


def _answers(status: int, code: str, *, applied: bool) -> Callable[[Wire, Request], None]:
    def play(wire: Wire, request: Request) -> None:
        if applied:
            wire.apply(request)
        wire.send(error(status, code))

    return play


def _bare(status: int) -> Callable[[Wire, Request], None]:
    """What a load balancer says that knows nothing of DynamoDB."""

    def play(wire: Wire, request: Request) -> None:
        wire.apply(request)
        page = Reply(status, {"content-type": "text/html"}, b"<html>sorry</html>")
        wire.send(page, x_amz_crc32="")

    return play


def _instead(change: Callable[[bytes], bytes], **headers: str) -> Callable[[Wire, Request], None]:
    """The engine's answer with another body."""

    def play(wire: Wire, request: Request) -> None:
        reply = wire.apply(request)
        wire.send(Reply(reply.status, reply.headers, change(reply.body)), **headers)

    return play


def _cut(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    wire.client.sendall(head(reply) + reply.body[: len(reply.body) // 2])
    raise Gone


def _cut_in_head(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    wire.client.sendall(head(reply)[:30])
    raise Gone


def _flipped(body: bytes) -> bytes:
    """One bit is wrong, in the middle of a value; the JSON may still be one."""
    place = len(body) // 2
    return body[:place] + bytes([body[place] ^ 0x01]) + body[place + 1 :]


def _wrong_crc(wire: Wire, request: Request) -> None:
    wire.send(wire.apply(request), x_amz_crc32="1")


def _nonsense(wire: Wire, request: Request) -> None:
    wire.apply(request)
    wire.client.sendall(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
    raise Gone


def _stale(wire: Wire, request: Request) -> None:
    wire.send(wire.apply(request))
    raise Gone


def _stale_reset(wire: Wire, request: Request) -> None:
    wire.send(wire.apply(request))
    wire.reset()


def _last(wire: Wire, request: Request) -> None:
    wire.send(wire.apply(request), connection="close")
    raise Gone


def _unbounded(wire: Wire, request: Request) -> None:
    """A body that ends with the connection, as HTTP/1.0 has it."""
    reply = wire.apply(request)
    wire.client.sendall(head(reply, content_length="", connection="close") + reply.body)
    raise Gone


def _unbounded_and_cut(wire: Wire, request: Request) -> None:
    """Half of such a body; that this was not its end, only TLS or the JSON can tell."""
    reply = wire.apply(request)
    start = head(reply, content_length="", x_amz_crc32="", connection="close")
    wire.client.sendall(start + reply.body[: len(reply.body) // 2])
    wire.cut()


def _cut_unclean(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    wire.client.sendall(head(reply) + reply.body[: len(reply.body) // 2])
    wire.cut()


def _noise(wire: Wire, request: Request) -> None:
    """Bytes of another connection in the middle of an answer, which TLS takes for a record."""
    reply = wire.apply(request)
    half = len(reply.body) // 2
    wire.client.sendall(head(reply) + reply.body[:half])
    wire.send_raw(b"\x17\x03\x03\x00\x20" + b"\xff" * 32)
    wire.client.sendall(reply.body[half:])


def _chunked(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    wire.client.sendall(head(reply, content_length="", transfer_encoding="chunked"))
    for place in range(0, len(reply.body), 7):
        piece = reply.body[place : place + 7]
        wire.client.sendall(b"%x;note=1\r\n%b\r\n" % (len(piece), piece))
    wire.client.sendall(b"0\r\nx-trailer: 1\r\n\r\n")


def _chunked_cut(wire: Wire, request: Request) -> None:
    reply = wire.apply(request)
    wire.client.sendall(head(reply, content_length="", transfer_encoding="chunked"))
    wire.client.sendall(b"%x\r\n%b\r\n" % (len(reply.body), reply.body))
    raise Gone


def _pieces(wire: Wire, request: Request) -> None:
    """An answer cut at the worst places."""
    reply = wire.apply(request)
    data = head(reply) + reply.body
    for start, stop in ((0, 1), (1, 20), (20, -1), (-1, None)):
        wire.client.sendall(data[start:stop])
        time.sleep(0.005)


def _interim(wire: Wire, request: Request) -> None:
    wire.client.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    wire.send(wire.apply(request))


def _babble(wire: Wire, request: Request) -> None:
    """A second answer that nobody asked for; whoever asks next must not take it for theirs."""
    reply = wire.apply(request)
    forged = Reply(200, reply.headers, b'{"Item": {"account": {"S": "forged"}}}')
    wire.client.sendall(head(reply) + reply.body + head(forged) + forged.body)


def _unprocessed(share: int) -> Callable[[Wire, Request], None]:
    """A batch of which one request in `share` is handed back undone; what else passes."""

    def play(wire: Wire, request: Request) -> None:
        if request.operation not in ("BatchGetItem", "BatchWriteItem"):
            wire.send(wire.apply(request))
            return
        asked = json.loads(request.body)
        done, undone = _split(request.operation, asked["RequestItems"], share)
        reply = error(200, "none")
        if done:
            parameters = json.dumps({**asked, "RequestItems": done}).encode()
            headers = {**request.headers, "content-length": str(len(parameters))}
            reply = wire.apply(Request(request.operation, headers, parameters))
        answer: dict[str, Any] = json.loads(reply.body) if done else {"ConsumedCapacity": []}
        answer["UnprocessedKeys" if request.operation == "BatchGetItem" else "UnprocessedItems"] = (
            undone
        )
        if request.operation == "BatchGetItem":
            answer.setdefault("Responses", {})
        wire.send(Reply(200, reply.headers, json.dumps(answer).encode()))

    return play


def _split(
    operation: str, tables: dict[str, Any], share: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The requests of a batch that are done, and those that are not."""
    done, undone = {}, {}
    for table, wanted in tables.items():
        many = wanted["Keys"] if operation == "BatchGetItem" else wanted
        rest, taken = many[::share], [one for n, one in enumerate(many) if n % share]
        for part, into in ((taken, done), (rest, undone)):
            if part:
                into[table] = {**wanted, "Keys": part} if operation == "BatchGetItem" else part
    return done, undone


THROTTLING = "ProvisionedThroughputExceededException"
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("reset before apply", _reset_before, applied=False),
        Fault("reset after apply", _reset_after),
        Fault("closed after apply", _closed_after),
        Fault("delay", _late, harmless=True),
        Fault("black hole before apply", _hole_before, applied=False),
        Fault("black hole after apply", _hole_after),
        Fault("dripping body", _dripping_body, slow=True),
        Fault("dripping head", _dripping_head, slow=True),
        Fault(
            "500 before apply", _answers(500, "InternalServerError", applied=False), applied=False
        ),
        Fault("500 after apply", _answers(500, "InternalServerError", applied=True)),
        Fault(
            "503 before apply", _answers(503, "ServiceUnavailable", applied=False), applied=False
        ),
        Fault("503 after apply", _answers(503, "ServiceUnavailable", applied=True)),
        Fault("502 of a balancer", _bare(502)),
        Fault("200 of a portal", _bare(200)),
        Fault("302 of a portal", _bare(302)),
        Fault("throttled", _answers(400, THROTTLING, applied=False), applied=False, certain=True),
        Fault("truncated", _cut),
        Fault("truncated in the head", _cut_in_head),
        Fault(
            "truncated, with a length that fits",
            _instead(lambda body: body[: len(body) // 2], x_amz_crc32=""),
        ),
        Fault("garbled", _instead(_flipped, x_amz_crc32="7")),
        Fault("not JSON", _instead(lambda _: b"\xff\xfe{]", x_amz_crc32="")),
        Fault("not an object", _instead(lambda _: b"[]", x_amz_crc32="")),
        Fault("no body", _instead(lambda _: b"", x_amz_crc32="")),
        Fault("an empty object", _instead(lambda _: b"{}")),
        Fault("wrong CRC", _wrong_crc),
        Fault("not HTTP", _nonsense),
        Fault("closed keep-alive", _stale, harmless=True, races=True),
        Fault("reset keep-alive", _stale_reset, harmless=True, races=True),
        Fault("Connection: close", _last, harmless=True),
        Fault("ended by closing", _unbounded, harmless=True),
        Fault("ended by closing, and cut", _unbounded_and_cut),
        Fault("cut without a word", _cut_unclean),
        Fault("noise", _noise),
        Fault("chunked", _chunked, harmless=True),
        Fault("chunked and cut", _chunked_cut),
        Fault("in pieces", _pieces, harmless=True),
        Fault("100 Continue", _interim, harmless=True),
        Fault("a second answer", _babble, harmless=True),
        Fault("all unprocessed", _unprocessed(1), applied=False, certain=True),
        Fault("half unprocessed", _unprocessed(2), certain=True),
    )
}


class FaultProxy:
    """A proxy in front of an engine; a context manager that ends all its connections.

    With `tls` it speaks TLS to its clients. The engine speaks HTTP.

    `choose(request)` gives the fault to play on a request, or None; it is called by one thread at
    a time.
    """

    def __init__(self, engine: str, tls: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(engine)
        self._tls = tls
        self._engine = (str(parts.hostname), int(parts.port or 80))
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._wires: set[Wire] = set()
        self._lock = threading.Lock()
        self.choose: Callable[[Request], Fault | None] = lambda _: None
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """The URL to give to a store."""
        start = "http://127.0.0.1" if self._tls is None else "https://localhost"
        return f"{start}:{self._server.getsockname()[1]}"

    def spoil(self, fault: Fault, times: int = ALWAYS) -> None:
        """Plays a fault on so many requests of each account, told by the body, then none.

        The read of what reads first, to write what it makes of that, is passed on.
        """
        left: dict[bytes, int] = {}

        def choose(request: Request) -> Fault | None:
            found = MARKER.search(request.body)
            account = found[0] if found else b""
            if account not in left and account.startswith(READ_FIRST.encode()):
                left[account] = times
                return None
            left[account] = left.get(account, times) - 1
            return fault if left[account] >= 0 else None

        self.choose = choose

    def heal(self) -> None:
        """Passes everything on as it is."""
        self.choose = lambda _: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # A listening socket that another thread waits on ends its wait only when it is shut down.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._lock:
            for wire in self._wires:
                with suppress(OSError):
                    wire.client.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._server.accept()
                threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        ends = suppress(Gone, OSError, http.client.HTTPException, ValueError)
        with ends, self._wired(client) as wire:
            while True:
                request = wire.request()
                with self._lock:
                    fault = self.choose(request)
                if fault is None:
                    wire.send(wire.apply(request))
                else:
                    fault.play(wire, request)

    @contextmanager
    def _wired(self, client: socket.socket) -> Generator[Wire]:
        client.settimeout(PATIENCE)
        if self._tls is not None:
            client = self._tls.wrap_socket(client, server_side=True)
        wire = Wire(client, self._engine)
        with self._lock:
            self._wires.add(wire)
        try:
            yield wire
        finally:
            with self._lock:
                self._wires.discard(wire)
                wire.close()
