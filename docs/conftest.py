"""Runs the examples of README.md and docs/: `pytest README.md docs`, or `tox run -e docs`.

The Python blocks of a page are one story: they run in their order and share their names. They may
`await` as at the prompt of `python -m asyncio`, in one loop for the page. A block that begins with
a file's name, as in `# test_shop.py`, is that file: it is saved beside the others of its page, and
a test file is run by pytest in a process of its own. What goes to AWS is answered by moto, in this
process.
"""

import ast
import asyncio
import inspect
import os
import re
import subprocess
import sys
from contextlib import ExitStack
from copy import copy
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType
from typing import Any
from unittest import mock

import pytest
from moto import mock_aws
from sybil import Example, Sybil
from sybil.evaluators.doctest import DocTestEvaluator
from sybil.evaluators.python import PythonEvaluator, pad
from sybil.parsers.abstract.doctest import DocTestStringParser
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).resolve().parents[1]
NOBODYS_ACCOUNT = {
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "made-up",
    "AWS_SECRET_ACCESS_KEY": "made-up",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_file_name = re.compile(r"# (\w+\.py)\n")
_python = PythonEvaluator()
_doctest = DocTestEvaluator()


def _evaluate(example: Example) -> None:
    """Runs a block, or saves the file that it is and runs the tests in it."""
    named = _file_name.match(example.parsed)
    if named is None:
        source = pad(example.parsed, example.line + example.parsed.line_offset)
        code = _compiled(source, example.path, "exec")
        if _awaits(code):
            _run_in_the_loop(code, example.namespace)
        else:
            _python(example)
        return
    directory = Path(example.namespace["__directory__"])
    (directory / named[1]).write_text(example.parsed, encoding="utf-8")
    if named[1].startswith("test_"):
        _run_tests(directory, named[1])


def _evaluate_prompt(example: Example) -> str:
    """Runs what stands behind a `>>>`, and compares what it prints."""
    typed = example.parsed
    code = _compiled(typed.source, example.path, "single")
    if _awaits(code):
        example.namespace["__run__"] = partial(_run_in_the_loop, code, example.namespace)
        example.parsed = copy(typed)
        example.parsed.source = "__run__()\n"
    return _doctest(example)


def _compiled(source: str, path: str, mode: str) -> CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(source, path, mode, flags=flags, dont_inherit=True)
    return code


def _awaits(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_COROUTINE)


def _run_in_the_loop(code: CodeType, names: dict[str, Any]) -> None:
    runner: asyncio.Runner = names["__runner__"]
    runner.run(eval(code, names))  # noqa: S307 - the examples are ours


def _run_tests(directory: Path, file: str) -> None:
    options = ["-q", "-p", "no:cacheprovider", "--rootdir=."]
    options += ["-p", "no:hypothesispytest", "-p", "no:faker"]  # a second to import, for nothing
    options += ["-p", "no:asyncio"]  # warns unless it is configured
    if not entry_points(group="pytest11", name="dynrepo"):  # only the source tree
        options += ["-p", "dynrepo.testing.plugin"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, file],
        cwd=directory,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(directory), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)


class _Blocks(PythonCodeBlockParser):
    def __init__(self) -> None:
        super().__init__()
        self.codeblock_parser = CodeBlockParser("python", _evaluate)
        self.doctest_parser = DocTestStringParser(_evaluate_prompt)


def _begin(names: dict[str, Any]) -> None:
    """A page starts in an empty directory, with an empty account."""
    names["__undo__"] = undo = ExitStack()
    names["__directory__"] = directory = undo.enter_context(TemporaryDirectory())
    undo.enter_context(mock.patch.dict(os.environ))
    for name in [one for one in os.environ if one.startswith(("AWS_", "DYNREPO_"))]:
        del os.environ[name]
    os.environ.update(NOBODYS_ACCOUNT)
    undo.enter_context(mock.patch.object(sys, "path", [directory, *sys.path]))
    undo.callback(_forget_modules, directory)
    undo.enter_context(mock_aws())
    names["__runner__"] = undo.enter_context(asyncio.Runner())


def _forget_modules(directory: str) -> None:
    """The next page may have a file of the same name."""
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(directory):
            del sys.modules[name]


def _end(names: dict[str, Any]) -> None:
    names["__undo__"].close()


_pages = Sybil(
    [_Blocks()],
    path=str(ROOT),
    patterns=["README.md", "docs/*.md", "docs/*/*.md"],
    setup=_begin,
    teardown=_end,
)


class _Pages:
    """Collects the pages; a conftest.py here would be asked for docs/ only, not for README.md."""

    pytest_collect_file = staticmethod(_pages.pytest())


def pytest_configure(config: pytest.Config) -> None:
    """Takes part in the collection of every directory."""
    config.pluginmanager.register(_Pages())
