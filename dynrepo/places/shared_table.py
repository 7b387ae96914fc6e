"""A table that several models share: the names and types of its keys, and where an item lives.

A shared table knows no model. A repository says by templates over the fields of its model which
texts the items have in the attributes of the table's key and of its indexes::

    class Shop(SharedTable):
        table = "shop"
        key = Key("pk", "sk")
        gsi1 = Index("gsi1pk", "gsi1sk")
        mark = "_et"

    place = Shop.place(
        "USER#{user_id}", "PROFILE", entity="USER", by_mail=Shop.gsi1("MAIL#{email}", "USER")
    )

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-general-nosql-design.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple, TypeAlias

from dynrepo.errors import SchemaError
from dynrepo.places.changes import TableStream
from dynrepo.places.marks import mark_names, mark_of
from dynrepo.public import public
from dynrepo.schema.table_names import MAX_KEY_NAME, check_table_name, is_index_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KeyType: TypeAlias = Literal["S", "N", "B"]
"""What an attribute of a key holds: text, a number or bytes."""

_KEY_TYPES = ("S", "N", "B")


@public
@dataclass(frozen=True)
class Key:
    """The attributes that are the key of a shared table, and their types."""

    partition: str
    sort: str | None = None
    types: tuple[KeyType, ...] = ("S", "S")

    def __post_init__(self) -> None:
        for name in self.names:
            _check_attribute(name)
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

    `name` is DynamoDB's name of the index, where that is not the one that it has in the class. The
    templates of an entity are given by a call: `Shop.gsi1("STATUS#{status}", "{placed}")`.
    """

    name: str = ""

    def __set_name__(self, _owner: type[Any], name: str) -> None:
        if not self.name:
            object.__setattr__(self, "name", name)

    def __call__(self, partition: str, sort: str | None = None) -> IndexPlace:
        """Where the items of an entity stand in the index."""
        return IndexPlace(self, _templates(f"the index {self.name}", self, partition, sort))


class IndexPlace(NamedTuple):
    """Where the items of an entity stand in an index: a template for each attribute of its key."""

    key: Index
    templates: tuple[str, ...]


@public
class Place(NamedTuple):
    """Where the items of an entity live in a shared table.

    `templates` are those of the attributes of the table's key. `indexes` are the places in indexes
    by the names under which the repository asks for them. `mark` has the constant attributes that
    tell the items of the entity from others, `entity` is its name. `lossy` says that values which
    make one key are to be one item, `stored` that the fields of the key are attributes too.
    """

    table: type[SharedTable]
    templates: tuple[str, ...]
    indexes: tuple[tuple[str, IndexPlace], ...] = ()
    entity: str = ""
    mark: tuple[tuple[str, str], ...] = ()
    lossy: bool = False
    stored: bool = True

    @property
    def by_attribute(self) -> dict[str, str]:
        """The template of each attribute that is written, those of the table's key first."""
        return {name: template for _, name, template in self._written()}

    def _written(self) -> Iterator[tuple[str, str, str]]:
        """Key or index, attribute, template."""
        for name, template in zip(self.table.key.names, self.templates, strict=True):
            yield "the key", name, template
        for alias, (index, templates) in self.indexes:
            for name, template in zip(index.names, templates, strict=True):
                yield alias, name, template

    def check(self) -> None:
        """SchemaError for an attribute that two templates would write."""
        found: dict[str, tuple[str, str]] = {}
        for owner, name, template in self._written():
            other, first = found.setdefault(name, (owner, template))
            if first != template:
                raise SchemaError(
                    f"{self.table.__name__}.place: {other} and {owner} write {name} by two"
                    " templates: give it the same one in both"
                )


@public
class SharedTable(TableStream):
    """A table for several models: the base of classes that declare one.

    `key` is the key of the table, and each `Index` in the class one of its indexes. `mark` is the
    attribute that holds the name of an item's entity, several where other programs write several,
    None where the templates tell the entities apart.
    """

    table: ClassVar[str]
    """The table's name, without the store's prefix."""

    key: ClassVar[Key]
    """The attributes of the table's key."""

    mark: ClassVar[str | tuple[str, ...] | None] = None
    """The attributes that tell of what entity an item is."""

    indexes: ClassVar[Mapping[str, Index]] = {}
    """The indexes of the table, by DynamoDB's names."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        check_table_name(cls.__name__, getattr(cls, "table", None))
        key: object = getattr(cls, "key", None)
        if type(key) is not Key:
            raise SchemaError(
                f'{cls.__name__} needs the attributes of its key, as in `key = Key("pk", "sk")`'
            )
        declared = {name: getattr(cls, name) for name in dir(cls)}
        cls.indexes = {index.name: index for index in declared.values() if isinstance(index, Index)}
        _check_indexes(cls, declared)
        marks = set(mark_names(cls.__name__, cls.mark))
        for name in marks:
            _check_attribute(name)
        for key in (cls.key, *cls.indexes.values()):
            if marks & {*key.names}:
                raise SchemaError(f"{cls.__name__}: a mark is an attribute that is no key")

    def __init__(self) -> None:
        raise SchemaError(
            f"{type(self).__name__} is declared, not made: a repository says"
            f" `place = {type(self).__name__}.place(...)`"
        )

    @classmethod
    def place(
        cls,
        partition: str,
        sort: str | None = None,
        *,
        entity: str | Mapping[str, str] = "",
        lossy: bool = False,
        stored: bool = True,
        **indexes: IndexPlace,
    ) -> Place:
        """Where the items of an entity live: a template for each attribute of the table's key.

        `entity` names the entity, and is what the mark holds: a mapping by attribute where there
        are several. `indexes` are the places in indexes, by names of the repository's own. With
        `lossy` the key may be made of forms that fold values, as `{email:lower}`: two spellings are
        then one item. The fields of the key are stored as attributes too; with `stored=False` they
        are in the texts of the table's key alone, and read from there.
        """
        name = f"{cls.__name__}.place"
        if cls is SharedTable:
            raise SchemaError(f"{name} is called on a table: declare `class Shop(SharedTable)`")
        mark = mark_of(cls.__name__, mark_names(cls.__name__, cls.mark), entity)
        for alias, index in indexes.items():
            _check_index(cls, alias, index)
        place = Place(
            cls,
            _templates(name, cls.key, partition, sort),
            tuple(indexes.items()),
            entity if isinstance(entity, str) else "/".join(entity.values()),
            mark,
            lossy,
            stored,
        )
        place.check()
        return place


def _check_attribute(name: object) -> None:
    if not isinstance(name, str) or not 0 < len(name.encode()) <= MAX_KEY_NAME:
        raise SchemaError(f"the name of a key or mark is a text of 1 to {MAX_KEY_NAME} bytes")


def _check_indexes(table: type[SharedTable], declared: Mapping[str, object]) -> None:
    """SchemaError for a name that is none, and for an attribute that has two types."""
    for name, key in declared.items():
        if type(key) is Key and name != "key":
            raise SchemaError(
                f"{table.__name__}.{name} is a Key, of which a table has one, under `key`: an"
                " index is an Index(...)"
            )
    for name in table.indexes:
        if not is_index_name(name):
            raise SchemaError(
                f"{table.__name__}.{name}: the name of an index has 3 to 255 letters, digits, _, -"
                " or .: give it as Index(..., name=...)"
            )
    types: dict[str, KeyType] = {}
    for key in (table.key, *table.indexes.values()):
        for name, tag in key.typed_names.items():
            if types.setdefault(name, tag) != tag:
                raise SchemaError(
                    f"{table.__name__}: {name} has two types: {types[name]} and {tag}"
                )


def _check_index(table: type[SharedTable], alias: str, index: object) -> None:
    if not isinstance(index, IndexPlace):
        raise SchemaError(
            f"{table.__name__}.place: {alias} is no place in an index, as"
            f' `{alias}={table.__name__}.gsi1("...")`'
        )
    if table.indexes.get(index.key.name) is not index.key:
        raise SchemaError(f"{table.__name__}.place: {alias} is an index of another table")


def _templates(owner: str, key: Key, *given: object) -> tuple[str, ...]:
    """The templates of a key; SchemaError unless there is one for each attribute."""
    templates = tuple(template for template in given if isinstance(template, str))
    count = len(key.names)
    if len(templates) != count or given[:count] != templates:
        names = " and ".join(key.names)
        raise SchemaError(
            f"{owner} takes a template, which is a text, for each attribute of the key: {names}"
        )
    return templates


def is_place(repository: str, found: object) -> bool:
    """Whether what a repository has as `place` is one; SchemaError for what only was meant to be.

    Anything else is the repository's own, as a method of that name.
    """
    if isinstance(found, Place):
        return True
    table = getattr(found, "__self__", found)
    if isinstance(found, Key | IndexPlace) or (
        isinstance(table, type) and issubclass(table, SharedTable)
    ):
        raise SchemaError(
            f"{repository}: its place is what a call gives: `place = Shop.place(...)`"
        )
    return False
