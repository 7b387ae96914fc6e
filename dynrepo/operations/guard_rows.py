"""The rows that guard unique values, as far as they concern whoever reads their table."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from dynrepo.expressions.nodes import Value
from dynrepo.expressions.trees import nodes_of, path_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dynrepo.codec import Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.schema.entity import Schema
    from dynrepo.schema.keys import KeySchema

OWNER = "unique_of"
"""The attribute of a guard that holds the key of the item whose value it is."""

PREFIX = "UNIQUE#"
"""What the partition key of every guard begins with."""

_BEGINNINGS = (PREFIX, b64encode(PREFIX[:6].encode()).decode())
"""The same in an attribute: as text, and as bytes."""

_tables: set[str] = set()


def guard_table(table: str) -> None:
    """Takes note that a table, by its name without prefix, may hold guards."""
    _tables.add(table)


def has_guards(table: str) -> bool:
    """Whether a table, by its name without prefix, may hold guards."""
    return table in _tables


class GuardedTable:
    """A table, by its name without prefix, among whose rows guards may be."""

    name: str
    schema: Schema[Any]

    @property
    def has_guards(self) -> bool:
        """Whether rows of guards may be read; in a shared table the mark, or the key, tells."""
        return not self.schema.added and has_guards(self.name)

    def is_guard(self, item: Item) -> bool:
        """Whether a row is a guard."""
        return self.has_guards and OWNER in item

    def is_guard_key(self, key: Item) -> bool:
        """Whether a key is one of a guard in a shared table, where no entity has such keys."""
        if not self.schema.added or not has_guards(self.name):
            return False
        partition = self.schema.key_schema.fields[0].attribute
        return _is_text_of_guard(key.get(partition, {}))

    @property
    def may_show_guards(self) -> bool:
        """Whether a guard, which has a key and little else, could be taken for an item."""
        key = self.schema.key_fields
        return self.has_guards and not any(
            field.needed for field in self.schema.fields if field not in key
        )


def without_guards(
    table: GuardedTable, condition: Condition | None, key: KeySchema
) -> Condition | None:
    """What leaves out guards, where a query by a key, or a scan, may read them; else None.

    They have the table's key, and the end of life. Nobody asks for the keys of guards but by a
    text that is given to a repository from outside.
    """
    if not table.has_guards:
        return None
    has_expiry = table.schema.ttl in key.fields
    may_meet = condition is None or has_expiry or any(map(_is_of_guard, nodes_of(condition)))
    return path_to(OWNER).does_not_exist() if may_meet else None


def _is_of_guard(node: Any) -> bool:
    """Whether a value in a condition begins as the keys of guards."""
    return isinstance(node, Value) and _is_text_of_guard(node.value)


def _is_text_of_guard(value: Mapping[str, Any]) -> bool:
    return str(value.get("S", value.get("B", ""))).startswith(_BEGINNINGS)
