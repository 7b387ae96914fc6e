"""What a call tells its caller, as a value."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from dynrepo import DynrepoError
from tests.loopback import soon

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Health


def told(call: Callable[[], Any]) -> Any:
    """What a call returns, or the error of the library that it raises."""
    try:
        return call()
    except DynrepoError as error:
        return error


def health_told(check: Callable[[], Health]) -> Health:
    """What a health check tells, asked again where a busy machine made its answer come too late."""
    until = soon()
    while (health := check()).details.get("error") == "Timeout" and time.monotonic() < until:
        pass
    return health
