"""What a get costs when several threads share one client.

A thread that calls the kernel lets another one have the interpreter, and has to wait until it gets
it back; and each that goes on finds the caches full of the others' work. The floor is a get of the
sketch: a request signed and sent, and its answer read, over a connection of the thread's own.
"""

from __future__ import annotations

import statistics
import threading
from typing import TYPE_CHECKING, Any

from tests.benchmarks.canned import TABLE
from tests.benchmarks.measure import cpu, markdown, median_ratio
from tests.benchmarks.peers import KEY, User, boto3_raw, dynrepo_peer
from tests.benchmarks.sketch import Sketch, read

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


def _floor(port: int) -> Callable[[int], None]:
    asked = {"TableName": TABLE, "Key": KEY}

    def get(number: int) -> None:
        sketch = Sketch(port)
        for _ in range(number):
            read(User, sketch.call("GetItem", asked)["Item"])

    return get
