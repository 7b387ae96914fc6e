"""A verb of several requests, seen as one thing that has parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from dynrepo.instrumentation.fence import Fence
    from dynrepo.operation import Operation

Execute: TypeAlias = "Callable[[Operation[Any]], Any]"


class Verb(NamedTuple):
    """A verb that may need several requests: `name` is as in `Users.query`."""

    name: str
    table: str


class Scope(Protocol):
    """What an instrument keeps open from the first request of a verb to the end of the last.

    Between two requests, while a caller looks at a page, other code runs in the same thread: a
    scope is entered for each request and left after it, perhaps in several threads.
    """

    def enter(self) -> Any:
        """Called before a request; what it returns is given to `leave`."""
        ...

    def leave(self, entered: Any, /) -> None:
        """Called after a request, in the same thread."""
        ...

    def end(self, error: BaseException | None, /) -> None:
        """Called when the verb is done, or given up."""
        ...


class Requests:
    """The context in which a verb sends its requests; its value is the door for them."""

    def __init__(self, verb: Verb, fences: tuple[Fence, ...], execute: Execute) -> None:
        self._verb = verb
        self._fences = fences
        self._given = execute
        self._scopes: list[tuple[Fence, Scope]] = []

    def __enter__(self) -> Execute:
        self._scopes.clear()
        for fence in self._fences:
            scope = fence.opened(self._verb)
            if scope is not None:
                self._scopes.append((fence, scope))
        return self._execute if self._scopes else self._given

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # Who stops before the last page closes the generator: that is no failure.
        failure = None if isinstance(error, GeneratorExit) else error
        for fence, scope in reversed(self._scopes):
            fence.guard(scope.end, failure)

    def _execute(self, wanted: Operation[Any]) -> Any:
        entered = [(fence, scope, fence.guard(scope.enter)) for fence, scope in self._scopes]
        try:
            return self._given(wanted)
        finally:
            for fence, scope, token in reversed(entered):
                if token is not None:
                    fence.guard(scope.leave, token)
