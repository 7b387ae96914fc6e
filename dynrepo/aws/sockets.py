"""What holds of a socket to an endpoint, whoever waits for it: what its errors mean, how it is."""

from __future__ import annotations

import socket
import ssl
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected, NotSent, TlsRefused

if TYPE_CHECKING:
    from collections.abc import Generator

PIECE = 127 * 1024
"""Bytes that are read at once.

More than a TLS record holds: none is left half read where waiting on the socket would miss it. And
less than the C library maps for itself: mapped memory costs a fault for each of its pages.
"""

NOT_READABLE = (BlockingIOError, ssl.SSLWantReadError)
"""What a socket raises that would have to wait for bytes, without TLS and with it."""

NOT_WRITABLE = (BlockingIOError, ssl.SSLWantWriteError)
"""What a socket raises that would have to wait for room."""


def new_socket(family: int) -> socket.socket:
    """A socket for a connection; `NotSent` where this process may have no more of them."""
    try:
        return socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:  # no file descriptor is left: no fault of the endpoint
        raise NotSent(f"no socket: {error.strerror}") from error


@contextmanager
def connecting() -> Generator[None]:
    """Whatever fails in the block is `NotSent`: nothing has left."""
    try:
        yield
    except NotSent:
        raise
    except TimeoutError as error:
        raise ConnectTimedOut("no connection in time") from error
    except ssl.SSLError as error:
        kind = TlsRefused if lasts(error) else NotConnected
        raise kind(f"no connection: {type(error).__name__}") from error
    except OSError as error:
        raise NotConnected(f"no connection: {type(error).__name__}") from error
    except Exception as error:
        raise NotSent(f"no connection: {type(error).__name__}") from error


def lasts(error: Exception) -> bool:
    """Whether an error of TLS would be the same at another time, and at another address."""
    reason = getattr(error, "reason", None)
    return isinstance(error, ssl.SSLCertVerificationError) or reason in _NO_COMMON_VERSION


_NO_COMMON_VERSION = ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION")
