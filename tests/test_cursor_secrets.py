"""The secrets of cursors: one or several, long enough, and never shown."""

from __future__ import annotations

import sys
from traceback import walk_tb
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from dynrepo import SettingsError
from dynrepo.cursor_secrets import secrets_in

FIRST, SECOND = "first-" * 6, "other-" * 6


@pytest.mark.parametrize(
    "given",
    [
        f"{FIRST} {SECOND}",
        f"\t{FIRST}\n{SECOND}\n",
        SecretStr(f"{FIRST} {SECOND}"),
        [FIRST, SECOND.encode()],
        (SecretStr(FIRST), SECOND),
    ],
    ids=["text", "lines", "SecretStr", "list", "tuple"],
)
def test_there_may_be_several_secrets(given: Any) -> None:
    """In the order of their giving."""
    assert secrets_in(given) == (FIRST.encode(), SECOND.encode())


def test_bytes_are_one_secret() -> None:
    """Random ones may hold white space."""
    assert secrets_in(b" \n" * 16) == (b" \n" * 16,)


def test_a_secret_of_an_environment_may_be_no_utf_8() -> None:
    """As Python reads such a variable: it is the secret all the same."""
    (secret,) = secrets_in("\udcff" * 16)
    assert len(secret) >= 32


@pytest.mark.parametrize("given", [None, "", b"", (), SecretStr("")], ids=repr)
def test_what_is_empty_is_no_secret(given: Any) -> None:
    """As an empty variable is none."""
    assert secrets_in(given) == ()


@pytest.mark.parametrize(
    "given",
    ["a" * 31, "\n", f"{FIRST} hush", [FIRST, ""], b"x" * 31, SecretStr("hush"), ["é" * 15]],
    ids=["short", "blank", "second", "empty second", "bytes", "SecretStr", "bytes count"],
)
def test_a_secret_has_32_bytes(given: Any) -> None:
    """A shorter one can be guessed; the error does not show it."""
    with pytest.raises(SettingsError, match="has 32 bytes at least") as raised:
        secrets_in(given)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("given", [5, {"a": 1}, bytearray(40), [5], object], ids=str)
def test_what_is_no_secret_is_refused(given: Any) -> None:
    """By one error, which names no value."""
    with pytest.raises(SettingsError, match="is a str, bytes or SecretStr, or a sequence of these"):
        secrets_in(given)


def test_no_frame_of_the_error_shows_a_secret_that_came_hidden() -> None:
    """An error tracker records the variables of each."""
    with pytest.raises(SettingsError) as raised:
        secrets_in(SecretStr("hush-hush"))
    frames = [frame for frame, _ in walk_tb(raised.tb)][1:]
    assert frames
    assert "hush" not in "".join(repr(frame.f_locals) for frame in frames)


@pytest.mark.parametrize("module", [None, SimpleNamespace(__spec__=None)], ids=["none", "odd"])
def test_a_secret_takes_the_package_that_encrypts(
    monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    """The error is the command that installs it; who has no secret needs none."""
    monkeypatch.setitem(sys.modules, "cryptography", module)
    with pytest.raises(SettingsError, match=r'pip install "dynrepo\[cursors\]"'):
        secrets_in(FIRST)
    assert secrets_in("") == ()
