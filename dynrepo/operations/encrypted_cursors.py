"""Cursors of a repository with a secret: nobody else can read one, or make one.

A cursor is encrypted and authenticated by AES-256-GCM, under a key that HKDF-SHA256 derives from
the secret for the table: the version of the form, a nonce of 96 random bits, and the time with the
key to go on from. The associated data are the version and a digest of what the query is: table,
index, order, conditions with their values. What is encrypted is filled up to a multiple of 128
bytes, so that the length of a cursor tells no more of a key than that.

By NIST SP 800-38D, 8.3, one key may encrypt 2**32 times with random nonces: a table that hands out
100 cursors a second does so in 16 months, and has another secret by then.
https://csrc.nist.gov/pubs/sp/800/38/d/final, https://www.rfc-editor.org/rfc/rfc5869
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from dynrepo.cursor_secrets import secrets_in, without_extra
from dynrepo.errors import InvalidCursor, SettingsError
from dynrepo.operations.cursor import (
    Cursors,
    OpenCursors,
    binding_of,
    bytes_of,
    foreign,
    json_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from dynrepo.codec import Item
    from dynrepo.cursor_secrets import CursorSecret

_VERSION: Final = b"\x03"
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_KEY_SIZE: Final = 32
_STEP: Final = 128
"""What is encrypted has a multiple of so many bytes."""

OPEN: Final = OpenCursors()


class AuthenticatedCipher(Protocol):
    """What is used of a cipher with associated data, as cryptography's `AESGCM`."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """The encrypted data, and the tag behind."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """The data; `InvalidTag` for what was not encrypted so."""
        ...


class EncryptedCursors:
    """The cursors of a repository with a secret.

    The first of `ciphers` encrypts, all decrypt. A cursor is good for `lifetime` seconds by
    `clock`, or for ever.
    """

    are_encrypted = True

    def __init__(
        self,
        ciphers: Sequence[AuthenticatedCipher],
        lifetime: float | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._ciphers = ciphers
        self._lifetime = lifetime
        self._clock = clock

    def cursor_for(self, key: Item, query: Any) -> str:
        """The cursor that goes on after a key of a query: another one each time."""
        content = json_of([self._clock().timestamp(), key])
        filled = content.ljust(-(-len(content) // _STEP) * _STEP)
        nonce = os.urandom(_NONCE_SIZE)
        encrypted = self._ciphers[0].encrypt(nonce, filled, _VERSION + binding_of(query))
        return text_of(_VERSION + nonce + encrypted)

    def content_of(self, cursor: object, query: Any) -> Any:
        """The key in a cursor of a query; `InvalidCursor` for any other, or one that is too old."""
        raw = bytes_of(cursor, _VERSION)
        if len(raw) < _NONCE_SIZE + _TAG_SIZE:
            raise foreign()
        made, key = json.loads(self._decrypted(raw, _VERSION + binding_of(query)))
        if self._lifetime is not None and self._clock().timestamp() - made > self._lifetime:
            raise InvalidCursor("the cursor is too old")
        return key

    def _decrypted(self, raw: bytes, bound_to: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - is there

        for cipher in self._ciphers:
            with suppress(InvalidTag):
                return cipher.decrypt(raw[:_NONCE_SIZE], raw[_NONCE_SIZE:], bound_to)
        raise foreign()


def cursors_for(
    secret: CursorSecret | None,
    lifetime: float | None,
    table: str,
    clock: Callable[[], datetime],
) -> Cursors:
    """The cursors of a table: encrypted where there is a secret, and open where there is none.

    A cursor that is encrypted is good for `lifetime` seconds, or for ever. SettingsError for a
    secret that is too short, without the package that encrypts, or for a lifetime that is none.
    """
    # No frame of an error holds what `SecretStr` hides.
    is_given = bool(secrets_in(secret))
    told: Any = lifetime
    is_time = isinstance(told, int | float) and told > 0
    if lifetime is not None and not (is_given and is_time):
        raise SettingsError("cursor_lifetime is in seconds, more than 0, of cursors with a secret")
    return EncryptedCursors(_ciphers(secret, table), lifetime, clock) if is_given else OPEN


def _ciphers(secret: CursorSecret | None, table: str) -> list[AuthenticatedCipher]:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an extra
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415
    except ImportError:
        raise without_extra() from None
    context = b"dynrepo cursors " + _VERSION + table.encode()
    return [
        AESGCM(HKDF(SHA256(), _KEY_SIZE, salt=None, info=context).derive(each))
        for each in secrets_in(secret)
    ]
