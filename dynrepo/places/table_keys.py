"""The keys of a shared table and of its indexes: the names and types of their attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from dynrepo.errors import SchemaError
from dynrepo.public import public
from dynrepo.schema.table_names import MAX_KEY_NAME

KeyType: TypeAlias = Literal["S", "N", "B"]
"""What an attribute of a key holds: text, a number or bytes."""

_KEY_TYPES = ("S", "N", "B")


@public
@dataclass(frozen=True)
class Key:
    """The attributes that are the key of a shared table, and their types.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.CoreComponents.html

    Args:
        partition: The name of the attribute that is the partition key, of 1 to 255 bytes.
        sort: That of the sort key; None for a table without one.
        types: What each holds: "S" text, "N" a number, "B" bytes. An attribute that is no text
            takes one field of this type and nothing else.

    Raises:
        SchemaError: A name is none, both are one, or there is not a type for each.
    """

    partition: str
    sort: str | None = None
    types: tuple[KeyType, ...] = ("S", "S")

    def __post_init__(self) -> None:
        for name in self.names:
            check_attribute(name)
        if self.partition == self.sort:
            raise SchemaError(f"{self.partition} is given for both attributes of a key")
        types: tuple[Any, ...] = self.types if type(self.types) is tuple else ()
        if len(types) < len(self.names) or not all(each in _KEY_TYPES for each in types):
            raise SchemaError(
                f"the types of the key {', '.join(self.names)} are a tuple with one of"
                f" {', '.join(_KEY_TYPES)} for each attribute"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the attributes, partition first."""
        return (self.partition,) if self.sort is None else (self.partition, self.sort)

    @property
    def typed_names(self) -> dict[str, KeyType]:
        """The types of the attributes by name, partition first."""
        return dict(zip(self.names, self.types, strict=False))


@public
@dataclass(frozen=True)
class Index(Key):
    """The attributes that are the key of a global index of a shared table.

    It is called with the templates of an entity: `Shop.gsi1("STATUS#{status}", "{placed}")`. An
    item without a value for one of their fields is not in the index.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html

    Args:
        partition: As in `Key`; an attribute may be in several keys, by one type.
        sort: As in `Key`.
        types: As in `Key`.
        name: DynamoDB's name of the index, of 3 to 255 letters, digits, `_`, `-` and `.`; where
            nothing is said, that of the attribute of the class.

    Raises:
        SchemaError: As of `Key`.
    """

    name: str = ""

    def __set_name__(self, _owner: type[Any], name: str) -> None:
        if not self.name:
            object.__setattr__(self, "name", name)

    def __call__(self, partition: str, sort: str | None = None) -> IndexPlace:
        """Where the items of an entity stand in the index.

        Args:
            partition: The template of the partition key.
            sort: That of the sort key, where the index has one.

        Returns:
            A place, for `SharedTable.place`.

        Raises:
            SchemaError: There is not one text for each attribute.
        """
        return IndexPlace(self, templates_of(f"the index {self.name}", self, partition, sort))


class IndexPlace(NamedTuple):
    """Where the items of an entity stand in an index: a template for each attribute of its key."""

    key: Index
    templates: tuple[str, ...]


def check_attribute(name: object) -> None:
    """SchemaError for what cannot be the name of an attribute."""
    if not isinstance(name, str) or not 0 < len(name.encode()) <= MAX_KEY_NAME:
        raise SchemaError(f"the name of a key or mark is a text of 1 to {MAX_KEY_NAME} bytes")


def templates_of(owner: str, key: Key, *given: object) -> tuple[str, ...]:
    """The templates of a key; SchemaError unless there is one for each attribute."""
    templates = tuple(template for template in given if isinstance(template, str))
    count = len(key.names)
    if len(templates) != count or given[:count] != templates:
        names = " and ".join(key.names)
        raise SchemaError(
            f"{owner} takes a template, which is a text, for each attribute of the key: {names}"
        )
    return templates
