"""A server that answers every DynamoDB request from stock, so that only the client's work shows.

`python -m tests.benchmarks.canned [CERTIFICATE KEY]` prints its port and serves until it is killed.
The port of the same number takes StatsD lines over UDP, and drops them.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import sys
import threading
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "bench"
"""A query of it answers 100 items."""

PAGED = "bench_page"
"""A query of it answers one page of 1 MB."""

FOREIGN = "bench_foreign"
"""The items of `TABLE` as another program would write them."""

ORDERS = "bench_orders"
"""Items with maps in a list, sets and attributes that are missing."""

FOREIGN_ORDERS = "bench_foreign_orders"
"""The same as another program would write them."""

OWN_KEYS = "bench_own_keys"
"""Items whose key is two of their fields."""

SHARED = "bench_shared"
"""The same items in a shared table, whose keys are texts made of the fields."""

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


def foreign_item(number: int) -> dict[str, Any]:
    """The same item: numbers and dates in other forms, and attributes that no model knows."""
    return {
        **item(number),
        "balance": {"N": "1042.750"},
        "created": {"S": "2026-11-23T16:00:00+01:00"},
        "deleted": {"NULL": True},
        "revision": {"N": "7"},
    }


def order(number: int) -> dict[str, Any]:
    """An item with three maps in a list, in DynamoDB JSON, as dynrepo writes it."""
    return {
        "pk": {"S": "user-1"},
        "sk": {"S": f"{number:08d}"},
        "status": {"S": "open"},
        "placed": {"S": "2026-11-23T15:00:00.000000Z"},
        "total": {"N": "64.35"},
        "labels": {"SS": ["fragile", "gift"]},
        "ratings": {"NS": ["3", "5"]},
        "lines": {"L": [{"M": _line(position)} for position in range(3)]},
    }


def foreign_order(number: int) -> dict[str, Any]:
    """The same order as another program would write it."""
    lines = [{"M": {**_line(position), "price": {"N": "21.450"}}} for position in range(3)]
    return {
        **order(number),
        "placed": {"S": "2026-11-23T15:00:00+00:00"},
        "note": {"NULL": True},
        "lines": {"L": lines},
        "source": {"S": "import"},
    }


def own_key(number: int) -> dict[str, Any]:
    """An item of a table of its own, in DynamoDB JSON."""
    return {
        "user_id": {"S": "user-1"},
        "placed": {"S": f"2026-11-23T15:00:00.{number:06d}Z"},
        "number": {"N": str(number)},
        "status": {"S": "open"},
        **ATTRIBUTES,
    }


def shared(number: int) -> dict[str, Any]:
    """The same item in a shared table."""
    fields = own_key(number)
    return {
        **fields,
        "pk": {"S": "USER#user-1"},
        "sk": {"S": f"ORDER#{fields['placed']['S']}#{number:08d}"},
        "gsi1pk": {"S": "STATUS#open"},
        "gsi1sk": fields["placed"],
        "_et": {"S": "ORDER"},
    }


def _line(position: int) -> dict[str, Any]:
    return {
        "product": {"S": f"engine-{position}"},
        "count": {"N": "2"},
        "price": {"N": "21.45"},
        "options": {"M": {"colour": {"S": "brass"}}},
    }


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
    items = [_maker(table)(number) for number in range(start, end)]
    content: dict[str, Any] = {
        "Items": items,
        "Count": len(items),
        "ScannedCount": len(items),
        "ConsumedCapacity": {"TableName": table, "CapacityUnits": 12.5},
    }
    if not last:
        key = ("user_id", "placed") if table == OWN_KEYS else ("pk", "sk")
        content["LastEvaluatedKey"] = {name: items[-1][name] for name in key}
    return _answer(content)


def _read(body: bytes) -> bytes:
    """The answer to a query or a scan."""
    request = json.loads(body)
    table = request["TableName"]
    count = _COUNTS.get(table) or int(table.rpartition("_")[2])
    after = request.get("ExclusiveStartKey")
    start = _number_in(after) + 1 if after else 0
    end = min(start + request.get("Limit", PAGE), count)
    return _page(table, start, end, last=end == count)


def _number_in(key: dict[str, Any]) -> int:
    """The number of the item that has a key."""
    sort = key.get("sk") or key["placed"]
    return int(_DIGITS.findall(sort["S"])[-1])


_DIGITS = re.compile("[0-9]+")
_MAKERS = {
    FOREIGN: foreign_item,
    ORDERS: order,
    FOREIGN_ORDERS: foreign_order,
    OWN_KEYS: own_key,
    SHARED: shared,
}
_COUNTS = {TABLE: 100, PAGED: PAGE, **dict.fromkeys(_MAKERS, 100)}


def _maker(table: str) -> Callable[[int], dict[str, Any]]:
    return _MAKERS.get(table, item)


def _description(table: str) -> dict[str, Any]:
    kinds = {"pk": "HASH", "sk": "RANGE"}
    return {
        "TableName": table,
        "TableStatus": "ACTIVE",
        "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in kinds.items()],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in kinds],
    }


@lru_cache(maxsize=128)
def _stock(operation: str, table: str, asked: int) -> bytes | None:
    """The answer of an operation on a table, by how many keys are asked for; None for a read."""
    capacity = {"TableName": table, "CapacityUnits": 1.0}
    made = _maker(table)
    contents: dict[str, Callable[[], dict[str, Any]]] = {
        "GetItem": lambda: {"ConsumedCapacity": capacity, "Item": made(0)},
        "PutItem": lambda: {"ConsumedCapacity": capacity},
        "UpdateItem": lambda: {"ConsumedCapacity": capacity, "Attributes": made(0)},
        "DeleteItem": lambda: {"ConsumedCapacity": capacity},
        "DescribeTable": lambda: {"Table": _description(table)},
        "BatchGetItem": lambda: {
            "Responses": {table: [made(number) for number in range(asked)]},
            "UnprocessedKeys": {},
            "ConsumedCapacity": [capacity],
        },
        "BatchWriteItem": lambda: {"UnprocessedItems": {}, "ConsumedCapacity": [capacity]},
        "TransactWriteItems": lambda: {"ConsumedCapacity": [capacity]},
    }
    return _answer(contents[operation]()) if operation in contents else None


_NAME = re.compile(rb'"(bench\w*)"')
_KEY = re.compile(rb'"(?:pk|user_id)"')


def _answer_to(operation: str, body: bytes) -> bytes:
    named = _NAME.search(body)
    asked = len(_KEY.findall(body)) if operation == "BatchGetItem" else 0
    return _stock(operation, named[1].decode() if named else TABLE, asked) or _read(body)


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
        connection.sendall(_answer_to(operation.decode(), body))


def _quietly(connection: socket.socket, tls: ssl.SSLContext | None) -> None:
    try:
        _serve(connection, tls)
    except OSError:
        pass
    finally:
        connection.close()


def _listen(port: int) -> None:
    """Receives StatsD lines for as long as the process lives."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", port))
        while True:
            daemon.recv(65536)


def main(*certificate: str) -> None:
    """Serves, one thread a connection."""
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(*certificate)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    port = listener.getsockname()[1]
    threading.Thread(target=_listen, args=(port,), daemon=True).start()
    print(port, flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_quietly, args=(connection, tls), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
