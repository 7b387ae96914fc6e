"""The links of the built site."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from tests.site.conftest import HTML, addresses

if TYPE_CHECKING:
    from pathlib import Path


class _Page(HTMLParser):
    """What a page links to, and the places in it that can be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes both."""
        for name, value in attrs:
            if value and name in ("href", "src") and (tag, name) != ("base", "href"):
                self.links.add(value)
            if value and name in ("id", "name"):
                self.ids.add(value)


@cache
def page_at(path: Path) -> _Page:
    """A page, read."""
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def leads_somewhere(path: str, link: str) -> bool:
    """Whether a link of the page at a path leads to a file of the site, and to a place in it."""
    to = urlsplit(link)
    folder = HTML / path.strip("/")
    target = folder / "index.html"
    if to.path:
        base = HTML if to.path.startswith("/") else folder
        target = (base / unquote(to.path).lstrip("/")).resolve()
        target = target / "index.html" if target.is_dir() else target
    if not to.fragment or target.suffix != ".html":
        return target.is_file()
    return target.is_file() and unquote(to.fragment) in page_at(target).ids


@pytest.mark.parametrize("path", addresses())
def test_links_lead_somewhere(path: str) -> None:
    """To a page, a picture or a program of the site, and to a heading that is there."""
    page = page_at(HTML / path.strip("/") / "index.html")
    inside = {link for link in page.links if not urlsplit(link).scheme}
    assert inside
    assert sorted(link for link in inside if not leads_somewhere(path, link)) == []
