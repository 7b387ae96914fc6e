"""Cursors: they go on where a page ended, and fit nothing else; what strangers make is refused."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynrepo import InvalidCursor
from dynrepo.operations.cursor import OpenCursors, binding_of, json_of, text_of

KEY = {"id": {"S": "ada"}, "number": {"N": "1"}}
QUERY: Any = ["users", "by_email", False, {"KeyConditionExpression": "#0 = :0"}]
OPEN = OpenCursors()
CURSOR = OPEN.cursor_for(KEY, QUERY)


def raw_of(cursor: str) -> bytearray:
    """The bytes that a cursor is the text of."""
    return bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def forged(payload: bytes, query: Any = QUERY) -> str:
    """What whoever has read the source makes of a payload: all but the payload is right."""
    return text_of(b"\x02" + digest_of(payload, query) + payload)


def digest_of(payload: bytes, query: Any) -> bytes:
    """The digest in a cursor, found by what the library itself writes."""
    return hashlib.sha256(b"\x02" + binding_of(query) + payload).digest()[:16]


def test_a_cursor_goes_on_after_its_key() -> None:
    """For the same query, whatever a key is spelt with."""
    assert OPEN.content_of(CURSOR, QUERY) == KEY
    odd = {"id": {"S": 'é\U0010ffff"\\\x00\x7f'}}
    assert OPEN.content_of(OPEN.cursor_for(odd, QUERY), QUERY) == odd


def test_an_open_cursor_is_read_and_made_by_anybody() -> None:
    """Who knows the query: that is what a secret is for."""
    assert bytes(raw_of(CURSOR)).endswith(json_of(KEY))
    assert forged(json_of(KEY)) == CURSOR


def test_the_longest_keys_have_cursors() -> None:
    """Those of a table and an index, of characters that take the most when they are escaped."""
    names = [letter * 255 for letter in "abcd"]
    key = {name: {"S": "\x01" * size} for name, size in zip(names, [2048, 1024] * 2, strict=True)}
    assert OPEN.content_of(OPEN.cursor_for(key, QUERY), QUERY) == key


def test_a_cursor_can_stand_in_a_url() -> None:
    """As it is."""
    assert re.fullmatch(r"[A-Za-z0-9_-]+", CURSOR)


@pytest.mark.parametrize(
    "query",
    [
        ["orders", *QUERY[1:]],
        ["users", "by_name", *QUERY[2:]],
        ["users", "by_email", True, QUERY[3]],
        ["users", "by_email", False, {}],
    ],
    ids=["table", "index", "direction", "condition"],
)
def test_a_foreign_cursor_is_refused(query: Any) -> None:
    """One of another table, index, direction or condition."""
    with pytest.raises(InvalidCursor):
        OPEN.content_of(CURSOR, query)


@pytest.mark.parametrize(
    "text",
    [
        *("", "A", "AQ", "ä", "\ud800", "=", "AQ==", "A" * 140_000, CURSOR + "\n", "!" + CURSOR),
        *(5, None, b"x", ["a"]),
    ],
    ids=repr,
)
def test_what_is_no_cursor_is_refused(text: Any) -> None:
    """With one error, whatever it is."""
    with pytest.raises(InvalidCursor):
        OPEN.content_of(text, QUERY)


def test_a_cursor_of_the_old_form_is_refused() -> None:
    """Its first byte was another, and its digest a HMAC."""
    raw = raw_of(CURSOR)
    raw[0] = 1
    with pytest.raises(InvalidCursor):
        OPEN.content_of(text_of(bytes(raw)), QUERY)


@given(st.integers(0, len(CURSOR) - 1))
def test_a_cut_cursor_is_refused(length: int) -> None:
    """Wherever it was cut."""
    with pytest.raises(InvalidCursor):
        OPEN.content_of(CURSOR[:length], QUERY)


@given(st.integers(0, len(CURSOR) * 3 // 4 - 1), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    """Whichever byte was changed."""
    raw = raw_of(CURSOR)
    raw[place] ^= change
    with pytest.raises(InvalidCursor):
        OPEN.content_of(urlsafe_b64encode(raw).rstrip(b"=").decode(), QUERY)


BROKEN = {
    "deep list": b"[" * 12_000,
    "deep object": b'{"a":' * 12_000,
    "digits": b"9" * 6_000,
    "digits in a key": b'{"id":{"N":' + b"9" * 6_000 + b"}}",
    "half": b"{",
    "nothing": b"",
    "no UTF-8": b'{"id":{"S":"\xff\xfe"}}',
    "lone surrogate": b'{"id":{"S":"\\ud800"}}',
    "raw surrogate": b'{"id":{"S":"\xed\xa0\x80"}}',
    "NaN": b'{"id":NaN}',
    "Infinity": b"-Infinity",
    "two": b"{}{}",
    "zero byte": b"\x00",
}


@pytest.mark.parametrize("payload", BROKEN.values(), ids=BROKEN)
def test_a_forged_cursor_that_is_no_json_is_refused(payload: bytes) -> None:
    """Without a secret anybody can give a payload the right digest."""
    with pytest.raises(InvalidCursor):
        OPEN.content_of(forged(payload), QUERY)


@given(st.binary(max_size=400))
def test_a_forged_cursor_of_any_bytes_is_read_or_refused(payload: bytes) -> None:
    """By no other error."""
    with suppress(InvalidCursor):
        OPEN.content_of(forged(payload), QUERY)


def test_an_error_holds_no_part_of_the_cursor() -> None:
    """It may be logged."""
    for text in ("secret!", forged(b'"secret')):
        with pytest.raises(InvalidCursor) as caught:
            OPEN.content_of(text, QUERY)
        assert "secret" not in str(caught.value)
