"""Cursors: they go on where a page ended, and fit nothing else."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo import InvalidCursor
from dynrepo.operations.cursor import cursor_for, key_in

KEY = {"id": {"S": "ada"}, "number": {"N": "1"}}
QUERY: Any = ["users", "by_email", {"KeyConditionExpression": "#0 = :0"}]
CURSOR = cursor_for(KEY, query=QUERY, secret=b"s")


def test_a_cursor_goes_on_after_its_key() -> None:
    """For the same query and secret."""
    assert key_in(CURSOR, query=QUERY, secret=b"s") == KEY


def test_a_cursor_can_stand_in_a_url() -> None:
    """As it is."""
    assert re.fullmatch(r"[A-Za-z0-9_-]+", CURSOR)


@pytest.mark.parametrize(
    ("query", "secret"),
    [
        (["orders", *QUERY[1:]], b"s"),
        (["users", "by_name", QUERY[2]], b"s"),
        (["users", "by_email", {}], b"s"),
        (QUERY, b"other"),
        (QUERY, b""),
    ],
    ids=["table", "index", "condition", "secret", "no secret"],
)
def test_a_foreign_cursor_is_refused(query: Any, secret: bytes) -> None:
    """One of another table, index, query or secret."""
    with pytest.raises(InvalidCursor):
        key_in(CURSOR, query=query, secret=secret)


@pytest.mark.parametrize(
    "text",
    ["", "A", "AQ", "ä", "=", "AQ==", "A" * 20_000, CURSOR + "\n", "!" + CURSOR, 5, None, b"x"],
)
def test_what_is_no_cursor_is_refused(text: Any) -> None:
    """With one error, whatever it is."""
    with pytest.raises(InvalidCursor):
        key_in(text, query=QUERY, secret=b"s")


@given(st.integers(0, len(CURSOR) - 1))
def test_a_cut_cursor_is_refused(length: int) -> None:
    """Wherever it was cut."""
    with pytest.raises(InvalidCursor):
        key_in(CURSOR[:length], query=QUERY, secret=b"s")


@given(st.integers(0, len(CURSOR) * 3 // 4 - 1), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    """Whichever byte was changed, without a secret too."""
    for secret in (b"s", b""):
        cursor = cursor_for(KEY, query=QUERY, secret=secret)
        raw = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        raw[place] ^= change
        with pytest.raises(InvalidCursor):
            key_in(urlsafe_b64encode(raw).rstrip(b"=").decode(), query=QUERY, secret=secret)


def test_an_error_holds_no_part_of_the_cursor() -> None:
    """It may be logged."""
    with pytest.raises(InvalidCursor) as caught:
        key_in("secret!", query=QUERY, secret=b"s")
    assert "secret" not in str(caught.value)
