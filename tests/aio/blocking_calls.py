"""Finds what would hold up a loop: waiting for a socket, a name, a file, time or a lock."""

from __future__ import annotations

import _queue
import _thread
import socket
import ssl
import sys
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from types import FrameType

_LOCK, _RLOCK = threading.Lock, threading.RLock

_watched: dict[int, list[str]] = {}
"""What was found in each thread that is watched."""

_hears = False

MOMENT = 1.0
"""Seconds for which another thread may hold a lock, which a busy machine may have interrupted."""


@contextmanager
def none_allowed() -> Generator[None]:
    """The thread of the block must not block, whatever runs in it meanwhile, such as its loop.

    Found are: calls of a socket that waits, the look-up of a name, files, processes, `time.sleep`,
    waiting for a lock that is held, what is imported from a file, botocore also where it is
    imported already. A lock that is taken by `with` must
    have been made in the block. Left out are the wait for a thread that is started, until it runs,
    a lock that another thread holds for a moment, and the source lines that a loop in debug mode
    reads. The block fails at its end, with all that was found, and where.
    """
    _hear()
    found = _watched[threading.get_ident()] = []
    try:
        with _locks_watched():
            sys.setprofile(_see)
            try:
                yield
            finally:
                sys.setprofile(None)
    finally:
        del _watched[threading.get_ident()]
    assert found == [], "the thread was blocked:\n" + "\n".join(found)


def _hear() -> None:
    """Adds the audit hook, which cannot be taken away again."""
    global _hears  # noqa: PLW0603 - once for the process
    if not _hears:
        _hears = True
        sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if threading.get_ident() in _watched and _is_heard(event, arguments):
        _note(event, sys._getframe(1))


def _is_heard(event: str, arguments: tuple[Any, ...]) -> bool:
    if event == "import":
        return str(arguments[0]).partition(".")[0] in {"botocore", "pynamodb"}
    if event.startswith("socket."):
        return event in _LOOK_UPS
    return event in _FILES_AND_PROCESSES


_LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_FILES_AND_PROCESSES = {"open", "subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"}


def _see(frame: FrameType, event: str, called: Any) -> None:
    """Takes what `sys.setprofile` tells."""
    if event == "c_call" and frame.f_globals is not globals() and _is_seen(frame, called):
        _note(f"{type(called.__self__).__name__} {called.__name__}", frame)


def _is_seen(frame: FrameType, called: Any) -> bool:
    name, of = called.__name__, called.__self__
    if isinstance(of, socket.socket):
        return name in _OF_SOCKETS and of.gettimeout() != 0
    if isinstance(of, _SSL):
        owner = cast("Any", of).owner
        return isinstance(owner, ssl.SSLSocket) and owner.gettimeout() != 0
    if isinstance(of, _thread.LockType | _thread.RLock):
        return name == "acquire" and frame.f_code.co_name != "_is_owned" and _is_held(of)
    if isinstance(of, _queue.SimpleQueue):
        return name == "get" and cast("Any", of).empty()
    return called is _sleep


_SSL = getattr(ssl, "_ssl")._SSLSocket  # noqa: B009
_OF_SOCKETS = {
    *("connect", "connect_ex", "accept", "recv", "recv_into", "recvfrom", "recvfrom_into"),
    *("recvmsg", "recvmsg_into", "send", "sendall", "sendmsg", "sendto"),
}
_sleep: Any = sys.modules["time"].sleep


def _is_held(lock: Any) -> bool:
    """Whether a lock is held, by another thread where that can be told."""
    if isinstance(lock, _thread.LockType):
        return lock.locked()
    return repr(lock).startswith("<locked") and not lock._is_owned()


def _note(what: str, frame: FrameType | None) -> None:
    places: list[str] = []
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if frame.f_code is threading.Thread.start.__code__ or name == "linecache":
            return
        if not name.startswith(("asyncio", "tests.aio.blocking_calls", "contextlib", "importlib")):
            places.append(f"{name}.{frame.f_code.co_name}:{frame.f_lineno}")
        frame = frame.f_back
    _watched[threading.get_ident()].append(f"{what}, in {' < '.join(places[:12])}")


class _Watched:
    """A lock that notes when a thread that is watched would wait for it."""

    def __init__(self, made: Any) -> None:
        self._made = made

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002
        is_watched = blocking and threading.get_ident() in _watched
        taken: bool = self._made.acquire(True, MOMENT) if is_watched else self._made.acquire(False)
        if taken or not blocking:
            return taken
        if is_watched:
            _note("lock acquire", sys._getframe(1))
        return bool(self._made.acquire(True, timeout))

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self._made.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made, name)


@contextmanager
def _locks_watched() -> Generator[None]:
    """Has the locks that are made in the block watched: those of `threading`, and ours."""
    kinds: tuple[tuple[str, Callable[[], Any]], ...] = (("Lock", _LOCK), ("RLock", _RLOCK))
    with ExitStack() as stack:
        for module in list(sys.modules.values()):
            if module is threading or module.__name__.startswith("dynrepo."):
                for name, kind in kinds:
                    if vars(module).get(name) is kind:
                        watched = lambda kind=kind: _Watched(kind())  # noqa: E731
                        stack.enter_context(patch.object(module, name, watched))
        yield
