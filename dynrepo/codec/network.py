"""The types of `pydantic.networks`: URLs, mailboxes, and addresses of either version of IP.

That module takes a tenth of the time that all of this library takes to import, and few models need
it: so this one is imported only where that one has been.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Any

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
from dynrepo.codec.value import AttributeValue, Codec, SingleTag, expected
from dynrepo.errors import CodecError

if TYPE_CHECKING:
    from collections.abc import Callable

# The base classes of all URLs and of all connection strings have private names in Pydantic. They
# come last before `object`; if they were gone, these two classes themselves would stand there.
_URLS: tuple[type[AnyUrl], ...] = (AnyUrl.__mro__[-2], PostgresDsn.__mro__[-2])


class UrlCodec(SingleTag):
    """The codec of a class of URLs. Pydantic makes the URL, for its settings say how."""

    def __init__(self, kind: type[AnyUrl], config: ConfigDict) -> None:
        super().__init__(
            "S",
            kind.__name__,
            (kind,),
            key="partition",
            canonical=self._is_as_written,
            made=True,
        )
        keeps = bool(config.get("url_preserve_empty_path"))
        self._adapter: TypeAdapter[Any] = TypeAdapter(
            kind, config=ConfigDict(url_preserve_empty_path=keeps)
        )
        self._kind = kind
        self.read = read_str

    def _is_as_written(self, text: str) -> bool:
        return str(self._adapter.validate_python(text)) == text

    def write(self, value: Any) -> str:
        """The text of a URL."""
        if type(value) is not self._kind:
            raise expected(self.name, value)
        return write_str(str(value))


class AddressCodec(SingleTag):
    """The codec of an IP address, interface or network of either version."""

    def __init__(self, name: str, kinds: tuple[type[Any], ...], make: Callable[[str], Any]) -> None:
        super().__init__("S", name, kinds, key="partition", fixed=True)
        self._make = make

    def write(self, value: Any) -> str:
        """The text of an address."""
        if type(value) in self.kinds:
            return str(value)
        raise expected(self.name, value)

    def read(self, payload: Any) -> Any:
        """The address of a text, of the version that the text has."""
        return self._make(read_str(payload))


class MailboxCodec(SingleTag):
    """The codec of a NameEmail: a map of its two parts."""

    def __init__(self) -> None:
        super().__init__("M", "NameEmail", (NameEmail,))

    def write(self, value: Any) -> AttributeValue:
        """The name and the address."""
        if type(value) is not NameEmail:
            raise expected("NameEmail", value)
        return {"name": {"S": write_str(value.name)}, "email": {"S": write_str(value.email)}}

    def read(self, payload: AttributeValue) -> NameEmail:
        """The mailbox of a name and an address."""
        return NameEmail(name=payload["name"]["S"], email=payload["email"]["S"])

    def child(self, step: str | int) -> tuple[str | int, Codec]:
        """One of the two parts, by its name."""
        if step in ("name", "email"):
            return step, STR
        raise CodecError("a NameEmail has the parts name and email")


_KNOWN: dict[Any, Codec] = {
    EmailStr: STR,
    IPvAnyAddress: AddressCodec(
        "IP address", (ipaddress.IPv4Address, ipaddress.IPv6Address), ipaddress.ip_address
    ),
    IPvAnyInterface: AddressCodec(
        "IP interface", (ipaddress.IPv4Interface, ipaddress.IPv6Interface), ipaddress.ip_interface
    ),
    IPvAnyNetwork: AddressCodec(
        "IP network", (ipaddress.IPv4Network, ipaddress.IPv6Network), ipaddress.ip_network
    ),
    NameEmail: MailboxCodec(),
}


def network(annotation: Any, config: ConfigDict) -> Codec | None:
    """The codec of one of these types, or of a class of URLs; None for any other."""
    if any(is_class(annotation, base) for base in _URLS):
        return UrlCodec(annotation, config)
    return _KNOWN.get(annotation)
