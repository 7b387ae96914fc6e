"""Signals that come at a moment of a call that is chosen."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dynrepo

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

HERE = str(Path(dynrepo.__file__).parent)
TESTING = str(Path(HERE, "testing"))


def struck(call: Callable[[], Any], moment: int) -> bool:
    """Makes a call, with a signal at one of the moments at which Python looks for one.

    False where the call has no such moment any more. Those are where a function of the library
    begins, or one that is compiled has returned to it.
    """
    passed = 0

    def look(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal passed
        if event not in ("call", "c_return") or argument is sys.setprofile:
            return
        file = frame.f_code.co_filename
        if file.startswith(HERE) and not file.startswith(TESTING):
            passed += 1
            if passed == moment:
                sys.setprofile(None)
                signal.raise_signal(signal.SIGALRM)

    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(None)
    return passed >= moment
