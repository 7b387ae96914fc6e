"""Strict mocks of repositories: what is expected happens, and nothing else does.

::

    users = mock_of(Users)
    users.expect.get(ada.user_id).returns(None)
    users.expect.create(ada)
    sign_up(users, ada)
    users.verify()

The fixture `mock_repository` makes them and verifies them at the end of the test. Only the verbs
of `Repository` are mocked: methods of one's own run for real above them, and every call is built
by the real verb first, so that a wrong key, item, field or option fails as it would in production.
"""

from __future__ import annotations

import copy
import inspect
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from dynrepo.blocking.repository import Repository
from dynrepo.errors import CodecError, DynrepoError
from dynrepo.operations.operation import Answer
from dynrepo.operations.protocols import Location
from dynrepo.testing.trees import same, shown
from dynrepo.testing.verbs import ELSEWHERE, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from pydantic import BaseModel

    from dynrepo.operations.operation import Operation

R = TypeVar("R", bound=Repository[Any])


class UnexpectedCall(AssertionError):
    """A mock was called as nobody expected it to be."""


class MissingCall(AssertionError):
    """A mock was not called as often as it was expected to be."""


@dataclass(frozen=True)
class MockedCall:
    """One call of a mock, with deep copies of its arguments."""

    verb: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def __str__(self) -> str:
        return _written(self.verb, self.args, self.kwargs)


_FOREVER: Final = float("inf")
_UNSAID: Final = object()


class Expectation:
    """One expected call: with which arguments, how often, what comes of it. Once, unless told."""

    def __init__(
        self, mock: _Mocked, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._mock = mock
        self.verb = verb
        self._args = args
        self._kwargs = kwargs
        self._result: Callable[..., Any] | None = None
        self.least: float = 1
        self.most: float = 1
        self._bounded = False
        self.count = 0
        self.before: list[Expectation] = []

    def returns(self, value: Any) -> Self:
        """Answers with a value; TypeError when the verb cannot return it."""
        self._check(value)
        return self._answer(lambda *_, **__: value)

    def raises(self, error: DynrepoError | type[DynrepoError]) -> Self:
        """Answers with an error of dynrepo; TypeError for another, which no repository raises."""
        kind: type[Any] = error if isinstance(error, type) else type(error)
        if not issubclass(kind, DynrepoError):
            raise TypeError(f"a repository raises errors of dynrepo only, never {kind.__name__}")

        def fail(*_: Any, **__: Any) -> None:
            raise error if isinstance(error, DynrepoError) else kind(f"raised by a mock: {self}")

        return self._answer(fail)

    def calls(self, function: Callable[..., Any]) -> Self:
        """Answers with what a function of the same arguments returns, or raises."""
        if not callable(function):
            raise TypeError(f"calls takes a function, not {_kind_of(function)}")

        def call(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            self._check(value)
            return value

        return self._answer(call)

    def times(self, count: int) -> Self:
        """Expects exactly so many calls."""
        return self._bounds(_counted(count), count)

    def at_least(self, count: int) -> Self:
        """Expects so many calls or more; after `at_most`, up to that many."""
        return self._bounds(_counted(count), self.most if self._bounded else _FOREVER)

    def at_most(self, count: int) -> Self:
        """Allows so many calls, and none; after `at_least`, that many at the least."""
        return self._bounds(self.least if self._bounded else 0, _counted(count))

    def any_times(self) -> Self:
        """Allows any number of calls, and none."""
        return self._bounds(0, _FOREVER)

    def __str__(self) -> str:
        call = _written(self.verb, self._args, self._kwargs)
        return f"{self._mock.name}.{call}"

    def _answer(self, result: Callable[..., Any]) -> Self:
        if self._result is not None:
            raise TypeError(f"{self} has its answer already: one of returns, raises and calls")
        self._result = result
        return self

    def _bounds(self, least: float, most: float) -> Self:
        if least > most:
            raise ValueError(f"{self}: at least {least:.0f} and at most {most:.0f} cannot be")
        self.least, self.most, self._bounded = least, most, True
        return self

    def _check(self, value: Any) -> None:
        verb = VERBS[self.verb]
        if inspect.isawaitable(value):
            return
        model = self._kwargs.get("only") or self._mock.model
        if not verb.fits(model, value):
            wanted = verb.returns.format(model=model.__name__)
            raise TypeError(
                f"{self._mock.name}.{self.verb} returns {wanted}, not {_kind_of(value)}"
            )

    def mismatch(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
        """In what a call differs from this one; None when it does not."""
        expected = self._mock.bound(self.verb, self._args, self._kwargs)
        actual = self._mock.bound(self.verb, args, kwargs)
        for name in dict.fromkeys((*expected, *actual)):
            one, other = expected.get(name, _UNSAID), actual.get(name, _UNSAID)
            if one is _UNSAID or other is _UNSAID:
                given = other if one is _UNSAID else one
                return f"{name}={shown(given)} is {'un' if one is _UNSAID else ''}expected"
            if not self._mock.same(name, one, other):
                return f"{name} is expected to be {shown(one)}"
        return None

    def take(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What comes of a call."""
        if self._result is not None:
            return self._result(*args, **kwargs)
        default = VERBS[self.verb].default
        if self.verb == "connect":
            return self._mock.repository
        if default is None:
            raise UnexpectedCall(
                f"say what {self} returns: .returns(...), .raises(...) or .calls(...)"
            )
        return default(*args, **kwargs)

    @property
    def tally(self) -> str:
        """How often it is expected, and was called, in words."""
        if self.least == self.most:
            wanted = _times(self.most)
        elif self.most == _FOREVER:
            wanted = f"at least {_times(self.least)}" if self.least else "any number of times"
        else:
            wanted = f"{_times(self.least)} to " if self.least else "at most "
            wanted += _times(self.most)
        return f"expected {wanted}, called {_times(self.count)}"


def _counted(count: int) -> int:
    """A number of calls; an error when it is none."""
    if type(count) is not int:
        raise TypeError(f"a number of calls is a whole number, not {_kind_of(count)}")
    if count < 0:
        raise ValueError("a number of calls is 0 or more")
    return count


def _times(count: float) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(int(count), f"{count:.0f} times")


def in_order(*expectations: Expectation) -> None:
    """Lets each of these, of one mock or of several, be called only after the one before it."""
    given: tuple[Any, ...] = expectations
    for one in given:
        if not isinstance(one, Expectation):
            raise TypeError(f"in_order takes expectations: users.expect.get(key), not {one!r}")
    for before, after in pairwise(expectations):
        after.before.append(before)


class Expect:
    """The verbs of a mock, to say what is expected of them: `users.expect.get(key)`."""

    def __init__(self, mock: _Mocked) -> None:
        self._mock = mock

    def __getattr__(self, verb: str) -> Callable[..., Expectation]:
        if verb.startswith("_"):
            raise AttributeError(verb)
        self._mock.known(verb)

        def expect(*args: Any, **kwargs: Any) -> Expectation:
            self._mock.bound(verb, args, kwargs)
            expectation = Expectation(self._mock, verb, args, kwargs)
            self._mock.expectations.append(expectation)
            return expectation

        return expect


class _Tried(BaseException):
    """A real verb was about to send: its arguments are right."""


class _NoStore:
    """Below a mock there is nothing."""

    table_prefix = ""
    location = Location("mock", "mock://dynrepo")

    def execute(self, _: Operation[Any], /) -> Answer:
        raise _Tried


@dataclass
class _Mocked:
    """What a mock is behind the face of a repository."""

    name: str
    kind: type[Repository[Any]]
    repository: Any = None
    tried: Any = None
    expectations: list[Expectation] = field(default_factory=list[Expectation])
    calls: list[MockedCall] = field(default_factory=list[MockedCall])
    unexpected: list[UnexpectedCall] = field(default_factory=list[UnexpectedCall])
    lock: Any = field(default_factory=threading.RLock)
    health_allowed: bool = False

    @property
    def model(self) -> type[BaseModel]:
        """The model of the repository."""
        return self.kind.schema.model

    def known(self, verb: str) -> None:
        """AttributeError, with the way out, unless this is a verb that can be expected."""
        if verb in VERBS:
            return
        if verb in ELSEWHERE:
            advice = "is not mocked: test it on a MemoryStore"
        elif hasattr(self.kind, verb):
            advice = "is no verb and runs for real: expect the verbs that it calls"
        else:
            near = get_close_matches(verb, VERBS, 1)
            advice = "is no verb" + (f"; is it {near[0]}?" if near else "")
        raise AttributeError(f"{self.name}.{verb} {advice}")

    def bound(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """Arguments by parameter name; TypeError when the verb does not take them."""
        signature = inspect.signature(getattr(Repository, verb))
        try:
            found = signature.bind(None, *args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.name}.{verb}: {error}") from None
        arguments = dict(list(found.arguments.items())[1:])
        return {
            name: value
            for name, value in arguments.items()
            if value is not signature.parameters[name].default
        }

    def same(self, parameter: str, expected: Any, actual: Any) -> bool:
        """Whether an argument is the expected one; keys may be values, tuples or instances."""
        if same(expected, actual):
            return True
        if parameter != "key":
            return False
        with suppress(CodecError):
            schema = self.kind.schema
            return bool(schema.key(expected) == schema.key(actual))
        return False

    def perform(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answers a call as expected; UnexpectedCall when it is not."""
        real = self._real(verb, args, kwargs)
        with self.lock:
            call = MockedCall(verb, *_copies(args, kwargs))
            self.calls.append(call)
            chosen = self._chosen(call)
            chosen.count += 1
        result = chosen.take(args, kwargs)
        return (
            replace(real, execute=_Rows(self, list(result)))
            if verb in ("query", "scan")
            else result
        )

    def verify(self) -> None:
        """Raises what was unexpected, even if it was caught, or says which calls are missing."""
        if self.unexpected:
            raise self.unexpected[0]
        missing = [one for one in self.expectations if one.count < one.least]
        if missing:
            lines = [f"  {one}: {one.tally}" for one in missing]
            raise MissingCall("\n".join(["calls are missing:", *lines]))

    def _real(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Lets the real verb build what it would send, and so refuse what it would refuse."""
        self.bound(verb, args, kwargs)
        if VERBS[verb].pure:
            with suppress(_Tried):
                return getattr(Repository, verb)(self.tried, *args, **kwargs)
        return None

    def _chosen(self, call: MockedCall) -> Expectation:
        for one in self.expectations:
            if self._problem(one, call) is None:
                return one
        if self._is_allowed(call):
            return Expectation(self, call.verb, call.args, call.kwargs)
        error = UnexpectedCall(self._report(call))
        self.unexpected.append(error)
        raise error

    def _is_allowed(self, call: MockedCall) -> bool:
        """Whether this asks for health where that is allowed and nothing is expected of it."""
        checked = any(one.verb == call.verb for one in self.expectations)
        return self.health_allowed and call.verb == "health_check" and not checked

    def _problem(self, one: Expectation, call: MockedCall) -> str | None:
        """Why an expectation does not take a call; None when it does."""
        if one.verb != call.verb:
            return "is another verb"
        mismatch = one.mismatch(call.args, call.kwargs)
        if mismatch is not None:
            return mismatch
        if one.count >= one.most:
            return one.tally
        waiting = [each for each in one.before if each.count < max(1, each.least)]
        return f"must come after {waiting[0]}" if waiting else None

    def _report(self, call: MockedCall) -> str:
        lines = [f"unexpected call: {self.name}.{call}"]
        near = [one for one in self.expectations if one.verb == call.verb]
        lines += [f"  not {one}: {self._problem(one, call)}" for one in near]
        others = [str(one) for one in self.expectations if one not in near]
        if others:
            lines.append(f"  expected are also: {', '.join(others)}")
        if not self.expectations:
            lines.append("  nothing is expected: say users.expect.<verb>(...) before the call")
        return "\n".join(lines)


class _Rows:
    """Answers the requests of a real `Query` with the items of an expectation."""

    def __init__(self, mock: _Mocked, items: list[Any]) -> None:
        self._schema = mock.kind.schema
        self._items = [self._schema.encode(item) for item in items]

    def __call__(self, operation: Operation[Any]) -> Any:
        request = operation.request
        names = [one.attribute for one in self._schema.key_schema.fields]
        keys = [{name: item[name] for name in names} for item in self._items]
        start = request.get("ExclusiveStartKey")
        first = 0 if start is None else keys.index({name: start[name] for name in names}) + 1
        last = first + request.get("Limit", len(keys))
        found = self._items[first:last]
        body: dict[str, Any] = {"Items": found, "Count": len(found), "ScannedCount": len(found)}
        if last < len(keys):
            body["LastEvaluatedKey"] = keys[last - 1]
        return operation.read(Answer(body))


class _Face:
    """What a mock has besides the verbs of its repository."""

    _mocked: _Mocked

    @property
    def expect(self) -> Expect:
        """The verbs, to say what is expected of them."""
        return Expect(self._mocked)

    @property
    def calls(self) -> tuple[MockedCall, ...]:
        """The calls so far."""
        return tuple(self._mocked.calls)

    def verify(self) -> None:
        """Raises what was unexpected, even if it was caught, or says which calls are missing."""
        self._mocked.verify()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.verify()

    def __repr__(self) -> str:
        return f"<mock of {self._mocked.name}>"


def mock_of(repository: type[R], **options: Any) -> Any:
    """A strict mock of a repository class, and an instance of it.

    It has `expect`, `calls` and `verify()` besides, and verifies itself at the end of a `with`
    block that did not raise. `options` are given to the class as they are.
    """
    _check_class(repository)
    mocked = _Mocked(repository.__name__, repository)
    namespace: dict[str, Any] = {
        **{verb: _method(repository, mocked, verb) for verb in VERBS},
        **{verb: _elsewhere(mocked, verb) for verb in ELSEWHERE},
        "_mocked": mocked,
        "__module__": repository.__module__,
    }
    kind: type[Any] = type(f"Mock{repository.__name__}", (_Face, repository), namespace)
    mocked.tried, mocked.repository = repository(_NoStore(), **options), kind(_NoStore(), **options)
    mocked.tried.use_instruments()
    mocked.repository.use_instruments()
    return mocked.repository


def _check_class(repository: Any) -> None:
    if not (isinstance(repository, type) and issubclass(repository, Repository)):
        raise TypeError(f"a mock is made of a class such as Users, not of {shown(repository)}")


def _method(repository: type[Repository[Any]], mocked: _Mocked, verb: str) -> Callable[..., Any]:
    def method(_: Any, *args: Any, **kwargs: Any) -> Any:
        return mocked.perform(verb, args, kwargs)

    async def awaited(_: Any, *args: Any, **kwargs: Any) -> Any:
        result = mocked.perform(verb, args, kwargs)
        return await result if inspect.isawaitable(result) else result

    return awaited if inspect.iscoroutinefunction(getattr(repository, verb)) else method


def _elsewhere(mocked: _Mocked, verb: str) -> Callable[..., Any]:
    def method(*_: Any, **__: Any) -> Any:
        mocked.unexpected.append(
            UnexpectedCall(f"{mocked.name}.{verb} is not mocked: use a MemoryStore")
        )
        raise mocked.unexpected[-1]

    return method


def _copies(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return tuple(map(_copy, args)), {name: _copy(value) for name, value in kwargs.items()}


def _copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - what cannot be copied is kept as it is
        return value


def _written(verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    words = [*map(shown, args), *(f"{name}={shown(value)}" for name, value in kwargs.items())]
    return f"{verb}({', '.join(words)})"


def _kind_of(value: Any) -> str:
    return "None" if value is None else type(value).__name__
