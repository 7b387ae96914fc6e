"""Pages of items, and the answers that they are made of."""

from __future__ import annotations

from dynrepo.operations.pages import Page, QueryAnswer


def test_a_page_is_as_long_as_its_items() -> None:
    """Whatever was read for it."""
    page = Page(["a", "b"], cursor="next", read=7)
    assert list(page) == ["a", "b"]
    assert len(page) == 2
    assert Page([]).cursor is None


def test_an_answer_has_no_errors_unless_it_says_so() -> None:
    """As most have none."""
    assert not QueryAnswer([1], None, 1, 1).has_errors
