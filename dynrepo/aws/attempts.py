"""How many requests a call may send, by the settings that AWS's own SDKs read."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import Any

from dynrepo.sending.outcomes import Misconfigured
from dynrepo.sending.retry import ATTEMPTS

_logger = logging.getLogger("dynrepo")


def attempts_by(session: Any, given: int | None) -> int:
    """What was given, or what the environment or the profile of a botocore session says.

    More than the most that this library sends counts as that; `Misconfigured` for what is no
    number from 1. The retry mode is not followed: what is safe to repeat decides, and a budget of
    the store. What is not followed is logged.
    """
    if _setting(session, "AWS_RETRY_MODE", "retry_mode"):
        _warn("AWS_RETRY_MODE, or retry_mode of the profile, is ignored: what is safe decides")
    text = _setting(session, "AWS_MAX_ATTEMPTS", "max_attempts")
    if given is not None or not text:
        return given or ATTEMPTS
    number = _number(text)
    if number > ATTEMPTS:
        _warn("AWS_MAX_ATTEMPTS, or max_attempts of the profile, counts as %d", ATTEMPTS)
    return min(number, ATTEMPTS)


def _setting(session: Any, variable: str, name: str) -> str:
    """The text of a setting; empty where it is not set, or set to nothing."""
    return str(os.environ.get(variable) or session.get_scoped_config().get(name) or "")


def _number(text: str) -> int:
    with suppress(ValueError):
        if (number := int(text)) >= 1:
            return number
    raise Misconfigured(_NO_NUMBER, remedy=_NO_NUMBER)


def _warn(message: str, *args: object) -> None:
    with suppress(Exception):  # a handler of the application may raise
        _logger.warning(message, *args)


_NO_NUMBER = "AWS_MAX_ATTEMPTS, or max_attempts of the profile, should be a number from 1"
