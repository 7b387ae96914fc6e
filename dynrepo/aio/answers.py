"""The answers to a query, and its pages, each asked for when it is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from weakref import finalize

from dynrepo.aio.driver import in_scope
from dynrepo.aio.feeds import merged
from dynrepo.aio.waits import instruments_made
from dynrepo.instrumentation.mixin import are_lacking
from dynrepo.operations.paging import IN_USE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dynrepo.instrumentation import Requests
    from dynrepo.instrumentation.fence import AsyncExecute
    from dynrepo.operations.pages import Page, QueryAnswer
    from dynrepo.operations.paging import Paging

T = TypeVar("T")


class AsyncShare:
    """The answers to one share of a query, one after the other."""

    def __init__(self, paging: Paging, execute: AsyncExecute) -> None:
        self._paging = paging
        self._execute = execute

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> QueryAnswer:
        if self._paging.is_over:
            raise StopAsyncIteration
        answer: QueryAnswer = await self._execute(self._paging.operation())
        if self._paging.is_over:  # closed by another task, while this one waited
            raise StopAsyncIteration
        self._paging.see(answer)
        return answer

    async def aclose(self) -> None:
        """Asks for no further answer; whoever waits for one finds that there is none."""
        self._paging.is_over = True


class AsyncAnswers:
    """All answers to a query, whose requests are those of one verb.

    The verb begins with the first request. It ends after the last answer, with an error, and when
    this is closed or dropped. Whoever asks while another waits gets a `RuntimeError`, which is not
    its end: both would get the same answer.
    """

    def __init__(
        self, pagings: Sequence[Paging], execute: AsyncExecute, requests: Requests
    ) -> None:
        self._requests = requests
        execute = in_scope(requests, execute)
        self._answers = merged([AsyncShare(paging, execute) for paging in pagings])
        self._end: Callable[..., Any] | None = None
        self._is_waiting = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> QueryAnswer:
        if self._is_waiting:
            raise RuntimeError(IN_USE)
        self._is_waiting = True
        try:
            if self._end is None:
                await self._begin()
            return await anext(self._answers)
        except StopAsyncIteration:
            self._requests.end()
            raise
        except BaseException as error:
            self._requests.end(error)
            raise
        finally:
            self._is_waiting = False

    async def aclose(self) -> None:
        """Asks for no further answer."""
        await self._answers.aclose()
        self._requests.end()

    async def _begin(self) -> None:
        requests = self._requests
        if requests.given is None and are_lacking(requests.defaults):
            await instruments_made(requests.defaults, requests.deadline)
        requests.begin()
        self._end = finalize(self, self._requests.end)


class AsyncPages(Generic[T]):
    """The pages of a query; whoever stops before the last one reads no further."""

    def __init__(self, answers: AsyncAnswers, page_of: Callable[[QueryAnswer], Page[T]]) -> None:
        self._answers = answers
        self._page_of = page_of

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Page[T]:
        return self._page_of(await anext(self._answers))

    async def aclose(self) -> None:
        """Reads no further page."""
        await self._answers.aclose()
