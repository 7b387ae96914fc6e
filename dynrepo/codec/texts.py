"""The classes that are stored as text and made from it: addresses, paths, patterns, secrets."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from pydantic import (
    AnyUrl,
    ConfigDict,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    NameEmail,
    TypeAdapter,
)

from dynrepo.codec.ends import NO_PARTS, Parts
from dynrepo.codec.scalars import STR, of, read_str, write_str
from dynrepo.codec.value import AttributeValue, Codec, expected, several, single
from dynrepo.errors import CodecError


def _text(kind: type[Any], **more: Any) -> Codec:
    def read(text: Any) -> Any:
        return kind(read_str(text))  # of a number it would make an address too

    return of(kind, "S", lambda value: write_str(str(value)), read, **{"key": "partition"} | more)


def _any_version(name: str, fourth: type, sixth: type, read: Any) -> Codec:
    def write(value: Any) -> str:
        if type(value) is fourth or type(value) is sixth:
            return str(value)
        raise expected(name, value)

    return single(
        "S",
        write,
        lambda text: read(read_str(text)),
        name=name,
        kinds=(fourth, sixth),
        key="partition",
        fixed=True,
    )


def _path(kind: type[PurePath]) -> Codec:
    concrete = type(kind())  # the class of this system, for Path and PurePath
    return _text(concrete, name=kind.__name__, fixed=False)


TEXTS: dict[Any, Codec] = {
    **{
        kind: _text(kind)
        for kind in (
            ipaddress.IPv4Address,
            ipaddress.IPv4Interface,
            ipaddress.IPv4Network,
            ipaddress.IPv6Address,
            ipaddress.IPv6Interface,
            ipaddress.IPv6Network,
        )
    },
    IPvAnyAddress: _any_version(
        "IP address", ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.ip_address
    ),
    IPvAnyInterface: _any_version(
        "IP interface", ipaddress.IPv4Interface, ipaddress.IPv6Interface, ipaddress.ip_interface
    ),
    IPvAnyNetwork: _any_version(
        "IP network", ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.ip_network
    ),
    **{
        kind: _path(kind) for kind in (Path, PurePath, PurePosixPath, PureWindowsPath, type(Path()))
    },
}
"""The codec of each class that is stored as its text."""


def url(kind: type[AnyUrl], config: ConfigDict) -> Codec:
    """The codec of a class of URLs. Pydantic makes the URL, for its settings say how."""
    keeps = bool(config.get("url_preserve_empty_path"))
    adapter: TypeAdapter[Any] = TypeAdapter(kind, config=ConfigDict(url_preserve_empty_path=keeps))

    def is_as_written(text: str) -> bool:
        return str(adapter.validate_python(text)) == text

    def write(value: Any) -> str:
        if type(value) is not kind:
            raise expected(kind.__name__, value)
        return write_str(str(value))

    return single(
        "S",
        write,
        read_str,
        name=kind.__name__,
        kinds=(kind,),
        key="partition",
        canonical=is_as_written,
        made=True,
    )


def pattern(inner: Codec) -> Codec:
    """The codec of a compiled regular expression of text or bytes, without flags."""
    kind: Any = re.Pattern

    def write(value: Any) -> Any:
        if type(value) is not kind:
            raise expected("Pattern", value)
        stored = inner.encode(value.pattern)[inner.tag]
        if re.compile(value.pattern).flags != value.flags:
            raise CodecError("the flags of a pattern are not stored: write them inside, as in (?i)")
        return stored

    def read(stored: str) -> re.Pattern[Any]:
        return re.compile(inner.decode({inner.tag: stored}))

    return single(inner.tag, write, read, name="Pattern", kinds=(re.Pattern,))


def secret(kind: type[Any], inner: Codec) -> Codec:
    """The codec of a secret, which stores in plain what the secret hides."""
    encode_inner, decode_inner = inner.encode, inner.decode

    def encode(value: Any) -> AttributeValue:
        if type(value) is not kind:
            raise expected(kind.__name__, value)
        return encode_inner(value.get_secret_value())

    def decode(stored: AttributeValue) -> Any:
        return kind(decode_inner(stored))

    def inside(value: Any) -> Parts:
        known = inner.inside
        return known(value.get_secret_value()) if known and type(value) is kind else NO_PARTS

    return several(
        inner.tags,
        encode,
        decode,
        name=kind.__name__,
        kinds=(kind,),
        inside=inside if inner.inside else None,
        made=inner.made,
    )


def _write_mailbox(value: Any) -> AttributeValue:
    if type(value) is not NameEmail:
        raise expected("NameEmail", value)
    return {"name": {"S": write_str(value.name)}, "email": {"S": write_str(value.email)}}


def _read_mailbox(stored: AttributeValue) -> NameEmail:
    return NameEmail(name=stored["name"]["S"], email=stored["email"]["S"])


def _mailbox_part(step: str | int) -> tuple[str | int, Codec]:
    if step in ("name", "email"):
        return step, STR
    raise CodecError("a NameEmail has the parts name and email")


TEXTS[NameEmail] = single(
    "M", _write_mailbox, _read_mailbox, name="NameEmail", kinds=(NameEmail,), step=_mailbox_part
)
