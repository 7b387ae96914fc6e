"""Several models whose items one query of a shared table reads together.

They have partitions of one shape, in the table or in an index. A row is told by the mark, where the
table has one, and an answer then becomes instances in one pass; without a mark it is told by the
table's key, and read by the codec.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.core_schemas import ANY, CoreSchema, PartParser, either
from dynrepo.errors import CodecError
from dynrepo.expressions.key_conditions import asked_in, condition_of
from dynrepo.interruption import pass_interruption
from dynrepo.templates.beginnings import SharedBeginning, SharedGrammar, are_alike
from dynrepo.templates.grammar import TemplateAttribute

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.codec.core_schemas import Parse
    from dynrepo.expressions.nodes import Condition
    from dynrepo.places.schema import PlacedSchema
    from dynrepo.schema.keys import KeySchema
    from dynrepo.templates.asked import Asked
    from dynrepo.templates.key import TemplateKey


class Collection:
    """The models of a shared table that are read together; the first says what is asked."""

    def __init__(self, schemas: Sequence[PlacedSchema[Any]]) -> None:
        self.schemas = tuple(schemas)
        self.name = " | ".join(schema.name for schema in schemas)
        """The models in messages."""
        self.is_marked = bool(schemas[0].place.mark)
        """Whether the mark tells of which model a row is; no two have the same one."""
        classes = [model for schema in schemas for model in schema.models]
        self._has_distinct = len(set(classes)) == len(classes)
        self._parsers: dict[tuple[bool, ...], Parse | None] = {}
        self.grammar = lru_cache(maxsize=None)(self._grammar)
        """What a query may ask of a key, by DynamoDB's name of the index; "" is the table."""

    def number_of(self, item: Item) -> int | None:
        """Which of the models a row is of, by their order; None where it is of none."""
        is_of = self._has_mark if self.is_marked else _has_key
        found = (number for number, each in enumerate(self.schemas) if is_of(each, item))
        return next(found, None)

    def parser(self, by_codec: tuple[bool, ...]) -> Parse | None:
        """What makes an answer from its text, with a row that is no instance left as it is stored.

        The rows of models that are read `by_codec` are left so, too. None where all are.
        """
        if by_codec not in self._parsers:
            self._parsers[by_codec] = self._parser(by_codec)
        return self._parsers[by_codec]

    def rows(self, name: str) -> CollectionRows:
        """What tells that rows are of a key, by DynamoDB's name of the index."""
        return CollectionRows(self, name)

    def asked_of_each(
        self, index: str | None, condition: Condition
    ) -> list[tuple[Condition | None, str | None]]:
        """A condition in the fields of each of the models, and the name of the index there.

        Both are given as the first has them, and are those of a query of all.
        """
        first = self.schemas[0]
        name = "" if index is None else first.indexes[index].name
        grammar = self.grammar(name)
        asked = asked_in(condition, first.fields, grammar)
        return [
            (self._renamed(asked, grammar, schema, name), _alias(schema, name))
            for schema in self.schemas
        ]

    def _renamed(
        self,
        asked: Mapping[str, Asked],
        grammar: SharedGrammar,
        schema: PlacedSchema[Any],
        name: str,
    ) -> Condition | None:
        """The condition of what is asked of the fields of the first, in those of another model."""
        key, fields = self._key(schema, name), {field.name: field for field in schema.fields}
        renamed: dict[str, Asked] = {}
        for mine, template in zip(grammar.parts, key.templates, strict=True):
            # Of the sort key there are no more than all have alike.
            for station, own in zip(mine, TemplateAttribute("", template).stations, strict=False):
                if station.name in asked:
                    renamed[fields[own.name].attribute] = asked[station.name]
        return condition_of(renamed)

    def _parser(self, by_codec: tuple[bool, ...]) -> Parse | None:
        if not (self.is_marked and self._has_distinct):
            return None
        pairs = zip(self.schemas, by_codec, strict=True)
        schemas = [None if is_left else each.accelerated for each, is_left in pairs]
        if not any(schemas):
            return None
        kinds = [
            _MarkedRows(each.place.mark, schema or ANY)
            for each, schema in zip(self.schemas, schemas, strict=True)
        ]
        row = either(_told_by_mark(kinds), ANY)
        try:
            return PartParser("Items", {"type": "list", "items_schema": row}, list, required=False)
        except Exception as error:  # noqa: BLE001 - the schemas of pydantic-core may change
            pass_interruption(error)
            return None

    def _grammar(self, name: str) -> SharedGrammar:
        first, *others = [self._key(schema, name) for schema in self.schemas]
        for key, schema in zip(others, self.schemas[1:], strict=True):
            if not are_alike(first.partition, key.partition):
                raise ValueError(
                    f"{self.name}: {first.partition.label} makes other partitions than"
                    f" {schema.name}'s {key.partition.text!r}: what is read together lies in one"
                )
        fields = self._key_schema(name).fields
        sorts = [key.sort for key in others if key.sort is not None]
        beginning = (
            None if first.sort is None else SharedBeginning(fields[1].attribute, first.sort, sorts)
        )
        partition = TemplateAttribute(fields[0].attribute, first.partition)
        return SharedGrammar(self.name, partition, beginning)

    def _key(self, schema: PlacedSchema[Any], name: str) -> TemplateKey:
        key = schema.template_keys.get(name)
        if key is None:
            raise ValueError(f"{self.name}: {schema.name} has no place in the index {name}")
        return key

    def _key_schema(self, name: str) -> KeySchema:
        first = self.schemas[0]
        keys = (first.key_schema, *first.indexes.values())
        return next(key for key in keys if key.name == name)

    @staticmethod
    def _has_mark(schema: PlacedSchema[Any], item: Item) -> bool:
        return all(item.get(name) == {"S": text} for name, text in schema.place.mark)


class CollectionRows:
    """Whether instances of several models can be the rows of one partition, in their order."""

    def __init__(self, collection: Collection, name: str) -> None:
        self._members = [
            (frozenset[type](schema.models), schema.rows[name]) for schema in collection.schemas
        ]

    def are_as_asked(
        self, rows: Sequence[Any], partition: AttributeValue, *, descending: bool
    ) -> bool:
        """Whether those of each model are of a partition, each after the one before."""
        return all(
            each.are_as_asked(
                [row for row in rows if type(row) in models], partition, descending=descending
            )
            for models, each in self._members
        )


def collection_of(schemas: Sequence[PlacedSchema[Any]]) -> Collection:
    """The models that are read together, laid out once and held by the first."""
    first, *others = schemas
    known: Collection | None = first.collections.get(tuple(others))
    if known is None:
        known = first.collections[tuple(others)] = Collection(schemas)
    return known


class _MarkedRows(NamedTuple):
    """A model by the rest of its mark, and the core schema of its rows."""

    mark: tuple[tuple[str, str], ...]
    schema: CoreSchema


def _told_by_mark(kinds: Sequence[_MarkedRows]) -> CoreSchema:
    """The schema that reads a row by that of its model, told by one attribute after the other."""
    attribute = kinds[0].mark[0][0]
    choices: dict[str, CoreSchema] = {}
    for text in dict.fromkeys(kind.mark[0][1] for kind in kinds):
        rest = [_MarkedRows(mark[1:], schema) for mark, schema in kinds if mark[0][1] == text]
        choices[text] = _told_by_mark(rest) if rest[0].mark else rest[0].schema
    return {"type": "tagged-union", "discriminator": [attribute, "S"], "choices": choices}


def _alias(schema: PlacedSchema[Any], name: str) -> str | None:
    """The name of an index in a repository; None for the table."""
    return next((alias for alias, key in schema.indexes.items() if key.name == name), None)


def _has_key(schema: PlacedSchema[Any], item: Item) -> bool:
    """Whether the key of a row is one that the templates make."""
    try:
        schema.texts.read(item)
    except (CodecError, KeyError):
        return False
    return True
