"""Where other libraries join in or replace what carries a request, and how that is seen.

Mocks, tracers and recorders come by botocore's events (moto, Sentry), by wrapping methods anywhere
between PynamoDB and the socket (OpenTelemetry, X-Ray, pook, tests that patch), by swapping classes
(VCR, pytest-socket, httpretty), or by giving a method to one client alone.
"""

from __future__ import annotations

from itertools import product
from types import FunctionType, MethodDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from dynrepo.aws import private
from dynrepo.aws.class_comparison import ClassComparison, marks_classes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

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
_HOMES = {"botocore", "pynamodb", "urllib3", "http", "socket", "ssl"}
"""The packages that carry a request, and what is theirs is original."""


class Part(NamedTuple):
    """A name of a class, a module or an object that a request passes, and what it stands for."""

    owner: Any
    name: str
    value: Any
    holder: Any
    """Where it stands: a class may inherit it."""


class Passage:
    """What the requests of a client pass on their way to the socket, as it was when this was made.

    `replaced` names what is not the original, as in `BaseClient._make_api_call`. `is_same()` says
    whether all of it is what it was; AttributeError or KeyError where a part was taken away.
    """

    def __init__(self, client: Any) -> None:
        carriers = private.carriers_of(client)
        objects = [owner for owner, _ in carriers.own]
        shared = [
            _part(owner, name)
            for owner, names in carriers.shared
            if _is_original(owner)
            for name in names
        ]
        own = [_part(owner, name) for owner, names in carriers.own for name in names]
        self.replaced = [
            *(
                f"{_name(part.holder)}.{part.name}"
                for part in shared
                if not _is_original(part.value)
            ),
            *(name for owner in objects for name in _methods_of_its_own(owner)),
            *(_name(owner) for owner, _ in carriers.shared if not _is_original(owner)),
        ]
        self._parts = [*shared, *own]
        self._sizes = [_sized(owner) for owner in objects]
        self.is_same = self._looked_at if self.replaced else self._compared()

    def _compared(self) -> Callable[[], bool]:
        if not marks_classes():
            return _comparison(self._parts, self._sizes)
        of_classes = [part for part in self._parts if isinstance(part.owner, type)]
        of_others = [part for part in self._parts if not isinstance(part.owner, type)]
        classes = ClassComparison([part.owner for part in of_classes], _comparison(of_classes))
        return _comparison(of_others, self._sizes, classes)

    def _looked_at(self) -> bool:
        """As a comparison, but a wrapper may be another object whenever its class is asked."""
        return all(
            _part(part.owner, part.name).value is part.value for part in self._parts
        ) and all(len(attributes) == size for attributes, size in self._sizes)


def _part(owner: Any, name: str) -> Part:
    for holder in owner.__mro__ if isinstance(owner, type) else (owner,):
        if name in vars(holder):
            return Part(owner, name, vars(holder)[name], holder)
    raise KeyError(name)


def _sized(owner: object) -> tuple[dict[str, Any], int]:
    attributes = vars(owner)
    return attributes, len(attributes)


def _methods_of_its_own(owner: object) -> Iterator[str]:
    """The names of an object's class for which it has something else."""
    kind = type(owner)
    for name in vars(owner):
        if isinstance(getattr(kind, name, None), FunctionType):
            yield f"{kind.__name__}.{name}"


def _comparison(
    parts: Sequence[Part],
    sizes: Sequence[tuple[dict[str, Any], int]] = (),
    classes: ClassComparison | None = None,
) -> Callable[[], bool]:
    """A function that says whether every part is the same, and no object has got another.

    It is one expression: it runs before every request, and a loop takes two to four times as long.
    An object may have a `__getattr__`, so its dictionary is faster to ask.
    """
    scope: dict[str, Any] = {}
    terms: list[str] = []
    if classes is not None:
        scope |= classes.names
        terms.append(classes.text)
    for number, part in enumerate(parts):
        is_named = isinstance(part.owner, type | ModuleType)
        scope[f"owner_{number}"] = part.owner if is_named else vars(part.owner)
        scope[f"value_{number}"] = part.value
        name = f".{part.name}" if is_named else f"[{part.name!r}]"
        terms.append(f"owner_{number}{name} is value_{number}")
    for number, (attributes, size) in enumerate(sizes):
        scope[f"attributes_{number}"] = attributes
        terms.append(f"len(attributes_{number}) == {size}")
    text = f"lambda: {' and '.join(terms)}"
    compared: Callable[[], bool] = eval(text, scope)  # of names in `private`  # noqa: S307  # nosec B307
    return compared


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


def _is_original(value: object) -> bool:
    """Whether a module, a class or a function is of those that carry requests anyway."""
    # By its true type: a wrapper of wrapt passes isinstance for what it wraps.
    home = ""
    if type(value) is FunctionType:  # where it was written: a wrapper borrows a name
        home = str(value.__globals__.get("__name__", ""))
    elif type(value) is ModuleType:
        home = value.__name__
    elif type(value) is MethodDescriptorType:
        home = value.__objclass__.__module__
    elif issubclass(type(value), type):
        home = cast("type", value).__module__
    return _package(home) in _HOMES


def _name(value: Any) -> str:
    return str(getattr(value, "__name__", type(value).__name__))


def _package(module: str) -> str:
    return module.partition(".")[0].lstrip("_")


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
