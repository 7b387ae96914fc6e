"""Imports point one way: a module of dynrepo knows only what comes before it."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pytest

from tests.house import Module, modules

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.once

# From the ground up. A new module is put where it belongs, or its imports are turned round; an
# import inside a function or for the type checker alone counts like any other, since it is
# knowledge all the same. Within a package no two modules may need each other, by whatever detour.
LAYERS = [
    "lazy",
    "version",
    "public",
    "opaque",
    "tracebacks",
    "plain_text",
    "callbacks",
    "error_root",
    "errors",
    "interruption",
    "cursor_secrets",
    "settings",
    "blocks",
    "clock",
    "markers",
    "codec",
    "encodings",
    "reading",
    "templates",
    "schema",
    "expressions",
    "places",
    "operations",
    "modelling",
    "sending",
    "protocol",
    "instrumentation",
    "aws",
    "wiring",
    "aio",
    "blocking",
    "container",
    "integrations",
    "testing",
    "names",
    "__init__",
]
OUTSIDE = {"models", "tests", "docs"}

FACES = {"aio", "blocking"}
"""The two packages that say the same in two ways, and so know nothing of each other."""

ROOMS_OF = {
    "pynamodb": {"expressions", "aws"},
    "botocore": {"aws"},
    "boto3": set[str](),
    "asyncio": {"aio", "testing"},
}
"""Which packages may import a library; those that are not named may be imported anywhere."""


def layer_of(name: str) -> str | None:
    """The layer that a dotted name belongs to; a name of `dynrepo` itself is of its `__init__`."""
    top, *rest = name.split(".")
    if top != "dynrepo":
        return None
    return rest[0] if rest and rest[0] in LAYERS else "__init__"


def upward(module: Module) -> list[str]:
    """What a module imports of a later layer, of the other face, or from outside the package."""
    own = LAYERS.index(module.package)
    imported = [(name, layer_of(name)) for name in module.imported]
    other_face = FACES - {module.package} if module.package in FACES else set[str]()
    return [
        name
        for name, layer in imported
        if name.split(".")[0] in OUTSIDE
        or layer in other_face
        or (layer is not None and LAYERS.index(layer) > own)
    ]


def foreign(module: Module) -> list[str]:
    """What a module imports of a library that belongs into another package."""
    tops = {name.split(".")[0] for name in module.imported}
    return sorted(top for top in tops if module.package not in ROOMS_OF.get(top, {module.package}))


def needed(module: Module, known: Mapping[str, Module]) -> set[str]:
    """The modules that a module imports, or from which it imports a name."""
    found = set[str]()
    for name in module.imported:
        base = name.rpartition(".")[0]
        for candidate in (name, f"{name}.__init__", base, f"{base}.__init__"):
            if candidate in known:
                found.add(candidate)
                break
    return found - {module.name}


def circle(known: Mapping[str, Module]) -> list[str]:
    """Modules that need each other, in a row that ends where it began; none when there is none."""
    graph = {name: needed(module, known) for name, module in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_a_module_imports_only_what_is_below_it() -> None:
    """No import points to a later layer, nor out of the package."""
    found = {(name, import_) for name, module in modules().items() for import_ in upward(module)}
    assert found == set()


def test_a_library_is_imported_in_its_rooms_only() -> None:
    """As PynamoDB in expressions/ and aws/, botocore in aws/, asyncio in aio/ and testing/."""
    found = {(name, top) for name, module in modules().items() for top in foreign(module)}
    assert found == set()


def test_no_two_modules_need_each_other() -> None:
    """There is an order in which every module comes after all that it imports."""
    assert circle(modules()) == []


def test_every_module_has_a_layer() -> None:
    """A new module is put on the list by hand."""
    assert {module.package for module in modules().values()} - set(LAYERS) == set()


def test_every_module_says_what_it_is_for() -> None:
    """A module opens with a docstring."""
    assert [name for name, module in modules().items() if not ast.get_docstring(module.tree)] == []


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
    assert upward(Module("dynrepo.aws.loader", source)) == [offence]


@pytest.mark.parametrize(("face", "other"), [("aio", "blocking"), ("blocking", "aio")])
def test_a_face_that_knows_the_other_is_seen(face: str, other: str) -> None:
    """Neither is below the other."""
    module = Module(f"dynrepo.{face}.pool", f"from dynrepo.{other}.channel import Channel")
    assert upward(module) == [f"dynrepo.{other}.channel.Channel"]


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
    assert upward(Module("dynrepo.aws.loader", source)) == []


@pytest.mark.parametrize(
    ("name", "source", "offences"),
    [
        ("dynrepo.schema.keys", "import pynamodb.attributes", ["pynamodb"]),
        ("dynrepo.sending.failure", "def f():\n    from botocore import x", ["botocore"]),
        ("dynrepo.expressions.fields", "import botocore", ["botocore"]),
        ("dynrepo.expressions.fields", "from pynamodb.expressions.operand import Path", []),
        ("dynrepo.aws.loader", "import pynamodb, botocore.session", []),
        ("dynrepo.schema.keys", "import pydantic", []),
        ("dynrepo.blocking.waits", "from asyncio import sleep", ["asyncio"]),
        ("dynrepo.aio.waits", "import asyncio", []),
    ],
)
def test_a_library_in_the_wrong_room_is_seen(name: str, source: str, offences: list[str]) -> None:
    """Wherever the import stands; in its own rooms it is fine, as is any other library."""
    assert foreign(Module(name, source)) == offences


def house(**sources: str) -> dict[str, Module]:
    """Modules of one package."""
    return {
        f"dynrepo.codec.{name}": Module(f"dynrepo.codec.{name}", sources[name]) for name in sources
    }


def test_a_circle_is_seen() -> None:
    """Of two modules or more, and for the type checker alone."""
    found = circle(
        house(
            a="from dynrepo.codec import b",
            b="if TYPE_CHECKING:\n    from .c import C",
            c="def f():\n    import dynrepo.codec.a",
        )
    )
    assert set(found) == {"dynrepo.codec.a", "dynrepo.codec.b", "dynrepo.codec.c"}


def test_what_is_no_circle_is_fine() -> None:
    """Two ways to the same module are none."""
    assert circle(house(a="from . import b, c", b="from .c import C", c="import json")) == []
