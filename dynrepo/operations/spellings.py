"""Keys in another spelling than the one that is written.

Such a row can be read by nobody, and by its key it is not found, updated, counted or deleted, for a
key is looked for by its text. A table that is older than its model may hold many.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from dynrepo.codec.value import canonical, canonical_of
from dynrepo.errors import CodecError
from dynrepo.expressions.shared_rules import rules_of_all
from dynrepo.interruption import pass_strike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dynrepo.codec import AttributeValue, Codec, Field
    from dynrepo.expressions.rules import Rules
    from dynrepo.schema.entity import Schema


class Spellings:
    """How the keys of a table and of its indexes are spelled, by a model."""

    def __init__(self, schema: Schema[Any]) -> None:
        keys = [schema.key_schema, *schema.indexes.values()]
        self._fields = dict.fromkeys(chain.from_iterable(key.fields for key in keys))
        self._rules = rules_of_all(schema.models)

    def respelled(self, row: Mapping[str, AttributeValue]) -> Iterator[str]:
        """The names of the fields that are keys, and stored in another spelling."""
        for field in self._fields:
            if _is_respelled(field, row.get(field.attribute), self._rules):
                yield field.name


def _is_respelled(key: Field, stored: AttributeValue | None, rules: Rules) -> bool:
    """Whether a key is there, and not as it would be written."""
    if stored is None:
        return False
    try:
        value = key.present.decode(stored)
        if not _is_as_written(key.present, value, stored):
            return True
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  # what a foreign writer stored may break any reader
        pass_strike(error)
        return True
    return not _is_kept(key, value, rules.below(key.name))


def _is_as_written(codec: Codec, value: Any, stored: AttributeValue) -> bool:
    if codec.made:  # of what is read Pydantic makes the value that is written
        return bool(canonical_of(codec)(stored[codec.tag]))
    return canonical(codec.encode(value)) == canonical(stored)


def _is_kept(key: Field, value: Any, rules: Rules | None) -> bool:
    """Whether the validators of a key leave a value as it is, or refuse it, which is another fault.

    One that lowers a text makes another key of what others have written in capitals.
    """
    if rules is None or rules.validate is None or key.computed:
        return True
    codec = key.present
    try:
        kept = rules.checked(value, codec, codec.encode) or {}
        return canonical(kept) == canonical(codec.encode(value))
    except CodecError:
        return True
