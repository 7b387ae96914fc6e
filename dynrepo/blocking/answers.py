# Written by tests/faces.py from aio/answers.py: change that one.
"""The answers to a query, and its pages, each asked for when it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from weakref import finalize

from dynrepo.blocking.driver import in_scope
from dynrepo.blocking.feeds import merged
from dynrepo.blocking.waits import instruments_made
from dynrepo.instrumentation.mixin import are_lacking
from dynrepo.operations.paging import IN_USE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import Execute
    from dynrepo.operations.pages import Page, QueryAnswer
    from dynrepo.operations.paging import Paging

T = TypeVar("T")


class Share:
    """The answers to one share of a query, one after the other."""

    def __init__(self, paging: Paging, execute: Execute) -> None:
        self._paging = paging
        self._execute = execute

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> QueryAnswer:
        if self._paging.is_over:
            raise StopIteration
        answer: QueryAnswer = self._execute(self._paging.operation())
        if self._paging.is_over:  # closed by another thread, while this one waited
            raise StopIteration
        self._paging.see(answer)
        return answer

    def close(self) -> None:
        """Asks for no further answer; whoever waits for one finds that there is none."""
        self._paging.is_over = True


class Answers:
    """All answers to a query, whose requests are those of one verb.

    The verb begins with the first request. It ends after the last answer, with an error, and when
    this is closed or dropped. Whoever asks while another waits gets a `RuntimeError`, which is not
    its end: both would get the same answer.
    """

    def __init__(self, pagings: Sequence[Paging], execute: Execute, requests: Requests) -> None:
        self._requests = requests
        execute = in_scope(requests, execute)
        self._answers = merged([Share(paging, execute) for paging in pagings])
        self._end: Callable[..., Any] | None = None
        self._is_waiting = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> QueryAnswer:
        if self._is_waiting:
            raise RuntimeError(IN_USE)
        self._is_waiting = True
        try:
            if self._end is None:
                self._begin()
            return next(self._answers)
        except StopIteration:
            self._requests.end()
            raise
        except BaseException as error:
            self._requests.end(error)
            raise
        finally:
            self._is_waiting = False

    def close(self) -> None:
        """Asks for no further answer."""
        self._answers.close()
        self._requests.end()

    def _begin(self) -> None:
        requests = self._requests
        if requests.given is None and are_lacking(requests.defaults):
            instruments_made(requests.defaults, requests.deadline)
        requests.begin()
        self._end = finalize(self, self._requests.end)


class Pages(Generic[T]):
    """The pages of a query; whoever stops before the last one reads no further."""

    def __init__(self, answers: Answers, page_of: Callable[[QueryAnswer], Page[T]]) -> None:
        self._answers = answers
        self._page_of = page_of

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Page[T]:
        return self._page_of(next(self._answers))

    def close(self) -> None:
        """Reads no further page."""
        self._answers.close()
