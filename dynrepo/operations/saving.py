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
from dynrepo.expressions.trees import LazyTrees, Tree, default, path_to, render
from dynrepo.operations.stamps import holds, may_be_absent, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.operations.mapper import Mapper
    from dynrepo.operations.operation import Answer, Operation
    from dynrepo.operations.program import Program

T = TypeVar("T", bound=BaseModel)

TRIES = 3
"""How often an item is looked for at most that others make and delete at the same time."""

_UNMET = "ConditionalCheckFailedException"


class SaveShape(NamedTuple):
    """A save without its values: which attributes are set, kept if they are there, and removed.

    `version` is the attribute that must be what it was or, where it may be `absent`, not there.
    `required` is one that must be there, whatever it is.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    version: str | None = None
    absent: bool = False
    required: str | None = None


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
    written = tuple([name for name in encoded if name not in key])
    removed = tuple([name for name in schema.attributes if name not in encoded])
    values = [encoded[name] for name in written]
    created, version = schema.created, schema.version
    kept: tuple[str, ...] = ()
    if created is not None and getattr(item, created.name) is None:
        kept = schema.attributes_of(created)
    if version is None:
        only_removes = removed and not written
        required = schema.key_schema.partition.attribute if only_removes else None
        return SaveShape(written, kept, removed, required=required), values
    number = version_of(version, item)
    values.append({"N": str(number)})
    absent = may_be_absent(version, number)
    return SaveShape(written, kept, removed, version.attribute, absent), values


@lru_cache(maxsize=1024)
def _text(shape: SaveShape) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The parameters without the values, and what marks these, in their order."""
    some = [{"N": "1"}] * (len(shape.written) + (shape.version is not None))
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
    if shape.version is not None:
        trees["ConditionExpression"] = holds(shape.version, values[-1], absent=shape.absent)
    if shape.required is not None:
        trees["ConditionExpression"] = path_to(shape.required).exists()
    return trees


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
    return save._replace(request=request, read=_stored, parse=None, expressions={}, refusal=None)


def _stored(answer: Answer) -> Item:
    return answer.body["Attributes"]  # type: ignore[no-any-return]
