"""Each page of the site in a real browser, narrow and wide, light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dynrepo.version import VERSION
from tests.site.conftest import addresses

if TYPE_CHECKING:
    from tests.site.conftest import Seen


@pytest.mark.parametrize("path", addresses())
def test_a_page_is_whole(seen: Seen, path: str) -> None:
    """It has a heading, fits a phone and a desk, complains of nothing, and asks nobody else."""
    seen.elsewhere.clear()
    seen.complaints.clear()
    seen.visit(path)
    assert seen.page.locator("article h1").count() == 1
    assert not seen.is_wider_than_the_window(360)
    assert not seen.is_wider_than_the_window(1280)
    assert seen.complaints == []
    assert seen.elsewhere == []


def test_a_page_has_the_colours_that_its_reader_likes(seen: Seen) -> None:
    """As the system says, unless the reader switches."""
    seen.visit("/")
    likes_dark = seen.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    scheme = seen.page.locator("body").get_attribute("data-md-color-scheme")
    assert scheme == ("slate" if likes_dark else "default")


def test_a_page_says_its_version_and_leads_to_the_changes(seen: Seen) -> None:
    """In its foot."""
    seen.visit("/tutorial/")
    foot = seen.page.locator("footer")
    assert f"dynrepo {VERSION}" in foot.inner_text()
    foot.get_by_role("link", name="Changes").click()
    assert seen.page.locator("article h1").inner_text().startswith("Changelog")


def test_what_a_reader_looks_for_is_found(seen: Seen) -> None:
    """The search runs in the browser, and the name itself is among the first that it finds."""
    seen.visit("/")
    seen.page.set_viewport_size({"width": 1280, "height": 900})
    field = seen.page.get_by_placeholder("Search")
    while not field.is_visible():  # the keys do nothing before the scripts of the page have run
        seen.page.keyboard.press("/")
        seen.page.wait_for_timeout(100)
    field.fill("OutcomeUnknown")
    found = seen.page.locator("[role=option][href*='/reference/api/errors/']")
    found.first.click()
    seen.page.wait_for_url("**/reference/api/errors/**")
