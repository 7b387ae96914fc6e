"""Sets of characters: those that a part of a key text may be made of."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from string import ascii_uppercase

LAST = "\U0010ffff"
"""The greatest character. No value holds it, so that it stands above all that a key may hold."""


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Some characters, or with `others` all but these."""

    characters: frozenset[str]
    others: bool = False

    def __contains__(self, character: str) -> bool:
        return (character in self.characters) is not self.others

    def without(self, *characters: str) -> Alphabet:
        """The alphabet less some characters."""
        less = frozenset(characters)
        return Alphabet(
            self.characters | less if self.others else self.characters - less, self.others
        )

    def common(self, other: Alphabet) -> str | None:
        """A character of both alphabets, a plain one where there is one; None without any."""
        if not self.others:
            return min((it for it in self.characters if it in other), default=None)
        if not other.others:
            return other.common(self)
        return next(it for it in map(chr, chain(*_PLAIN)) if it in self and it in other)


_PLAIN = range(ord("a"), ord("z") + 1), range(ord(" "), ord("a")), range(ord("z"), 0xD800)
"""The characters in the order in which one is looked for as an example."""

DIGITS = Alphabet(frozenset("0123456789"))
HEX_DIGITS = Alphabet(frozenset("0123456789abcdef"))
WHOLE_NUMBERS = Alphabet(frozenset("-0123456789"))
ANY = Alphabet(frozenset({LAST}), others=True)
FOLDED = ANY.without(*ascii_uppercase)


def alphabet_of(*texts: str) -> Alphabet:
    """The characters of some texts."""
    return Alphabet(frozenset("".join(texts)))
