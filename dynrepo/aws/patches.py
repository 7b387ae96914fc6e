"""The places where others join in or replace what botocore and PynamoDB do, and how to see them.

Mocks, tracers and recorders come by botocore's events (moto, Sentry), by wrapping methods
(OpenTelemetry, X-Ray, tests that patch `Connection._make_api_call`) or by swapping classes (VCR).
"""

from __future__ import annotations

from itertools import product
from types import FunctionType
from typing import Any

import botocore.awsrequest
import botocore.client
import botocore.endpoint
import botocore.handlers
import botocore.httpsession
from pynamodb.connection import Connection

_SEAMS: tuple[tuple[Any, str], ...] = (
    (Connection, "_make_api_call"),
    (botocore.client.BaseClient, "_make_api_call"),
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

_EVENTS = (
    "provide-client-params",
    "before-parameter-build",
    "before-endpoint-resolution",
    "before-call",
    "request-created",
    "choose-signer",
    "before-sign",
    "before-send",
    "before-parse",
    "response-received",
    "needs-retry",
    "after-call",
    "after-call-error",
)
_OWNERS = ("botocore.", "pynamodb.", "dynrepo.")
# Parts of botocore that answer instead of DynamoDB, or send elsewhere, once somebody asks for them.
_NOT_OWNERS = ("botocore.stub.", "botocore.discovery.EndpointDiscoveryHandler.")


class Listeners:
    """Who listens to a client's events beside botocore and PynamoDB themselves.

    `others` names the modules of those who always do; whoever has an `enabled` attribute, as
    moto's mock has, is asked at each call instead.
    """

    def __init__(self, client: Any) -> None:
        self._emitter = client.meta.events._emitter  # noqa: SLF001
        self._register = client.meta.events.register
        self._builtin = len(botocore.handlers.BUILTIN_HANDLERS)
        self._cache = self._emitter._lookup_cache  # noqa: SLF001 - botocore renews it with each change
        foreign = [one for one in _handlers(client, self._emitter) if not _is_own(one)]
        self._switches = [one for one in foreign if isinstance(getattr(one, "enabled", None), bool)]
        self.others = [_module(one) for one in foreign if one not in self._switches]

    @property
    def awake(self) -> bool:
        """Whether one of those who can be switched on is on."""
        return bool(self._switches) and any(switch.enabled for switch in self._switches)

    def unchanged(self) -> bool:
        """Whether nobody came or went; whoever came for all new clients is let in to this one."""
        builtin = botocore.handlers.BUILTIN_HANDLERS
        if len(builtin) > self._builtin:
            for event, handler, *_ in builtin[self._builtin :]:
                self._register(event, handler)
        return self._emitter._lookup_cache is self._cache  # noqa: SLF001


class Parts:
    """The parts of botocore and PynamoDB that a request passes, as they are at one moment."""

    def __init__(self) -> None:
        # From the class itself: what a wrapper gives as an attribute is a new object each time.
        # These are views, which show what is there when they are looked at.
        self._seen = [(owner.__dict__, name, owner.__dict__[name]) for owner, name in _SEAMS]
        self.replaced = [
            f"{owner.__name__}.{name}"
            for owner, name in _SEAMS
            if not _is_original(owner, owner.__dict__[name])
        ]

    def unchanged(self) -> bool:
        """Whether they are still the same."""
        for view, name, part in self._seen:  # noqa: SIM110 - a generator would cost as much again
            if view[name] is not part:
                return False
        return True


def _is_original(owner: Any, part: Any) -> bool:
    """Whether a function or class is of the same package as what holds it."""
    # By its true type: a wrapper of wrapt passes isinstance for what it wraps.
    if not issubclass(type(part), FunctionType | type):
        return False
    home = getattr(owner, "__module__", owner.__name__)
    # Of a function, where it was written: a wrapper borrows the name of what it wraps.
    origin = part.__module__ if isinstance(part, type) else part.__globals__["__name__"]
    return _package(origin) == _package(home)


def _package(module: str) -> str:
    return module.partition(".")[0]


def _handlers(client: Any, emitter: Any) -> list[Any]:
    """Everyone who hears of one of the events for one of the operations, once each."""
    found: dict[int, Any] = {}
    for event, operation in product(_EVENTS, client.meta.service_model.operation_names):
        for one in emitter._handlers.prefix_search(f"{event}.dynamodb.{operation}"):  # noqa: SLF001
            found[id(one)] = one
    return list(found.values())


def _is_own(handler: Any) -> bool:
    name = f"{_module(handler)}.{getattr(handler, '__qualname__', '')}."
    return name.startswith(_OWNERS) and not name.startswith(_NOT_OWNERS)


def _module(handler: Any) -> str:
    return str(getattr(handler, "__module__", None) or type(handler).__module__)
