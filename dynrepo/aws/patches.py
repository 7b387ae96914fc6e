"""Where other libraries join in or replace what botocore and PynamoDB do, and how that is seen.

Mocks, tracers and recorders come by botocore's events (moto, Sentry), by wrapping methods
(OpenTelemetry, X-Ray, tests that patch `Connection._make_api_call`) or by swapping classes (VCR).
"""

from __future__ import annotations

from itertools import product
from types import FunctionType
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.aws import private

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
# Parts of botocore that answer instead of DynamoDB, or send elsewhere, once they are asked for.
_NOT_OWNERS = ("botocore.stub.", "botocore.discovery.EndpointDiscoveryHandler.")


class Watched(NamedTuple):
    """A name, in a view that shows what it stands for when it is looked at, and what it stood for.

    Of a class it is the class's own dictionary: what a wrapper gives as an attribute is a new
    object each time.
    """

    view: Mapping[str, Any]
    name: str
    part: Any


def watched_parts(client: Any) -> list[Watched]:
    """What is another object once a listener is registered or removed, or a part is replaced."""
    emitter = private.emitter_of(client)
    return [
        *(Watched(vars(owner), name, vars(owner)[name]) for owner, name in private.PARTS),
        Watched(vars(emitter), private.LOOKUP_CACHE, vars(emitter)[private.LOOKUP_CACHE]),
    ]


def replaced_parts() -> Iterator[str]:
    """The names of the parts that are no longer those of botocore and PynamoDB."""
    for owner, name in private.PARTS:
        if not _is_original(owner, vars(owner)[name]):
            yield f"{owner.__name__}.{name}"


class Listeners:
    """The listeners to a client's events beside those of botocore and PynamoDB.

    `others` names the modules of those that always do; a listener with an `enabled` attribute, as
    moto's mock has, is a switch, to be looked at for each call.
    """

    def __init__(self, client: Any) -> None:
        foreign = [listener for listener in _listeners(client) if not _is_own(listener)]
        self.switches = [
            listener for listener in foreign if isinstance(getattr(listener, "enabled", None), bool)
        ]
        self.others = [_module(listener) for listener in foreign if listener not in self.switches]


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


def _listeners(client: Any) -> list[Any]:
    """The listeners to one of the events for one of the operations, once each."""
    emitter = private.emitter_of(client)
    found: dict[int, Any] = {}
    for event, operation in product(_EVENTS, client.meta.service_model.operation_names):
        for listener in private.listeners_to(emitter, f"{event}.dynamodb.{operation}"):
            found[id(listener)] = listener
    return list(found.values())


def _is_own(listener: Any) -> bool:
    name = f"{_module(listener)}.{getattr(listener, '__qualname__', '')}."
    return name.startswith(_OWNERS) and not name.startswith(_NOT_OWNERS)


def _module(listener: Any) -> str:
    return str(getattr(listener, "__module__", None) or type(listener).__module__)
