"""Names of a package that are imported when they are asked for."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

import dynrepo
import dynrepo.testing.names
from dynrepo import lazy, names
from dynrepo.lazy import names_of

get, listed = names_of("dynrepo")
PACKAGE = Path(dynrepo.__file__).parent


def test_a_name_is_what_its_module_has() -> None:
    """Asked for through the package or not, it is the same thing."""
    assert get("Repository") is names.Repository is dynrepo.Repository


def test_a_name_takes_nothing_else_along() -> None:
    """What nobody asked for is not imported: a process on AWS Lambda starts without it."""
    program = """
import sys
from dynrepo import DynrepoError
others = {"blocking", "settings", "names", "instrumentation"}
assert others.isdisjoint(name.split(".")[1] for name in sys.modules if "dynrepo." in name)
assert {"pydantic", "pynamodb", "botocore"}.isdisjoint(sys.modules)
from dynrepo import Repository
late = {"settings", "blocking.container", "aws.connection", "aws.credentials", "protocol"}
assert late.isdisjoint(name.partition(".")[2] for name in sys.modules if "dynrepo" in name)
assert {"pydantic.root_model", "pynamodb.connection", "botocore.session"}.isdisjoint(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_whoever_awaits_nothing_imports_nothing_for_it() -> None:
    """The blocking names bring neither the other face nor a loop; the asynchronous ones do."""
    program = """
import sys
import dynrepo
from dynrepo import Container, Repository
from dynrepo.container import FRESH
dynrepo.DynamoStore, dynrepo.AsyncStore, dynrepo.AsyncItemStore
assert not {name for name in sys.modules if name.startswith(("asyncio", "dynrepo.aio"))}
dynrepo.AsyncDynamoStore
assert {"asyncio", "dynrepo.aio.store"} <= set(sys.modules)
assert {"pynamodb.connection", "botocore.session"}.isdisjoint(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("form", ["archive", "bytecode"])
def test_names_are_found_in_whatever_form_the_package_is_installed(
    form: str, tmp_path: Path
) -> None:
    """In an archive as in a folder; with bytecode alone all names are imported for the first."""
    installed = tmp_path / "dynrepo"
    shutil.copytree(PACKAGE, installed, ignore=shutil.ignore_patterns("__pycache__"))
    if form == "bytecode":
        compileall.compile_dir(installed, quiet=1, legacy=True)
        for source in installed.rglob("*.py"):
            source.unlink()
        path = tmp_path
    else:
        path = tmp_path / "dynrepo.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for source in installed.rglob("*.py"):
                archive.write(source, source.relative_to(tmp_path))
        shutil.rmtree(installed)
    program = f"""
import sys
import dynrepo
assert dynrepo.__file__.startswith({str(path)!r})
from dynrepo import DynrepoError
assert ("dynrepo.names" in sys.modules) is {form == "bytecode"}
assert DynrepoError.__module__ in ("dynrepo", "dynrepo.errors")
from dynrepo import *
Repository
assert not hasattr(dynrepo, "Nope")
"""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    command = [sys.executable, "-c", program]
    subprocess.run(command, env=environment, cwd=tmp_path, check=True, timeout=60)


@pytest.mark.parametrize("package", [dynrepo, dynrepo.testing])
def test_all_names_are_listed(package: object) -> None:
    """`dir()` shows what can be imported, though nothing of it may be imported yet."""
    named = sys.modules[f"{package.__name__}.names"].__all__  # type: ignore[attr-defined]
    assert dir(package) == package.__all__ == named  # type: ignore[attr-defined]
    assert listed() == dynrepo.__all__


def test_to_list_the_names_imports_none() -> None:
    """A notebook that completes a name is not held up."""
    program = """
import sys
import dynrepo
assert "Repository" in dir(dynrepo)
assert {"dynrepo.names", "dynrepo.errors", "pydantic"}.isdisjoint(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


@pytest.mark.parametrize("name", ["blocking", "testing"])
def test_a_module_is_left_to_the_import_system(name: str) -> None:
    """Else the import of one module would import all, in a circle."""
    with pytest.raises(AttributeError):
        get(name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As on any module."""
    with pytest.raises(AttributeError, match="module 'dynrepo' has no attribute 'Nope'"):
        get("Nope")


def test_a_package_of_bytecode_alone_has_its_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They are those that its module lists."""
    package = tmp_path / "bare_of_source"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "names.py").write_text("import math\npi = math.pi\n__all__ = ['pi']\n")
    compileall.compile_dir(package, quiet=1, legacy=True)
    for source in package.glob("*.py"):
        source.unlink()
    monkeypatch.syspath_prepend(tmp_path)
    find, list_names = names_of("bare_of_source")
    assert find("__all__") == list_names() == ["pi"]
    assert 3 < find("pi") < 4


def test_a_loader_of_files_without_sources_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of pytest's plugins."""
    loader = SimpleNamespace(get_data=lambda _: b"from math import pi, tau\n")
    monkeypatch.setattr(lazy, "find_spec", lambda _: SimpleNamespace(loader=loader, origin="x"))
    find, list_names = names_of("loaded_otherwise")
    assert list_names() == ["pi", "tau"]
    assert 6 < find("tau") < 7
