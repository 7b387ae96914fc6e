"""What is expected of a mock, call by call."""

from __future__ import annotations

from inspect import isawaitable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, Self

from dynrepo.callbacks import check_called, not_awaited
from dynrepo.errors import DynrepoError
from dynrepo.testing.arguments import call_text, class_name, text_of
from dynrepo.testing.mocked_call import UnexpectedCall
from dynrepo.testing.mocked_verbs import VERBS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dynrepo.testing.mocked_call import MockedCall
    from dynrepo.testing.mocked_class import MockedClass

_UNBOUNDED: Final = float("inf")
_ABSENT: Final = object()


class Expectation:
    """One expected call: with which arguments, how often, what comes of it. Once, unless told.

    `users.expect.get(key)` returns one; each method returns it again.
    """

    __slots__ = (
        "_args",
        "_arguments",
        "_bounded",
        "_kwargs",
        "_mocked",
        "_result",
        "before",
        "count",
        "least",
        "most",
        "unread",
        "verb",
    )

    def __init__(
        self, mocked: MockedClass, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._mocked = mocked
        self.verb = verb
        self._args = args
        self._kwargs = kwargs
        self._arguments = mocked.arguments(verb, args, kwargs)
        self._result: Callable[..., Any] | None = None
        self.least: float = 1
        self.most: float = 1
        self._bounded = False
        self.count = 0
        self.unread = 0
        self.before: list[Expectation] = []

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            super().__setattr__(name, value)
        except AttributeError:
            raise AttributeError(
                f"{self}: {name} is not to be set: say .returns(value), .raises(error), .calls("
                "function) or .times(n)"
            ) from None

    def returns(self, value: Any) -> Self:
        """Answers with a value.

        Args:
            value: What the call returns.

        Raises:
            TypeError: The verb cannot return it, or the answer is set already.
        """
        self._check(value)
        return self._set_result(lambda *_, **__: value)

    def raises(self, error: DynrepoError | type[DynrepoError]) -> Self:
        """Answers with an error of dynrepo.

        Args:
            error: The error, or its class.

        Raises:
            TypeError: The verb never raises it, or the answer is set already.
        """
        kind: type[Any] = error if isinstance(error, type) else type(error)
        if not issubclass(kind, DynrepoError):
            raise TypeError(f"a repository raises errors of dynrepo only, never {kind.__name__}")
        self._mocked.check_error(self.verb, kind)

        def fail(*_: Any, **__: Any) -> None:
            raise error if isinstance(error, DynrepoError) else kind(f"raised by a mock: {self}")

        return self._set_result(fail)

    def calls(self, function: Callable[..., Any]) -> Self:
        """Answers with what a function returns, or raises.

        Args:
            function: Is called with the arguments of the verb; for one that is awaited, it may be
                one of coroutines.

        Raises:
            TypeError: It cannot be called, or is one of coroutines for a verb that blocks, or the
                answer is set already.
        """
        if not callable(function):
            raise TypeError(f"calls takes a function, not {class_name(function)}")
        if not self._mocked.is_awaited(self.verb):
            check_called("calls", function, f"given what {self.verb} returns by a function")

        def call(*args: Any, **kwargs: Any) -> Any:
            value = function(*args, **kwargs)
            if isawaitable(value) and self._mocked.is_awaited(self.verb):
                return self._awaited(value)
            self._check(not_awaited("calls", value))
            return value

        return self._set_result(call)

    def times(self, count: int) -> Self:
        """Expects so many calls, no more and no less.

        Args:
            count: How many, 0 or more.

        Raises:
            TypeError: `count` is no whole number.
            ValueError: `count` is less than 0.
        """
        return self._bounds(_whole(count), count)

    def at_least(self, count: int) -> Self:
        """Expects so many calls or more; after `at_most`, up to that many.

        Args:
            count: How many, 0 or more.

        Raises:
            TypeError: `count` is no whole number.
            ValueError: `count` is less than 0, or fits no earlier bound.
        """
        return self._bounds(_whole(count), self.most if self._bounded else _UNBOUNDED)

    def at_most(self, count: int) -> Self:
        """Allows so many calls, and none; after `at_least`, that many at the least.

        Args:
            count: How many, 0 or more.

        Raises:
            TypeError: `count` is no whole number.
            ValueError: `count` is less than 0, or fits no earlier bound.
        """
        return self._bounds(self.least if self._bounded else 0, _whole(count))

    def any_times(self) -> Self:
        """Allows any number of calls, and none."""
        return self._bounds(0, _UNBOUNDED)

    def __str__(self) -> str:
        return f"{self._mocked.name}.{call_text(self.verb, self._args, self._kwargs)}"

    def _set_result(self, result: Callable[..., Any]) -> Self:
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
        self._mocked.check_result(self.verb, value, self._kwargs.get("only"))

    async def _awaited(self, awaitable: Awaitable[Any]) -> Any:
        value = await awaitable
        self._check(value)
        return value

    def problem(self, call: MockedCall) -> str | None:
        """Why this does not take a call; None when it does."""
        if self.verb != call.verb:
            return "is another verb"
        difference = self._difference(self._mocked.arguments(call.verb, call.args, call.kwargs))
        if difference is not None:
            return difference
        if self.count >= self.most:
            return self.tally
        earlier = next((other for other in self.before if not other.satisfied), None)
        return f"must come after {earlier}" if earlier else None

    def _difference(self, actual: dict[str, Any]) -> str | None:
        """In what the arguments of a call are not the expected ones."""
        for name in dict.fromkeys((*self._arguments, *actual)):
            expected, value = self._arguments.get(name, _ABSENT), actual.get(name, _ABSENT)
            if expected is _ABSENT:
                return f"{name}={text_of(value)} is unexpected"
            if value is _ABSENT:
                return f"{name}={text_of(expected)} is expected"
            if not self._mocked.same(name, expected, value):
                return f"{name} is expected to be {text_of(expected)}"
        return None

    def answer(self, repository: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What comes of a call."""
        if self._result is not None:
            return self._result(*args, **kwargs)
        default = VERBS[self.verb].default
        if default is None:
            raise UnexpectedCall(
                f"say what {self} returns: .returns(...), .raises(...) or .calls(...)"
            )
        return default(repository, *args, **kwargs)

    @property
    def satisfied(self) -> bool:
        """Whether it was called, and as often as it must be; a query, whether it was read."""
        return self.met >= max(1, self.least)

    @property
    def met(self) -> int:
        """How often it was called; of queries, how many were read."""
        return self.count - self.unread

    @property
    def tally(self) -> str:
        """How often it is expected, and was called, in words."""
        called = f"expected {self._wanted}, called {_times(self.count)}"
        if not self.unread:
            return called
        return f"{called}, read {_times(self.met)}: a query is sent where its items are read"

    @property
    def _wanted(self) -> str:
        if self.least == self.most:
            return _times(self.most)
        if self.most == _UNBOUNDED:
            return f"at least {_times(self.least)}" if self.least else "any number of times"
        most = _times(self.most)
        return f"{_times(self.least)} to {most}" if self.least else f"at most {most}"


def _whole(count: int) -> int:
    """A number of calls; an error for what is no such number."""
    if type(count) is not int:
        raise TypeError(f"a number of calls is a whole number, not {class_name(count)}")
    if count < 0:
        raise ValueError("a number of calls is 0 or more")
    return count


def _times(count: float) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(int(count), f"{count:.0f} times")


def in_order(*expectations: Expectation) -> None:
    """Lets each of these be called only after the one before it.

    Args:
        *expectations: What `expect` returned, of one mock or of several.

    Raises:
        TypeError: One is no expectation.
    """
    for expectation in expectations:
        checked: Any = expectation
        if not isinstance(checked, Expectation):
            raise TypeError(
                f"in_order takes expectations: users.expect.get(key), not {expectation!r}"
            )
    for before, after in pairwise(expectations):
        after.before.append(before)
