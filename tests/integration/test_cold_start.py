"""The program that measures a cold start, and the page that shows what it printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| (.+?) \| ([\d.]+|clock) \| ([\d.]+|CPU) \|$", re.MULTILINE)


def test_the_page_shows_the_steps_that_the_program_measures() -> None:
    """Each table of it is of one way to begin; the page has that of `connect()` and of boto3."""
    program = str(DOCS / "examples" / "cold_start.py")
    told = subprocess.run(
        [sys.executable, program, "--rounds", "1"], capture_output=True, text=True, check=True
    ).stdout
    measured = [step for step, _, _ in ROW.findall(told)]
    without = measured.index("dynrepo, without")
    boto3 = measured.index("boto3's client, which gives dicts")
    page = (DOCS / "recipes" / "lambda.md").read_text("utf-8")
    assert [step for step, _, _ in ROW.findall(page)] == measured[:without] + measured[boto3:]
    assert measured[without:boto3] == [
        "dynrepo, without",
        *(step for step in measured[1:without] if not step.startswith("connect")),
    ]
