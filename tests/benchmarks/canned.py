"""A server that answers every DynamoDB request from stock, so that only the client's work shows.

`python -m tests.benchmarks.canned [CERTIFICATE KEY]` prints its port and serves until it is killed.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from typing import Any
from zlib import crc32

TABLE = "bench"
"""A query of it answers 100 items."""

PAGED = "bench_page"
"""A query of it answers one page of 1 MB."""

ATTRIBUTES: dict[str, Any] = {
    "name": {"S": "Ada Lovelace"},
    "email": {"S": "ada.lovelace@analytical-engine.example"},
    "street": {"S": "12 St James's Square"},
    "city": {"S": "London"},
    "country": {"S": "GB"},
    "phone": {"S": "+44 20 7946 0123"},
    "age": {"N": "36"},
    "visits": {"N": "4711"},
    "balance": {"N": "1042.75"},
    "active": {"BOOL": True},
    "tags": {"L": [{"S": "mathematics"}, {"S": "poetry"}, {"S": "engines"}]},
    "preferences": {"M": {"language": {"S": "en"}, "theme": {"S": "dark"}}},
    "created": {"S": "2026-11-23T15:00:00.000000Z"},
    "about": {"S": "The first to see that a machine could do more than reckon. " * 8 + "So."},
}


def item(number: int) -> dict[str, Any]:
    """One of the items, in DynamoDB JSON: 16 attributes, about 1 KB on the wire."""
    return {"pk": {"S": "user-1"}, "sk": {"S": f"{number:08d}"}, **ATTRIBUTES}


def _answer(content: Any) -> bytes:
    body = json.dumps(content, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK",
        "Server: Server",
        "Date: Mon, 23 Nov 2026 15:00:00 GMT",
        "Content-Type: application/x-amz-json-1.0",
        f"Content-Length: {len(body)}",
        "Connection: keep-alive",
        "x-amzn-RequestId: 4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG",
        f"x-amz-crc32: {crc32(body)}",
    )
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _page(count: int, table: str) -> bytes:
    items = [item(number) for number in range(count)]
    capacity = {"TableName": table, "CapacityUnits": 12.5}
    return _answer(
        {"Items": items, "Count": count, "ScannedCount": count, "ConsumedCapacity": capacity}
    )


_CAPACITY = {"TableName": TABLE, "CapacityUnits": 1.0}
_BATCH = [item(number) for number in range(100)]
_ANSWERS = {
    b"GetItem": _answer({"ConsumedCapacity": _CAPACITY, "Item": item(0)}),
    b"PutItem": _answer({"ConsumedCapacity": _CAPACITY}),
    b"DeleteItem": _answer({"ConsumedCapacity": _CAPACITY}),
    b"BatchGetItem": _answer(
        {"Responses": {TABLE: _BATCH}, "UnprocessedKeys": {}, "ConsumedCapacity": [_CAPACITY]}
    ),
    b"BatchWriteItem": _answer({"UnprocessedItems": {}, "ConsumedCapacity": [_CAPACITY]}),
}
_QUERY = _page(100, TABLE)
_LARGE = _page(1000, PAGED)


def _serve(connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls is not None:
        connection = tls.wrap_socket(connection, server_side=True)
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return
            data += more
        head, _, data = data.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(data) < length:
            data += connection.recv(65536)
        body, data = data[:length], data[length:]
        at = lower.index(b"x-amz-target:")
        operation = head[at:].split(b"\r\n")[0].rpartition(b".")[2].strip()
        answer = _ANSWERS.get(operation)
        if answer is None:
            answer = _LARGE if PAGED.encode() in body else _QUERY
        connection.sendall(answer)


def _quietly(connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        _serve(connection, tls)
    except OSError:
        pass
    finally:
        connection.close()


def main(*certificate: str) -> None:
    """Serves, one thread a connection."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_quietly, args=(connection, tls), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
