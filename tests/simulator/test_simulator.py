"""Thousands of schedules in virtual time: no caller is told what is not so.

They are played in a process of their own, since the clock and the sockets of the library are
replaced in it. `SIMULATOR_SEED=N` has other schedules played than those that are played always.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulator.relapses import RELAPSES

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]


def simulated(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `python -m tests.simulator` says, and its status."""
    return subprocess.run(
        [sys.executable, "-m", "tests.simulator", *arguments],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )


def test_every_answer_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    """Of each verb, under each fault; and each verdict is given."""
    ended = simulated("--schedules", "10000")
    with capsys.disabled():
        sys.stdout.write(f"\n{ended.stdout}")
    assert ended.stderr == ""
    assert ended.returncode == 0, ended.stdout


def test_mended_faults_would_be_found() -> None:
    """Each is put back, and some schedule shows it."""
    ended = simulated("--relapses")
    assert ended.stderr == ""
    found = [line.partition(": seed ")[0] for line in ended.stdout.splitlines()]
    assert found == [relapse.fault for relapse in RELAPSES]
    assert ended.returncode == 0, ended.stdout


def test_a_seed_is_the_same_schedule_whenever_it_is_played() -> None:
    """All that happened in it is printed, step by step."""
    first, second = simulated("--seed", "5"), simulated("--seed", "5")
    assert first.stdout == second.stdout
    assert first.stdout.startswith("seed 5\n")
    assert first.returncode == 0
