"""The operations on single items that write no item: delete, and a check of one.

Each is also a part that a transaction can be made of.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel

from dynrepo.expressions.trees import Tree, both, render
from dynrepo.opaque import OpaquePartial
from dynrepo.operations.marks import OTHERS, own_or_none
from dynrepo.operations.operation import Answer, Effect, Operation, new_operation, nothing
from dynrepo.operations.refused import REFUSED, STALE, refusal_of
from dynrepo.operations.stamps import is_version, version_is
from dynrepo.operations.writes import conditional, of_key

if TYPE_CHECKING:
    from dynrepo.codec import Item
    from dynrepo.errors import ConditionFailed
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper

T = TypeVar("T", bound=BaseModel)


def delete_item(
    mapper: Mapper[T], key: Any, *, condition: Condition | None = None
) -> Operation[T | None]:
    """Deletes the item under a key and returns it; of an instance, only the version it is.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteItem.html
    """
    version = version_is(mapper, key) if isinstance(key, mapper.schema.models) else None
    holds = both(None if version is None else mapper.does_not_exist | version, condition)
    required = both(own_or_none(mapper), holds)
    trees: dict[str, Tree] = {} if required is None else {"ConditionExpression": required}
    stored_key = mapper.schema.key(key)
    request = {
        "TableName": mapper.table,
        "Key": stored_key,
        "ReturnValues": "ALL_OLD",
        **conditional(render(trees)),
    }
    versioned = key if version is not None else None
    return new_operation(
        "DeleteItem",
        mapper.table,
        request,
        OpaquePartial(deleted_item, mapper),
        Effect.REPEATABLE if holds is None else Effect.ONCE,
        parse=mapper.asked(mapper.parse_attributes, stored_key)
        if mapper.schema.added
        else mapper.parse_attributes,
        expressions=trees,
        refusal=OpaquePartial(
            refusal_of, mapper, OpaquePartial(_refused, mapper, versioned, condition)
        )
        if trees
        else None,
        accepts=of_key(mapper, stored_key),
        entity=mapper.schema.entity,
    )


def _refused(
    mapper: Mapper[T], versioned: T | None, condition: Condition | None, item: Item | None
) -> tuple[type[ConditionFailed], str]:
    """Why a delete was refused; an instance with a version is given where that was asked for."""
    if versioned is None:
        return OTHERS if condition is None else REFUSED
    # Where no item is shown, only the caller's own condition is another reason.
    stale = not is_version(mapper, item, versioned) if item else condition is None
    return STALE if stale else REFUSED


def check_item(mapper: Mapper[T], key: Any, condition: Condition) -> Operation[None]:
    """Makes sure of an item without writing it; only as a part of a transaction.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ConditionCheck.html
    """
    own = own_or_none(mapper)
    required = condition if own is None else own & condition
    trees: dict[str, Tree] = {"ConditionExpression": required}
    return Operation(
        "ConditionCheck",
        mapper.table,
        {"TableName": mapper.table, "Key": mapper.schema.key(key), **conditional(render(trees))},
        nothing,
        expressions=trees,
        refusal=partial(refusal_of, mapper, lambda _: REFUSED),
        entity=mapper.schema.entity,
    )


def deleted_item(mapper: Mapper[T], answer: Answer) -> T | None:
    """The item that is no more; None when there was none."""
    if answer.items is not None:
        return answer.items[0]  # type: ignore[no-any-return]
    stored = answer.body.get("Attributes")
    return mapper.decode_written(stored) if stored else None
