"""Lines of the code that the demo is about, read from the files themselves."""

import ast
import textwrap
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def body_of(path: str, name: str) -> list[str]:
    """The body of a function, without its docstring."""
    lines, body = _lines(path), _definition(path, name).body
    return _dedented(lines[body[1].lineno - 1 : body[-1].end_lineno])


def class_of(path: str, name: str) -> list[str]:
    """A class, without its docstring."""
    lines, node = _lines(path), _definition(path, name)
    return [lines[node.lineno - 1], *lines[node.body[1].lineno - 1 : node.end_lineno]]


@cache
def _lines(path: str) -> list[str]:
    return (ROOT / path).read_text(encoding="utf-8").splitlines()


@cache
def _definition(path: str, name: str) -> ast.AsyncFunctionDef | ast.ClassDef:
    tree = ast.parse("\n".join(_lines(path)))
    return next(node for node in tree.body if getattr(node, "name", None) == name)


def _dedented(lines: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(lines)).splitlines()
