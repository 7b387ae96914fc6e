"""What `save` sends: an update that sets the declared attributes, by a text that is made once.

Items that have the same attributes are saved by the same text, with other values in it. So the
trees are written down for the first of them only, and made again when they are asked for.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.expressions.nodes import Action, Update, Value
from dynrepo.expressions.trees import LazyTrees, Tree, default, path_to, render
from dynrepo.operations.stamps import holds, may_be_absent, version_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.operations.mapper import Mapper


class SaveShape(NamedTuple):
    """A save without its values: which attributes are set, kept if they are there, and removed.

    `version` is the attribute that must be what it was or, where it may be `absent`, not there.
    """

    written: tuple[str, ...]
    kept: str | None
    removed: tuple[str, ...]
    version: str | None = None
    absent: bool = False


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
    removed = tuple([field.attribute for field in schema.fields if field.attribute not in encoded])
    values = [encoded[name] for name in written]
    created, version = schema.created, schema.version
    kept = None
    if created is not None and getattr(item, created.name) is None:
        kept = created.attribute
    if version is None:
        return SaveShape(written, kept, removed), values
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
        kept = name == shape.kept
        actions.append(default(path, value) if kept else path.set(Value(value)))
    actions += [path_to(name).remove() for name in shape.removed]
    trees: dict[str, Tree] = {"UpdateExpression": Update(*actions)} if actions else {}
    if shape.version is not None:
        trees["ConditionExpression"] = holds(shape.version, values[-1], absent=shape.absent)
    return trees
