"""What a get costs when several threads share one client.

A thread that calls the kernel lets another one have the interpreter, and has to wait until it gets
it back; where threads wait for it, each such hand-over costs the kernel two switches. The floor is
a loop that does nothing but that: a datagram, a request, a wait and an answer over bare sockets,
and in between it counts, for as long as makes one thread of it as dear as one of dynrepo.
"""

from __future__ import annotations

import select
import socket
import statistics
import threading
from typing import TYPE_CHECKING, Any

from tests.benchmarks.measure import cost, cpu, markdown, median_ratio
from tests.benchmarks.peers import boto3_raw, dynrepo_peer

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = (1, 8, 32)
CALLS = {"boto3": 960, "dynrepo": 6400, "floor": 6400}

_REQUEST = b"POST / HTTP/1.1\r\nx-amz-target: DynamoDB_20120810.GetItem\r\n" + (
    b"filled-up: " + b"x" * 600 + b"\r\nContent-Length: 2\r\n\r\n{}"
)


def threads(port: int, rounds: int) -> str:
    """A table of CPU time by threads, and of the ratio to a single thread."""
    url = f"http://127.0.0.1:{port}"
    get = dynrepo_peer(url)["get"]
    gets = {"boto3": boto3_raw(url)["get"], "dynrepo": get, "floor": _floor(port, cost(get))}
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


def _floor(port: int, dear: float) -> Callable[[int], None]:
    """The loop that does nothing else; a call of it costs one thread as much as `dear`."""
    bare = cost(lambda number: _exchanges(port, number, 0))
    thousand = cost(lambda number: _count(1000 * number)) / 1000
    counted = int(max(0.0, dear - bare) / thousand)
    return lambda number: _exchanges(port, number, counted)


def _exchanges(port: int, number: int, counted: int) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.create_connection(("127.0.0.1", port)) as connection,
    ):
        nobody.bind(("127.0.0.1", 0))
        datagrams.connect(nobody.getsockname())
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        for _ in range(number):
            connection.send(_REQUEST)
            poll.poll(10_000)
            connection.recv(65536)
            _count(counted)
            datagrams.send(b"x" * 60)


def _count(to: int) -> None:
    for _ in range(to):
        pass
