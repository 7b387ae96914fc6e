"""tox.ini runs every test somewhere: what it names by path or by mark is all there is."""

from __future__ import annotations

import ast
import configparser
import re
from pathlib import Path

import pytest

from tests.left_out import LEFT_OUT
from tests.twins import files, is_shared, twin_of

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini", encoding="utf-8")

OF_THEIR_OWN = {
    "tests/integration/test_demo.py",
    "tests/testing/test_engine.py",
    "tests/testing/test_plugin.py",
}
"""Tests that start engines of their own, which know of no TLS and no other sender."""

ENGINE_FIXTURES = {"engine", "engine_endpoint", "ministack", "new_store", "plain_engine", "stores"}


def command(environment: str) -> list[str]:
    """The words of the command of an environment that runs pytest."""
    return TOX[f"testenv:{environment}"]["commands"].strip().splitlines()[-1].split()


def paths(environment: str) -> list[str]:
    """What an environment names of the tests."""
    return [word for word in command(environment) if word.startswith("tests/")]


def is_on_an_engine(file: Path) -> bool:
    """Whether a file asks for a fixture that starts an engine, or marks a test as one on it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    arguments = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    marks = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return bool(arguments & ENGINE_FIXTURES) or "pytest.mark.engine" in marks


def test_every_test_on_an_engine_is_repeated_over_tls() -> None:
    """Its file lies under one of the paths that the environments `tls` and `botocore` name."""
    named = paths("tls")
    left = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        if (name := file.relative_to(ROOT).as_posix()) not in OF_THEIR_OWN
        if not name.startswith((*named, "tests/faults/", "tests/engines/"))
        if is_on_an_engine(file)
    }
    assert left == set()


def test_what_is_written_once_is_tested_over_both_faces() -> None:
    """The twin of each module of the asynchronous face that the other is written from."""
    twins = {twin_of(module) for module in files() if is_shared(module)}
    left = {f"tests/{name}" for name in LEFT_OUT}
    assert [twin for twin in twins if not twin.startswith(tuple(paths("aio")))] == []
    assert twins & left == set()
    assert [name for name in left if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("environment", ["tls", "lowest", "py311", "faults", "aio"])
def test_what_is_named_is_there(environment: str) -> None:
    """A path that a test moved away from would run nothing, and say nothing."""
    assert [path for path in paths(environment) if not (ROOT / path.split("::")[0]).exists()] == []


@pytest.mark.parametrize("environment", TOX["tox"]["env_list"].replace(",", " ").split())
def test_an_environment_says_what_it_is_for(environment: str) -> None:
    """`tox list` shows it; those of Pythons in between are the general one."""
    described = {re.sub(r"^testenv:|\{.*\}", "", name) for name in TOX}
    assert environment in described | {"py313", "py314", "wheel-extras", "wheel-service"}
