"""The calls of a mock, and the errors about them."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, Self

from dynrepo.public import public_in
from dynrepo.testing.arguments import call_text


@public_in("dynrepo.testing")
class UnexpectedCall(AssertionError):
    """A mock was called in a way that is not expected; the message says what is."""


@public_in("dynrepo.testing")
class MissingCall(AssertionError):
    """A mock was not called as often as it was expected to be; the message says which calls."""


@dataclass(frozen=True)
class MockedCall:
    """One call of a mock, with deep copies of its arguments."""

    verb: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @classmethod
    def copied(cls, verb: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Self:
        """A call, its arguments as they are now."""
        return cls(verb, tuple(map(_copy, args)), {name: _copy(kwargs[name]) for name in kwargs})

    def __str__(self) -> str:
        return call_text(self.verb, self.args, self.kwargs)


def _copy(value: Any) -> Any:
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - what cannot be copied is kept as it is
        return value
