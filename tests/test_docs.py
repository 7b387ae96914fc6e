"""The pages of the docs: they lead somewhere, and are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def links(page: Path) -> set[Path]:
    """The files that a page links to."""
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
    return {(page.parent / one).resolve() for one in targets if "://" not in one}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file or a folder of the project."""
    assert [str(one) for one in links(page) if not one.exists()] == []


def test_every_page_is_on_the_map() -> None:
    """Every page of the docs is linked from the index."""
    index = DOCS / "index.md"
    lost = {page.resolve() for page in DOCS.rglob("*.md")} - links(index) - {index.resolve()}
    assert lost == set()
