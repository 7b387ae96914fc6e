"""The same call in many threads at once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def together(call: Callable[[], Any], threads: int = 16) -> list[Any]:
    """What a call returns or raises in each of many threads that start at once."""
    results: list[Any] = []
    start = threading.Barrier(threads)

    def run() -> None:
        start.wait()
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - a result, too
            results.append(error)

    started = [threading.Thread(target=run) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return results
