"""The types of `pydantic.networks`: URLs, mailboxes, and addresses of either version of IP.

It takes a tenth of the time that all of this library takes to import, and few models need it: so
this module is imported when somebody has imported that one.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from pydantic import (
    AnyUrl,
    ConfigDict,
    EmailStr,
    IPvAnyAddress,
    IPvAnyInterface,
    IPvAnyNetwork,
    NameEmail,
    PostgresDsn,
    TypeAdapter,
)

from dynrepo.codec.annotations import is_class
from dynrepo.codec.scalars import STR, read_str, write_str
from dynrepo.codec.value import AttributeValue, Codec, expected, single
from dynrepo.errors import CodecError

_URLS: tuple[type[AnyUrl], ...] = (AnyUrl.__mro__[-2], PostgresDsn.__mro__[-2])


def network(annotation: Any, config: ConfigDict) -> Codec | None:
    """The codec of one of these types, or of a class of URLs; None for any other."""
    if any(is_class(annotation, base) for base in _URLS):
        return _url(annotation, config)
    return _KNOWN.get(annotation)


def _url(kind: type[AnyUrl], config: ConfigDict) -> Codec:
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


_KNOWN: dict[Any, Codec] = {
    EmailStr: STR,
    IPvAnyAddress: _any_version(
        "IP address", ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.ip_address
    ),
    IPvAnyInterface: _any_version(
        "IP interface", ipaddress.IPv4Interface, ipaddress.IPv6Interface, ipaddress.ip_interface
    ),
    IPvAnyNetwork: _any_version(
        "IP network", ipaddress.IPv4Network, ipaddress.IPv6Network, ipaddress.ip_network
    ),
    NameEmail: single(
        "M",
        _write_mailbox,
        _read_mailbox,
        name="NameEmail",
        kinds=(NameEmail,),
        step=_mailbox_part,
    ),
}
