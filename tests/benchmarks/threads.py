"""What a get costs when several threads share one client.

A thread that calls the kernel lets another one have the interpreter, and has to wait until it gets
it back; and each that goes on finds the caches full of the others' work. The floor is the same get
with the least of an exchange: a request sent and an answer received over a bare socket of the
thread's own, without a pool, a limit in time or a look at what came.
"""

from __future__ import annotations

import socket
import statistics
import threading
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import cpu, markdown, median_ratio
from tests.benchmarks.peers import boto3_raw, dynrepo_peer, repositories

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = (1, 8, 32)
CALLS = {"boto3": 960, "dynrepo": 6400, "floor": 6400}


def threads(port: int, rounds: int) -> str:
    """A table of CPU time by threads, and of the ratio to a single thread."""
    url = f"http://127.0.0.1:{port}"
    get = dynrepo_peer(url)["get"]
    gets = {"boto3": boto3_raw(url)["get"], "dynrepo": get, "floor": _floor(port)}
    figures = {(name, number): list[float]() for name in gets for number in THREADS}
    for _ in range(rounds):
        for (name, number), values in figures.items():
            values.append(_shared(gets[name], number, CALLS[name]))
    head = ["threads on one client"]
    head += [text for name in gets for text in (f"{name}, µs", "to one thread")]
    rows = [
        [str(number), *[cell for name in gets for cell in _cells(figures, name, number)]]
        for number in THREADS
    ]
    return markdown(head, rows)


def _cells(figures: dict[tuple[str, int], list[float]], name: str, number: int) -> list[str]:
    values = figures[name, number]
    ratio = median_ratio(values, figures[name, 1])
    return [f"{statistics.median(values) * 1e6:.0f}", f"{ratio:.2f}"]


def _shared(get: Callable[[int], Any], number: int, calls: int) -> float:
    """CPU seconds of a call when so many threads make them together."""
    workers = [threading.Thread(target=get, args=(calls // number,)) for _ in range(number)]
    before = cpu()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return (cpu() - before) / (calls // number * number)


class _Bare:
    """Stands in for a pool: two calls of the kernel, and the answer that came to the first."""

    def __init__(self, pool: Any, port: int) -> None:
        self._pool, self._port = pool, port
        self._message: Any = None
        self._thread_s = threading.local()

    def exchange(self, request: bytes, until: float) -> Any:
        """Sends, and waits for whatever comes."""
        if self._message is None:
            self._message = self._pool.exchange(request, until)
        connection = getattr(self._thread_s, "connection", None) or self._connected()
        connection.send(request)
        connection.recv(65536)
        return self._message

    def _connected(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._thread_s.connection = connection
        return connection


def _floor(port: int) -> Callable[[int], None]:
    users, _ = repositories(f"http://127.0.0.1:{port}")
    key = ("user-1", "00000000")
    users.get(key)
    store: Any = users.store
    sender = store._connected()._current_choice().direct
    sender._pool = _Bare(sender._pool, port)

    def get(number: int) -> None:
        for _ in range(number):
            users.get(key)

    return get
