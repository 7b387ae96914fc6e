"""A server that answers every DynamoDB request from stock, so that only the client's work shows.

`python -m tests.benchmarks.canned [CERTIFICATE KEY]` prints its port and serves until it is killed.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from functools import lru_cache
from typing import Any
from zlib import crc32

TABLE = "bench"
"""A query of it answers 100 items."""

PAGED = "bench_page"
"""A query of it answers one page of 1 MB."""

PAGE = 1000
"""Items of which 1 MB is made."""

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


def table_of(count: int) -> str:
    """The name of a table whose queries and scans answer so many items, in pages of 1 MB."""
    return f"bench_of_{count}"


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


@lru_cache(maxsize=128)
def _page(table: str, start: int, end: int, *, last: bool = True) -> bytes:
    items = [item(number) for number in range(start, end)]
    content: dict[str, Any] = {
        "Items": items,
        "Count": len(items),
        "ScannedCount": len(items),
        "ConsumedCapacity": {"TableName": table, "CapacityUnits": 12.5},
    }
    if not last:
        content["LastEvaluatedKey"] = {name: items[-1][name] for name in ("pk", "sk")}
    return _answer(content)


def _read(body: bytes) -> bytes:
    """The answer to a query or a scan."""
    request = json.loads(body)
    table = request["TableName"]
    count = {TABLE: 100, PAGED: PAGE}.get(table) or int(table.rpartition("_")[2])
    after = request.get("ExclusiveStartKey")
    start = int(after["sk"]["S"]) + 1 if after else 0
    end = min(start + PAGE, count)
    return _page(table, start, end, last=end == count)


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
        connection.sendall(_ANSWERS.get(operation) or _read(body))


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
