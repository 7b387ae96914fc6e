"""How many modules of dynrepo a warm call enters, and how often it goes from one to another."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from subprocess import run

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
LIMITS = {"get": (17, 27, 46), "set": (18, 28, 49), "update(add)": (22, 43, 88)}
"""Rooms, moves and own calls at most."""


@pytest.fixture(scope="module")
def counted() -> dict[str, list[int]]:
    """What is counted in a new process, where no other test has configured an instrument."""
    command = [sys.executable, "-m", "tests.benchmarks.rooms", "--json"]
    answer = run(command, cwd=ROOT, check=True, capture_output=True, timeout=60)
    return json.loads(answer.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("call", LIMITS)
def test_a_warm_call_enters_few_rooms(call: str, counted: dict[str, list[int]]) -> None:
    """What a call does can be followed through few modules, with little to and fro."""
    for found, limit in zip(counted[call], LIMITS[call], strict=False):
        assert found <= limit, (call, counted[call])
