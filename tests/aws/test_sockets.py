"""A socket tells how it is, and its errors what they mean."""

from __future__ import annotations

import errno
import socket
import ssl
from typing import TYPE_CHECKING

import pytest

from dynrepo.aws.sockets import connecting, lasts, new_socket
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected, NotSent, TlsRefused

if TYPE_CHECKING:
    from collections.abc import Callable


def test_without_a_file_descriptor_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no fault of the endpoint, and says what is wrong."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(NotSent, match="Too many open files"):
        new_socket(socket.AF_INET)


def _untrusted() -> ssl.SSLError:
    return ssl.SSLCertVerificationError("not trusted")


def _old() -> ssl.SSLError:
    error = ssl.SSLError("old")
    error.reason = "UNSUPPORTED_PROTOCOL"
    return error


@pytest.mark.parametrize(
    ("made", "outcome", "same_later"),
    [
        (lambda: NotSent("no socket"), NotSent, False),
        (TimeoutError, ConnectTimedOut, False),
        (ConnectionRefusedError, NotConnected, False),
        (ssl.SSLError, NotConnected, False),
        (_untrusted, TlsRefused, True),
        (_old, TlsRefused, True),
        (MemoryError, NotSent, False),
    ],
)
def test_what_fails_while_connecting_sent_nothing(
    made: Callable[[], Exception],
    outcome: type[Exception],
    same_later: bool,  # noqa: FBT001
) -> None:
    """Whatever it is; what TLS refuses is refused at another time and address, too."""
    error = made()
    with pytest.raises(NotSent) as raised, connecting():
        raise error
    assert type(raised.value) is outcome
    assert lasts(error) is same_later


def test_an_interrupt_while_connecting_goes_on() -> None:
    """It is no outcome."""
    with pytest.raises(KeyboardInterrupt), connecting():
        raise KeyboardInterrupt
