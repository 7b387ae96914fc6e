"""What waits has a place: everything else is values, programs and bytes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from tests.house import Function, Module, functions_of, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

MAY_WAIT = ("aio", "blocking", "aws", "testing", "integrations")
"""The packages that may, and beside them the client of the StatsD daemon."""

DAEMON = "dynrepo.instrumentation.daemon"

WAITS = (
    *("asyncio", "concurrent.futures", "multiprocessing", "subprocess", "time.sleep"),
    *("queue", "select", "selectors", "socket", "socketserver", "http.client", "urllib3"),
)
ALLOWED_OF_THREADING = {"Lock", "RLock", "local", "get_ident"}
"""A lock held over no I/O and no callback, a thread's own values, and which thread it is."""

PURE = ("operations", "sending")
DOORS = {"execute", "send", "sleep", "dispatch", "exchange", "wait"}
"""What a door, a connection or a clock is called by, a leading underscore aside."""


def waits(module: Module) -> list[str]:
    """The names that a module uses or imports of what waits."""
    return sorted(name for name in module.names if _waits(name))


def _waits(name: str) -> bool:
    if name.startswith("threading."):
        return name.split(".")[1] not in ALLOWED_OF_THREADING
    return any(name == top or name.startswith(f"{top}.") for top in WAITS)


def handed(module: Module) -> list[str]:
    """The doors that the functions of a module go through, as they are written."""
    return sorted(
        {
            ast.unparse(node.func)
            for function in functions_of(module)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and _last(node.func).lstrip("_") in DOORS
        }
        - _own_functions(module)
    )


def _last(node: ast.expr) -> str:
    """The last part of a dotted name; empty for what is none."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _own_functions(module: Module) -> set[str]:
    """The functions at the top of a module: nobody handed them over."""
    return {node.name for node in module.tree.body if isinstance(node, Function)}


def quiet() -> Iterator[Module]:
    """The modules that wait for nothing."""
    for module in modules().values():
        if module.package not in MAY_WAIT and module.name != DAEMON:
            yield module


def test_nothing_waits_elsewhere() -> None:
    """Threads, sockets, sleep and events are where they are looked for."""
    found = {(module.name, name) for module in quiet() for name in waits(module)}
    assert found == set()


def test_operations_and_sending_go_through_no_door() -> None:
    """They make values and programs; whoever drives them sends, sleeps and waits."""
    pure = [module for module in modules().values() if module.package in PURE]
    assert {(module.name, call) for module in pure for call in handed(module)} == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import time\ntime.sleep(1)", ["time.sleep"]),
        ("from time import sleep", ["time.sleep"]),
        ("import time as t\ndef f():\n    t.sleep(1)", ["time.sleep"]),
        ("import threading\nthreading.Thread()", ["threading.Thread"]),
        ("from threading import Event", ["threading.Event"]),
        ("def f():\n    import socket", ["socket"]),
        ("from queue import Queue", ["queue.Queue"]),
        ("import asyncio", ["asyncio"]),
        ("from concurrent.futures import Future", ["concurrent.futures.Future"]),
        ("if TYPE_CHECKING:\n    from select import poll", ["select.poll"]),
    ],
)
def test_what_waits_is_seen(source: str, found: list[str]) -> None:
    """In whatever form and place it is written."""
    assert waits(Module("dynrepo.sending.retry", source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "import threading\nthreading.Lock()\nthreading.local()",
        "from threading import Lock",
        "import time\ntime.monotonic()",
        "from contextvars import ContextVar",
        "def select(queue, socket): return queue.sleep",
    ],
)
def test_what_does_not_wait_is_fine(source: str) -> None:
    """Locks, clocks, context variables, and names that only look like it."""
    assert waits(Module("dynrepo.sending.retry", source)) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(execute):\n    execute(1)", ["execute"]),
        ("def f(store):\n    return store.execute(1)", ["store.execute"]),
        ("class A:\n    def f(self):\n        self._execute(1)", ["self._execute"]),
        ("def f(clock):\n    def g():\n        clock.sleep(1)", ["clock.sleep"]),
        ("async def f(send):\n    await send(1)", ["send"]),
    ],
)
def test_a_door_is_seen(source: str, found: list[str]) -> None:
    """A parameter, an attribute of one, or of the instance."""
    assert handed(Module("dynrepo.operations.reads", source)) == found


@pytest.mark.parametrize(
    "source",
    [
        "def f(operation):\n    answer = yield operation\n    return answer",
        "def send(x): ...\ndef f():\n    return send(1)",
        "def f(execute):\n    return Query(execute)",
    ],
)
def test_a_program_is_fine(source: str) -> None:
    """It yields what is to be sent; a function of the module's own is no door."""
    assert handed(Module("dynrepo.operations.reads", source)) == []
