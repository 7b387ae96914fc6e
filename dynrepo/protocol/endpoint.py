"""Where requests go, and how long each step of an exchange may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import SSLContext


class Endpoint(NamedTuple):
    """Where an endpoint is, and the TLS context to reach it with; None for plain HTTP."""

    host: str
    port: int
    tls: SSLContext | None = None


class Timeouts(NamedTuple):
    """How long to wait, in seconds, for a connection and for each piece of an answer."""

    connect: float
    read: float


class Target(NamedTuple):
    """Whom requests are sent to, how they are signed, and what every one of them says."""

    endpoint: Endpoint
    host: str
    """The `Host` header: the port is left out where it is the scheme's own."""
    region: str
    service: str
    user_agent: str
    extra_headers: Mapping[str, str]
