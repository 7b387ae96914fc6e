"""What a page says can be pasted at a prompt can be, at those of Python 3.11 and 3.12, too.

They take line by line, and an empty line ends a class or a function.
"""

from __future__ import annotations

import ast
import re
from codeop import CommandCompiler
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"
PASTED = ["tutorial.md", "how-to/async.md"]
"""The pages that say so."""

pytestmark = pytest.mark.once


def blocks(page: str) -> list[str]:
    """The blocks of a page that are for a prompt: no files, and nothing behind a `>>>`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block for block in found if not re.match(r"# \w+\.py\n|>>> ", block)]


def is_taken(block: str) -> bool:
    """Whether a prompt takes the lines of a block, and an empty one at the end."""
    compiled = CommandCompiler()
    compiled.compiler.flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # as `python -m asyncio` does
    begun: list[str] = []
    for line in [*block.splitlines(), ""]:
        begun.append(line)
        try:
            code = compiled("\n".join(begun), "<console>", "single")
        except SyntaxError:
            return False
        if code is not None:
            begun.clear()
    return not begun


def without_gaps(block: str) -> str:
    """A block without the empty lines that stand inside of something."""
    return re.sub(r"\n{2,}(?= )", "\n", block)


@pytest.mark.parametrize("page", PASTED)
def test_every_block_is_taken_without_its_inner_empty_lines(page: str) -> None:
    """As the page says."""
    told = (DOCS / page).read_text(encoding="utf-8")
    assert "leave out the empty lines inside of a class or a function" in " ".join(told.split())
    assert blocks(page)
    assert [block for block in blocks(page) if not is_taken(without_gaps(block))] == []


def test_an_empty_line_is_the_only_thing_in_the_way() -> None:
    """Of a block without one inside of a class or a function all is taken as it stands."""
    found = [block for page in PASTED for block in blocks(page)]
    assert [one for one in found if without_gaps(one) == one and not is_taken(one)] == []
    assert any(not is_taken(block) for block in found)


def test_no_other_page_speaks_of_pasting() -> None:
    """One that does is to be tried here."""
    pages = {
        page.relative_to(DOCS).as_posix(): page.read_text("utf-8") for page in DOCS.rglob("*.md")
    }
    assert sorted(name for name, text in pages.items() if re.search(r"\bpaste", text)) == sorted(
        PASTED
    )
