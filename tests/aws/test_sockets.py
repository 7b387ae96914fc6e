"""A socket tells how it is, and its errors what they mean."""

from __future__ import annotations

import errno
import socket
import ssl
import sys
from typing import TYPE_CHECKING

import pytest

from dynrepo.aws import sockets
from dynrepo.aws.sockets import bytes_received, connecting, lasts, new_socket
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected, NotSent, TlsRefused
from tests.loopback import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts")
def test_what_linux_counts() -> None:
    """How many bytes came, until the other side closes: then there is no count."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
        with near:
            assert bytes_received(near) == 0
            far.sendall(b"x" * 1234)
            wait_until(lambda: bytes_received(near) == 1234)
            far.close()
            wait_until(lambda: bytes_received(near) == -1)
        assert bytes_received(near) == -1


def test_no_count_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other systems are not asked for it."""
    monkeypatch.setattr(sockets.sys, "platform", "darwin")
    with socket.socket() as unconnected:
        assert bytes_received(unconnected) == -1


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
