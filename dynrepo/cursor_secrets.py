"""The secrets of cursors: how an application gives them, and what is refused.

Nothing here keeps a secret, or shows one: what is raised names its fault, and in the frames that an
error tracker may record a `SecretStr` stays one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Any, TypeAlias

from pydantic import SecretStr

from dynrepo.errors import SettingsError

CursorSecret: TypeAlias = str | bytes | SecretStr | Sequence[str | bytes | SecretStr]
"""One secret of 32 bytes or more, or several: the first encrypts, and all decrypt.

A text holds one, or several with white space between; bytes are one, as they are.
"""

LEAST = 32
"""Bytes that a secret has at least: as many as the key that is derived from it."""


def secrets_in(given: CursorSecret | None) -> tuple[bytes, ...]:
    """The secrets that are given, the one that encrypts first; none for None and what is empty.

    SettingsError for one of fewer than 32 bytes, or without the package that encrypts.
    """
    fault = _fault(given)
    if fault is not None:
        raise SettingsError(fault)
    if given and not _is_installed():
        raise without_extra()
    return tuple(_secrets(given)) if given else ()


def without_extra() -> SettingsError:
    """The error for a secret where the package that encrypts is not installed."""
    return SettingsError(
        "a secret of cursors takes the package cryptography, which is not installed:"
        ' pip install "dynrepo[cursors]"'
    )


def _fault(given: Any) -> str | None:
    """What is wrong with what is given; None where nothing is."""
    for secret in _secrets(given) if given else ():
        if secret is None:
            return "a secret of cursors is a str, bytes or SecretStr, or a sequence of these"
        if len(secret) < LEAST:
            return f"a secret of cursors has {LEAST} bytes at least"
    return None


def _secrets(given: Any) -> Iterator[Any]:
    """Each secret, as bytes; None for what is none."""
    if isinstance(given, SecretStr):
        given = given.get_secret_value()
    if isinstance(given, str):
        # An environment may hold what is no UTF-8.
        yield from [part.encode(errors="surrogatepass") for part in given.split()] or [b""]
    elif isinstance(given, bytes):
        yield given
    elif _are_several(given):  # bytearray too, of numbers
        for each in given:
            yield from _secrets(each)
    else:
        yield None


def _are_several(given: Any) -> bool:
    return isinstance(given, Sequence)


def _is_installed() -> bool:
    try:
        return find_spec("cryptography") is not None
    except (ImportError, ValueError):  # what an application put in its place has no spec
        return False
