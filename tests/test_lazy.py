"""Modules, and names of a package, that are imported when one is asked for."""

from __future__ import annotations

import subprocess
import sys
from types import SimpleNamespace

import pytest

import dynrepo
from dynrepo import lazy, names
from dynrepo.lazy import Module, _homes, names_of

get, listed = names_of("dynrepo")


def test_a_name_is_what_its_module_has() -> None:
    """Asked for through the package or not, it is the same thing."""
    assert get("Repository") is names.Repository is dynrepo.Repository


def test_a_name_takes_nothing_else_along() -> None:
    """What nobody asked for is not imported: a process on AWS Lambda starts without it."""
    program = """
import sys
from dynrepo import DynrepoError
others = {"repository", "settings", "names", "instrumentation"}
assert others.isdisjoint(name.partition(".")[2] for name in sys.modules if "dynrepo" in name)
from dynrepo import Repository
late = {"settings", "health", "record", "table", "transaction"}
assert late.isdisjoint(name.partition(".")[2] for name in sys.modules if "dynrepo" in name)
assert "pydantic.root_model" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_late_module_is_the_module() -> None:
    """What is asked of it is what the module has."""
    late = Module("dynrepo.lazy")
    assert late.Module is Module
    with pytest.raises(AttributeError, match="nope"):
        late.nope  # noqa: B018


def test_names_are_found_where_there_is_no_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """In an archive, say: then all are imported."""
    assert _homes("dynrepo")["Repository"] == "dynrepo.blocking.repository"
    monkeypatch.setattr(lazy, "_homes", lambda _: {})
    assert get("Repository") is names.Repository
    monkeypatch.setattr(lazy, "find_spec", lambda _: SimpleNamespace(origin="/archive.zip/names"))
    assert _homes.__wrapped__("dynrepo") == {}


def test_all_names_are_listed() -> None:
    """`dir()` shows what can be imported, though nothing of it may be imported yet."""
    assert listed() == dir(dynrepo) == names.__all__


@pytest.mark.parametrize("name", ["repository", "testing"])
def test_a_module_is_left_to_the_import_system(name: str) -> None:
    """Else the import of one module would import all, in a circle."""
    with pytest.raises(AttributeError):
        get(name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As on any module."""
    with pytest.raises(AttributeError, match="Nope"):
        get("Nope")
