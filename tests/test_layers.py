"""Imports point one way: a module of dynrepo knows only what comes before it."""

from __future__ import annotations

import ast
from importlib.util import resolve_name
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

# From the ground up. A package is one layer: what its modules import of each other is its own
# affair. A new module is put where it belongs, or its imports are turned round; an import inside a
# function or for the type checker alone counts like any other, since it is knowledge all the same.
LAYERS = [
    "lazy",
    "version",
    "errors",
    "settings",
    "clock",
    "markers",
    "codec",
    "schema",
    "expressions",
    "operations",
    "sending",
    "protocol",
    "instrumentation",
    "aws",
    "blocking",
    "integrations",
    "testing",
    "names",
    "__init__",
]
OUTSIDE = {"models", "tests", "docs"}

# What the move into packages has not yet turned round.
LEFT = {
    ("dynrepo.operations.transactions", "dynrepo.blocking.store.DynamoStore"),
    ("dynrepo.operations.queries", "dynrepo.blocking.waits.merged"),
    ("dynrepo.protocol.requests", "dynrepo.blocking.pool.Pool"),
}


def module_name(path: Path, root: Path = ROOT) -> str:
    """The dotted name of a file below `root`, `__init__` written out."""
    return ".".join(path.relative_to(root).with_suffix("").parts)


def imports_of(source: str, module: str) -> Iterator[str]:
    """Every dotted name that the source of a module imports, wherever the statement stands."""
    package = module.rpartition(".")[0]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def layer_of(name: str) -> str | None:
    """The layer that a dotted name belongs to; a name of `dynrepo` itself is of its `__init__`."""
    top, *rest = name.split(".")
    if top != "dynrepo":
        return None
    return rest[0] if rest and rest[0] in LAYERS else "__init__"


def offences(source: str, module: str) -> list[str]:
    """The imports of a module that it should not have."""
    own = LAYERS.index(layer_of(module) or "")
    imported = [(name, layer_of(name)) for name in imports_of(source, module)]
    return [
        name
        for name, layer in imported
        if name.split(".")[0] in OUTSIDE
        or (layer is not None and LAYERS.index(layer) > own and (module, name) not in LEFT)
    ]


FILES = sorted((ROOT / "dynrepo").rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_a_module_imports_only_what_is_below_it(path: Path) -> None:
    """No import points to a later layer, nor out of the package."""
    assert offences(path.read_text(encoding="utf-8"), module_name(path)) == []


def test_every_module_has_a_layer() -> None:
    """A new module is put on the list by hand."""
    assert {module_name(path).split(".")[1] for path in FILES} - set(LAYERS) == set()


@pytest.mark.parametrize("path", FILES, ids=module_name)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    """A module opens with a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("source", "offence"),
    [
        ("import dynrepo.blocking.repository", "dynrepo.blocking.repository"),
        ("from dynrepo.blocking.pool import Pool", "dynrepo.blocking.pool.Pool"),
        ("from dynrepo import Repository", "dynrepo.Repository"),
        ("from dynrepo import blocking", "dynrepo.blocking"),
        ("from ..blocking import pool", "dynrepo.blocking.pool"),
        ("def f():\n    import dynrepo.testing.mock", "dynrepo.testing.mock"),
        ("if TYPE_CHECKING:\n    from dynrepo.testing import faults", "dynrepo.testing.faults"),
        ("from models.user import User", "models.user.User"),
        ("import tests", "tests"),
    ],
)
def test_a_forbidden_import_is_seen(source: str, offence: str) -> None:
    """In whatever form and place it is written."""
    assert offences(source, "dynrepo.aws.loader") == [offence]


@pytest.mark.parametrize(
    "source",
    [
        "import dynrepo.errors",
        "from . import connection",
        "from dynrepo.sending.outcomes import NotSent",
        "import json",
    ],
)
def test_an_import_from_below_is_fine(source: str) -> None:
    """As is one of the same layer, or of another library."""
    assert offences(source, "dynrepo.aws.loader") == []
