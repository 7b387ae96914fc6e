"""TLS over bytes: what came is opened, what is to go out is sealed, and nothing here waits."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.protocol.endpoint import Tls

_RECORD = 16 * 1024
"""Bytes that one record of TLS may carry."""


class TlsLayer:
    """The client's side of one TLS connection, between what is said and the bytes on the wire."""

    def __init__(self, tls: Tls, host: str) -> None:
        self._came = ssl.MemoryBIO()
        self._goes = ssl.MemoryBIO()
        self._tls = tls.wrap_bio(self._came, self._goes, server_hostname=host)

    def shakes_hands(self, received: bytes | None = None) -> bool:
        """Goes on with the handshake by what came; whether it is done, and the host is proven.

        `SSLError` where it fails. In every case `sealed` has what is to be sent next.
        """
        if received is not None:
            self._take(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        return True

    def opened(self, received: bytes) -> Iterator[bytes]:
        """What was said, piece by piece; an empty one is the end that TLS vouches for.

        No bytes mean that the connection ended: without the word of TLS that is an `SSLError`, as
        is whatever is no TLS. What is no data, as a session ticket, gives nothing.
        """
        self._take(received)
        while True:
            try:
                piece = self._tls.read(_RECORD)
            except ssl.SSLWantReadError:
                return
            yield piece
            if not piece:
                return

    def sealed(self, data: bytes = b"") -> bytes:
        """The bytes to send for some data, behind what TLS itself has to say."""
        rest = memoryview(data)
        while rest:
            rest = rest[self._tls.write(rest) :]
        return self._goes.read()

    def _take(self, received: bytes) -> None:
        if received:
            self._came.write(received)
        else:
            self._came.write_eof()
