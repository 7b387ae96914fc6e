"""The condition of a query: what it asks of the key, and what it may not ask besides.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from dynrepo.codec.limits import MAX_BYTES, SHORT
from dynrepo.codec.value import KEY_TAGS
from dynrepo.expressions import conditions
from dynrepo.expressions.attribute_names import segment
from dynrepo.expressions.nodes import And, BeginsWith, Between, Comparison, Condition, Path, Value
from dynrepo.expressions.trees import attribute_of, path_to, paths_of, steps_of
from dynrepo.templates.asked import Asked
from dynrepo.templates.grammar import FieldAttribute, KeyGrammar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dynrepo.codec import AttributeValue, Field
    from dynrepo.schema.keys import KeySchema

ConditionShape: TypeAlias = tuple[tuple[str, str], ...]
"""The comparisons of a condition without their values: attributes and operators, in their order."""


def key_condition(condition: Any, key: KeySchema, model: str) -> Condition | None:
    """What a condition asks of a key, the partition first; None where no item has such a key.

    ValueError unless it is `partition == value`, alone or `&` one comparison of the sort key.
    """
    parts = _usual(condition, key)
    if parts is not None:
        return parts[0] if len(parts) == 1 else And(*parts)
    attributes = [
        FieldAttribute(field, limit) for field, limit in zip(key.fields, MAX_BYTES, strict=False)
    ]
    grammar = KeyGrammar(model, attributes[:1], attributes[1:])
    found = grammar.compiled(asked_in(condition, key.fields, grammar))
    return None if found is None else condition_of(found)


def _usual(condition: Any, key: KeySchema) -> list[Any] | None:
    """The parts of a condition, the partition first, where it is asked as it is.

    The grammar says the same of it, and takes several times as long.
    """
    parts: list[Any] = list(_operands(condition)) if isinstance(condition, And) else [condition]
    asked = [*map(_subject, parts)]
    wanted: list[str | None] = [field.attribute for field in key.fields]
    if asked == wanted[::-1]:  # written the other way round
        parts, asked = parts[::-1], wanted
    if asked != wanted[: len(asked)] or parts[0].operator != "=":
        return None
    for part, limit in zip(parts, SHORT, strict=False):
        for operand in _operands(part)[1:]:
            ((tag, payload),) = operand.value.items()
            if tag not in KEY_TAGS or not 0 < len(payload) <= limit:
                return None
        if part.operator == "BETWEEN" and _asked(part).is_reversed:
            return None
    return parts


def asked_in(condition: Any, fields: Iterable[Field], grammar: KeyGrammar) -> dict[str, Asked]:
    """What a condition asks of each field, by name.

    TypeError for what is no condition, ValueError for what no key can be asked.
    """
    if not isinstance(condition, Condition):
        raise TypeError(
            f"{grammar.owner}: expected a condition such as fields.{grammar.first} == x, found"
            f" {type(condition).__name__}"
        )
    names = {field.attribute: field.name for field in fields}
    asked: dict[str, Asked] = {}
    for part in _parts(condition):
        attribute = _subject(part)
        if attribute is None:
            raise grammar.refused("a key is compared with values, by `&`")
        name = names.get(attribute, attribute)
        if name in asked:
            raise grammar.refused(f"`{name}` is compared twice: between() takes both ends")
        asked[name] = _asked(part)
    return asked


def _asked(part: Any) -> Asked:
    """What a simple comparison asks of its attribute."""
    return Asked(part.operator, tuple([operand.value for operand in _operands(part)[1:]]))


def comparisons_in(condition: Any) -> tuple[ConditionShape, list[tuple[AttributeValue, ...]]]:
    """The shape of a condition, and what each attribute is compared with.

    Empty for one that is no comparison of attributes with values, nor several joined by `&`.
    """
    shape: list[tuple[str, str]] = []
    values: list[tuple[AttributeValue, ...]] = []
    for part in _parts(condition):
        attribute = _subject(part)
        if attribute is None:
            return (), []
        shape.append((attribute, part.operator))
        values.append(tuple([value.value for value in _operands(part)[1:]]))
    return tuple(shape), values


def condition_of(asked: Mapping[str, Asked]) -> Condition | None:
    """The condition of what is asked of attributes; None where that is nothing."""
    if len(asked) > 1:
        return KeyCondition(asked)
    return next((_comparison(attribute, each) for attribute, each in asked.items()), None)


class KeyCondition(And):
    """What is asked of both attributes of a key, which writes itself as PynamoDB would.

    Its operands are made where one looks for them.
    """

    def __init__(self, asked: Mapping[str, Asked]) -> None:
        self.operator = "AND"
        self._asked = asked

    @cached_property
    def values(self) -> tuple[Any, ...]:  # type: ignore[override]  # which nobody sets
        """The comparisons that are joined."""
        return tuple([_comparison(attribute, each) for attribute, each in self._asked.items()])

    def serialize(
        self,
        placeholder_names: dict[str, str],
        expression_attribute_values: dict[str, Any],
    ) -> str:
        """The condition as text."""
        texts: list[str] = []
        for attribute, (operator, stored) in self._asked.items():
            name = placeholder_names.setdefault(
                segment(attribute, "attribute"), f"#{len(placeholder_names)}"
            )
            marks = [f":{len(expression_attribute_values) + at}" for at in range(len(stored))]
            expression_attribute_values.update(zip(marks, stored, strict=True))
            if operator == "begins_with":
                texts.append(f"begins_with ({name}, {marks[0]})")
            else:
                texts.append(f"{name} {operator} {' AND '.join(marks)}")
        return f"({' AND '.join(texts)})"


def _comparison(attribute: str, asked: Asked) -> Condition:
    path, values = path_to(attribute), [Value(value) for value in asked.values]
    if asked.operator == "BETWEEN":
        return conditions.Between(path, *values)
    if asked.operator == "begins_with":
        return conditions.BeginsWith(path, *values)
    return conditions.Comparison(asked.operator, path, *values)


def _parts(condition: Any) -> Iterator[Any]:
    """What a condition joins by `&`, from the left; without recursion, for it may be any depth."""
    left = [condition]
    while left:
        part = left.pop()
        if isinstance(part, And):
            left.extend(reversed(_operands(part)))
        else:
            yield part


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
