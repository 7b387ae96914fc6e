"""The entities of one shared table: whose keys may be one, and what a query reads of others.

They are those of the repositories that are defined, which must not be able to make one key: an
item of one would replace an item of the other, and no mark tells of what is gone. Where the query
of one reads rows of the other, the writes of both ask for their mark.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, WeakSet

from dynrepo.errors import SchemaError
from dynrepo.templates.relations import begins_alike, check_collision, check_reach, reach

if TYPE_CHECKING:
    from pydantic import BaseModel

    from dynrepo.codec import Field
    from dynrepo.places.shared_table import Place, SharedTable
    from dynrepo.templates.key import TemplateKey


class Neighbour(Protocol):
    """A model in a place, as far as it concerns others in the table."""

    place: Place
    name: str
    """The model, or the models, in messages."""
    models: tuple[type[BaseModel], ...]
    ttl: Field | None
    asks_mark: bool | None
    """Whether writes ask for the mark; None where it is to be found out."""
    reached: dict[str, bool]
    """What is known of queries: whether they read rows of others, by the names of indexes."""

    @property
    def template_key(self) -> TemplateKey:
        """The templates of the table's key."""
        ...

    @property
    def template_keys(self) -> dict[str, TemplateKey]:
        """The templates of all keys, by DynamoDB's names of indexes; "" is the table."""
        ...


class Neighbours:
    """The schemas that live in one table, for as long as they are used."""

    def __init__(self) -> None:
        self._schemas: WeakSet[Neighbour] = WeakSet()
        self._told: WeakKeyDictionary[Neighbour, bool] = WeakKeyDictionary()

    def add(self, schema: Neighbour) -> None:
        """Takes a schema in; SchemaError where its items could not be told from others.

        So it is for an expiry by another attribute, which a table has one of.
        """
        with _lock:
            for other in self._others(schema):
                check_collision(schema.template_key, other.template_key)
                _check_mark(schema, other)
                _check_expiry(schema, other)
                if not schema.place.mark:
                    check_reach(schema.template_key, other.template_key)
                    check_reach(other.template_key, schema.template_key)
            self._schemas.add(schema)
            self._told.clear()
            for each in self._schemas:
                each.reached.clear()
                each.asks_mark = None

    def expiry(self, schema: Neighbour) -> Field | None:
        """The field by whose attribute items of the table expire, of whatever model."""
        with _lock:
            return next(filter(None, (each.ttl for each in (schema, *self._schemas))), None)

    def are_reached(self, schema: Neighbour, index: str = "") -> bool:
        """Whether a query of the table, or of an index by its name, may read rows of others."""
        known = schema.reached.get(index)
        if known is None:
            with _lock:
                known = schema.reached[index] = self._reach(schema, index)
        return known

    def are_told_by_key(self, schema: Neighbour) -> bool:
        """Whether no row of others has a key that begins as those of a schema do."""
        with _lock:
            if schema not in self._told:
                self._told[schema] = not any(
                    begins_alike(schema.template_key, other.template_key)
                    for other in self._others(schema)
                )
            return self._told[schema]

    def find_mark_asked(self, schema: Neighbour) -> bool:
        """Finds out whether a query of the table by the schema, or by others, reads both's rows."""
        with _lock:
            schema.asks_mark = bool(schema.place.mark) and (
                self.are_reached(schema)
                or any(
                    reach(other.template_key, schema.template_key) is not None
                    for other in self._others(schema)
                )
            )
            return schema.asks_mark

    def _reach(self, schema: Neighbour, index: str) -> bool:
        mine = schema.template_keys[index]
        others = [other.template_keys.get(index) for other in self._others(schema)]
        return any(other is not None and reach(mine, other) is not None for other in others)

    def _others(self, schema: Neighbour) -> list[Neighbour]:
        return [other for other in self._schemas if not _is_of_same(schema, other)]


def neighbours_in(table: type[SharedTable]) -> Neighbours:
    """The schemas that live in a table."""
    with _lock:
        if table not in _neighbours:
            _neighbours[table] = Neighbours()
        return _neighbours[table]


_lock = RLock()
_neighbours: WeakKeyDictionary[type[SharedTable], Neighbours] = WeakKeyDictionary()


def _is_of_same(schema: Neighbour, other: Neighbour) -> bool:
    """Whether two schemas are of one model in one place, as after a reload of its module."""
    return _has_same_name(schema, other) and schema.place == other.place


def _has_same_name(schema: Neighbour, other: Neighbour) -> bool:
    """Whether two schemas are of one model, in a place that may have been changed in between."""
    return _names(schema) == _names(other)


def _names(schema: Neighbour) -> set[tuple[str, str]]:
    return {(model.__module__, model.__qualname__) for model in schema.models}


def _check_mark(schema: Neighbour, other: Neighbour) -> None:
    """SchemaError for a mark that does not tell two models apart."""
    mark = schema.place.mark
    if mark and mark == other.place.mark and not _has_same_name(schema, other):
        raise SchemaError(
            f"{schema.name}: the mark of {schema.place.table.__name__} holds"
            f" {schema.place.entity!r} for {other.name} already, whose rows would be read"
            " as its own: give it another entity="
        )


def _check_expiry(schema: Neighbour, other: Neighbour) -> None:
    """SchemaError for two ends of life in a table.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
    """
    mine, others = schema.ttl, other.ttl
    if mine is not None and others is not None and mine.attribute != others.attribute:
        raise SchemaError(
            f"{mine.label}: a table has one attribute by which items expire, and {others.label}"
            f" gives {schema.place.table.__name__} {others.attribute}: store this one there too, by"
            f" Attribute({others.attribute!r})"
        )
