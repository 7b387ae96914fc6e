"""The same call in many threads at once, and the threads that a test has started."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


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


def running(name: str, before: Collection[threading.Thread] = ()) -> list[threading.Thread]:
    """The threads of a name, but for those that ran `before`: tests leave some that will end."""
    return [
        thread for thread in threading.enumerate() if thread.name == name and thread not in before
    ]


def own_threads(before: Collection[threading.Thread]) -> list[threading.Thread]:
    """The threads that the library has started since then and that have not ended."""
    return [
        thread
        for thread in threading.enumerate()
        if thread.name.startswith("dynrepo-") and thread not in before
    ]
