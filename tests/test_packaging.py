"""The lock files hold what the metadata asks for, and name no place to get it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCKS = ["requirements-dev.lock", "tests/engines/ministack.lock"]
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)", re.MULTILINE)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(lock: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    pins = PIN.finditer((ROOT / lock).read_text(encoding="utf-8"))
    return {canonicalize_name(pin["name"]): pin["version"] for pin in pins}


def required() -> list[str]:
    """Every requirement of the package, its extras and its dependency groups."""
    extras = PROJECT["project"]["optional-dependencies"].values()
    groups = PROJECT["dependency-groups"].values()
    listed = [PROJECT["project"]["dependencies"], *extras, *groups]
    return [entry for entries in listed for entry in entries if isinstance(entry, str)]


@pytest.mark.parametrize("requirement", sorted(set(required())))
def test_a_requirement_is_locked(requirement: str) -> None:
    """`tox run -e lock` was run after the metadata changed."""
    wanted = Requirement(requirement)
    version = locked("requirements-dev.lock").get(canonicalize_name(wanted.name))
    assert version is not None
    assert wanted.specifier.contains(version, prereleases=True)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    """What is installed is what was locked, to the byte."""
    entries = re.split(r"\n(?=[\w.-]+==)", (ROOT / lock).read_text(encoding="utf-8"))[1:]
    assert entries
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry(lock: str) -> None:
    """Whoever installs decides where from."""
    assert not re.search(
        r"://|--(extra-)?index|--find-links|\s@\s", (ROOT / lock).read_text("utf-8")
    )


def test_the_engine_is_locked_as_asked() -> None:
    """`ministack.lock` was written from `ministack.in`."""
    wanted = Requirement((ROOT / "tests/engines/ministack.in").read_text("utf-8").splitlines()[-1])
    assert wanted.specifier.contains(locked("tests/engines/ministack.lock")[wanted.name])
