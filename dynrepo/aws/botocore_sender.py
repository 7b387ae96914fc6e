"""botocore's own sender, held to the same promises: bounded in time, and answers checked."""

from __future__ import annotations

import io
import threading
import time
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from dynrepo.protocol import answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Generator


def check_answers(client: Any) -> None:
    """Makes a client verify every answer; botocore takes a broken one for an empty one."""
    client.meta.events.register("before-parse.dynamodb", _check, unique_id="dynrepo-check")


def _check(response_dict: dict[str, Any], **_: Any) -> None:
    answer.verify(response_dict["headers"], response_dict["body"])
    if not answer.is_refusal(response_dict["status_code"]):
        answer.parse(response_dict["status_code"], response_dict["body"])


def bound(client: Any, *, original: bool) -> None:
    """Makes a client's reads end when the call must; botocore bounds each of them alone.

    Where somebody replaced parts of botocore (not `original`), theirs are left to do it.
    """
    pools = (_Pool, _TlsPool) if original else (AWSHTTPConnectionPool, AWSHTTPSConnectionPool)
    session = client._endpoint.http_session  # noqa: SLF001 - no public way leads to the sockets
    classes = session._pool_classes_by_scheme  # noqa: SLF001
    if (classes["http"], classes["https"]) != pools:
        session.close()  # no connection of the other kind is used again
        classes.update(http=pools[0], https=pools[1])


class _Now(threading.local):
    ends: float | None = None


_now = _Now()


@contextmanager
def ending(ends: float | None) -> Generator[None]:
    """Bounds what this thread reads within the block, by a point of `time.monotonic`."""
    _now.ends = ends
    try:
        yield
    finally:
        _now.ends = None


class _BoundedReader(io.RawIOBase):
    """Reads from a socket, each time for no longer than is left."""

    def __init__(self, of: socket.socket, raw: Any) -> None:
        self._socket = of
        self._raw = raw
        self._timeout = of.gettimeout()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> Any:
        if _now.ends is not None:
            left = _now.ends - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left if self._timeout is None else min(left, self._timeout))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(_BoundedReader(sock, self.fp.detach()))


class _Connection(AWSHTTPConnection):
    response_class: Any = _Response


class _TlsConnection(AWSHTTPSConnection):
    response_class: Any = _Response


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection
