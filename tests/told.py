"""What a call tells its caller, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo import DynrepoError

if TYPE_CHECKING:
    from collections.abc import Callable


def told(call: Callable[[], Any]) -> Any:
    """What a call returns, or the error of the library that it raises."""
    try:
        return call()
    except DynrepoError as error:
        return error
