"""URLs, addresses and mailboxes are stored as their texts and read as Pydantic reads them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Interface, IPv6Network
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import (
    AnyUrl,
    ConfigDict,
    EmailStr,
    HttpUrl,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    NameEmail,
    PostgresDsn,
)

from dynrepo.codec.network import network
from dynrepo.codec.scalars import STR
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from dynrepo.codec.value import Codec


def codec_of(annotation: Any) -> Codec:
    """The codec of a type of the network."""
    codec = network(annotation, ConfigDict())
    assert codec is not None
    return codec


@pytest.mark.parametrize(
    ("annotation", "value", "stored"),
    [
        (HttpUrl, HttpUrl("http://x.org/é"), {"S": "http://x.org/%C3%A9"}),
        (PostgresDsn, PostgresDsn("postgres://a:b@h1,h2/db"), {"S": "postgres://a:b@h1,h2/db"}),
        (IPvAnyAddress, IPv4Address("10.0.0.1"), {"S": "10.0.0.1"}),
        (IPvAnyInterface, IPv6Interface("::1/8"), {"S": "::1/8"}),
        (IPvAnyNetwork, IPv6Network("::/8"), {"S": "::/8"}),
        (EmailStr, "a@b.org", {"S": "a@b.org"}),
        (
            NameEmail,
            NameEmail("Ada", "a@b.org"),
            {"M": {"name": {"S": "Ada"}, "email": {"S": "a@b.org"}}},
        ),
    ],
)
def test_a_value_comes_back(annotation: Any, value: Any, stored: dict[str, Any]) -> None:
    """A URL as the text that Pydantic makes it of."""
    codec = codec_of(annotation)

    assert codec.encode(value) == stored
    assert codec.decode(stored) in (value, stored.get("S"))


@pytest.mark.parametrize(
    ("annotation", "value"),
    [(HttpUrl, AnyUrl("http://x.org")), (IPvAnyAddress, "10.0.0.1"), (NameEmail, "a@b.org")],
)
def test_a_value_of_another_class_is_refused(annotation: Any, value: Any) -> None:
    """It would come back as another."""
    with pytest.raises(CodecError):
        codec_of(annotation).encode(value)


@pytest.mark.parametrize(
    ("annotation", "stored"),
    [
        (PostgresDsn, {"N": "1"}),
        (HttpUrl, {"S": 1}),
        (IPvAnyAddress, {"S": 1}),
        (NameEmail, {"M": {"name": {"S": "Ada"}}}),
    ],
)
def test_what_is_stored_otherwise_is_refused(annotation: Any, stored: Any) -> None:
    """An int would make an address, too."""
    with pytest.raises(CodecError):
        codec_of(annotation).decode(stored)


def test_a_url_is_a_key_as_pydantic_writes_it() -> None:
    """Which its settings decide."""
    keeps = network(HttpUrl, ConfigDict(url_preserve_empty_path=True))
    adds = codec_of(HttpUrl)

    assert keeps is not None
    assert keeps.canonical is not None
    assert adds.canonical is not None
    assert keeps.canonical("http://x.org")
    assert not adds.canonical("http://x.org")
    assert adds.canonical("http://x.org/")


def test_a_mailbox_has_two_parts() -> None:
    """By which an expression finds them."""
    assert codec_of(NameEmail).child("email") == ("email", STR)
    with pytest.raises(CodecError, match="the parts name and email"):
        codec_of(NameEmail).child("nope")


def test_a_type_of_elsewhere_has_no_codec_here() -> None:
    """Others know it, or nobody."""
    assert network(int, ConfigDict()) is None
