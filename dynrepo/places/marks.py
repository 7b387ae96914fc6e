"""The mark of a shared table: the attributes that tell of what entity an item is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from dynrepo.errors import SchemaError


def mark_names(table: str, mark: Any) -> tuple[str, ...]:
    """The attributes of a mark as a table declares it; SchemaError for what is none."""
    names: Any = () if mark is None else (mark,) if isinstance(mark, str) else mark
    if type(names) is not tuple:
        raise SchemaError(
            f'{table}.mark is the name of an attribute, as "_et", a tuple of several, or None'
        )
    return cast("tuple[str, ...]", names)


def mark_of(table: str, names: tuple[str, ...], entity: Any) -> tuple[tuple[str, str], ...]:
    """The attributes of a mark with what they hold for an entity; SchemaError for too few texts.

    `entity` is a text, or has one for each attribute by name.
    """
    given = isinstance(entity, Mapping)
    held = cast("Mapping[str, Any]", entity if given else dict.fromkeys(names[:1], entity))
    are_texts = all(isinstance(text, str) and text for text in held.values())
    if not isinstance(entity, str | Mapping) or set(held) != {*names} or not are_texts:
        raise SchemaError(f"{table}.place: {_wanted(names)}")
    return tuple([(name, held[name]) for name in names])


def _wanted(names: tuple[str, ...]) -> str:
    if not names:
        return f"entity= is a text, as in {_EXAMPLE}: the table declares no mark"
    if len(names) == 1:
        return f"entity= is the text that the mark {names[0]} holds, as in {_EXAMPLE}"
    texts = ", ".join(f'"{name}": "..."' for name in names)
    return f"entity= has the texts that the mark holds, as in entity={{{texts}}}"


_EXAMPLE = 'entity="ORDER"'
