"""AWS Signature Version 4 for requests whose path is `/`, which all of DynamoDB's are.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


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


class Signer:
    """Signs requests to one service in one region; safe to share by threads.

    A signing key holds for a day: it is derived once for each secret and day.
    """

    def __init__(self, region: str, service: str) -> None:
        self._scope = f"{region}/{service}/aws4_request"
        self._derivation = (region.encode(), service.encode(), b"aws4_request")
        self._derived = ("", "", b"")

    def authorization(
        self,
        credentials: Credentials,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        timestamp: str,
    ) -> str:
        """The `Authorization` header of a request.

        `headers` are those to be signed, by lower-case name and with their values trimmed; they
        must hold `host` and `x-amz-date`, which is `timestamp`.
        """
        names = sorted(headers)
        signed = ";".join(names)
        lines = "".join([f"{name}:{headers[name]}\n" for name in names])
        request = f"{method}\n/\n\n{lines}\n{signed}\n{sha256(body).hexdigest()}"
        scope = f"{timestamp[:8]}/{self._scope}"
        digest = sha256(request.encode()).hexdigest()
        signature = hmac.digest(
            self._key(credentials.secret_key, timestamp[:8]),
            f"AWS4-HMAC-SHA256\n{timestamp}\n{scope}\n{digest}".encode(),
            "sha256",
        ).hex()
        return (
            f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope},"
            f" SignedHeaders={signed}, Signature={signature}"
        )

    def _key(self, secret: str, date: str) -> bytes:
        # One tuple, replaced as a whole: a thread sees the old one or the new one.
        of_secret, of_date, key = self._derived
        if of_date != date or of_secret != secret:
            key = f"AWS4{secret}".encode()
            for part in (date.encode(), *self._derivation):
                key = hmac.digest(key, part, "sha256")
            self._derived = (secret, date, key)
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
