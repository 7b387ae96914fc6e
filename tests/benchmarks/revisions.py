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

from tests.benchmarks.environments import ROOT, made, uv, versions

if TYPE_CHECKING:
    from collections.abc import Generator


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
    wheels, constraints = folder / f"{name}-wheel", folder / "constraints.txt"
    constraints.write_text(versions(), "utf-8")
    uv("build", "--wheel", "--out-dir", wheels, source)
    python = made(folder / f"{name}-environment")
    (wheel,) = wheels.glob("*.whl")
    uv("pip", "install", "--python", python, "--constraint", constraints, wheel)
    return Installed(str(python), str(folder))
