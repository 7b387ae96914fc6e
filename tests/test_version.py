"""The version stands in one place."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.version import Version

from dynrepo import version
from dynrepo.version import VERSION

ROOT = Path(__file__).parents[1]


def test_the_version_is_one_that_packaging_tools_read() -> None:
    """In its normal form, so that tags and file names say the same."""
    assert str(Version(VERSION)) == VERSION


def test_the_metadata_has_the_version_of_the_module() -> None:
    """It is read from there when a distribution is built."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert ROOT / project["tool"]["hatch"]["version"]["path"] == Path(str(version.__file__))
