"""Environments of their own: for a wheel, or for a library that pins an old botocore."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

ROOT = Path(__file__).parents[2]

PINNING = {"aiobotocore + serializers + Pydantic": ("aiobotocore", "boto3", "uvloop")}
"""What cannot be installed beside the newest botocore, by the name of its row."""


@contextmanager
def pythons() -> Generator[Mapping[str, str]]:
    """The Python of each library: this one, or one of an environment of its own."""
    found = defaultdict[str, str](lambda: sys.executable)
    with TemporaryDirectory(prefix="dynrepo-bench-") as folder:
        for name, packages in PINNING.items():
            environment = Path(folder, packages[0])
            try:
                found[name] = _with_our_requirements(environment, *packages)
            except (ImportError, subprocess.CalledProcessError) as error:
                print(f"{name}: {error}", file=sys.stderr)
        yield found


def _with_our_requirements(environment: Path, *packages: str) -> str:
    """The checkout is imported from the folder that a process runs in; here is what it needs."""
    python = made(environment)
    project = ROOT / "pyproject.toml"
    constraints = environment / "constraints.txt"
    constraints.write_text(versions(of=("pydantic", "uvloop")), "utf-8")
    uv("pip", "install", "--python", python, "-c", constraints, *packages, "-r", project)
    return str(python)


def made(environment: Path) -> Path:
    """The Python of a new environment, of this version, with nothing in it."""
    uv("venv", "--python", sys.executable, environment)
    return environment / ("Scripts" if os.name == "nt" else "bin") / "python"


def versions(*, of: tuple[str, ...] = ("",), but: str = "dynrepo") -> str:
    """The versions that this environment has of packages, as constraints."""
    lines = uv("pip", "freeze", "--python", sys.executable).splitlines()
    kept = [line for line in lines if "==" in line and not line.startswith(but)]
    return "\n".join(line for line in kept if line.startswith(of))


def uv(*arguments: str | Path) -> str:
    """Runs the uv of this environment, and returns what it prints."""
    from uv import find_uv_bin  # noqa: PLC0415 - not where a library alone is measured

    command = [find_uv_bin(), "--quiet", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
