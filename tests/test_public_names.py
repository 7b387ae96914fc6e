"""What `from dynrepo import ...` offers is on purpose: listed, sorted and documented."""

from __future__ import annotations

import ast
import subprocess
import sys
import types
from pathlib import Path

import pytest

import dynrepo
from dynrepo import names

INIT = ast.parse(Path(dynrepo.__file__).read_text(encoding="utf-8"))


def test_the_list_is_sorted_and_says_each_name_once() -> None:
    """So that a change of it is one line in a diff."""
    assert list(dynrepo.__all__) == sorted(set(dynrepo.__all__))


def test_the_list_names_what_is_there() -> None:
    """Every public name of the module is in `__all__`, and nothing else is."""
    bound = {
        name
        for name, value in vars(names).items()
        if not name.startswith("_")
        and not isinstance(value, types.ModuleType)
        and name != "annotations"
    }
    assert bound == set(dynrepo.__all__)


def test_the_package_holds_no_code() -> None:
    """A docstring, imports and the fetching of names: the rest lives in a module with a name."""
    docstring, *statements = INIT.body
    assert isinstance(docstring, ast.Expr)
    (fetching,) = (one for one in statements if not isinstance(one, ast.Import | ast.ImportFrom))
    assert ast.unparse(fetching) == (
        "if TYPE_CHECKING:\n    from dynrepo.names import *\n"
        "else:\n    __getattr__, __dir__ = names_of(__name__)"
    )


def test_the_package_costs_nothing_before_a_name_is_asked_for() -> None:
    """Importing it, as pytest does for the plugin, imports nothing of other libraries."""
    program = """
import sys
before = set(sys.modules)
import dynrepo
new = set(sys.modules) - before
assert not {name.partition('.')[0] for name in new} - {'dynrepo', *sys.stdlib_module_names}, new
assert 'Repository' in dir(dynrepo)
from dynrepo import *
Repository
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_types_of_networks_are_known_when_they_are_there() -> None:
    """What few models have a field of costs the others no time."""
    program = """
import sys
from typing import Annotated
from dynrepo import PartitionKey, Repository, schema_of
assert 'pydantic.networks' not in sys.modules
from pydantic import BaseModel, HttpUrl
class Page(BaseModel):
    url: Annotated[HttpUrl, PartitionKey()]
page = Page(url='https://example.org/a')
assert schema_of(Page).decode(schema_of(Page).encode(page)) == page
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_unknown_name_is_an_import_error() -> None:
    """As it is in any package."""
    with pytest.raises(ImportError):
        from dynrepo import Nope  # type: ignore[attr-defined]  # noqa: F401, PLC0415


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
