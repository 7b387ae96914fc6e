"""What a query asks of a key, and the index that it means where it cannot ask it of that one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from dynrepo.errors import CodecError
from dynrepo.expressions.key_conditions import key_condition
from dynrepo.tracebacks import without_own_frames

if TYPE_CHECKING:
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.schema.keys import KeySchema


def asked_of(
    mapper: Mapper[Any],
    key: KeySchema,
    condition: Condition | None,
    where: Condition | None,
    *,
    descending: bool,
) -> Any:
    """What a query asks of a key: its condition, or its place in a shared table.

    ValueError where this key cannot be asked so, with the index that can be, if one can.
    """

    def asked(key: KeySchema) -> Any:
        if mapper.schema.added:
            return mapper.placed_query(key, condition, where, descending=descending)
        return None if condition is None else key_condition(condition, key, mapper.schema.name)

    try:
        return asked(key)
    except CodecError as error:  # of a value
        raise without_own_frames(error)  # noqa: B904 - itself; they hold what was encoded
    except ValueError as error:
        reason = str(error)
    for cure, other in _keys(mapper):
        with suppress(ValueError):
            asked(other)
            reason += f"; another key can be asked: {cure}"
            break
    raise ValueError(reason)


def _keys(mapper: Mapper[Any]) -> list[tuple[str, KeySchema]]:
    """The keys of the table and its indexes, each with what names it in a query."""
    schema = mapper.schema
    indexes = [(f'write index="{name}"', key) for name, key in schema.indexes.items()]
    return [("leave index= out", schema.key_schema), *indexes]
