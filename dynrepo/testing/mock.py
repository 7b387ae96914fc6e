"""Strict mocks of repositories: what is expected happens, and nothing else does.

The fixture `mock_repository` makes them and verifies them at the end of the test. Only the verbs
of `Repository` are mocked: methods of one's own run for real above them, and every call is built
by the real verb first, so that a wrong key, item, field or option fails as it would in production.
The verbs of a mock of an `AsyncRepository` are awaited as the real ones are.
"""

from __future__ import annotations

import inspect
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, TypeVar

from dynrepo.operations.definition import RepositoryDefinition
from dynrepo.operations.operation import Location
from dynrepo.testing.arguments import is_plain
from dynrepo.testing.expectation import Expectation, in_order
from dynrepo.testing.expected_calls import ExpectedCalls
from dynrepo.testing.expected_items import ExpectedItems
from dynrepo.testing.mocked_call import MissingCall, MockedCall, UnexpectedCall
from dynrepo.testing.mocked_class import MockedClass
from dynrepo.testing.mocked_verbs import NOT_MOCKED, VERBS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.operations.program import Program

__all__ = ["Expectation", "MissingCall", "MockedCall", "UnexpectedCall", "in_order", "mock_of"]

R = TypeVar("R", bound=RepositoryDefinition[Any])


def mock_of(repository: type[R], **options: Any) -> Any:
    """Makes a strict mock of a repository class, an instance of it.

    ```python
    users = mock_of(Users)
    users.expect.get(ada.user_id).returns(None)
    users.expect.create(ada)
    sign_up(users, ada)
    users.verify()
    ```

    `expect` has the verbs, to say what is expected of them; each returns an `Expectation`. `calls`
    are those so far. `verify()` raises `MissingCall`, or what was unexpected. At the end of a
    `with` block that did not raise, the mock verifies itself.

    Args:
        repository: The class, of either face.
        **options: What the class takes besides its store, as `clock`.

    Returns:
        The mock. A call of it that is not expected raises `UnexpectedCall`.
    """
    mocked_class = MockedClass.of(repository)
    building: type[Any] = type(repository.__name__, (_Building, repository), {})
    real = building(_Unsent(), **options)
    real.use_instruments()
    mocked = MockedRepository(mocked_class, real)
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


def _mocked_method(mocked: MockedRepository, verb: str) -> Callable[..., Any]:
    def method(mock: Any, *args: Any, **kwargs: Any) -> Any:
        return mocked.answer(mock, verb, args, kwargs)

    def awaited(mock: Any, *args: Any, **kwargs: Any) -> Any:
        return mocked.answer_awaited(mock, verb, args, kwargs)

    return _marked(awaited) if mocked.kind.is_awaited(verb) else method


def _marked(method: Callable[..., Any]) -> Callable[..., Any]:
    """Has a function that returns coroutines taken for one of coroutines."""
    mark = getattr(inspect, "markcoroutinefunction", None)
    if mark is None:  # before Python 3.12
        from asyncio import coroutines  # noqa: PLC0415 - for those who await

        vars(method)["_is_coroutine"] = vars(coroutines)["_is_coroutine"]
        return method
    marked: Callable[..., Any] = mark(method)
    return marked


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

    execute_async, sleep_async = execute, sleep


class _Building:
    """A repository whose verbs of several requests come to the first, and begin nothing for it."""

    def _run(self, _verb: str, program: Program[Any], *_: Any, **__: Any) -> None:
        next(program, None)
        raise WouldSend


class MockedRepository:
    """What is behind a mock: its class, a real instance that cannot send, what is expected."""

    def __init__(self, kind: MockedClass, real: Any) -> None:
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

        found = ExpectedItems(self.kind.kind.schema, items, in_segments=built.segments > 1)
        execute = found.execute_async if self.kind.is_asynchronous else found.execute
        return replace(built, execute=execute)

    def answer_awaited(
        self, mock: Any, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A coroutine that answers a call where it is awaited; a call that never is, is noted."""
        self.kind.arguments(verb, args, kwargs)

        async def answered() -> Any:
            answer = self.answer(mock, verb, args, kwargs)
            return await answer if inspect.isawaitable(answer) else answer

        return self.expected.handed_out(MockedCall(verb, args, kwargs), answered())

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
                return _begun(getattr(self.kind.face, verb)(self.real, *args, **kwargs))
        return None


def _begun(built: Any) -> Any:
    """What a verb built; one that is awaited is run up to where it would send."""
    if not inspect.iscoroutine(built):
        return built
    with closing(built), suppress(StopIteration):
        built.send(None)
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
