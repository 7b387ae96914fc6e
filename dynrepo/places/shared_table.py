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

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from dynrepo.errors import SchemaError
from dynrepo.places.changes import TableStream
from dynrepo.places.marks import mark_names, mark_of
from dynrepo.places.table_keys import (
    Index,
    IndexPlace,
    Key,
    KeyType,
    check_attribute,
    templates_of,
)
from dynrepo.public import public
from dynrepo.schema.table_names import check_table_name, is_index_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@public
class Place(NamedTuple):
    """Where the items of an entity live in a shared table: what `SharedTable.place` returns.

    A value: equal ones are one place, which repositories of both faces may have.

    Attributes:
        table: The class of the shared table.
        templates: Those of the attributes of the table's key.
        indexes: The places in indexes by the names under which the repository asks for them.
        entity: The name of the entity.
        mark: The constant attributes that tell the items of the entity from others.
        lossy: Whether values which make one key are to be one item.
        stored: Whether the fields of the key are attributes too.
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
    """A table for several models: the base of classes that declare one, which are not made.

    ```python
    class Shop(SharedTable):
        table = "shop"
        key = Key("pk", "sk")
        gsi1 = Index("gsi1pk", "gsi1sk")
        mark = "_et"
    ```

    `key` is the key of the table, and each `Index` in the class one of its global indexes, of which
    DynamoDB allows 20 by default. `mark` is the attribute that holds the name of an item's entity,
    a tuple of several where other programs write several, None where the templates tell the
    entities apart. A subclass of such a class is a table with the same keys and a name of its own.
    Any repository of the table makes it with all of its indexes: `ensure_table`, `create_table`.
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-general-nosql-design.html

    Raises:
        SchemaError: A class is declared that cannot be a table, or one is called for an instance.
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
        cls.indexes = {each.name: each for each in declared.values() if isinstance(each, Index)}
        _check_indexes(cls, declared)
        marks = set(mark_names(cls.__name__, cls.mark))
        for name in marks:
            check_attribute(name)
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

        A template is text with fields of the model in braces, each with one form at most, as in
        `ORDER#{placed}#{number:08d}`. What it makes has 2,048 bytes at most in UTF-8, and 1,024 as
        a sort key.

        Args:
            partition: The template of the partition key.
            sort: That of the sort key, where the table has one.
            entity: The name of the entity, which the mark holds and log lines have: a mapping by
                attribute where the mark has several, and the model's name where nothing is said.
            lossy: Whether the key may be made of forms that fold values, as `{email:lower}`: two
                spellings are then one item.
            stored: Whether the fields of the key are stored as attributes too; else they are in
                the texts of the table's key alone, and read from there.
            indexes: The places in indexes, as `by_mail=Shop.gsi1("MAIL#{email}", "USER")`, by names
                of the repository's own, which `query(index=...)` takes.

        Returns:
            A place, for the attribute `place` of a repository.

        Raises:
            SchemaError: There is not one text for each attribute, or not what the mark holds, or
                two templates would write one attribute. Templates are compared with the fields of
                a model, and with those of other models in the table, where a repository is defined.
        """
        name = f"{cls.__name__}.place"
        if cls is SharedTable:
            raise SchemaError(f"{name} is called on a table: declare `class Shop(SharedTable)`")
        mark = mark_of(cls.__name__, mark_names(cls.__name__, cls.mark), entity)
        for alias, index in indexes.items():
            _check_index(cls, alias, index)
        place = Place(
            cls,
            templates_of(name, cls.key, partition, sort),
            tuple(indexes.items()),
            entity if isinstance(entity, str) else "/".join(entity.values()),
            mark,
            lossy,
            stored,
        )
        place.check()
        return place


def _check_indexes(table: type[SharedTable], declared: Mapping[str, object]) -> None:
    """SchemaError for a name that is none, and for an attribute that has two types."""
    for name, key in declared.items():
        if type(key) is Key and name != "key":
            raise SchemaError(
                f"{table.__name__}.{name} is a Key, of which a table has one, under `key`: an"
                " index is an Index(...)"
            )
        if isinstance(key, Index) and table.indexes[key.name] is not key:
            raise SchemaError(f"{table.__name__}: two indexes have the name {key.name}")
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
