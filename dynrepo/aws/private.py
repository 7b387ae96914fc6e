"""Every private name of botocore and PynamoDB that is leaned on, and what is done without it.

Tried with botocore 1.43 and 1.44 and with PynamoDB 6.1. A name that is missing raises what Python
raises; unless a function says otherwise, botocore's own sender is then used.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import botocore.awsrequest
import botocore.client
import botocore.endpoint
import botocore.httpsession
from botocore import xform_name
from botocore.credentials import Credentials
from pynamodb.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping

MAKE_API_CALL = "_make_api_call"
"""The method that PynamoDB's connection and botocore's client send a request by."""

LOOKUP_CACHE = "_lookup_cache"
"""What an emitter of botocore renews whenever a listener comes or goes."""

PARTS: tuple[tuple[Any, str], ...] = (
    (Connection, MAKE_API_CALL),
    (botocore.client.BaseClient, MAKE_API_CALL),
    (botocore.client.BaseClient, "_make_request"),
    (botocore.endpoint.Endpoint, "make_request"),
    (botocore.endpoint.Endpoint, "_send_request"),
    (botocore.endpoint.Endpoint, "_send"),
    (botocore.httpsession.URLLib3Session, "send"),
    (botocore.awsrequest, "AWSHTTPConnection"),
    (botocore.awsrequest, "AWSHTTPSConnection"),
    (botocore.awsrequest.AWSHTTPConnectionPool, "ConnectionCls"),
    (botocore.awsrequest.AWSHTTPSConnectionPool, "ConnectionCls"),
)
"""What a request passes in PynamoDB and botocore: owners, and names that others replace."""


def call_api(connection: Any, name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Sends a request as PynamoDB does; without the name, by the client's own method for it."""
    method = getattr(connection, MAKE_API_CALL, None)
    if method is None:
        return dict(getattr(connection.client, xform_name(name))(**request))
    return dict(method(name, request))


def emitter_of(client: Any) -> Any:
    """The emitter of a client's events."""
    return client.meta.events._emitter  # noqa: SLF001


def listeners_to(emitter: Any, event: str) -> Iterable[Any]:
    """The listeners to an event, however they were registered."""
    listeners: Iterable[Any] = emitter._handlers.prefix_search(event)  # noqa: SLF001
    return listeners


def credentials_of(client: Any) -> Any:
    """The credentials that a client signs with; they refresh themselves. None for none."""
    return client._request_signer._credentials  # noqa: SLF001


def has_credentials(client: Any) -> bool:
    """Whether a client found credentials; without the names, a client is never made anew."""
    try:
        return bool(credentials_of(client))
    except AttributeError:
        return True


def lasting_credentials_of(client: Any) -> Any:
    """The credentials of a client, if they never change; None for others, and without the names."""
    with suppress(AttributeError):
        credentials = credentials_of(client)
        return credentials if type(credentials) is Credentials else None
    return None


def signer_of(client: Any) -> Any:
    """What signs a client's requests: its region, its service, its version."""
    return client._request_signer  # noqa: SLF001


def endpoint_of(client: Any, context: dict[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The URL and the headers that botocore's rules give to a request to one table."""
    operation = client.meta.service_model.operation_model("GetItem")
    url, headers, _ = client._resolve_endpoint_ruleset(operation, {"TableName": "table"}, context)  # noqa: SLF001
    return url, headers


def http_session_of(client: Any) -> Any:
    """What carries a client's requests."""
    return client._endpoint.http_session  # noqa: SLF001


def proxy_for(session: Any, url: str) -> str | None:
    """The proxy that a session sends through, if it does."""
    proxy: str | None = session._proxy_config.proxy_url_for(url)  # noqa: SLF001
    return proxy


def verification_of(session: Any) -> Any:
    """Whether a session verifies certificates, or the bundle that it does so with."""
    return session._verify  # noqa: SLF001


def pool_classes_of(session: Any) -> MutableMapping[str, Any] | None:
    """The classes of a session's connection pools by scheme, which may be changed.

    None without the name: each read of an answer is then bounded by itself, by the read timeout.
    """
    return getattr(session, "_pool_classes_by_scheme", None)


def can_forget_client(connection: Connection) -> bool:
    """Whether a connection of the caller's can be made to start anew in a forked process."""
    return {"_client", "_local"} <= vars(connection).keys()


def forget_client(connection: Any) -> None:
    """Makes a connection start anew; without the names it keeps what it has."""
    if can_forget_client(connection):
        connection._client = None  # noqa: SLF001
        connection._local = threading.local()  # noqa: SLF001
