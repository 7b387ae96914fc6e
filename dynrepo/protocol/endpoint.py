"""Where requests go, and how long each step of an exchange may take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ssl import MemoryBIO, SSLObject, SSLSocket


class Tls(Protocol):
    """What makes a connection secure, as an `ssl.SSLContext` does that compares names."""

    def wrap_socket(
        self, sock: Any, *, server_hostname: str, suppress_ragged_eofs: bool
    ) -> SSLSocket:
        """A secure connection to the host; `SSLCertVerificationError` for any other one."""
        ...

    def wrap_bio(
        self, incoming: MemoryBIO, outgoing: MemoryBIO, *, server_hostname: str
    ) -> SSLObject:
        """The same over bytes in memory; the error is raised by the handshake."""
        ...


class Endpoint(NamedTuple):
    """Where an endpoint is, and what its connections are secured by; None for plain HTTP."""

    host: str
    port: int
    tls: Tls | None = None


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
