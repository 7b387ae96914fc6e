"""The condition of a query: what it asks of the key, and what it may not ask besides.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dynrepo.codec.limits import MAX_BYTES, SHORT, check_key
from dynrepo.codec.value import KEY_TAGS
from dynrepo.expressions.nodes import And, BeginsWith, Between, Comparison, Condition, Path, Value
from dynrepo.expressions.trees import attribute_of, paths_of, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo.codec import AttributeValue
    from dynrepo.schema.keys import KeySchema


def key_condition(condition: Any, key: KeySchema, model: str) -> Condition:
    """The condition with the partition key first.

    ValueError unless it is `partition == value`, alone or `&` one comparison of the sort key.
    """
    if not isinstance(condition, Condition):
        raise TypeError(
            f"{model}: expected a condition such as fields.{key.partition.name} == x,"
            f" found {type(condition).__name__}"
        )
    parts: list[Any] = list(_operands(condition)) if isinstance(condition, And) else [condition]
    asked = [_subject(part) for part in parts]
    wanted: list[str | None] = [field.attribute for field in key.fields]
    if asked == wanted[::-1]:  # written the other way round
        parts, asked = parts[::-1], wanted
    if asked != wanted[: len(asked)] or parts[0].operator != "=":
        sort = f" and one comparison of `{key.sort.name}`" if key.sort else ""
        raise ValueError(
            f"{model}: a query takes `{key.partition.name} == ...`{sort};"
            " the rest belongs in where="
        )
    for number, part in enumerate(parts):
        for value in _operands(part)[1:]:
            ((tag, payload),) = value.value.items()
            # PynamoDB's own paths take other types too.
            if tag in KEY_TAGS and not 0 < len(payload) <= SHORT[number]:
                check_key(key.fields[number].label, value.value, MAX_BYTES[number])
    return parts[0] if len(parts) == 1 else And(*parts)


def comparisons_in(
    condition: Any, model: str
) -> Iterator[tuple[str, str, tuple[AttributeValue, ...]]]:
    """The comparisons that a condition joins by `&`: attribute, operator and values of each.

    TypeError for what is no condition, ValueError for what no key can be asked.
    """
    if not isinstance(condition, Condition):
        raise TypeError(
            f"{model}: expected a condition such as fields.x == 1, found {type(condition).__name__}"
        )
    left: list[Any] = [condition]
    while left:
        part = left.pop(0)
        if isinstance(part, And):
            left = [*_operands(part), *left]
            continue
        attribute = _subject(part)
        if attribute is None:
            raise ValueError(
                f"{model}: a query compares fields of its key with values; the rest belongs in"
                " where="
            )
        yield attribute, part.operator, tuple(value.value for value in _operands(part)[1:])


def _subject(part: Any) -> str | None:
    """The attribute that a simple comparison with values is about."""
    if not isinstance(part, _SIMPLE) or part.operator == "<>":
        return None
    path, *values = _operands(part)
    for value in values:
        if not isinstance(value, Value):
            return None
    steps = steps_of(path) if isinstance(path, Path) else ()
    return steps[0] if len(steps) == 1 else None


_SIMPLE = (Comparison, Between, BeginsWith)


def _operands(condition: Any) -> tuple[Any, ...]:
    """What a condition compares or joins; PynamoDB says nothing about its type."""
    return condition.values  # type: ignore[no-any-return]


def check_filter(where: Condition, key: KeySchema, model: str) -> None:
    """DynamoDB filters a query by other attributes than those of its key."""
    keys = {field.attribute: field.name for field in key.fields}
    for path in paths_of(where):
        if attribute_of(path) in keys:
            name = keys[attribute_of(path)]
            raise ValueError(f"{model}: where= cannot ask for the key's {name}; the condition can")
