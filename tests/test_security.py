"""Each claim of SECURITY.md names the tests that try it.

The numbers in its table are of a review that would have refused the library: what `Server-Timing`
tells, cursors in clear text, `DYNREPO_*` half honoured, filters of logs that never ran, frames and
reprs with requests in them, and text from the network that is said as it came.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
REVIEW = {
    1: "Server-Timing",
    2: "Cursors",
    3: "DYNREPO_*",
    4: "Filters",
    5: "Errors",
    6: "Answers",
}
TESTS = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def rows() -> list[list[str]]:
    """The table of who controls what, cell by cell, without its head."""
    part = TEXT.partition("## Who controls what")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


def promises() -> list[str]:
    """What the library promises, one after the other."""
    part = TEXT.partition("## What dynrepo promises")[2].partition("\n## ")[0]
    return re.split(r"\n(?=- )", part.strip())


@pytest.mark.parametrize("number", REVIEW)
def test_each_threat_of_the_review_has_a_row(number: int) -> None:
    """Its number, what it is about, who writes it, how it is treated, and by what it was tried."""
    (row,) = [row for row in rows() if row[0].startswith(f"{number}. ")]
    assert REVIEW[number] in row[0]
    assert len(row) == 4


@pytest.mark.parametrize("claim", [*map(" | ".join, rows()), *promises()], ids=lambda it: it[:30])
def test_each_claim_names_tests(claim: str) -> None:
    """Whoever doubts it can run them."""
    assert TESTS.search(claim)


@pytest.mark.parametrize("found", sorted(set(TESTS.findall(TEXT))), ids="::".join)
def test_each_test_that_is_named_is_there(found: tuple[str, str]) -> None:
    """By its file, and its name in it."""
    path, name = found
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    assert name in names if name else any(it.startswith("test_") for it in names)
