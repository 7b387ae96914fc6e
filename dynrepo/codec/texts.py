"""The classes that are stored as text and made from it: addresses, paths, patterns, secrets."""

from __future__ import annotations

import ipaddress
import re
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

from dynrepo.codec.ends import NO_PARTS, Parts
from dynrepo.codec.scalars import of, read_str, write_str
from dynrepo.codec.value import AttributeValue, Codec, expected, several, single
from dynrepo.errors import CodecError


def _text(kind: type[Any], **more: Any) -> Codec:
    def read(text: Any) -> Any:
        return kind(read_str(text))  # of a number it would make an address too

    return of(kind, "S", lambda value: write_str(str(value)), read, **{"key": "partition"} | more)


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
    **{
        kind: _path(kind) for kind in (Path, PurePath, PurePosixPath, PureWindowsPath, type(Path()))
    },
}
"""The codec of each class that is stored as its text."""


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
