"""All the texts that a template makes, as steps from character to character."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from dynrepo.templates.alphabets import ANY, DIGITS, Alphabet, alphabet_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ABOVE_ZERO = DIGITS.without("0")
_ZERO, _MINUS = alphabet_of("0"), alphabet_of("-")


class Language:
    """A set of texts: an automaton whose states are numbers, with edges labelled by alphabets.

    It is built from left to right, by what every text of it goes on with.
    """

    def __init__(self) -> None:
        self.edges: list[list[tuple[Alphabet, int]]] = [[]]
        """The edges that leave a state, by its number; the first state is 0."""
        self.ends = frozenset({0})
        """The states in which a text may end."""

    def character(self, alphabet: Alphabet) -> None:
        """One character of an alphabet."""
        self.ends = frozenset({self._step(self.ends, alphabet)})

    def text(self, text: str) -> None:
        """One text."""
        for character in text:
            self.character(alphabet_of(character))

    def run(self, alphabet: Alphabet) -> None:
        """Any number of characters of an alphabet, none included."""
        for state in self.ends:
            self.edges[state].append((alphabet, state))

    def one_of(self, texts: Iterable[str]) -> None:
        """One of some texts."""
        starts, ends = self.ends, frozenset[int]()
        for text in texts:
            self.ends = starts
            self.text(text)
            ends |= self.ends
        self.ends = ends

    def whole_number(self) -> None:
        """A whole number without zeros before it."""
        starts = self.ends
        zero = self._step(starts, _ZERO)
        digit = self._step(starts | {self._step(starts, _MINUS)}, _ABOVE_ZERO)
        self.edges[digit].append((DIGITS, digit))
        self.ends = frozenset({zero, digit})

    def _step(self, states: Iterable[int], alphabet: Alphabet) -> int:
        reached = len(self.edges)
        self.edges.append([])
        for state in states:
            self.edges[state].append((alphabet, reached))
        return reached


def texts_with(prefix: str) -> Language:
    """All texts that begin so."""
    language = Language()
    language.text(prefix)
    language.run(ANY)
    return language


def common_text(one: Language, other: Language) -> str | None:
    """A shortest text of both languages, the empty one aside; None where there is none."""
    found = {(0, 0): ""}
    left = deque(found)
    while left:
        states = left.popleft()
        for character, reached in _steps(one, other, states):
            text = found[states] + character
            if reached[0] in one.ends and reached[1] in other.ends:
                return text
            if reached not in found:
                found[reached] = text
                left.append(reached)
    return None


def _steps(
    one: Language, other: Language, states: tuple[int, int]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """The pairs of states that are one character away, each with such a character."""
    for alphabet, reached in one.edges[states[0]]:
        for another, reached_too in other.edges[states[1]]:
            character = alphabet.common(another)
            if character is not None:
                yield character, (reached, reached_too)
