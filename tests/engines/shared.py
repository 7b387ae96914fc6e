"""One engine for all workers of a run: the first that needs it starts it, and leaves last."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dynrepo.testing.engine import Engine

if sys.platform == "win32":

    @contextmanager
    def shared_engine(_: Path, start: Callable[[], Engine]) -> Iterator[str]:
        """The endpoint of an engine of the worker's own: there is no `flock` here."""
        with start() as engine:
            yield engine.endpoint

else:
    from fcntl import LOCK_EX, LOCK_SH, LOCK_UN, flock

    @contextmanager
    def shared_engine(folder: Path, start: Callable[[], Engine]) -> Iterator[str]:
        """The endpoint of the engine that the workers with this folder share.

        Each user holds a shared lock, which ends with its process however that ends. The engine
        ends with the worker that started it, which waits for the others first.
        """
        with (
            (folder / "engine.start").open("w") as starting,
            (folder / "engine").open("a+") as users,
        ):
            flock(starting, LOCK_EX)
            endpoint = _endpoint_in(users)
            started = None if _is_served(endpoint) else start()
            if started is not None:
                endpoint = started.endpoint
                _write(users, endpoint)
            flock(users, LOCK_SH)
            flock(starting, LOCK_UN)
            try:
                yield endpoint
            finally:
                if started is not None:
                    _leave_last(users, starting)
                    started.stop()

    def _leave_last(users: IO[str], starting: IO[str]) -> None:
        """Offers the engine to nobody any more, and waits for those who still use it."""
        flock(starting, LOCK_EX)
        _write(users, "")
        flock(starting, LOCK_UN)
        flock(users, LOCK_EX)


def _endpoint_in(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _write(file: IO[str], endpoint: str) -> None:
    file.truncate(0)
    file.write(endpoint)
    file.flush()


def _is_served(endpoint: str) -> bool:
    """Whether somebody listens there: the worker that started it may have been killed."""
    if not endpoint:
        return False
    place = urlsplit(endpoint)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname, place.port)) == 0
