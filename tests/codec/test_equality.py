"""A value is the same again when it is equal and of its class."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from typing import Any

import pytest

from dynrepo.codec.equality import is_same
from tests.encodings import Level, Status


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (1, 1.0),
        (Decimal(1), 1),
        (Status.OPEN, "open"),
        (["a", 1], ["a", 1.0]),
        ({"a": {1}}, {"a": {1.0}}),
        (deque([1]), deque([1])),
    ],
)
def test_equals_of_one_class_are_the_same(read: Any, value: Any) -> None:
    """Or of a class below it; numbers of any class."""
    assert is_same(read, value)


class Stubborn:
    """A class whose instances cannot be compared."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (1, 2),
        ("open", Status.OPEN),
        (1, True),
        (1, Level.LOW),
        (["open"], [Status.OPEN]),
        ({"open"}, {Status.OPEN}),
        ({"open": 1}, {Status.OPEN: 1}),
        ({"a": "open"}, {"a": Status.OPEN}),
        ((1,), [1]),
        (Stubborn(), Stubborn()),
    ],
)
def test_equals_of_another_class_are_not(read: Any, value: Any) -> None:
    """Nor what cannot be compared."""
    assert not is_same(read, value)
