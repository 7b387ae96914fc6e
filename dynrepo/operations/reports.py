"""What was found, as a text of 80 columns."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WIDTH = 80
_COUNT = 12
"""Columns of a count, the indent before it included."""


class Section(NamedTuple):
    """Counts under a title."""

    title: str
    counts: Mapping[str, int]


def report(title: str, facts: Iterable[str] = (), sections: Iterable[Section] = ()) -> str:
    """A title, sentences below it, and those sections that have counts."""
    lines = [_filled(title, 0), *(_filled(fact, 2) for fact in facts)]
    for section in sections:
        if section.counts:
            lines.append(_filled(section.title, 2))
            lines += [_counted(name, count) for name, count in section.counts.items()]
    return "\n".join(lines)


def counted(count: int, noun: str) -> str:
    """How many there are of something: one row, or several rows."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def flat(counts: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Counts by name and reason as counts by a text of both; without a name the reason alone."""
    return {
        f"{name}: {reason}" if name else reason: count
        for name, reasons in counts.items()
        for reason, count in reasons.items()
    }


def _counted(name: str, count: int) -> str:
    return fill(
        _printable(name),
        WIDTH,
        initial_indent=f"{count:>{_COUNT},}  ",
        subsequent_indent=" " * (_COUNT + 4),
    )


def _filled(text: str, indent: int) -> str:
    return fill(
        _printable(text), WIDTH, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)
    )


def _printable(text: str) -> str:
    """A text of one line: names of attributes may hold anything."""
    return text if text.isprintable() else ascii(text)[1:-1]
