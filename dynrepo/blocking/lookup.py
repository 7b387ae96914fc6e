"""The addresses of an endpoint, found in time though the system's look-up has no limit."""

from __future__ import annotations

# Else the first look-up imports it, and a fork may come in the middle.
import encodings.idna  # noqa: F401  # pyright: ignore[reportUnusedImport]
import ipaddress
import socket
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from dynrepo.aws.tasks import SharedCall
from dynrepo.errors import Timeout
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected

if TYPE_CHECKING:
    from dynrepo.protocol.endpoint import Endpoint

LOOKUP = "dynrepo-lookup"
"""The name of the threads that look a name up: one for a name, four when the others hang."""

_lookups: dict[tuple[str, int], SharedCall[list[Any]]] = {}


def addresses_of(endpoint: Endpoint, until: float) -> list[Any]:
    """The addresses of a host, as `socket.getaddrinfo` gives them; `NotSent` where there are none.

    A host that is an address needs no look-up. `until` is a point of `time.monotonic`.
    """
    family = _family(endpoint.host)
    if family is not None:
        return [(family, socket.SOCK_STREAM, 0, "", (endpoint.host, endpoint.port))]
    try:
        return _lookup_of(endpoint).task().outcome(until - time.monotonic())
    except Timeout as error:
        raise ConnectTimedOut("the name of the endpoint was not resolved in time") from error
    except (OSError, UnicodeError) as error:
        raise NotConnected("the name of the endpoint is unknown") from error


def _family(host: str) -> socket.AddressFamily | None:
    """The family of an address; None for a name."""
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    return socket.AF_INET6 if version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6


def _lookup_of(endpoint: Endpoint) -> SharedCall[list[Any]]:
    """The look-up of a name, which all who wait for it share."""
    name = endpoint.host, endpoint.port
    found = _lookups.get(name)
    return found or _lookups.setdefault(name, SharedCall(partial(_look_up, *name), LOOKUP))


def _look_up(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
