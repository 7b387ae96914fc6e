"""What several tests of the asynchronous face stand on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

from tests.aio import loops
from tests.resolver import hanging

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ["hanging"]

T = TypeVar("T")


class Run(Protocol):
    """Runs a coroutine function, and returns what it returns."""

    def __call__(self, main: Callable[[], Coroutine[Any, Any, T]], /) -> T:
        """As `asyncio.run` does."""
        ...


@pytest.fixture(params=loops.KINDS)
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine function on a loop of each kind, a test for each."""
    return partial(loops.run, kind=request.param)


@pytest.fixture(params=loops.TIMED)
def run_timed(request: pytest.FixtureRequest) -> Run:
    """The same on those whose time passes where a test lets it pass at once."""
    return partial(loops.run, kind=request.param)
