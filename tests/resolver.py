"""A resolver that answers nobody, in the place of the system's."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))]
"""What a resolver finds."""


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The names that a resolver was asked for, which answers none of them before the test ends."""
    asked: list[str] = []
    go_on = threading.Event()

    def getaddrinfo(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        go_on.wait(30)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield asked
    go_on.set()
