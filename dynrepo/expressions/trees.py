"""Expressions before they are text: PynamoDB's trees, looked into, put together and written down.

Text comes last: `render` writes the trees with placeholders for all names and values, so that
reserved words and odd characters never matter.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

# Half of PynamoDB's expression classes have no annotations, and what they are made of is private;
# what is used of them is pinned by tests.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false
# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportIncompatibleMethodOverride=false

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from dynrepo.codec.nesting import SCALARS
from dynrepo.errors import CodecError
from dynrepo.expressions.attribute_names import name_in, segment
from dynrepo.expressions.conditions import no_condition
from dynrepo.expressions.nodes import (
    Action,
    Condition,
    Path,
    RemoveAction,
    SetAction,
    ShapedValue,
    Update,
    Value,
)
from dynrepo.expressions.parts import StoredPart
from dynrepo.expressions.private import IfNotExists
from dynrepo.expressions.sources import V_co, ValueSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dynrepo.codec import AttributeValue, Codec, Item
    from dynrepo.expressions.sources import Number

    _Amount: TypeAlias = Number | ValueSource[Number | None]

Tree: TypeAlias = Condition | Update | tuple[Path, ...]
"""What an expression is before it is text."""

TEXT_LIMIT = 4096
"""Bytes that the text of an expression may have.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
"""

OPERATOR_LIMIT = 300
"""Operators and functions that an expression may have."""

_NO_OPERATORS = (Path, Value, Update, Action, tuple)


class EncodingOperand:
    """An operand of PynamoDB whose values are written by a codec of ours."""

    codec: Codec
    label: str
    write: Callable[[Any], AttributeValue | None]

    def _need(self, what: str, *tags: str) -> None:
        """Makes sure that a value of the field can be of one of these types."""
        if self.codec.tags.isdisjoint(tags):
            raise CodecError(f"{self.label}: {what} needs one of {', '.join(tags)}")

    # The two private methods of PynamoDB that are overridden; a test pins what they are called for.

    def _to_operand(self, value: Any) -> Any:
        if type(value) in SCALARS:  # of what else it may be, PynamoDB imports the classes each time
            return self._to_value(value)
        return cast("Any", super())._to_operand(value)  # noqa: SLF001 - overridden

    def _to_value(self, value: Any) -> Value:
        encoded = self._written(value)
        if encoded is None:
            raise CodecError(
                f"{self.label}: None and the empty set are not stored:"
                " ask exists() or does_not_exist()"
            )
        return ShapedValue(encoded)

    def _written(
        self, value: Any, write: Callable[[Any], AttributeValue | None] | None = None
    ) -> AttributeValue | None:
        """What is stored for a value; a CodecError names the field."""
        try:
            return (write or self.write)(value)
        except CodecError as error:
            reason = str(error)
        if isinstance(value, StoredPart):
            reason = f"{value!r} has no value here: write path(...) of it"
        # A field names itself; an element does not. Outside the handler: no value in a cause.
        raise CodecError(reason if reason.startswith(self.label) else f"{self.label}: {reason}")


class Fallback(EncodingOperand, IfNotExists, ValueSource[V_co]):
    """What is stored, or a value where nothing is."""

    if TYPE_CHECKING:  # when the program runs, PynamoDB adds

        def __add__(self, other: _Amount) -> ValueSource[V_co]: ...
        def __sub__(self, other: _Amount) -> ValueSource[V_co]: ...
        def __radd__(self, other: _Amount) -> ValueSource[V_co]: ...
        def __rsub__(self, other: _Amount) -> ValueSource[V_co]: ...

    def __init__(self, path: Any, value: Any) -> None:
        self.codec, self.label, self.write = path.codec, path.label, path.write
        super().__init__(path, value)


class DirectPath(Path):
    """A path that writes itself where it is one name; PynamoDB looks for indexes in each."""

    def serialize(
        self,
        placeholder_names: dict[str, str],
        expression_attribute_values: dict[str, Any],
    ) -> str:
        """The path as text."""
        name, *others = self.path
        if others or "[" in name:
            return str(super().serialize(placeholder_names, expression_attribute_values))
        return placeholder_names.setdefault(name, f"#{len(placeholder_names)}")


class LazyTrees(Mapping[str, Tree]):
    """Trees by parameter name that are made when the first of them is asked for."""

    def __init__(self, make: Callable[[], Mapping[str, Tree]]) -> None:
        self._make = make

    @cached_property
    def _trees(self) -> Mapping[str, Tree]:
        return self._make()

    def __getitem__(self, parameter: str) -> Tree:
        return self._trees[parameter]

    def __iter__(self) -> Iterator[str]:
        return iter(self._trees)

    def __len__(self) -> int:
        return len(self._trees)


def render(expressions: Mapping[str, Tree]) -> dict[str, Any]:
    """The request parameters of trees given by parameter name; CodecError beyond AWS's limits."""
    if not expressions:
        return {}
    names: dict[str, str] = {}
    values: dict[str, Any] = {}
    request: dict[str, Any] = {}
    for parameter, tree in expressions.items():
        try:
            text = request[parameter] = _text(tree, names, values)
        except RecursionError:
            _check_operators(parameter, tree)  # of which so deep a tree has too many
            raise
        if len(text) > OPERATOR_LIMIT:  # else it has no room for so many
            _check_operators(parameter, tree)
        if len(text) > TEXT_LIMIT:
            raise CodecError(
                f"{parameter} has {len(text)} bytes of text; DynamoDB takes {TEXT_LIMIT}"
            )
    if names:
        request["ExpressionAttributeNames"] = {
            mark: name if name.isascii() else name_in(name) for name, mark in names.items()
        }
    if values:
        request["ExpressionAttributeValues"] = values
    return request


def _check_operators(parameter: str, tree: Tree) -> None:
    count = sum(not isinstance(node, _NO_OPERATORS) for node in nodes_of(tree))
    if count > OPERATOR_LIMIT:
        raise CodecError(
            f"{parameter} has {count} operators; DynamoDB takes {OPERATOR_LIMIT}"
        ) from None


def _text(tree: Tree, names: dict[str, str], values: dict[str, Any]) -> str:
    if isinstance(tree, tuple):
        return ", ".join([path.serialize(names, values) for path in tree])
    if isinstance(tree, Update):
        return " ".join(
            f"{clause} {', '.join([action.serialize(names, values) for action in actions])}"
            for clause, actions in clauses_of(tree)
        )
    if not isinstance(tree, Condition):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise no_condition(tree)
    return str(tree.serialize(names, values))


def nodes_of(tree: Any) -> list[Any]:
    """Everything a tree is made of, itself first; without recursion, for it may be any depth."""
    found: list[Any] = []
    left = [tree]
    while left:
        node = left.pop()
        found.append(node)
        if isinstance(node, Update):
            left.extend(actions_of(node))
        elif isinstance(node, tuple):
            left.extend(node)
        elif not isinstance(node, (Path, Value)):
            left.extend(getattr(node, "values", ()))
    return found


def actions_of(update: Update) -> list[Action]:
    """The actions of an update."""
    return [action for _, actions in clauses_of(update) for action in actions]


def clauses_of(update: Update) -> list[tuple[str, Sequence[Action]]]:
    """The actions of an update by the word that they follow; none without any."""
    clauses: list[tuple[str, Sequence[Action]]] = [
        ("SET", update.set_actions),
        ("REMOVE", update.remove_actions),
        ("ADD", update.add_actions),
        ("DELETE", update.delete_actions),
    ]
    return [clause for clause in clauses if clause[1]]


def paths_of(tree: Any) -> list[Path]:
    """The paths in a tree."""
    return [node for node in nodes_of(tree) if isinstance(node, Path)]


def values_of(operand: Any) -> list[AttributeValue]:
    """The values in an operand, in DynamoDB JSON; none in None."""
    if isinstance(operand, Value):
        return [operand.value]
    return [node.value for node in nodes_of(operand) if isinstance(node, Value)]


def attribute_of(path: Path) -> str:
    """The top-level attribute that a path leads into."""
    return name_in(path.path[0])


def steps_of(path: Path) -> tuple[str, ...]:
    """A path step by step: names, and indexes as text."""
    parts: list[str] = path.path
    if len(parts) == 1 and "[" not in parts[0]:
        return (parts[0] if parts[0].isascii() else name_in(parts[0]),)
    steps: list[str] = []
    for part in parts:
        _, *indexes = part.replace("]", "").split("[")
        steps += [name_in(part), *indexes]
    return tuple(steps)


def stored_at(item: Item, path: Path) -> AttributeValue | None:
    """What a path leads to in an item, in DynamoDB JSON; None where nothing is."""
    value: Any = {"M": item}
    for step in steps_of(path):
        try:
            value = value["M"][step] if "M" in value else value["L"][int(step)]
        except (KeyError, IndexError, ValueError):
            return None
    return value  # type: ignore[no-any-return]


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Both conditions, of which either may be missing."""
    if first is None or second is None:
        return second if first is None else first
    return first & second  # type: ignore[no-any-return]


def target_of(action: Action) -> Path:
    """The path that an action writes to."""
    path: Any = action.values[0]
    return path  # type: ignore[no-any-return]


def default_of(operand: Any) -> tuple[Path, Any] | None:
    """The two parts of an `if_not_exists`; None for any other operand."""
    return operand.values if isinstance(operand, IfNotExists) else None


def default(path: Path, stored: AttributeValue) -> SetAction | RemoveAction:
    """Sets an attribute, to a value in DynamoDB JSON, where there is none."""
    fallback: Any = path | Value(stored)
    return path.set(fallback)


def path_to(attribute: str) -> Path:
    """The path to a top-level attribute."""
    return DirectPath([segment(attribute, "attribute")])
