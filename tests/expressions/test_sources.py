"""What gives values and what takes them; the rest of it is for type checkers (tests/typing)."""

from __future__ import annotations

from dynrepo.expressions.sources import ValueSource, ValueTarget
from tests.expressions.thing import f


def test_a_path_gives_and_takes_values() -> None:
    """A path with a default only gives them."""
    assert isinstance(f.count, ValueSource)
    assert isinstance(f.count, ValueTarget)
    fallback = f.count.if_not_exists(0)
    assert isinstance(fallback, ValueSource)
    assert not isinstance(fallback, ValueTarget)
