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

import inspect
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.blocking.repository import Repository
from dynrepo.operations.operation import Answer, Location
from dynrepo.testing.arguments import is_plain, text_of
from dynrepo.testing.expectation import Expectation, in_order
from dynrepo.testing.expected_calls import ExpectedCalls
from dynrepo.testing.mocked_call import MissingCall, MockedCall, UnexpectedCall
from dynrepo.testing.mocked_class import MockedClass
from dynrepo.testing.mocked_verbs import NOT_MOCKED, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dynrepo.operations.operation import Operation

__all__ = ["Expectation", "MissingCall", "MockedCall", "UnexpectedCall", "in_order", "mock_of"]

R = TypeVar("R", bound=Repository[Any])


def mock_of(repository: type[R], **options: Any) -> Any:
    """A strict mock of a repository class, and an instance of it.

    It has `expect`, `calls` and `verify()` besides, and verifies itself at the end of a `with`
    block that did not raise. `options` are given to the class as they are.
    """
    _check_class(repository)
    real = repository(_Unsent(), **options)
    real.use_instruments()
    mocked = MockedRepository(MockedClass(repository), real)
    namespace: dict[str, Any] = {
        **{verb: _mocked_method(mocked, verb) for verb in VERBS},
        **{verb: _refused_method(mocked, verb) for verb in NOT_MOCKED},
        "_mocked": mocked,
        "__module__": repository.__module__,
    }
    kind: type[Any] = type(f"Mock{repository.__name__}", (_MockFace, repository), namespace)
    mock = kind(_Unsent(), **options)
    mock.use_instruments()
    mock.__dict__["_sealed"] = True
    return mock


def allow_health_checks(mock: Any) -> None:
    """Lets the health of a mock be asked for without an expectation, as a container does."""
    mock._mocked.expected.health_allowed = True  # noqa: SLF001 - a mock of this module


def _check_class(repository: Any) -> None:
    if not (isinstance(repository, type) and issubclass(repository, Repository)):
        raise TypeError(f"a mock is made of a class such as Users, not of {text_of(repository)}")


def _mocked_method(mocked: MockedRepository, verb: str) -> Callable[..., Any]:
    def method(mock: Any, *args: Any, **kwargs: Any) -> Any:
        return mocked.answer(mock, verb, args, kwargs)

    async def awaited(mock: Any, *args: Any, **kwargs: Any) -> Any:
        result = mocked.answer(mock, verb, args, kwargs)
        return await result if inspect.isawaitable(result) else result

    return awaited if inspect.iscoroutinefunction(getattr(mocked.real, verb)) else method


def _refused_method(mocked: MockedRepository, verb: str) -> Callable[..., Any]:
    def method(*_: Any, **__: Any) -> Any:
        raise mocked.expected.refuse(f"{mocked.kind.name}.{verb} is not mocked: use a MemoryStore")

    return method


class WouldSend(BaseException):
    """A real verb was about to send: its arguments are right."""


class _Unsent:
    """A store below which there is nothing: whatever is sent is `WouldSend`."""

    table_prefix = ""
    location = Location("mock", "mock://dynrepo")
    deadline = 10.0

    def execute(self, _: Operation[Any], /) -> Answer:
        raise WouldSend

    def sleep(self, _: float, /) -> None:
        """Does not wait."""


class MockedRepository:
    """What is behind a mock: its class, a real instance that cannot send, what is expected."""

    def __init__(self, kind: MockedClass, real: Repository[Any]) -> None:
        self.kind = kind
        self.real = real
        self.expected = ExpectedCalls(kind)

    def answer(self, mock: Any, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Answers a call as expected; UnexpectedCall when it is not."""
        built = self._built(verb, args, kwargs)
        expectation = self.expected.take(MockedCall.copied(verb, args, kwargs))
        if not VERBS[verb].lazy:
            return expectation.answer(mock, args, kwargs)

        def items() -> list[Any]:
            self.expected.read(expectation)
            return list(expectation.answer(mock, args, kwargs))

        return replace(built, execute=_ExpectedItems(self.kind, items))

    def expect(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Expectation:
        """Expects a call; TypeError for one that there can never be."""
        expectation = Expectation(self.kind, verb, args, kwargs)
        arguments = self.kind.arguments(verb, args, kwargs)
        try:
            if all(map(is_plain, arguments.values())):
                self._built(verb, args, kwargs)
            else:
                self.kind.check_parts(arguments)
        except Exception as error:
            raise TypeError(f"no call can be {expectation}: {error}") from error
        self.expected.add(expectation)
        return expectation

    def _built(self, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Lets the real verb build what it would send, and so refuse what it would refuse."""
        self.kind.arguments(verb, args, kwargs)
        if VERBS[verb].pure:
            with suppress(WouldSend):
                return getattr(Repository, verb)(self.real, *args, **kwargs)
        return None


class _MockFace:
    """What a mock has besides the verbs of its repository."""

    _mocked: MockedRepository
    _sealed = False

    def __setattr__(self, name: str, value: Any) -> None:
        if self._sealed:
            self._mocked.kind.check_setting(name)
        super().__setattr__(name, value)

    @property
    def expect(self) -> Expect:
        """The verbs, to say what is expected of them."""
        return Expect(self._mocked)

    @property
    def calls(self) -> tuple[MockedCall, ...]:
        """The calls so far."""
        return tuple(self._mocked.expected.calls)

    def verify(self) -> None:
        """Raises what was unexpected, even if it was caught, or says which calls are missing."""
        self._mocked.expected.verify()

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
        return f"<mock of {self._mocked.kind.name}>"


class Expect:
    """The verbs of a mock, to say what is expected of them: `users.expect.get(key)`."""

    __slots__ = ("_mocked",)
    _mocked: MockedRepository

    def __init__(self, mocked: MockedRepository) -> None:
        object.__setattr__(self, "_mocked", mocked)

    def __getattr__(self, verb: str) -> ExpectedVerb:
        if verb.startswith("_"):
            raise AttributeError(verb)
        self._mocked.kind.check_verb(verb)
        return ExpectedVerb(self._mocked, verb)

    def __setattr__(self, verb: str, _: Any) -> None:
        raise _not_to_be_set(self._mocked, verb)


class ExpectedVerb:
    """One verb of a mock, to be called with the arguments that are expected."""

    __slots__ = ("_mocked", "_verb")
    _mocked: MockedRepository
    _verb: str

    def __init__(self, mocked: MockedRepository, verb: str) -> None:
        object.__setattr__(self, "_mocked", mocked)
        object.__setattr__(self, "_verb", verb)

    def __call__(self, *args: Any, **kwargs: Any) -> Expectation:
        return self._mocked.expect(self._verb, args, kwargs)

    def __setattr__(self, _: str, __: Any) -> None:
        raise _not_to_be_set(self._mocked, self._verb)


def _not_to_be_set(mocked: MockedRepository, verb: str) -> AttributeError:
    return AttributeError(
        f"{mocked.kind.name}: nothing is to be set here: say .expect.{verb}(...) and then"
        " .returns(value), .raises(error) or .calls(function)"
    )


class _ExpectedItems:
    """Answers the requests of a real `Query` with the items of an expectation."""

    def __init__(self, mocked: MockedClass, read: Callable[[], list[Any]]) -> None:
        self._schema = mocked.kind.schema
        self._names = [field.attribute for field in self._schema.key_schema.fields]
        self._read = read
        self._lock = threading.Lock()
        self._encoded: list[dict[str, Any]] | None = None

    @property
    def _items(self) -> list[dict[str, Any]]:
        """The items in DynamoDB JSON, which are asked for where they are first read."""
        with self._lock:
            if self._encoded is None:
                self._encoded = []
                self._encoded = [self._schema.encode(item) for item in self._read()]
            return self._encoded

    def __call__(self, operation: Operation[Any]) -> Any:
        request = operation.request
        first = self._after(request.get("ExclusiveStartKey"))
        last: int = first + request.get("Limit", len(self._items))
        items = self._items[first:last]
        body: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if last < len(self._items):
            body["LastEvaluatedKey"] = self._key(self._items[last - 1])
        return operation.read(Answer(body))

    def _after(self, start: dict[str, Any] | None) -> int:
        """How many items come before those after a key."""
        if start is None:
            return 0
        return [self._key(item) for item in self._items].index(self._key(start)) + 1

    def _key(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: item[name] for name in self._names}
