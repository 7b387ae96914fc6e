"""The system's look-up of names, which has no time limit, in threads that all who wait share."""

from __future__ import annotations

# Else the first look-up imports it, and a fork may come in the middle.
import encodings.idna  # noqa: F401  # pyright: ignore[reportUnusedImport]
import ipaddress
import socket
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any

from dynrepo.aws.tasks import SharedCall
from dynrepo.errors import Timeout
from dynrepo.sending.outcomes import ConnectTimedOut, NotConnected

if TYPE_CHECKING:
    from dynrepo.aws.tasks import Task
    from dynrepo.protocol.endpoint import Endpoint

LOOKUP = "dynrepo-lookup"
"""The name of the threads that look a name up: one for a name, four when the others hang."""

_lookups: dict[tuple[str, int], SharedCall[list[Any]]] = {}


def literal_address(endpoint: Endpoint) -> list[Any] | None:
    """The address of a host that is one, as `socket.getaddrinfo` gives it; None for a name."""
    try:
        version = ipaddress.ip_address(endpoint.host).version
    except ValueError:
        return None
    family = socket.AF_INET6 if version == 6 else socket.AF_INET  # noqa: PLR2004 - IPv6
    return [(family, socket.SOCK_STREAM, 0, "", (endpoint.host, endpoint.port))]


def lookup_of(endpoint: Endpoint) -> Task[list[Any]]:
    """The look-up of a name that is under way, or a new one."""
    name = endpoint.host, endpoint.port
    shared = _lookups.get(name)
    if shared is None:
        shared = _lookups.setdefault(name, SharedCall(partial(_look_up, *name), LOOKUP))
    # It is nobody's own: nothing of the caller's context stays with it.
    return Context().run(shared.task)


def addresses_found(lookup: Task[list[Any]]) -> list[Any]:
    """What a look-up found so far; `NotSent` where that is nothing."""
    try:
        return lookup.outcome(0)
    except Timeout as error:
        raise ConnectTimedOut("the name of the endpoint was not resolved in time") from error
    except (OSError, UnicodeError) as error:
        raise NotConnected("the name of the endpoint is unknown") from error


def _look_up(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
