"""What the page on platforms and versions claims is what metadata, locks and code say."""

from __future__ import annotations

import configparser
import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from dynrepo.version import VERSION

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reference" / "platforms.md").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

pytestmark = pytest.mark.once


def section(title: str) -> str:
    """A part of the page."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The cells of the table in a part, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_ranges_are_those_of_the_metadata() -> None:
    """Of every dependency and every extra, and of nothing else."""
    extras = PROJECT["optional-dependencies"]
    asked = {(Requirement(one), "dynrepo") for one in PROJECT["dependencies"]}
    asked |= {(Requirement(one), f"dynrepo[{name}]") for name in extras for one in extras[name]}
    told = {
        (Requirement(name + pins.strip("`")), place.strip("`"))
        for name, pins, place in rows("Libraries")
    }
    assert told == asked


def test_the_pythons_are_those_that_are_claimed() -> None:
    """A Python that was not run is told as such, and is no classifier."""
    claimed = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    table = rows("Pythons")
    assert [python for python, told in table if "not run" not in told] == claimed
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    for python, _ in table:
        name = f"py{python.replace('.', '')}"
        assert name in tox["tox"]["env_list"] or f"testenv:{name}" in tox


def test_the_systems_are_those_that_are_claimed() -> None:
    """Each but one is told to be not tried."""
    run = [system for system, told in rows("Operating systems") if not told.startswith("not tried")]
    claimed = [one for one in PROJECT["classifiers"] if one.startswith("Operating System")]
    assert [system.partition(",")[0] for system in run] == [
        one.rpartition(" :: ")[2] for one in claimed
    ]


def test_the_engines_are_those_of_the_locks() -> None:
    """By their versions."""
    table = " ".join(engine for engine, _ in rows("Engines"))
    for name, lock in (
        ("MiniStack", "tests/engines/ministack.lock"),
        ("moto", "requirements-dev.lock"),
    ):
        pin = re.search(rf"^{name.lower()}==(\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE)
        assert pin is not None
        assert f"{name} {pin[1]}," in table


def test_the_version_is_this_one() -> None:
    """And nothing in it is deprecated, where the page says so."""
    assert f"This one is {VERSION}," in section("Versions")
    assert "At present nothing is deprecated." in section("Deprecation")
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "dynrepo").rglob("*.py"))
    assert not any("DeprecationWarning" in source for source in sources)


def public() -> set[str]:
    """The dotted names that the page calls public."""
    names = set[str]()
    for modules, told in rows("What is public"):
        for module in re.findall(r"`([\w.]+)`", modules):
            listed = re.findall(r"`(\w+)`", told)
            if listed == ["__all__"]:
                listed = import_module(module).__all__
            names |= {module, *(f"{module}.{name}" for name in listed)}
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_pages_import_what_is_public(page: Path) -> None:
    """What an example teaches to import stays where it is."""
    blocks = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    statements = re.findall(
        r"^\s*from (dynrepo[\w.]*) import (\([^)]*\)|[^\n]*)", "\n".join(blocks), re.MULTILINE
    )
    imported = {
        f"{module}.{name}"
        for module, names in statements
        for name in re.findall(r"\w+", re.sub(r"#[^\n]*| as \w+", "", names))
    }
    assert imported - public() <= {"dynrepo.codec.codec_for"}


def test_what_is_public_is_there() -> None:
    """Each name can be imported from where the page says."""
    for name in sorted(public()):
        module, _, last = name.rpartition(".")
        assert not module or hasattr(import_module(module), last) or import_module(name), name
