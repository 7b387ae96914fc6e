"""Texts of one width: which characters stand where, in times, dates and UUIDs."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from dynrepo.templates.alphabets import DIGITS, HEX_DIGITS, Alphabet, alphabet_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Shape:
    """Texts of one width, by an example.

    `9` stands for a digit, `f` and `F` for a hexadecimal one.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.width = len(text)
        self.alphabets: tuple[Alphabet, ...] = tuple(map(_alphabet, text))

    @cached_property
    def pattern(self) -> str:
        """The regular expression of a text."""
        return "".join(_PATTERNS.get(it, re.escape(it)) for it in self.text)

    def fits(self, text: str) -> bool:
        """Whether a text is of the shape."""
        return self._match(text) is not None

    def begins(self, text: str) -> bool:
        """Whether a text of the shape may begin so."""
        return len(text) <= self.width and all(
            character in alphabet for character, alphabet in zip(text, self.alphabets, strict=False)
        )

    @cached_property
    def _match(self) -> Callable[[str], re.Match[str] | None]:
        return re.compile(self.pattern).fullmatch


_ALPHABETS = {"9": DIGITS, "f": HEX_DIGITS, "F": alphabet_of("0123456789ABCDEF")}
_PATTERNS = {"9": "[0-9]", "f": "[0-9a-f]", "F": "[0-9A-F]"}


def _alphabet(character: str) -> Alphabet:
    return _ALPHABETS.get(character) or alphabet_of(character)


DATE_SHAPE = Shape("9999-99-99")
NAIVE_SHAPE = Shape("9999-99-99T99:99:99.999999")
AWARE_SHAPE = Shape("9999-99-99T99:99:99.999999Z")
MILLISECOND_SHAPE = Shape("9999-99-99T99:99:99.999Z")
UUID_SHAPE = Shape("ffffffff-ffff-ffff-ffff-ffffffffffff")
