"""PynamoDB's private classes: each may be renamed without a repository noticing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from pynamodb.expressions import condition, operand
from pynamodb.expressions.operand import Path as FieldPath
from pynamodb.expressions.operand import Value

from dynrepo.expressions import private

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
PRIVATE = sorted(f"_{name}" for name in private.__all__)
WITHOUT = {"_to_operand", "_to_value"}
"""Methods of PynamoDB that are overridden: there is no other way to have values encoded."""


@pytest.mark.parametrize("name", PRIVATE)
def test_a_renamed_class_is_found(name: str) -> None:
    """Get, update, conditions, query and mocks go on working in a process where it is renamed."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("renamed.py")), name],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_classes_are_those_of_results() -> None:
    """With their private names or without, they are the classes of what operators return."""
    number, elements = Value({"N": "1"}), Value({"L": []})
    results = {
        private.Increment: number + number,
        private.Decrement: number - number,
        private.ListAppend: elements.append(elements),
        private.IfNotExists: FieldPath("a") | number,
        private.Size: condition.size("a"),
    }
    assert {kind: type(result) for kind, result in results.items()} == {
        kind: kind for kind in results
    }
    assert all(isinstance(result, private.Operand) for result in results.values())
    assert private.Operand.__bases__ == (object,)


def foreign_names(source: str) -> set[str]:
    """The private names in a source that PynamoDB's operands have too."""
    theirs = {
        name
        for kind in (operand, *(k for k in vars(operand).values() if isinstance(k, type)))
        for name in vars(kind)
        if name.startswith("_") and not name.endswith("__")
    }
    nodes = list(ast.walk(ast.parse(source)))
    named = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    named |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    named |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return named & theirs


def test_no_other_private_name_is_used() -> None:
    """Outside of `private`, two methods are overridden; nothing else of theirs is named."""
    sources = {
        path: path.read_text(encoding="utf-8")
        for package in ("expressions", "operations", "testing")
        for path in (ROOT / "dynrepo" / package).glob("*.py")
        if path.name != "private.py"
    }
    assert set().union(*(foreign_names(source) for source in sources.values())) <= WITHOUT
