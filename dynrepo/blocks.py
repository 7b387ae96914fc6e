"""`with` blocks that bind the calls made in them, in whatever task or thread, until they end."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextvars import ContextVar
    from typing import Self

B = TypeVar("B", bound="Block")


class Block:
    """What a context variable holds of a block, and of the one around it.

    Tasks and threads get copies of the context. A copy outlives the block, and a generator may be
    closed in another context than it was entered in: the end is noted here for all of them.
    """

    __slots__ = ("is_open", "outer")

    def __init__(self) -> None:
        self.is_open = True
        self.outer: Self | None = None


@contextmanager
def opened(block: B, variable: ContextVar[B | None]) -> Generator[None]:
    """Puts a block into its variable until it ends; it may end in any context."""
    block.outer = _innermost(variable)
    variable.set(block)
    try:
        yield
    finally:
        block.is_open = False
        variable.set(_innermost(variable))


def open_blocks(variable: ContextVar[B | None]) -> list[B]:
    """The blocks around the code that have not ended, from the inside out."""
    found: list[B] = []
    block = variable.get()
    while block is not None:
        if block.is_open:
            found.append(block)
        block = block.outer
    return found


def _innermost(variable: ContextVar[B | None]) -> B | None:
    return next(iter(open_blocks(variable)), None)
