"""Cursors: where a page ended, as a URL-safe text that fits only the query it came from.

A cursor is the version of the format, a digest and the key to go on from, in base64url. The digest
covers the key and what the query is (table, index, conditions with their values, order), so that a
cursor that was cut, changed or taken from another query is `InvalidCursor`. With a secret it is an
HMAC-SHA256, and nobody without the secret can make a cursor. The key is readable by whoever holds
the cursor: it is signed, not encrypted.
"""

from __future__ import annotations

import binascii
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any

from dynrepo.errors import InvalidCursor

if TYPE_CHECKING:
    from dynrepo.codec import Item

_VERSION = b"\x01"
_DIGEST_SIZE = 16
_LONGEST = 16_384
"""Characters that a cursor may have; a key has 3 KB at most."""


def cursor_for(key: Item, *, query: Any, secret: bytes) -> str:
    """The cursor that goes on after a key of a query; `query` is JSON that identifies it."""
    payload = json.dumps(key, separators=(",", ":"), sort_keys=True).encode()
    digest = _digest(payload, query, secret)
    return _text(_VERSION + digest + payload)


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def key_in(cursor: str, *, query: Any, secret: bytes) -> Item:
    """The key that a cursor holds; `InvalidCursor` if it is not one of this query."""
    version, digest, payload = _parts(cursor)
    if version != _VERSION or not hmac.compare_digest(digest, _digest(payload, query, secret)):
        raise InvalidCursor("the cursor is forged, cut, or from another query")
    return json.loads(payload)  # type: ignore[no-any-return]


def _parts(cursor: object) -> tuple[bytes, bytes, bytes]:
    if not isinstance(cursor, str):
        raise InvalidCursor(f"a cursor is a str, not {type(cursor).__name__}")
    if len(cursor) > _LONGEST:
        raise InvalidCursor("the cursor is too long to be one")
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidCursor("the cursor is not base64url") from None
    if _text(raw) != cursor:  # the decoder passes over what is no base64
        raise InvalidCursor("the cursor is not base64url")
    return raw[:1], raw[1 : 1 + _DIGEST_SIZE], raw[1 + _DIGEST_SIZE :]


def _digest(payload: bytes, query: Any, secret: bytes) -> bytes:
    described = json.dumps(query, separators=(",", ":"), sort_keys=True).encode()
    message = len(described).to_bytes(8, "big") + described + payload
    return hmac.digest(secret, _VERSION + message, "sha256")[:_DIGEST_SIZE]
