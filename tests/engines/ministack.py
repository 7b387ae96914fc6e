"""MiniStack as the tests and the demo's tests have it: of what `ministack.lock` names."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynrepo.testing.engine import start_engine

if TYPE_CHECKING:
    from dynrepo.testing.engine import Engine

LOCK = Path(__file__).with_name("ministack.lock")
PATIENCE = 120.0
"""Seconds to wait for MiniStack, however busy the machine is."""


def install(lock: Path, folder: Path) -> Path:
    """Makes an environment of what a lock names; gives the folder with its commands.

    A file whose hash is not in the lock is refused, one that uv has in its cache too: a
    `CalledProcessError`, after uv has said which.
    """
    uv = [sys.executable, "-m", "uv"]
    python = ["--python", sys.executable]
    subprocess.run([*uv, "venv", "--quiet", *python, folder], check=True)
    hashed = ["--quiet", "--require-hashes", "--requirement", lock]
    subprocess.run([*uv, "pip", "install", "--python", folder, *hashed], check=True)
    return folder / ("Scripts" if os.name == "nt" else "bin")


@cache
def scripts() -> Path:
    """The folder with its command, in an environment that ends with this process.

    It is not ours: MiniStack pins an older botocore.
    """
    folder = tempfile.mkdtemp(prefix="ministack-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return install(LOCK, Path(folder))


def start_ministack() -> Engine:
    """Starts it where `start_engine` looks for it: by the command on the PATH."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(scripts()), prepend=os.pathsep)
        return start_engine("ministack", patience=PATIENCE)
