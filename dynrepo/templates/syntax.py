"""The text of a template, taken apart: constants, and fields with the form that each may name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from dynrepo.errors import SchemaError
from dynrepo.templates.alphabets import LAST

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_PLACEHOLDER = re.compile(r"(\w+)(?::(.+))?", re.DOTALL)


class Placeholder(NamedTuple):
    """A field in a template, by its name, and the form that is asked for; "" for its own."""

    name: str
    form: str = ""


def parsed(text: str) -> tuple[str | Placeholder, ...]:
    """The constants and fields of a template; SchemaError where it is none.

    `{{` and `}}` stand for a brace. No two constants follow each other, and none is empty.
    """
    if type(text) is not str or not text:
        raise SchemaError("a template is a text such as 'USER#{user_id}', and not empty")
    pieces: list[str | Placeholder] = []
    for piece in _tokens(text):
        if pieces and isinstance(piece, str) and isinstance(pieces[-1], str):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return tuple(pieces)


def _tokens(text: str) -> Iterator[str | Placeholder]:
    for match in _TOKEN.finditer(text):
        token = match[0]
        if match[1] is not None:
            yield _placeholder(text, match[1])
        elif token in ("{", "}"):
            raise SchemaError(
                f"the template {text!r} has a brace without its other: as a character it is written"
                " twice"
            )
        else:
            _check_constant(text, token)
            yield token[0] if token in ("{{", "}}") else token


def _placeholder(text: str, inside: str) -> Placeholder:
    match = _PLACEHOLDER.fullmatch(inside)
    if match is None or not match[1].isidentifier():
        raise SchemaError(
            f"the template {text!r} has {{{inside}}}: between braces stand the name of a field and,"
            " after a colon, one form, as in {number:08d}"
        )
    return Placeholder(match[1], match[2] or "")


def _check_constant(text: str, constant: str) -> None:
    if LAST in constant:
        raise SchemaError(f"the template {text!r} has U+10FFFF, which ends the ranges of a key")
    try:
        constant.encode()
    except UnicodeEncodeError:
        raise SchemaError(f"the template {text!r} has a lone surrogate") from None
