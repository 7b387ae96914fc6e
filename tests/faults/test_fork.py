"""A forked process never reads its parent's answers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.forked import AMONG_THREADS

if TYPE_CHECKING:
    from dynrepo.testing.engine import Engine
    from tests.faults.ledger import Truth

ROOT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
]


@pytest.mark.parametrize("kind", ["auto", "botocore", "given"])
def test_parent_and_children_read_their_own(engine: Engine, truth: Truth, kind: str) -> None:
    """Twenty times over, two children and their parent go on with one store at once."""
    program = [
        sys.executable,
        *AMONG_THREADS,
        "-m",
        "tests.faults.forked",
        engine.endpoint,
        truth.prefix,
        kind,
        "20",
    ]
    ended = subprocess.run(
        program,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        timeout=120,
        check=False,
        text=True,
    )
    assert (ended.stderr + ended.stdout)[-900:] == ""
    assert ended.returncode == 0
