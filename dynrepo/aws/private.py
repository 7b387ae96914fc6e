"""Every private name of botocore and PynamoDB that is leaned on, and what is done without it.

Tried with botocore 1.43 and 1.44 and with PynamoDB 6.1. A name that is missing raises what Python
raises; unless a function says otherwise, botocore's own sender is then used.
"""

from __future__ import annotations

import http.client
import math
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.endpoint
import botocore.parsers
import urllib3.connection
import urllib3.response
import urllib3.util.connection
from botocore import xform_name
from botocore.httpsession import URLLib3Session
from pynamodb.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, MutableMapping
    from datetime import datetime

MAKE_API_CALL = "_make_api_call"
"""The method that PynamoDB's connection and botocore's client send a request by."""

LOOKUP_CACHE = "_lookup_cache"
"""What an emitter of botocore renews whenever a listener comes or goes."""


class Carriers(NamedTuple):
    """What a client's requests pass from PynamoDB to the socket, with names that others replace."""

    shared: tuple[tuple[Any, tuple[str, ...]], ...]
    """Classes and modules. Of classes that inherit from each other it is the last one."""
    own: tuple[tuple[Any, tuple[str, ...]], ...]
    """Objects of this client alone."""


def carriers_of(client: Any) -> Carriers:
    """What carries the requests of a client, from PynamoDB to the socket and back."""
    endpoint, session = client._endpoint, http_session_of(client)  # noqa: SLF001
    # A session that somebody else put there need not have one.
    managers = (session._manager,) if issubclass(type(session), URLLib3Session) else ()  # noqa: SLF001
    secure = client.meta.endpoint_url.startswith("https:")
    return Carriers(
        (
            (type(client), _OF_CLIENTS),
            (type(endpoint), _OF_ENDPOINTS),
            (type(signer_of(client)), ("sign", "get_auth_instance")),
            (type(client.meta.events), ("emit",)),
            (type(emitter_of(client)), ("emit",)),
            (type(session), ("send", "_get_connection_manager")),
            *((type(manager), _OF_MANAGERS) for manager in managers),
            *(_with_tls() if secure else _without_tls()),
            *_with_or_without(),
        ),
        (
            (client, ("_endpoint",)),
            (endpoint, ("http_session",)),
            *((session, ("_manager",)) for _ in managers),
            *((manager, ()) for manager in managers),
            (emitter_of(client), (LOOKUP_CACHE,)),
        ),
    )


# Looked up anew each time: what is replaced now may be the original a moment later.
def _with_or_without() -> tuple[tuple[Any, tuple[str, ...]], ...]:
    return (
        (Connection, ("dispatch", MAKE_API_CALL)),
        (botocore.auth.SigV4Auth, ("add_auth",)),
        (botocore.awsrequest, ("AWSPreparedRequest",)),
        (botocore.awsrequest.AWSRequest, ("prepare",)),
        (botocore.awsrequest.AWSRequestPreparer, ("prepare",)),
        (botocore.endpoint, ("convert_to_response_dict",)),
        (botocore.parsers.JSONParser, ("parse", "_do_parse")),
        (urllib3.connection.HTTPConnection, _BENEATH_CONNECTIONS),
        (urllib3.response.HTTPResponse, ("read", "stream")),
        (urllib3.util.connection, ("create_connection",)),
        (http.client, ("HTTPConnection",)),
        (http.client.HTTPConnection, _OF_PLAIN_CONNECTIONS),
        (http.client.HTTPResponse, ("begin", "read", "_read_status")),
        (socket, ("socket", "create_connection")),
        (socket.socket, ("connect", "sendall", "recv_into")),
        (socket.SocketIO, ("readinto",)),
    )


def _with_tls() -> tuple[tuple[Any, tuple[str, ...]], ...]:
    return (
        (botocore.awsrequest.AWSHTTPSConnectionPool, _OF_POOLS),
        (botocore.awsrequest.AWSHTTPSConnection, _OF_CONNECTIONS),
        (botocore.awsrequest, ("AWSHTTPSConnection",)),
        (urllib3.connection, ("ssl_wrap_socket",)),
        (ssl, ("SSLContext",)),
        (ssl.SSLContext, ("wrap_socket",)),
        (ssl.SSLSocket, ("do_handshake", "sendall", "recv_into")),
    )


def _without_tls() -> tuple[tuple[Any, tuple[str, ...]], ...]:
    return (
        (botocore.awsrequest.AWSHTTPConnectionPool, _OF_POOLS),
        (botocore.awsrequest.AWSHTTPConnection, _OF_CONNECTIONS),
        (botocore.awsrequest, ("AWSHTTPConnection",)),
    )


_OF_CLIENTS = (
    *(MAKE_API_CALL, "_make_request", "_convert_to_request_dict", "_emit_api_params"),
    "_resolve_endpoint_ruleset",
)
_OF_ENDPOINTS = (
    *("make_request", "create_request", "prepare_request", "_send_request"),
    *("_get_response", "_do_get_response", "_send"),
)
_OF_MANAGERS = (
    *("connection_from_url", "connection_from_host", "connection_from_context"),
    *("connection_from_pool_key", "_new_pool"),
)
_OF_POOLS = (
    *("urlopen", "ConnectionCls"),
    *("_make_request", "_get_conn", "_put_conn", "_new_conn", "_validate_conn"),
)
_OF_CONNECTIONS = (
    *("connect", "request", "putrequest", "putheader", "endheaders", "send", "getresponse"),
    *("_new_conn", "_send_output"),
)
# botocore's connections replace these of urllib3, and call them.
_BENEATH_CONNECTIONS = ("request", "connect", "endheaders", "send", "_send_output")
# urllib3's and botocore's connections inherit from it, and replace some of these.
_OF_PLAIN_CONNECTIONS = ("request", "putrequest", "putheader", "send", "getresponse")


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


def give_credentials(client: Any, credentials: Any) -> None:
    """Makes a client sign with other credentials from now on."""
    client._request_signer._credentials = credentials  # noqa: SLF001


def signing_of(credentials: Any) -> tuple[Any, datetime | None] | None:
    """The frozen form of credentials that refresh themselves, as it is, and when it expires.

    None where there is none yet; and without the names, when each request has to ask for it.
    """
    try:
        frozen = credentials._frozen_credentials  # noqa: SLF001
        expiry = expiry_of(credentials)
        _clock(credentials)
    except AttributeError:
        return None
    return None if frozen is None else (frozen, expiry)


def expiry_of(credentials: Any) -> datetime | None:
    """When credentials that refresh themselves expire; None for never."""
    expiry: datetime | None = credentials._expiry_time  # noqa: SLF001
    return expiry


def seconds_left(credentials: Any, expiry: datetime | None) -> float:
    """The seconds until a moment, by the clock of credentials that refresh themselves."""
    return math.inf if expiry is None else (expiry - _clock(credentials)()).total_seconds()


def tells_the_time(credentials: Any) -> bool:
    """Whether the clock of credentials is that of this machine."""
    return _clock(credentials) is getattr(botocore.credentials, "_local_now", None)


def _clock(credentials: Any) -> Any:
    return credentials._time_fetcher  # noqa: SLF001


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
