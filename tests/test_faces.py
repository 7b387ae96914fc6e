"""The blocking face is written from the asynchronous one, and reads as if it were not."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests import faces
from tests.faces import ALONE, BY_HAND, ROOT, SOURCE, TARGET, CannotTranslate, blocking, differences

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once


def test_the_blocking_face_is_what_the_script_writes() -> None:
    """To change it, change the source, and run `tox run -e faces`."""
    assert list(differences(faces.faces())) == []


def test_the_script_is_short_and_stands_alone() -> None:
    """200 lines, and of other people's only what formats."""
    script = (ROOT / "tests" / "faces.py").read_text("utf-8")
    assert len(script.splitlines()) <= 200
    imported = re.findall(r"^(?:from|import) (\w+)", script, flags=re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)


def test_nothing_waits_as_a_task_in_the_blocking_face() -> None:
    """No word of the other face is left, in code, docstring or comment."""
    for path in TARGET.glob("*.py"):
        text = path.read_text("utf-8").partition("\n")[2]  # the first line names the source
        assert re.findall(r"\b(?:async|await|aio)\b|Async|__a(?:iter|next|enter|exit)", text) == []


def test_each_module_by_hand_has_a_twin() -> None:
    """Under the same name, in both faces."""
    for name in BY_HAND:
        assert (TARGET / f"{name}.py").is_file()


def test_a_module_of_one_face_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of that name in the other face is stale, as is one that no source writes."""
    assert not {TARGET / f"{name}.py" for name in ALONE} & {*TARGET.glob("*.py"), *faces.faces()}
    monkeypatch.setattr(faces, "TARGET", tmp_path)
    for name in ("sockets", "gone", "waits", "query"):
        (tmp_path / f"{name}.py").touch()
    assert faces.stale() == {tmp_path / "sockets.py", tmp_path / "gone.py"}


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("x = await f()\n", "x = f()\n"),
        ("async def f(): ...\n", "def f(): ...\n"),
        ("async with a as b: ...\n", "with a as b: ...\n"),
        ("y = [x async for x in y]\n", "y = [x for x in y]\n"),
        ("from dynrepo.aio.pool import AsyncPool\n", "from dynrepo.blocking.pool import Pool\n"),
        ("import _AsyncPool\n", "import _Pool\n"),
        ("store.execute_async(1)\n", "store.execute(1)\n"),
        ("def __aenter__(): ...\n", "def __enter__(): ...\n"),
        (
            "x: Callable[[int], Awaitable[dict[str, int]]] = y\n",
            "x: Callable[[int], dict[str, int]] = y\n",
        ),
        (
            "from collections.abc import Awaitable, Callable\n",
            "from collections.abc import Callable\n",
        ),
        (
            '"""Safe for tasks: `await users.get(k)`."""\n',
            '"""Safe for threads: `users.get(k)`."""\n',
        ),
        ('x: "AsyncQuery[int]" = 1  # of a task\n', 'x: "Query[int]" = 1  # of a thread\n'),
        ("task = asynchronous = 1\n", "task = asynchronous = 1\n"),
    ],
)
def test_what_waits_is_taken_away(source: str, written: str) -> None:
    """And nothing else: code that names a task is left."""
    assert blocking(source) == written
    assert blocking(written) == written


@pytest.mark.parametrize(
    "source", ["import asyncio\n", "def f():\n    from asyncio.locks import Lock\n"]
)
def test_a_source_that_needs_asyncio_is_refused(source: str) -> None:
    """That is written by hand."""
    with pytest.raises(CannotTranslate, match="asyncio"):
        blocking(source)


def test_a_difference_fails_the_check() -> None:
    """And is shown."""
    command = [sys.executable, "-m", "tests.faces", "--check"]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    path = SOURCE / "driver.py"
    written = {TARGET / "driver.py": blocking(path.read_text("utf-8")) + "x = 1\n"}
    assert "+x = 1" in list(differences(written))
