"""With `FACE=aio`, tests that are written once call the asynchronous face, and wait for it."""

from __future__ import annotations

import ast
import asyncio
import os
import subprocess
import sys
import threading
from contextvars import ContextVar
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from tests.facade import (
    THREAD,
    awaitable,
    blocking,
    store_for_tasks,
    without_facade,
)
from tests.left_out import LEFT_OUT
from tests.twins import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.once

BROKEN = """
from dynrepo.aio.item_verbs import AsyncItemVerbs

async def get(self, key, *, only=None, consistent=False):
    return "broken"

get.__module__ = AsyncItemVerbs.__module__
AsyncItemVerbs.get = get
"""
"""A plugin of pytest that breaks a verb of the asynchronous face."""


@pytest.mark.parametrize(("face", "is_red"), [("aio", True), ("", False)])
def test_a_broken_verb_of_the_asynchronous_face_turns_its_tests_red(
    face: str, *, is_red: bool, tmp_path: Path
) -> None:
    """Of the run that is over that face, and of no other."""
    (tmp_path / "broken.py").write_text(BROKEN, encoding="utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "broken", "-p", "no:cacheprovider"),
            "tests/blocking/test_item_verbs.py::test_require_insists",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "FACE": face,
            "PYTHONPATH": str(tmp_path),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert ("1 failed" if is_red else "1 passed") in said, said
    assert ("assert 'broken' is None" in said) is is_red


AWAITED = """
import inspect, pkgutil
from importlib import import_module
import dynrepo, dynrepo.aio, tests

def is_asynchronous(cls):
    is_ours = inspect.isclass(cls) and cls.__module__.split(".")[0] == "dynrepo"
    return is_ours and cls.__name__.lstrip("_").startswith("Async")

for found in pkgutil.iter_modules(dynrepo.aio.__path__):
    module = import_module(f"dynrepo.aio.{found.name}")
    assert import_module(f"dynrepo.blocking.{found.name}") is module
    for cls in vars(module).values():
        if is_asynchronous(cls):
            for name, member in vars(cls).items():
                if inspect.iscoroutinefunction(member):
                    print(cls.__name__, name)
assert dynrepo.Repository is dynrepo.AsyncRepository
assert dynrepo.DynamoStore is dynrepo.AsyncDynamoStore
"""


def test_no_method_is_left_that_has_to_be_awaited() -> None:
    """Each gives what becomes of it; the names of the blocking face are those of the other."""
    done = subprocess.run(
        [sys.executable, "-c", AWAITED],
        cwd=ROOT,
        env={**os.environ, "FACE": "aio", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("", "")


variable: ContextVar[str] = ContextVar("variable", default="")


async def told(word: str) -> tuple[int, str, asyncio.AbstractEventLoop]:
    """The thread, what its context says, and the loop; sets another word."""
    before = variable.get()
    variable.set(word)
    await asyncio.sleep(0)
    return threading.get_ident(), before, asyncio.get_running_loop()


def test_a_call_is_a_task_of_one_loop_in_another_thread() -> None:
    """With the caller's context; what it sets is set for the caller."""
    variable.set("first")
    call = blocking(told)
    (one, found, loop), (other, again, same) = call("second"), call("third")
    assert one == other != threading.get_ident()
    assert loop is same
    assert (found, again, variable.get()) == ("first", "second", "third")


def test_what_a_call_raises_is_raised_where_it_is_waited_for() -> None:
    """The end of an iteration as a blocking iterator tells it."""

    async def fails(error: BaseException) -> None:
        raise error

    with pytest.raises(KeyboardInterrupt):
        blocking(fails)(KeyboardInterrupt())

    with pytest.raises(StopIteration):
        blocking(fails)(StopAsyncIteration())


def test_what_a_test_defines_holds_up_no_loop() -> None:
    """A function that blocks is called in a thread, and may call a verb in its turn."""
    nested = blocking(told)
    loop_thread, *_ = nested("")

    def blocks() -> tuple[int, int]:
        return threading.get_ident(), nested("")[0]

    async def awaits(what: str = "awaited") -> str:
        return what

    own, inner = THREAD.result(awaitable(blocks))
    assert own != loop_thread
    assert inner == loop_thread
    assert THREAD.result(awaitable(awaits)) == "awaited"
    assert THREAD.result(awaitable(lambda: awaits("of a lambda"))) == "of a lambda"


def test_a_callback_in_the_loop_calls_a_verb() -> None:
    """Which is driven by another loop: the first one waits for the callback."""
    nested = blocking(told)
    thread, _, loop = nested("")

    def callback() -> Any:
        return threading.get_ident(), nested("")

    async def calls(function: Callable[[], Any]) -> Any:
        return function()

    verb = FunctionType(calls.__code__, {"__name__": "dynrepo.aio.made"})
    own, (aside, _, other) = THREAD.result(lambda: verb(callback))
    assert own == thread != aside
    assert other is not loop


def test_a_store_of_a_test_is_one_for_tasks() -> None:
    """As its methods stand, and as a test replaces them; what is no store is left to be refused."""

    class Store:
        def execute(self, operation: Any, /) -> Any:
            return operation, threading.get_ident()

    store: Any = store_for_tasks(Store())
    said, thread = THREAD.result(lambda: store.execute_async("asked"))
    assert said == "asked"
    assert thread != blocking(told)("")[0]
    store.execute = lambda operation: f"{operation} again"
    assert THREAD.result(lambda: store.execute_async("asked")) == "asked again"
    assert store_for_tasks("no store") == "no store"


def test_a_test_of_one_face_is_left_out_of_the_other_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its reason, and runs over the face that it is of."""
    monkeypatch.setenv("FACE", "aio")
    assert without_facade("why").mark.args == (True,)
    monkeypatch.delenv("FACE")
    assert without_facade("why").mark.args == (False,)


def test_whatever_is_left_out_says_why() -> None:
    """A mark with a sentence for its reason, each file that is not collected as well."""
    marks = [
        node.args
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "without_facade"
        if file.name != "test_facade.py"
    ]
    assert marks
    reasons = [ast.literal_eval(reason) for (reason,) in marks]
    short = [reason for reason in [*reasons, *LEFT_OUT.values()] if len(reason.split()) < 4]
    assert short == []
