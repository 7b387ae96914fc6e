"""What a query of a shared table asks of keys, by the fields that they are made of.

Rows of other entities are left out by a filter where a query may read them. Of the rows that are
made of the text of an answer the values are compared: those of the partition, and the order of the
others. Where they are not as they should be the codec reads the answer, and compares the keys.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from dynrepo.expressions.fields import KeyOnlyPath
from dynrepo.expressions.key_conditions import check_filter, condition_of
from dynrepo.expressions.nodes import BeginsWith, Comparison, Condition, Value
from dynrepo.expressions.trees import both, path_to, paths_of
from dynrepo.places.answers import KeptRows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.places.schema import PlacedSchema
    from dynrepo.schema.keys import KeySchema
    from dynrepo.templates.asked import Asked
    from dynrepo.templates.template import Template


class KeyRows(Protocol):
    """What tells of instances that they can be the rows of a key."""

    def are_as_asked(
        self, rows: Sequence[Any], partition: AttributeValue, *, descending: bool
    ) -> bool:
        """Whether they are of a partition, each after the one before."""
        ...


class PlacedQuery:
    """A query of a key of a shared table, or a scan where there is no `condition`.

    `where` is what else is asked; ValueError for a field that no attribute holds.
    """

    def __init__(
        self,
        schema: PlacedSchema[Any],
        key: KeySchema,
        condition: Any,
        where: Condition | None = None,
        *,
        descending: bool = False,
    ) -> None:
        self._schema = schema
        self._key = key
        self._name = key.name
        self._descending = descending
        found: Mapping[str, Asked] | None = {}
        if condition is not None:
            found = self._asked(condition)
        self.is_empty = found is None
        """Whether no item can be found, so that none is to be looked for."""
        self._found = found or {}
        self.condition = None if condition is None else condition_of(self._found)
        """What is asked of the attributes of the key."""
        self._is_scan = condition is None
        for path in () if where is None else paths_of(where):
            if isinstance(path, KeyOnlyPath):
                raise path.refused()
        if condition is not None and where is not None:
            check_filter(where, key, schema.name)
        self._where = where

    @property
    def filter(self) -> Condition | None:
        """What leaves out rows: those of other entities, where they may be read, and others."""
        return self._filter

    @cached_property
    def _filter(self) -> Condition | None:
        schema = self._schema
        is_of_entity: Condition | None = None
        if self._is_scan or schema.neighbours.are_reached(schema, self._name):
            is_of_entity = self._is_of_entity()
        return both(is_of_entity, self._where)

    @property
    def drops_rows(self) -> bool:
        """Whether rows are to be left out that no filter leaves out."""
        return False

    def compared(self, parse: Parse | None) -> Parse | None:
        """Makes the instances of an answer, where they are the rows that were asked for."""
        if parse is None or not self._found:
            return parse
        rows = self._rows
        (partition,) = self._found[self._key.partition.attribute].values

        def parse_rows(
            body: bytes | bytearray,
        ) -> tuple[dict[str, Any], Sequence[Any] | None] | None:
            answer = parse(body)
            if answer is None or not answer[1]:
                return answer
            if rows.are_as_asked(answer[1], partition, descending=self._descending):
                return answer
            kept = self._kept(body, answer[1])
            return None if kept is None else (answer[0], kept)

        return parse_rows

    def _kept(self, body: bytes | bytearray, rows: Sequence[Any]) -> Sequence[Any] | None:
        """Rows that are not as asked, as the codec would read them; None where it is to.

        Only the key of the table makes a row wrong: what an index holds of it may be stale.
        """
        return kept_rows_of(self._schema).compared(body, rows)

    def _asked(self, condition: Any) -> dict[str, Asked] | None:
        """What a condition asks of the attributes of the key; None where no item has such a key."""
        return self._schema.plans[self._name].asked(condition)

    @property
    def _rows(self) -> KeyRows:
        return self._schema.rows[self._name]

    def _is_of_entity(self) -> Condition | None:
        """What tells the rows of the entity from those of others.

        An index may hold less than whole items, and DynamoDB takes no filter by a mark that is not
        there: it is asked for where the keys of the table do not tell.
        """
        schema = self._schema
        marked = has_mark(schema)
        if self._name and schema.neighbours.are_told_by_key(schema):
            names = {field.attribute for field in self._key.fields}
            if names.isdisjoint(schema.place.table.key.names):
                return self._key_filter()
        return self._key_filter() if marked is None else marked

    def _key_filter(self) -> Condition | None:
        """What the keys of the table have in common, where no mark tells the entity."""
        of_query = set[str]() if self._is_scan else {field.attribute for field in self._key.fields}
        found: Condition | None = None
        for name in self._schema.place.table.key.names:
            begun = _beginning(name, self._schema.templates[name])
            if name not in of_query:
                found = both(found, begun)
        return found


@lru_cache(maxsize=64)
def kept_rows_of(schema: PlacedSchema[Any]) -> KeptRows:
    """What compares rows with the keys of the table that they are stored under."""
    return KeptRows(schema.place.table.key.names, schema.has_key, schema.decode)


def has_mark(schema: PlacedSchema[Any]) -> Condition | None:
    """That a row has the mark of an entity; None where there is none."""
    found: Condition | None = None
    for name, text in schema.place.mark:
        found = both(found, Comparison("=", path_to(name), Value({"S": text})))
    return found


def _beginning(attribute: str, template: Template) -> Condition | None:
    """What every text of a template has in common."""
    if not template.fields:
        return Comparison("=", path_to(attribute), Value({"S": template.prefix}))
    return (
        BeginsWith(path_to(attribute), Value({"S": template.prefix})) if template.prefix else None
    )
