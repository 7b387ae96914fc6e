"""Revisions of dynrepo that a process can use, each as its users have it: a wheel, installed.

Both wheels get the same Python and the versions of everything else that this environment has.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).parents[2]


class Installed(NamedTuple):
    """A Python that has a revision of dynrepo."""

    python: str
    path: str
    """Folders that it looks into before its own."""

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a process that uses it."""
        return {**os.environ, "PYTHONPATH": self.path}

    def command(self, module: str, *arguments: str) -> list[str]:
        """Runs a module; the folder that it is run from is not looked into."""
        return [self.python, "-P", "-W", "ignore", "-m", module, *arguments]


@contextmanager
def installed(against: str) -> Generator[tuple[Installed, Installed]]:
    """A revision, and today's code: as wheels, or both as they lie there if it is a folder."""
    with TemporaryDirectory(prefix="dynrepo-race-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "tests" / "benchmarks", folder / "tests" / "benchmarks")
        if Path(against).is_dir():
            yield _checkout(folder, Path(against)), _checkout(folder, ROOT)
        else:
            yield (
                _wheel(folder, "old", _source(against, folder / "source")),
                _wheel(folder, "new", ROOT),
            )


def _checkout(folder: Path, checkout: Path) -> Installed:
    return Installed(sys.executable, f"{folder}{os.pathsep}{checkout.resolve()}")


def _source(revision: str, folder: Path) -> Path:
    """What Git has of a revision, in a folder."""
    command = ["git", "-C", str(ROOT), "archive", "--format=tar", revision]
    archive = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def _wheel(folder: Path, name: str, source: Path) -> Installed:
    """The wheel of a source, in an environment of its own."""
    wheels, environment = folder / f"{name}-wheel", folder / f"{name}-environment"
    constraints = folder / "constraints.txt"
    constraints.write_text(_versions(), "utf-8")
    _uv("build", "--wheel", "--out-dir", wheels, source)
    _uv("venv", "--python", sys.executable, environment)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    (wheel,) = wheels.glob("*.whl")
    _uv("pip", "install", "--python", python, "--constraint", constraints, wheel)
    return Installed(str(python), str(folder))


def _versions() -> str:
    """What this environment has of everything but dynrepo, as constraints."""
    lines = _uv("pip", "freeze", "--python", sys.executable).splitlines()
    return "\n".join(line for line in lines if "==" in line and not line.startswith("dynrepo"))


def _uv(*arguments: str | Path) -> str:
    """Runs the uv of this environment, and returns what it prints."""
    command = [find_uv_bin(), "--quiet", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
