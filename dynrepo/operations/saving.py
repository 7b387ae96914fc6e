"""What `save` sends: an update that sets the declared attributes, by a text that is made once.

Items that have the same attributes are saved by the same text, with other values in it. So the
trees are written down for the first of them only, and made again when they are asked for.

An update that only removes makes no item in DynamoDB, which one without any action does; other
engines make one by both. So a save that only removes requires the item, and another request makes
it where there is none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from pydantic import BaseModel

from dynrepo.errors import ConditionFailed, DynrepoError, OutcomeUnknown
from dynrepo.expressions.nodes import Action, Update, Value
from dynrepo.expressions.trees import LazyTrees, Tree, both, default, path_to, render
from dynrepo.operations.stamps import holds, may_be_absent, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Condition
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)

TRIES = 3
"""How often an item is looked for at most that others make and delete at the same time."""

_UNMET = "ConditionalCheckFailedException"


class SaveShape(NamedTuple):
    """A save without its values: which attributes are set, kept if they are there, and removed.

    `partition` is an attribute that every item has; where it is `required` an item must be there.
    `version` is the attribute that must be what it was or, where it may be `absent`, not there.
    `mark` are those that must be what they are written as, unless there is no item.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    partition: str
    required: bool = False
    version: str | None = None
    absent: bool = False
    mark: tuple[str, ...] = ()


def saving(
    mapper: Mapper[Any], item: BaseModel, encoded: Item, key: Item
) -> tuple[dict[str, Any], Mapping[str, Tree]]:
    """The parameters that write an item over what is stored under its key, and their trees."""
    shape, values = _parts(mapper, item, encoded, key)
    text, marks = _text(shape)
    parameters = {**text, "ExpressionAttributeValues": dict(zip(marks, values, strict=True))}
    return parameters if values else text, LazyTrees(lambda: _trees(shape, values))


def _parts(
    mapper: Mapper[Any], item: BaseModel, encoded: Item, key: Item
) -> tuple[SaveShape, list[AttributeValue]]:
    schema = mapper.schema
    others = dict(encoded)
    for name in key:
        others.pop(name, None)
    written, values = tuple(others), [*others.values()]
    removed = tuple([name for name in schema.attributes if name not in encoded])
    created, version = schema.created, schema.version
    kept: tuple[str, ...] = ()
    if created is not None and getattr(item, created.name) is None:
        kept = schema.attributes_of(created)
    required, absent = version is None and bool(removed) and not written, False
    if version is not None:
        number = version_of(version, item)
        absent = may_be_absent(version, number)
        values.append({"N": str(number)})
    mark = tuple([name for name, _ in schema.asked_mark])
    values += [encoded[name] for name in mark]
    counted = None if version is None else version.attribute
    partition = schema.key_schema.partition.attribute
    return SaveShape(written, kept, removed, partition, required, counted, absent, mark), values


@lru_cache(maxsize=1024)
def _text(shape: SaveShape) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The parameters without the values, and what marks these, in their order."""
    count = len(shape.written) + (shape.version is not None) + len(shape.mark)
    some = [{"N": "1"}] * count
    parameters = render(_trees(shape, some))
    return parameters, tuple(parameters.pop("ExpressionAttributeValues", ()))


def _trees(shape: SaveShape, values: Sequence[Any]) -> dict[str, Tree]:
    actions: list[Action] = []
    for name, value in zip(shape.written, values, strict=False):
        path = path_to(name)
        is_kept = name in shape.kept
        actions.append(default(path, value) if is_kept else path.set(Value(value)))
    actions += [path_to(name).remove() for name in shape.removed]
    trees: dict[str, Tree] = {"UpdateExpression": Update(*actions)} if actions else {}
    required = _required(shape, values)
    return trees if required is None else {**trees, "ConditionExpression": required}


def _required(shape: SaveShape, values: Sequence[Any]) -> Condition | None:
    """What must be stored; None where anything may be, or nothing."""
    partition, expected = path_to(shape.partition), iter(values[len(shape.written) :])
    required: Condition | None = partition.exists() if shape.required else None
    if shape.version is not None:
        required = holds(shape.version, next(expected), absent=shape.absent)
    for name in shape.mark:
        marked: Condition = path_to(name) == Value(next(expected))
        required = both(required, partition.does_not_exist() | marked)
    return required


def stores_no_value(save: Operation[Any]) -> bool:
    """Whether a save leaves nothing but the key of what is declared."""
    return "ExpressionAttributeValues" not in save.request


def only_removes(save: Operation[Any]) -> bool:
    """Whether a save removes, and sets nothing: what is not stored it does not make."""
    return "UpdateExpression" in save.request and stores_no_value(save)


def saved(mapper: Mapper[T], save: Operation[T]) -> Program[T]:
    """Makes a save that only removes: from an item that is there, or by making one.

    An item that others make between the two requests is removed from in its turn.
    """
    missed: DynrepoError | None = None
    for _ in range(TRIES):
        try:
            item: T = yield save
        except (ConditionFailed, OutcomeUnknown) as error:
            if error.code != _UNMET:
                raise
            missed = missed if isinstance(missed, OutcomeUnknown) else error
        else:
            return item
        stored = yield from _made(save, missed)
        if _holds_key_only(mapper, stored):
            return mapper.decode_written(stored)
    assert missed is not None  # noqa: S101 - else it returned, or raised
    raise missed


def _made(save: Operation[Any], missed: DynrepoError) -> Program[Item]:
    try:
        stored: Item = yield _making(save)
    except DynrepoError as error:
        if isinstance(missed, OutcomeUnknown):  # a removal may still be on its way
            raise missed from error
        raise
    return stored


def _holds_key_only(mapper: Mapper[Any], stored: Item) -> bool:
    """Whether nothing else of what is declared is stored."""
    keys = {field.attribute for field in mapper.schema.key_schema.fields}
    return all(name in keys or name not in stored for name in mapper.schema.attributes)


def _making(save: Operation[Any]) -> Operation[Item]:
    """An update that does nothing but to make an item where there is none.

    Without the empty `AttributeUpdates` it is the same to DynamoDB; moto breaks on that.
    """
    request = {name: save.request[name] for name in ("TableName", "Key", "ReturnValues")}
    request["AttributeUpdates"] = {}
    return save.replaced(request=request, read=_stored, parse=None, expressions={}, refusal=None)


def _stored(answer: Answer) -> Item:
    return answer.body["Attributes"]  # type: ignore[no-any-return]
