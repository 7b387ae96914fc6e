"""Where public classes and functions say that they live: where users import them from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def public_in(package: str) -> Callable[[T], T]:
    """A decorator for what the face of a package offers: its `__module__` is the package.

    So a traceback, a `repr` and a pickle name what stays when the modules behind it move.
    """

    def decorate(declared: T) -> T:
        offered: Any = declared
        offered.__module__ = package
        return declared

    return decorate


public = public_in("dynrepo")
