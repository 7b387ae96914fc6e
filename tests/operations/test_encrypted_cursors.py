"""Cursors with a secret: nobody else reads or makes one, and each fits one query."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from dynrepo import InvalidCursor, SettingsError
from dynrepo.clock import utc_now
from dynrepo.operations.cursor import OpenCursors, binding_of, text_of
from dynrepo.operations.encrypted_cursors import cursors_for

if TYPE_CHECKING:
    from dynrepo.operations.cursor import Cursors

KEY = {"id": {"S": "ada-whom-the-filter-drops"}, "number": {"N": "1"}}
QUERY: Any = ["users", "by_email", False, {"KeyConditionExpression": "#0 = :0"}]
SECRET, OTHER = "s" * 32, b"o" * 32


def made(secret: Any = SECRET, table: str = "users") -> Cursors:
    """The cursors of a table with a secret."""
    return cursors_for(secret, None, table, utc_now)


CURSOR = made().cursor_for(KEY, QUERY)


def raw_of(cursor: str) -> bytes:
    """The bytes that a cursor is the text of."""
    return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))


def test_a_cursor_goes_on_after_its_key() -> None:
    """In every process that has the secret."""
    assert made().content_of(CURSOR, QUERY) == KEY


def test_a_cursor_shows_nothing_of_its_key() -> None:
    """Neither its text nor, but for steps of 128 bytes, its length; and no two are alike."""
    again = made().cursor_for(KEY, QUERY)
    assert b"whom-the-filter" not in raw_of(CURSOR)
    assert b"number" not in raw_of(CURSOR)
    assert raw_of(CURSOR)[1:13] != raw_of(again)[1:13]
    short = made().cursor_for({"id": {"S": "a"}}, QUERY)
    longer = made().cursor_for({"id": {"S": "a" * 60}}, QUERY)
    longest = made().cursor_for({"id": {"S": "a" * 128}}, QUERY)
    assert len(raw_of(short)) == len(raw_of(longer)) == 1 + 12 + 128 + 16
    assert len(raw_of(longest)) == len(raw_of(longer)) + 128


@pytest.mark.parametrize(
    ("query", "cursors"),
    [
        (["orders", *QUERY[1:]], made()),
        (["users", "by_name", *QUERY[2:]], made()),
        (["users", "by_email", True, QUERY[3]], made()),
        (["users", "by_email", False, {}], made()),
        (QUERY, made(OTHER)),
        (QUERY, made(table="orders")),
        (QUERY, OpenCursors()),
    ],
    ids=["table", "index", "direction", "condition", "secret", "key of a table", "no secret"],
)
def test_a_foreign_cursor_is_refused(query: Any, cursors: Cursors) -> None:
    """One of another table, index, direction, condition or secret."""
    with pytest.raises(InvalidCursor):
        cursors.content_of(CURSOR, query)


def test_a_cursor_without_a_secret_is_refused() -> None:
    """And so is one of the old form, which was signed."""
    open_one = OpenCursors().cursor_for(KEY, QUERY)
    for cursor in (open_one, text_of(b"\x01" + raw_of(open_one)[1:]), text_of(b"\x03"), "", None):
        with pytest.raises(InvalidCursor):
            made().content_of(cursor, QUERY)


@given(st.integers(0, len(CURSOR) * 3 // 4 - 1), st.integers(1, 255))
def test_a_changed_cursor_is_refused(place: int, change: int) -> None:
    """Whichever byte was changed."""
    raw = bytearray(raw_of(CURSOR))
    raw[place] ^= change
    with pytest.raises(InvalidCursor):
        made().content_of(text_of(bytes(raw)), QUERY)


@given(st.integers(0, len(CURSOR) - 1))
def test_a_cut_cursor_is_refused(length: int) -> None:
    """Wherever it was cut."""
    with pytest.raises(InvalidCursor):
        made().content_of(CURSOR[:length], QUERY)


@given(st.binary(max_size=300))
def test_what_a_stranger_makes_is_refused(raw: bytes) -> None:
    """Whatever follows the version."""
    with pytest.raises(InvalidCursor):
        made().content_of(text_of(b"\x03" + raw), QUERY)


def test_the_form_is_the_one_that_is_told() -> None:
    """AES-256-GCM under a key by HKDF-SHA256: whoever has the secret reads it with that alone."""
    context = b"dynrepo cursors \x03users"
    key = HKDF(SHA256(), 32, salt=None, info=context).derive(SECRET.encode())
    raw, bound_to = raw_of(CURSOR), b"\x03" + binding_of(QUERY)
    made_at, found = json.loads(AESGCM(key).decrypt(raw[1:13], raw[13:], bound_to))
    assert found == KEY
    assert abs(utc_now().timestamp() - made_at) < 3600
    with pytest.raises(InvalidTag):
        AESGCM(key).decrypt(raw[1:13], raw[13:], b"\x03")


def test_a_secret_is_replaced_while_its_cursors_are_in_use() -> None:
    """The first encrypts, all decrypt."""
    for several in ([OTHER, SECRET], f"{'o' * 32} {SECRET}"):
        both = made(several)
        assert both.content_of(CURSOR, QUERY) == KEY
        assert made(OTHER).content_of(both.cursor_for(KEY, QUERY), QUERY) == KEY
        with pytest.raises(InvalidCursor):
            made().content_of(both.cursor_for(KEY, QUERY), QUERY)


def test_a_cursor_is_good_for_its_lifetime() -> None:
    """By the clock of the repository; those from before there was one, too."""
    moment = [datetime(2026, 11, 30, tzinfo=UTC)]
    mortal = cursors_for(SECRET, 60.0, "users", lambda: moment[0])
    immortal = cursors_for(SECRET, None, "users", lambda: moment[0])
    cursors = [each.cursor_for(KEY, QUERY) for each in (mortal, immortal)]
    moment[0] += timedelta(seconds=60)
    assert [mortal.content_of(cursor, QUERY) for cursor in cursors] == [KEY, KEY]
    moment[0] += timedelta(seconds=1)
    for cursor in cursors:
        with pytest.raises(InvalidCursor, match="too old"):
            mortal.content_of(cursor, QUERY)
        assert immortal.content_of(cursor, QUERY) == KEY


@pytest.mark.parametrize(
    ("secret", "lifetime"), [("", 60.0), (SECRET, 0), (SECRET, -1.0), (SECRET, "5")]
)
def test_a_lifetime_is_of_cursors_with_a_secret(secret: str, lifetime: Any) -> None:
    """Without one nobody could hold a client to it."""
    with pytest.raises(SettingsError, match="cursor_lifetime is in seconds"):
        cursors_for(secret, lifetime, "users", utc_now)


@pytest.mark.parametrize("secret", [None, "", b"", []], ids=repr)
def test_without_a_secret_cursors_are_open(secret: Any) -> None:
    """An empty one counts as none, as an empty variable does."""
    assert not cursors_for(secret, None, "users", utc_now).are_encrypted


@pytest.mark.parametrize("lacking", ["cryptography", "cryptography.hazmat.primitives.ciphers.aead"])
def test_a_secret_takes_the_extra(monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    """Without it, or with a part of it, the error says what to install; without a secret none."""
    monkeypatch.setitem(sys.modules, lacking, None)
    with pytest.raises(SettingsError, match=r'pip install "dynrepo\[cursors\]"') as raised:
        cursors_for(SECRET, None, "users", utc_now)
    assert raised.value.__cause__ is None
    assert not cursors_for("", None, "users", utc_now).are_encrypted


@pytest.mark.parametrize("is_there", [True, False])
def test_no_frame_of_an_error_shows_a_secret_that_came_hidden(
    monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    """An error tracker records the variables of each."""
    if not is_there:
        monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.hashes", None)
    with pytest.raises(SettingsError) as raised:
        cursors_for(SecretStr("hush" * 8), -1.0 if is_there else None, "users", utc_now)
    frames = [frame for frame, _ in walk_tb(raised.tb)][1:]
    assert frames
    assert "hush" not in "".join(repr(frame.f_locals) for frame in frames)


@pytest.mark.parametrize(("secret", "found"), [("", "False"), (SECRET, "True")])
def test_cryptography_is_imported_for_a_secret_alone(secret: str, found: str) -> None:
    """When the repository is made: the import takes longer than a request."""
    program = (
        "import sys\n"
        "from tests.events import Events, f, filled\n"
        "from dynrepo.testing import MemoryStore\n"
        f"events = Events(filled(MemoryStore()).store, cursor_secret={secret!r})\n"
        "print('cryptography' in sys.modules)\n"
        "before = set(sys.modules)\n"
        "query = events.query(f.stream == 's')\n"
        "query.page(2, query.page(2).cursor)\n"
        "print([name for name in set(sys.modules) - before if name.startswith('crypt')])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    assert ran.stdout.split("\n")[:2] == [found, "[]"]
