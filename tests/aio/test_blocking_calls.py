"""What blocks a thread is found; what does not is not."""

from __future__ import annotations

import asyncio
import queue
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo.aio.waits import ended
from dynrepo.aws.tasks import Task
from tests.aio import blocking_calls, loops
from tests.aio.blocking_calls import none_allowed

if TYPE_CHECKING:
    from collections.abc import Callable


def _connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=10).close()


def _send_and_receive() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.settimeout(5)
        one.sendall(b"x")
        other.recv(1)


def _wait_for_a_lock() -> None:
    lock = threading.Lock()
    lock.acquire()
    lock.acquire(timeout=0.01)


def _enter_a_lock() -> None:
    lock = threading.RLock()
    held = threading.Barrier(2)

    def hold() -> None:
        with lock:
            held.wait(30)
            time.sleep(0.3)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    with lock:
        pass
    thread.join()


def _wait_for_a_thing() -> None:
    with suppress(queue.Empty):
        queue.SimpleQueue[int]().get(timeout=0.01)


BLOCK: dict[str, tuple[Callable[[], Any], str]] = {
    "connecting": (_connect, "connect"),
    "sending": (_send_and_receive, "socket sendall"),
    "receiving": (_send_and_receive, "socket recv"),
    "a name": (lambda: socket.getaddrinfo("localhost", 1), "getaddrinfo"),
    "a file": (Path(__file__).read_bytes, "open"),
    "an import": (lambda: import_module("this_is_imported"), "open"),
    "a process": (lambda: subprocess.run([sys.executable, "-V"], check=False), "subprocess.Popen"),
    "time": (lambda: time.sleep(0), "sleep"),
    "a lock": (_wait_for_a_lock, "acquire"),
    "a lock by with": (_enter_a_lock, "lock acquire, in tests.aio.test_blocking_calls"),
    "an event": (lambda: threading.Event().wait(0.01), "acquire"),
    "a queue": (_wait_for_a_thing, "SimpleQueue get"),
}


@pytest.mark.parametrize("name", BLOCK)
def test_what_blocks_is_found(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a callback of the loop, with the place of the call."""
    monkeypatch.setattr(blocking_calls, "MOMENT", 0.01)
    (tmp_path / "this_is_imported.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "this_is_imported", raising=False)
    call, told = BLOCK[name]

    async def main() -> None:
        with none_allowed():
            asyncio.get_running_loop().call_soon(call)
            await asyncio.sleep(0.01)

    with pytest.raises(AssertionError, match=told) as raised:
        asyncio.run(main())
    assert "test_blocking_calls" in str(raised.value)


def test_the_import_of_botocore_is_found() -> None:
    """Of PynamoDB too, and of no other."""
    program = """
from tests.aio.blocking_calls import none_allowed
for name in ("botocore.session", "pynamodb.connection"):
    try:
        with none_allowed():
            __import__(name)
    except AssertionError as error:
        assert "import" in str(error)
    else:
        raise SystemExit(name)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("kind", ["plain", "debug"])
def test_what_does_not_block_is_not_found(kind: str) -> None:
    """A loop with all that it does; other threads may block, and may be started."""

    async def main() -> None:
        with none_allowed():
            lock = threading.RLock()
            with lock, lock:
                assert not threading.Lock().locked()
            await asyncio.sleep(0.001)
            server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()
            server.close()
            await server.wait_closed()
            await asyncio.sleep(0.01)
            task = Task(lambda: (_send_and_receive(), time.sleep(0.01)), "task")
            task.start()
            assert await ended(task, 30)

    loops.run(main, kind)


def test_nothing_is_found_outside_the_block() -> None:
    """Neither before nor after it."""
    with none_allowed():
        pass
    _send_and_receive()
    assert sys.getprofile() is None
