"""AWS Signature Version 4 for requests whose path is `/`, which all of DynamoDB's are.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from dynrepo.opaque import Sealed

if TYPE_CHECKING:
    from _hashlib import HASH


class Credentials(Protocol):
    """What botocore's frozen credentials hold."""

    @property
    def access_key(self) -> str:
        """The name of the key, which is not secret."""
        ...

    @property
    def secret_key(self) -> str:
        """The key."""
        ...

    @property
    def token(self) -> str | None:
        """The session token of temporary credentials."""
        ...


class SignedHead(NamedTuple):
    """What of a request is signed beside its body, in the form that is signed."""

    lines: str
    """Method, path and query, each on a line, and the headers as `name:value` lines.

    The names are in lower case and sorted, `host` and `x-amz-date` among them; the values are
    trimmed.
    """
    names: str
    """The names of the headers, between semicolons."""


class SigningContext:
    """Signs the requests that differ in nothing but their body; safe to share by threads.

    Its hashes hold everything up to the digest of the body: each signature starts from a copy.
    """

    __slots__ = ("_inner", "_outer", "_request", "_start")

    def __init__(self, request: HASH, keyed: KeyedHash, start: str) -> None:
        self._request = request
        self._inner, self._outer = keyed
        self._start = start

    def authorization(self, body: bytes) -> str:
        """The `Authorization` header of the request with this body."""
        request, inner, outer = self._request.copy(), self._inner.copy(), self._outer.copy()
        request.update(sha256(body).hexdigest().encode())
        inner.update(request.hexdigest().encode())
        outer.update(inner.digest())
        return self._start + outer.hexdigest()


class KeyedHash(NamedTuple):
    """An HMAC as its two hashes, with the key in them: copies of them take half of its time.

    https://www.rfc-editor.org/rfc/rfc2104
    """

    inner: HASH
    outer: HASH


def _keyed(key: bytes) -> KeyedHash:
    block = int.from_bytes(key.ljust(_BLOCK, b"\0"))
    return KeyedHash(*[sha256((block ^ pad).to_bytes(_BLOCK)) for pad in _PADS])


_BLOCK = sha256().block_size
_PADS = [int.from_bytes(pad * _BLOCK) for pad in (b"\x36", b"\x5c")]


class Signer:
    """Signs requests to one service in one region; safe to share by threads.

    A signing key holds for a day: it is derived once for each secret and day.
    """

    def __init__(self, region: str, service: str) -> None:
        self._scope = f"{region}/{service}/aws4_request"
        self._derivation = (region.encode(), service.encode(), b"aws4_request")
        self._keyed = Sealed(("", "", _keyed(b"")))

    def context(
        self, credentials: Credentials, signed: SignedHead, timestamp: str
    ) -> SigningContext:
        """Signs such requests in that second; `timestamp` is that of their `x-amz-date`."""
        date = timestamp[:8]
        scope = f"{date}/{self._scope}"
        keyed = self._key(credentials.secret_key, date)
        inner = keyed.inner.copy()
        inner.update(f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n".encode())
        return SigningContext(
            sha256(f"{signed.lines}\n{signed.names}\n".encode()),
            KeyedHash(inner, keyed.outer),
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},"
            f" SignedHeaders={signed.names}, Signature=",
        )

    def _key(self, secret: str, date: str) -> KeyedHash:
        # One cell, replaced as a whole: a thread sees the old one or the new one.
        of_secret, of_date, keyed = self._keyed.cell_contents
        if of_date != date or of_secret != secret:
            keyed = _keyed(self._derived(secret, date))
            self._keyed = Sealed((secret, date, keyed))
        return cast("KeyedHash", keyed)

    def _derived(self, secret: str, date: str) -> bytes:
        key = f"AWS4{secret}".encode()
        for part in (date.encode(), *self._derivation):
            key = hmac.digest(key, part, "sha256")
        return key


class Clock:
    """The time as AWS writes it, corrected by how far this machine's clock is off."""

    def __init__(self) -> None:
        self.skew = 0.0
        """Seconds to add to this machine's time to get the server's."""
        self._written = (0, "")

    def timestamp(self) -> str:
        """The time as in `20150830T123600Z`."""
        now = int(time.time() + self.skew)
        second, text = self._written
        if second != now:
            text = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
            self._written = (now, text)
        return text
