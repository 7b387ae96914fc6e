"""What `from dynrepo import ...` offers is on purpose: listed, sorted and documented."""

from __future__ import annotations

import ast
import types
from pathlib import Path

import pytest

import dynrepo

INIT = ast.parse(Path(dynrepo.__file__).read_text(encoding="utf-8"))


def test_the_list_is_sorted_and_says_each_name_once() -> None:
    """So that a change of it is one line in a diff."""
    assert list(dynrepo.__all__) == sorted(set(dynrepo.__all__))


def test_the_list_names_what_is_there() -> None:
    """Every public name of the module is in `__all__`, and nothing else is."""
    bound = {
        name
        for name, value in vars(dynrepo).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name != "annotations"
    }
    assert bound == set(dynrepo.__all__)


def test_the_package_holds_no_code() -> None:
    """A docstring, imports and `__all__`: the rest lives in a module with a name."""
    docstring, *statements = INIT.body
    assert isinstance(docstring, ast.Expr)
    others = [node for node in statements if not isinstance(node, ast.Import | ast.ImportFrom)]
    assert [
        ast.unparse(target) for node in others for target in getattr(node, "targets", [node])
    ] == ["__all__"]


@pytest.mark.parametrize("name", dynrepo.__all__)
def test_a_public_name_is_documented(name: str) -> None:
    """It has a docstring of its own, and comes from a module of dynrepo."""
    thing = getattr(dynrepo, name)
    assert thing.__module__.split(".")[0] == "dynrepo"
    docstring = thing.__dict__.get("__doc__") if isinstance(thing, type) else thing.__doc__
    assert docstring
    assert not docstring.startswith(f"{name}("), (
        "a dataclass that only got its signature for a docstring"
    )
