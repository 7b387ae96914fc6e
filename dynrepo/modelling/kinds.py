"""The kinds of rows in a table, told by an attribute or by how their keys begin."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from dynrepo.modelling.identifiers import words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from dynrepo.codec import Item

_NAMES = {
    "cls",
    "discriminator",
    "entity",
    "entity type",
    "et",
    "item type",
    "kind",
    "model",
    "record type",
    "row type",
    "type",
    "typename",
}
"""What attributes are called that name the kind of a row."""

_MOST = 20
"""How many kinds a table may have."""


class Kinds(NamedTuple):
    """Rows by kind, and what tells it; "" where all are of one."""

    rows: list[list[Item]]
    told_by: str = ""


def kinds_of(rows: Sequence[Item], keys: Sequence[str]) -> Kinds:
    """The kinds of rows, where they have not the same attributes."""
    for attribute in dict.fromkeys(name for row in rows for name in row):
        if " ".join(words_of(attribute)).lower() in _NAMES:
            found = _grouped(rows, lambda row, name=attribute: row.get(name, {}).get("S"))  # type: ignore[misc]
            if found:
                return Kinds(found, f"the attribute {attribute}")
    found = _grouped(rows, lambda row: _beginnings(row, keys))
    return Kinds(found, "how their keys begin") if found else Kinds([list(rows)])


def _grouped(
    rows: Iterable[Item], told: Callable[[Item], Hashable | None]
) -> list[list[Item]] | None:
    """Rows by what is told of each; None where that makes no kinds."""
    groups: defaultdict[object, list[Item]] = defaultdict(list)
    for row in rows:
        kind = told(row)
        if kind is None:
            return None
        groups[kind].append(row)
    found = list(groups.values())
    return found if 1 < len(found) <= _MOST and _differ(found) else None


def _differ(groups: list[list[Item]]) -> bool:
    """Whether each group has attributes that all of its rows have, other than each other's."""
    always = [frozenset(rows[0]).intersection(*rows) for rows in groups]
    return len(set(always)) == len(always)


def _beginnings(row: Item, keys: Sequence[str]) -> tuple[str, ...] | None:
    """The words before the `#` in the parts of a key, or a word of capitals alone."""
    found = tuple(_beginning(row.get(key, {}).get("S", "")) for key in keys)
    return found if any(found) else None


def _beginning(text: str) -> str:
    word, separator, _ = text.partition("#")
    return word if separator or (word.isalpha() and word.isupper()) else ""
