"""Modules and functions are small enough to be read in one go; no two classes share a name."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from itertools import chain
from statistics import median
from typing import TYPE_CHECKING

import pytest

from tests.house import Function, Module, functions_of, modules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

pytestmark = pytest.mark.once

LONGEST_FILE, LONGEST_BODY = 300, 40
NINE_OF_TEN, HALF = 12, 4
"""Lines that a body of nine functions in ten, and of one in two, does not exceed."""


def lines(module: Module) -> int:
    """How long a file is."""
    return len(module.source.splitlines())


def body(function: Function) -> int:
    """How many lines the body of a function has, from the first statement after its docstring."""
    statements = function.body[1:] if ast.get_docstring(function) else function.body
    if not statements:
        return 0
    first, last = statements[0], statements[-1]
    return (last.end_lineno or last.lineno) - first.lineno + 1


def long_bodies(module: Module) -> list[str]:
    """The functions of a module that are too long."""
    return [function.name for function in functions_of(module) if body(function) > LONGEST_BODY]


def class_names(module: Module) -> Iterator[str]:
    """The classes of a module and its aliases of types, a leading underscore aside, each once."""
    defined = (node.name for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))
    yield from {name.lstrip("_") for name in chain(defined, _aliases(module.tree.body))}


_LIKE_A_CLASS = re.compile(r"_?[A-Z]\w*[a-z]\w*")


def _aliases(statements: Iterable[ast.stmt]) -> Iterator[str]:
    """Names like those of classes that are given to something else, but type variables."""
    for node in statements:
        if isinstance(node, ast.If | ast.Try):
            yield from _aliases([*node.body, *node.orelse])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and not _makes_a_variable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (target.id for target in targets if isinstance(target, ast.Name))
            yield from (name for name in names if _LIKE_A_CLASS.fullmatch(name))


def _makes_a_variable(value: ast.expr | None) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Name) and called.id in {"TypeVar", "ParamSpec", "TypeVarTuple"}


def shared_names(house: Iterable[Module]) -> dict[str, list[str]]:
    """Names that two modules give to classes, with these modules."""
    found = defaultdict[str, list[str]](list)
    for module in house:
        for name in class_names(module):
            found[name].append(module.name)
    return {name: places for name, places in found.items() if len(places) > 1}


def test_no_file_is_long() -> None:
    """A module is one noun."""
    long = {name for name, module in modules().items() if lines(module) > LONGEST_FILE}
    assert long == set()


def test_no_body_is_long() -> None:
    """A function fits on a screen."""
    found = {(name, long) for name, module in modules().items() for long in long_bodies(module)}
    assert found == set()


def test_most_bodies_are_short() -> None:
    """Half of them have four lines or fewer, nine in ten a dozen."""
    functions = (function for module in modules().values() for function in functions_of(module))
    bodies = sorted(body(function) for function in functions)
    assert median(bodies) <= HALF
    assert bodies[len(bodies) * 9 // 10] <= NINE_OF_TEN


def test_no_name_stands_for_two_classes() -> None:
    """`Reader` means one thing in all of dynrepo, and so does `_Reader`."""
    found = shared_names(modules().values())
    assert found == {}


def made(source: str, name: str = "dynrepo.codec.value") -> Module:
    """A module of a source."""
    return Module(name, source)


@pytest.mark.parametrize(
    ("length", "found"), [(LONGEST_BODY, []), (LONGEST_BODY + 1, ["f"])], ids=["fits", "too long"]
)
def test_a_long_body_is_seen(length: int, found: list[str]) -> None:
    """The docstring is no part of it; a function in a class counts, too."""
    method = ["class A:", "    def f(self):", '        """Docs."""', *["        x = 1"] * length]
    assert long_bodies(made("\n".join(method))) == found


def test_lines_are_counted() -> None:
    """Comments and empty lines are lines."""
    assert lines(made("x = 1\n\n# why\n")) == 3


@pytest.mark.parametrize(
    "other",
    [
        "class Reader: ...",
        "class _Reader: ...",
        "def f():\n    class Reader: ...",
        "Reader = Callable[[], int]",
        "Reader: TypeAlias = int",
        "if TYPE_CHECKING:\n    Reader = int",
    ],
)
def test_a_name_given_twice_is_seen(other: str) -> None:
    """As a class or an alias, with an underscore or without."""
    house = [made("class Reader: ..."), made(other, "dynrepo.codec.other")]
    assert shared_names(house) == {"Reader": ["dynrepo.codec.value", "dynrepo.codec.other"]}


@pytest.mark.parametrize(
    "other",
    [
        "class ReaderOfLists: ...",
        "from dynrepo.codec.value import Reader",
        "READER = 1",
        "reader = 1",
        "Reader = TypeVar('Reader')",
    ],
)
def test_a_name_given_once_is_fine(other: str) -> None:
    """An import gives no name, nor do constants and type variables."""
    house = [made("class Reader: ..."), made(other, "dynrepo.codec.other")]
    assert shared_names(house) == {}
