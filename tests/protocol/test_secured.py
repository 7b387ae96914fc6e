"""What is said over TLS is what comes out of it, to the byte, and no end is taken on trust."""

from __future__ import annotations

import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from dynrepo.protocol.secured import TlsLayer

if TYPE_CHECKING:
    from pathlib import Path

TLS = tuple[ssl.SSLContext, "Path"]


class Peer:
    """The server's side of a connection in memory."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._came, self._goes = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._came, self._goes, server_side=True)

    def answers(self, received: bytes = b"") -> bytes:
        """Goes on with the handshake, and returns what it sends."""
        self._came.write(received)
        with suppress(ssl.SSLWantReadError):
            self.tls.do_handshake()
        return self._goes.read()

    def says(self, data: bytes) -> bytes:
        """What it sends for some data."""
        self.tls.write(data)
        return self._goes.read()

    def hears(self, received: bytes, length: int) -> bytes:
        """So many bytes of what it is told."""
        self._came.write(received)
        data = b""
        while len(data) < length:
            data += self.tls.read(length)
        return data

    def ends(self) -> bytes:
        """What it sends when it ends the connection in order."""
        with pytest.raises(ssl.SSLWantReadError):
            self.tls.unwrap()
        return self._goes.read()


def to_each_other(tls: TLS, host: str = "localhost", pieces: int = 65536) -> tuple[TlsLayer, Peer]:
    """Both sides of a connection that is secure; what the server sends comes in such pieces."""
    layer = TlsLayer(ssl.create_default_context(cafile=tls[1]), host)
    peer = Peer(tls[0])
    assert not layer.shakes_hands()
    answer, done = peer.answers(layer.sealed()), False
    for start in range(0, len(answer), pieces):
        assert not done
        done = layer.shakes_hands(answer[start : start + pieces])
    assert done
    assert list(layer.opened(peer.answers(layer.sealed()) or peer.says(b""))) == []
    return layer, peer


@pytest.mark.parametrize("pieces", [1, 65536])
def test_what_is_said_is_heard(tls: TLS, pieces: int) -> None:
    """In both directions, be it much or little, and in whatever pieces it comes."""
    layer, peer = to_each_other(tls, pieces=pieces)
    for size in (1, 16_384, 16_385, 300_000):
        said = bytes(range(251)) * (size // 251 + 1)
        assert peer.hears(layer.sealed(said), len(said)) == said
        sent = peer.says(said[:20_000])
        opened = [layer.opened(sent[at : at + pieces]) for at in range(0, len(sent), pieces)]
        assert b"".join(piece for each in opened for piece in each) == said[:20_000]


def test_nothing_is_said_in_the_clear(tls: TLS) -> None:
    """Neither before the handshake is done nor after."""
    layer = TlsLayer(ssl.create_default_context(cafile=tls[1]), "localhost")
    layer.shakes_hands()
    layer.sealed()
    with pytest.raises(ssl.SSLError):
        layer.sealed(b"secret")
    layer, _ = to_each_other(tls)
    assert b"secret" not in layer.sealed(b"secret")


def test_session_tickets_are_nothing_that_was_said(tls: TLS) -> None:
    """They come unasked, after the handshake."""
    layer, peer = TlsLayer(ssl.create_default_context(cafile=tls[1]), "localhost"), Peer(tls[0])
    layer.shakes_hands()
    assert layer.shakes_hands(peer.answers(layer.sealed()))
    tickets = peer.answers(layer.sealed())
    assert tickets
    assert list(layer.opened(tickets)) == []


def test_an_end_in_order_is_told(tls: TLS) -> None:
    """Behind what was said before it, and again when the connection itself ends."""
    layer, peer = to_each_other(tls)
    assert list(layer.opened(peer.says(b"last") + peer.ends())) == [b"last", b""]
    assert list(layer.opened(b"")) == [b""]


@pytest.mark.parametrize(
    "ending",
    [b"", b"not TLS", b"\x17\x03\x03\x00\x20" + b"x" * 32, b"\x15\x03\x03\x00\x02\x02\x28"],
    ids=["nothing", "no TLS", "a forged record", "an alert in the clear"],
)
def test_an_end_without_the_word_of_tls_is_an_error(tls: TLS, ending: bytes) -> None:
    """What was said before it is given all the same."""
    layer, peer = to_each_other(tls)
    opened = layer.opened(peer.says(b"last") + ending)
    assert next(opened) == b"last"
    with pytest.raises(ssl.SSLError):
        list(opened) + list(layer.opened(b""))


def test_another_host_is_told_why(tls: TLS) -> None:
    """The handshake fails, and the reason is what is to be sent."""
    layer, peer = TlsLayer(ssl.create_default_context(cafile=tls[1]), "127.0.0.2"), Peer(tls[0])
    layer.shakes_hands()
    with pytest.raises(ssl.SSLCertVerificationError):
        layer.shakes_hands(peer.answers(layer.sealed()))
    with pytest.raises(ssl.SSLError, match="ALERT"):
        peer.answers(layer.sealed())


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["end", "no TLS"])
def test_a_handshake_that_is_none(tls: TLS, said: bytes) -> None:
    """It fails, and does not wait for more."""
    layer = TlsLayer(ssl.create_default_context(cafile=tls[1]), "localhost")
    layer.shakes_hands()
    with pytest.raises(ssl.SSLError):
        layer.shakes_hands(said)
