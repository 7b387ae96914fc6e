# Written by tests/faces.py from aio/lookup.py: change that one.
"""The addresses of an endpoint, found in time though the system's look-up has no limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.aws.resolver import addresses_found, literal_address, lookup_of
from dynrepo.blocking.waits import ended
from dynrepo.clock import steady

if TYPE_CHECKING:
    from dynrepo.protocol.endpoint import Endpoint


def addresses_of(endpoint: Endpoint, until: float) -> list[Any]:
    """The addresses of a host, as `socket.getaddrinfo` gives them; `NotSent` where there are none.

    A host that is an address needs no look-up. `until` is a point of `time.monotonic`.
    """
    addresses = literal_address(endpoint)
    if addresses is None:
        lookup = lookup_of(endpoint)
        ended(lookup, until - steady.monotonic())
        addresses = addresses_found(lookup)
    return addresses
