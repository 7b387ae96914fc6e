"""The names that other libraries have for verbs, and what is written here instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

VERBS: Mapping[str, str] = {
    **dict.fromkeys(("put", "put_item", "replace", "store_item"), "set(item)"),
    **dict.fromkeys(("insert", "add", "new", "create_item"), "create(item)"),
    **dict.fromkeys(("upsert", "persist", "merge"), "save(item), or update(..., upsert=True)"),
    **dict.fromkeys(("patch", "update_item", "increment"), "update(key, fields.x.set(1))"),
    **dict.fromkeys(("remove", "delete_item", "destroy", "discard"), "delete(key)"),
    **dict.fromkeys(("get_item", "fetch", "load", "find_one", "get_by_id"), "get(key)"),
    **dict.fromkeys(("get_or_raise", "one", "get_or_404"), "require(key)"),
    **dict.fromkeys(("has", "contains"), "exists(key)"),
    **dict.fromkeys(("batch_get", "get_all", "mget", "find_many"), "get_many([key])"),
    **dict.fromkeys(("put_many", "save_many", "create_many", "bulk_write"), "set_many([item])"),
    **dict.fromkeys(("batch_write", "writer", "batch_writer"), "batch() with a block"),
    **dict.fromkeys(("remove_many", "delete_all", "truncate"), "delete_many([key])"),
    **dict.fromkeys(
        ("transact", "transact_write", "atomic", "begin"), "transaction() with a block"
    ),
    **dict.fromkeys(("transact_get", "get_transaction"), "get_together(lookup(key))"),
    **dict.fromkeys(
        ("find", "filter", "where", "search", "select", "find_by", "filter_by"),
        "query(fields.x == 1), or scan(where=fields.x == 1)",
    ),
    **dict.fromkeys(("list", "all", "find_all", "items", "iter"), "scan().all()"),
    **dict.fromkeys(("count", "first", "keys", "page", "pages"), "scan().{name}()"),
    **dict.fromkeys(("limit", "order_by", "sort", "offset"), "query(fields.x == 1, limit=3)"),
    **dict.fromkeys(("create_tables", "make_table", "migrate", "create_all"), "ensure_table()"),
    **dict.fromkeys(("delete_table", "drop"), 'drop_table(confirm="name")'),
}
"""What to write for what a repository is asked for and has not, by name."""

_ALONE = "{name}() of the repository, beside the block"

WRITES: Mapping[str, str] = {
    **dict.fromkeys(("put", "put_item", "replace"), "set(...)"),
    **dict.fromkeys(
        ("insert", "add", "create"), "create(...) in a transaction, set(...) in a batch"
    ),
    **dict.fromkeys(("remove", "delete_item"), "delete(...)"),
    **dict.fromkeys(("condition_check", "require_that"), "check(orders, key, fields.x == 1)"),
    **dict.fromkeys(("get", "get_many", "query", "scan", "exists", "require"), _ALONE),
    **dict.fromkeys(("update", "edit", "save"), _ALONE),
    **dict.fromkeys(("commit", "execute", "flush", "send", "close"), "nothing: the block sends"),
    **dict.fromkeys(
        ("rollback", "cancel", "abort"), "raise in the block, which then sends nothing"
    ),
}
"""The same of a transaction or a batch."""

QUERY: Mapping[str, str] = {
    **dict.fromkeys(("filter", "where_", "filter_by"), "query(fields.x == 1, where=fields.y > 2)"),
    **dict.fromkeys(("limit", "take", "top", "head"), "query(fields.x == 1, limit=3)"),
    **dict.fromkeys(
        ("order_by", "sort", "reverse", "desc", "reversed"),
        "query(fields.x == 1, descending=True)",
    ),
    **dict.fromkeys(("using_index", "use_index"), 'query(fields.x == 1, index="by_x")'),
    **dict.fromkeys(("one", "get", "one_or_none", "scalar", "last"), "query(...).first()"),
    **dict.fromkeys(("to_list", "list", "fetch", "items", "fetchall"), "query(...).all()"),
    **dict.fromkeys(("len", "size", "length"), "query(...).count()"),
    **dict.fromkeys(("offset", "skip", "paginate", "next"), "query(...).page(20, after=cursor)"),
    **dict.fromkeys(("select", "values", "project"), "query(...).only(SmallerModel)"),
    **dict.fromkeys(("delete", "remove"), "delete_many(query(...).keys())"),
}
"""The same of a query, which is told all of it at once."""


class NamesSynonyms:
    """Says of a name that it has not what to write instead, in the AttributeError."""

    __slots__ = ()

    if TYPE_CHECKING:
        _synonyms: ClassVar[Mapping[str, str]]
    else:
        _synonyms = VERBS

        def __getattr__(self, name: str) -> NoReturn:
            if hasattr(type(self), name):  # a property of it raised the AttributeError
                return object.__getattribute__(self, name)
            cure = self._instead_of(name)
            reason = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(reason + (cure and f": write {cure}"), name=name, obj=self)

        def _instead_of(self, name: str) -> str:
            return self._synonyms.get(name, "").format(name=name)


class NamesFields(NamesSynonyms):
    """The same for a repository, which is asked for the fields of its items, too."""

    __slots__ = ()

    if not TYPE_CHECKING:

        def _instead_of(self, name: str) -> str:
            if has_field(getattr(type(self), "schema", None), name):
                return f"fields.{name} for the field, get(key).{name} for its value in an item"
            return super()._instead_of(name)


class UnreadQuery(NamesSynonyms):
    """The same for a query, of which nothing is known before it is read."""

    __slots__ = ()

    _query: ClassVar[str] = "query"
    """How a query is read, before the dot."""

    if not TYPE_CHECKING:  # checkers know that it has none of these
        _synonyms = QUERY

        def __len__(self) -> NoReturn:
            raise self._unread("has no length", "count()")

        def __bool__(self) -> NoReturn:
            raise self._unread("has no truth", "first() is not None")

        def __getitem__(self, item: object) -> NoReturn:
            raise self._unread("has no items to count off", "first(), or all()")

        def _unread(self, reason: str, cure: str) -> TypeError:
            return TypeError(f"a query {reason} before it is read: write {self._query}.{cure}")

        def _instead_of(self, name: str) -> str:
            if has_field(self.mapper.schema, name):
                return f"{self._query}.first(), and take {name} of the item, unless it is None"
            return super()._instead_of(name)


def has_field(schema: Any, name: str) -> bool:
    """Whether a schema has a field of a name; false where there is no schema."""
    return schema is not None and any(field.name == name for field in schema.fields)
