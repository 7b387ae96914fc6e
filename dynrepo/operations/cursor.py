"""Cursors: where a page ended, as a URL-safe text that fits only the query it came from.

Without a secret a cursor is the version of its form, a digest, and the key to go on from, in
base64url. The digest covers the key and what the query is (table, index, order, conditions with
their values), so that a cursor that was cut, changed or taken from another query is
`InvalidCursor`. Whoever holds it can read the key, and whoever knows this library and the query can
make one: what it holds is looked at as a stranger's input.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

from pydantic_core import from_json

from dynrepo.errors import InvalidCursor

if TYPE_CHECKING:
    from dynrepo.codec import Item

_VERSION = b"\x02"
_DIGEST_SIZE = 16
_LONGEST = 131_072
"""Characters that a cursor may have: of the longest keys of a table and an index, all escaped."""

# `json.dumps` makes an encoder each time.
_SHORTEST = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=False)
_ASCII = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


class Cursors(Protocol):
    """How a repository writes its cursors, and reads them; `query` is JSON that identifies one."""

    are_encrypted: bool
    """Whether nobody but this repository, and those with its secret, can read and make them."""

    def cursor_for(self, key: Item, query: Any) -> str:
        """The cursor that goes on after a key of a query."""
        ...

    def content_of(self, cursor: object, query: Any) -> Any:
        """What a cursor holds: the key, or what its maker says is one; `InvalidCursor` for none."""
        ...


class OpenCursors:
    """The cursors of a repository without a secret."""

    are_encrypted = False

    def cursor_for(self, key: Item, query: Any) -> str:
        """The cursor that goes on after a key of a query."""
        payload = json_of(key)
        return text_of(_VERSION + _digest(payload, query) + payload)

    def content_of(self, cursor: object, query: Any) -> Any:
        """The JSON that a cursor of a query holds; `InvalidCursor` for what is none of it."""
        raw = bytes_of(cursor, _VERSION)
        digest, payload = raw[:_DIGEST_SIZE], raw[_DIGEST_SIZE:]
        if hmac.compare_digest(digest, _digest(payload, query)):
            with suppress(ValueError):  # of JSON that is none, nested too deep, or no UTF-8
                return from_json(payload, allow_inf_nan=False)
        raise foreign()


def json_of(value: Any) -> bytes:
    """JSON in its shortest form, equal for equal values."""
    return _SHORTEST.encode(value).encode()


def binding_of(query: Any) -> bytes:
    """A digest of what identifies a query: a cursor is bound to it."""
    return hashlib.sha256(_ASCII.encode(query).encode()).digest()


def text_of(raw: bytes) -> str:
    """Bytes as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def bytes_of(cursor: object, version: bytes) -> bytes:
    """What a cursor of a version holds after it; `InvalidCursor` for any other text or object."""
    if not isinstance(cursor, str):
        raise InvalidCursor(f"a cursor is a str, not {type(cursor).__name__}")
    if len(cursor) > _LONGEST:
        raise InvalidCursor("the cursor is too long to be one")
    raw = b""
    with suppress(UnicodeEncodeError, binascii.Error):
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    if text_of(raw) != cursor:  # the decoder passes over what is no base64
        raise InvalidCursor("the cursor is not base64url")
    if not raw.startswith(version):
        raise foreign()
    return raw[len(version) :]


def foreign() -> InvalidCursor:
    """The error for a cursor of another query, whoever made it."""
    return InvalidCursor("the cursor is forged, cut, or from another query")


def _digest(payload: bytes, query: Any) -> bytes:
    return hashlib.sha256(_VERSION + binding_of(query) + payload).digest()[:_DIGEST_SIZE]
