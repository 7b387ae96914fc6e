"""The least that a client of DynamoDB does: it signs a request, exchanges it and reads the answer.

It has no pool, no retries, no limit in time, no instruments, and it takes what comes for an answer.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from tests.benchmarks.measure import ENVIRONMENT

T = TypeVar("T", bound=BaseModel)

SCOPE = "eu-west-1/dynamodb/aws4_request"
SIGNED = "content-type;host;x-amz-date;x-amz-target"


class Sketch:
    """A connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._host = f"127.0.0.1:{port}"
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, operation: str, content: Any) -> Any:
        """The answer to a request in DynamoDB JSON."""
        return from_json(self.exchange(self.request(operation, to_json(content))))

    def exchange(self, request: bytes) -> bytes:
        """The body of the answer, which comes in one piece."""
        self._socket.send(request)
        return self._socket.recv(65536).partition(b"\r\n\r\n")[2]

    def request(self, operation: str, body: bytes) -> bytes:
        """A request with AWS Signature Version 4."""
        now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        headers = {
            "content-type": "application/x-amz-json-1.0",
            "host": self._host,
            "x-amz-date": now,
            "x-amz-target": f"DynamoDB_20120810.{operation}",
        }
        lines = "".join([f"{name}:{value}\n" for name, value in headers.items()])
        sent = lines.replace("\n", "\r\n")
        return (
            f"POST / HTTP/1.1\r\n{sent}Authorization: {_authorization(now, lines, body)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def _authorization(now: str, lines: str, body: bytes) -> str:
    canonical = f"POST\n/\n\n{lines}\n{SIGNED}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{SCOPE}"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(_key_of(now[:8]), text.encode(), "sha256").hex()
    credential = f"{ENVIRONMENT['AWS_ACCESS_KEY_ID']}/{scope}"
    return (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={SIGNED}, Signature={signature}"
    )


@cache
def _key_of(day: str) -> bytes:
    key = f"AWS4{ENVIRONMENT['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in (day, *SCOPE.split("/")):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def read(model: type[T], item: dict[str, Any]) -> T:
    """An instance of a model, of which Pydantic reads the numbers and dates."""
    return model.model_validate({name: _plain(value) for name, value in item.items()})


def wire(instance: BaseModel) -> dict[str, Any]:
    """An instance in DynamoDB JSON."""
    return {name: _typed(value) for name, value in instance.model_dump().items()}


def _plain(value: dict[str, Any]) -> Any:
    """A value in DynamoDB JSON without its types; numbers stay text."""
    ((kind, content),) = value.items()
    if kind == "M":
        return {name: _plain(member) for name, member in content.items()}
    if kind == "L":
        return [_plain(member) for member in content]
    return None if kind == "NULL" else content


def _typed(value: Any) -> dict[str, Any]:
    """A value in DynamoDB JSON; a date becomes text."""
    match value:
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case dict():
            return {"M": {name: _typed(member) for name, member in value.items()}}
        case list():
            return {"L": [_typed(member) for member in value]}
        case _:
            return {"S": str(value)}
