"""The recipes of the docs over the blocking face: the docs run them over the asynchronous one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.faces import blocking

RECIPES = Path(__file__).resolve().parents[1] / "docs" / "recipes"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)


def program(page: Path) -> str:
    """All blocks of a page as one program, each line where it stands on the page."""
    text = page.read_text("utf-8")
    lines = [""] * text.count("\n")
    for block in _BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        code = block[1].splitlines()
        lines[first : first + len(code)] = code
    return "\n".join(lines) + "\n"


AWAITED = [
    page
    for page in sorted(RECIPES.glob("*.md"))
    if "await " in program(page) and not re.search(r"\bRepository\[", program(page))
]
"""Those that show both faces run as they are: by the docs, and `tests/contract/test_recipes.py`."""


@pytest.mark.parametrize("page", AWAITED, ids=lambda page: page.stem)
def test_a_recipe_runs_over_the_blocking_face(page: Path) -> None:
    """With `async` and `await` taken away, and `Async` from the names, its assertions hold."""
    source = program(page).replace("import asyncio", "import time").replace("asyncio.", "time.")
    source = blocking(source)
    assert "await" not in source
    code = compile(source, page, "exec", dont_inherit=True)
    exec(code, {"__name__": "recipe"})  # noqa: S102 - the examples are ours
