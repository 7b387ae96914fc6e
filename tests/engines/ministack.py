"""MiniStack as the tests and the demo's tests have it: the version of `ministack.lock`, by uv."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dynrepo.testing.engine import start_engine

if TYPE_CHECKING:
    from dynrepo.testing.engine import Engine

FOLDER = Path(__file__).parent
PATIENCE = 120.0
"""Seconds to wait for MiniStack, however busy the machine is."""


@cache
def scripts() -> Path:
    """The folder with its command, in the environment that uv makes for it and keeps.

    It is not ours: MiniStack pins an older botocore.
    """
    asked = (FOLDER / "ministack.in").read_text("utf-8").splitlines()[-1]
    locked = ["--constraints", str(FOLDER / "ministack.lock")]
    python = ["--python", sys.executable]
    show = ["python", "-c", "import sysconfig; print(sysconfig.get_path('scripts'))"]
    done = subprocess.run(
        [sys.executable, "-m", "uv", "tool", "run", *python, *locked, "--from", asked, *show],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def start_ministack() -> Engine:
    """Starts it where `start_engine` looks for it: by the command on the PATH."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(scripts()), prepend=os.pathsep)
        return start_engine("ministack", patience=PATIENCE)
