"""The writes of a transaction in a repository with unique values, with those of their guards.

Nothing is read before them. So each is one of which it is known what is stored, if it is to be made
at all: nothing, or what an instance has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from dynrepo.codec.value import canonical_item
from dynrepo.expressions.trees import actions_of, attribute_of, target_of
from dynrepo.operations.claims import Guards, Outdated, guarded, required

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from dynrepo.codec import Item
    from dynrepo.errors import DynrepoError
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Operation, Refusal
    from dynrepo.operations.unique_values import UniqueValues

R = TypeVar("R")


def guarded_part(
    mapper: Mapper[Any], unique: UniqueValues, verb: str, write: Operation[R], key: Any
) -> Operation[R]:
    """A write of a verb, whose item or key is given, with those of its guards.

    ValueError, with the cure, where it is not known which these are.
    """
    unique.check_key(mapper.schema.key(key))
    part: Operation[R] = _PARTS[verb](mapper, unique, write, key)
    return part


def guard_keys(unique: UniqueValues, write: Operation[Any]) -> set[Hashable]:
    """The keys of the guards that a write is made together with."""
    names = [name for name, _ in unique.guards.types]
    written = [part.request.get("Key") or part.request["Item"] for part in write.parts]
    table = unique.guards.table
    return {(table, canonical_item({name: item[name] for name in names})) for item in written}


def _create(
    mapper: Mapper[Any], unique: UniqueValues, create: Operation[R], _item: Any
) -> Operation[R]:
    new = create.request["Item"]
    guards = Guards(mapper, unique, mapper.schema.key_of(new)).between({}, new)
    return create.replaced(parts=tuple(guards))


def _set(
    mapper: Mapper[Any], _unique: UniqueValues, _put: Operation[R], _item: Any
) -> Operation[R]:
    raise ValueError(
        f"{mapper.table}: a transaction does not know which unique values a set replaces: create"
        " the item, or save it where they stay as they are, or set it alone"
    )


def _save(mapper: Mapper[Any], unique: UniqueValues, save: Operation[R], item: Any) -> Operation[R]:
    stored: Item = mapper.schema.encode(item)
    return _told(mapper, required(mapper, unique, save, stored), _SAVE)


def _update(
    mapper: Mapper[Any], unique: UniqueValues, update: Operation[R], _key: Any
) -> Operation[R]:
    changes: Any = update.expressions["UpdateExpression"]
    for action in actions_of(changes):
        if attribute_of(target_of(action)) in unique.watched:
            raise ValueError(
                f"{mapper.table}: a transaction does not know which unique value, or end of life"
                " beside one, an update replaces: update the item alone, or edit it"
            )
    return update


def _upsert(
    mapper: Mapper[Any], unique: UniqueValues, upsert: Operation[R], key: Any
) -> Operation[R]:
    if unique.is_of_key:
        raise ValueError(
            f"{mapper.table}: a transaction does not know whether an upsert makes an item, with the"
            " unique value that its key has: create the item, or update one that is there"
        )
    return _update(mapper, unique, upsert, key)


def _delete(
    mapper: Mapper[Any], unique: UniqueValues, delete: Operation[R], key: Any
) -> Operation[R]:
    if not isinstance(key, mapper.schema.models):
        raise ValueError(  # noqa: TRY004 - a key is a value
            f"{mapper.table}: a transaction does not know which unique values a key has: delete the"
            " instance that was read, or delete the key alone"
        )
    stored = mapper.schema.encode(key)
    return _told(mapper, guarded(mapper, unique, delete, stored, {}), _DELETE)


def _check(
    _mapper: Mapper[Any], _unique: UniqueValues, check: Operation[R], _key: Any
) -> Operation[R]:
    return check


_SAVE = (
    "a save in a transaction leaves the unique values, and the end of life beside them, as they"
    " are, and others are stored: save the item alone"
)
_DELETE = "the stored item has other unique values, or another end of life, than the one deleted"


def _told(mapper: Mapper[Any], write: Operation[R], reason: str) -> Operation[R]:
    """A write whose refusal says for what reason it is, where what is stored is another."""
    refuse: Any = write.refusal

    def refusal(how: Refusal) -> DynrepoError:
        error: DynrepoError = refuse(how)
        return error.plain(mapper, reason) if isinstance(error, Outdated) else error

    return write.replaced(refusal=refusal)


_PARTS: dict[str, Callable[[Mapper[Any], UniqueValues, Any, Any], Any]] = {
    "create": _create,
    "set": _set,
    "save": _save,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "check": _check,
}
