"""A block counts until it ends, wherever its context was copied to and wherever it ends."""

from __future__ import annotations

import contextvars
import gc
import weakref
from contextvars import ContextVar

from dynrepo.blocks import Block, open_blocks, opened

CURRENT: ContextVar[Block | None] = ContextVar("current", default=None)


def test_the_blocks_around_the_code_are_told_from_the_inside_out() -> None:
    """None when they have ended."""
    outer, inner = Block(), Block()
    with opened(outer, CURRENT):
        with opened(inner, CURRENT):
            assert open_blocks(CURRENT) == [inner, outer]
        assert open_blocks(CURRENT) == [outer]
    assert open_blocks(CURRENT) == []
    assert CURRENT.get() is None


def test_a_block_that_has_ended_counts_in_no_copy_of_the_context() -> None:
    """One that is open around it does."""
    outer, inner = Block(), Block()
    with opened(outer, CURRENT):
        with opened(inner, CURRENT):
            copied = contextvars.copy_context()
            assert copied.run(open_blocks, CURRENT) == [inner, outer]
        assert copied.run(open_blocks, CURRENT) == [outer]
    assert copied.run(open_blocks, CURRENT) == []


def test_blocks_may_end_in_any_order() -> None:
    """As those of two generators do that are read in turn."""
    first, second = Block(), Block()
    one, other = opened(first, CURRENT), opened(second, CURRENT)
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    assert open_blocks(CURRENT) == [second]
    other.__exit__(None, None, None)
    assert CURRENT.get() is None


def test_a_block_that_ends_elsewhere_is_not_held_by_those_that_follow() -> None:
    """However many do, in a context that keeps what was entered in it."""

    class Seen(Block):
        __slots__ = ("__weakref__",)

    kept = contextvars.copy_context()
    seen = []
    for _ in range(5):
        block = Seen()
        seen.append(weakref.ref(block))
        entered = opened(block, CURRENT)
        kept.run(entered.__enter__)
        entered.__exit__(None, None, None)
    del block, entered
    gc.collect()
    assert kept.run(open_blocks, CURRENT) == []
    assert [each() is None for each in seen] == [True] * 4 + [False]
