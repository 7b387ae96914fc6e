"""Pages of items, and the answers that they are made of."""

from __future__ import annotations

from dynrepo import CodecError, WrittenUnreadable
from dynrepo.operations.pages import Page, QueryAnswer, of_index


def test_a_page_is_as_long_as_its_items() -> None:
    """Whatever was read for it."""
    page = Page(["a", "b"], cursor="next", read=7)
    assert list(page) == ["a", "b"]
    assert len(page) == 2
    assert Page([]).cursor is None


def test_an_answer_has_no_errors_unless_it_says_so() -> None:
    """As most have none."""
    assert not QueryAnswer([1], None, 1, 1).has_errors


def test_an_error_of_an_index_says_where_whole_items_are() -> None:
    """An item, and an error that has its own reason, are what they were."""
    told = of_index(CodecError("no item", key={"id": {"S": "1"}}), "by_kind")
    assert "the index by_kind does not hold whole items" in str(told)
    assert told.key == {"id": {"S": "1"}}
    for row in ("an item", WrittenUnreadable("written", item={})):
        assert of_index(row, "by_kind") is row
