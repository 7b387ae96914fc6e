"""The lock files hold what the metadata asks for; the metadata claims what was tried."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LOCK_OF = {
    "site": "requirements-site.lock",
    "tools": "requirements-tools.lock",
    "tox": "requirements-tox.lock",
}
"""The lock files of dependency groups; that of all others is the first of `LOCKS`."""
LOCKS = ["requirements-dev.lock", *LOCK_OF.values(), "tests/engines/ministack.lock"]
PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>\S+)", re.MULTILINE)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOX = configparser.ConfigParser(interpolation=None)
TOX.read(ROOT / "tox.ini", encoding="utf-8")


def locked(lock: str) -> dict[str, str]:
    """The version of each package in a lock file."""
    pins = PIN.finditer((ROOT / lock).read_text(encoding="utf-8"))
    return {canonicalize_name(pin["name"]): pin["version"] for pin in pins}


def required() -> list[tuple[str, str]]:
    """Every requirement of the package, extras, groups and the build, with its lock file."""
    groups = {**PROJECT["project"]["optional-dependencies"], **PROJECT["dependency-groups"]}
    groups["core"] = PROJECT["project"]["dependencies"]
    found = [
        (entry, LOCK_OF.get(group, LOCKS[0]))
        for group, entries in groups.items()
        for entry in entries
        if isinstance(entry, str)
    ]
    return [*found, *((entry, LOCK_OF["tools"]) for entry in PROJECT["build-system"]["requires"])]


@pytest.mark.parametrize(("requirement", "lock"), sorted(set(required())))
def test_a_requirement_is_locked(requirement: str, lock: str) -> None:
    """`tox run -e lock` was run after the metadata changed."""
    wanted = Requirement(requirement)
    version = locked(lock).get(canonicalize_name(wanted.name))
    assert version is not None
    assert wanted.specifier.contains(version, prereleases=True)


def test_tox_is_the_locked_one() -> None:
    """What tox.ini asks for is what `.ci/run` and the release install: nothing else is fetched."""
    asked = [line for line in TOX["tox"]["requires"].split() if "==" in line]
    assert asked == PROJECT["dependency-groups"]["tox"]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    workflow = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    installs = re.findall(r"^.*\bpip.* install .*$", script + workflow, re.MULTILINE)
    assert len(installs) == 3
    assert [
        line for line in installs if f"--require-hashes --requirement {LOCK_OF['tox']}" not in line
    ] == []


def test_what_judges_is_locked() -> None:
    """Each environment that judges or publishes takes its tools from a lock file."""
    for name in ("lint", "audit", "dist", "lock"):
        deps = TOX[f"testenv:{name}"]["deps"].replace("{[testenv]deps}", "").split("\n")
        assert [line for line in deps if line and line != f"-r {LOCK_OF['tools']}"] == []


def test_two_locks_name_one_version() -> None:
    """So that `lint` can install two of them together."""
    dev, tools = locked(LOCKS[0]), locked(LOCK_OF["tools"])
    assert {name for name in dev.keys() & tools if dev[name] != tools[name]} == set()


def test_what_is_claimed_was_tried() -> None:
    """A classifier names a Python that an environment of the gate prefers, and the one system."""
    names = [name.strip() for name in TOX["tox"]["env_list"].split(",")]
    first = [TOX.get(f"testenv:{name}", "base_python", fallback=name) for name in names]
    tried = {name.split(",")[0] for name in first if re.match(r"py3\d+", name)}
    claimed = PROJECT["project"]["classifiers"]
    pythons = re.findall(r"Python :: 3\.(\d+)", " ".join(claimed))
    assert {f"py3{minor}" for minor in pythons} == tried - {"py314"}
    assert [name for name in claimed if name.startswith("Operating System")] == [
        "Operating System :: POSIX :: Linux"
    ]


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
