"""What expressions DynamoDB refuses before it looks at any item.

It tells so by error texts of which the rules are taken; what its tests recorded is named beside
them. The order in which several mistakes of one request are found is not kept.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from dynrepo.expressions import nodes
from dynrepo.expressions.private import Decrement, IfNotExists, Increment, ListAppend, Size
from dynrepo.expressions.trees import actions_of, nodes_of, target_of
from dynrepo.testing.operands import SIZED, Segments, parts, precedes, segments
from dynrepo.testing.refusals import invalid
from dynrepo.testing.rules import DEPTH, ORDERED, SETS, TYPES, admitted_value, name_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.expressions.nodes import Path, Update, Value
    from dynrepo.expressions.trees import Tree
    from dynrepo.testing.operands import Node

IN_OPERANDS: Final = 100
"""Operands of IN, the one that is looked for included.

So test_condition_expression.py of Scylla Alternator's tests found it, test_update_condition_in.
"""

LAST_INDEX: Final = 2**31 - 1


def check_expressions(expressions: Mapping[str, Tree]) -> None:
    """Refuses the expressions of a request, by parameter name, if one fits no item at all."""
    for parameter, tree in expressions.items():
        for node in nodes_of(tree):
            if isinstance(node, nodes.Path):
                _check_path(node)
            elif isinstance(node, nodes.Value):
                admitted_value(node.value)
        check: Callable[[Any], None] = _CHECKS.get(parameter, check_condition)
        check(tree)


def check_condition(condition: Node) -> None:
    """Refuses a condition that can be true of no item, whatever is stored."""
    for node in nodes_of(condition):
        rule = _rule_of(node, _CONDITION_RULES)
        if rule is not None:
            rule(node)


def check_update(update: Update) -> None:
    """Refuses an update that no item can take, whatever is stored."""
    check_paths(target_of(action) for action in actions_of(update))
    for setting in update.set_actions:
        _check_operand(setting.values[1])
    for addition in update.add_actions:
        check_literals(addition.values[1:], ("N", *SETS), "ADD")
    for deletion in update.delete_actions:
        check_literals(deletion.values[1:], SETS, "DELETE")


def check_paths(paths: Iterable[Path]) -> None:
    """Refuses paths of which one leads into another, or of which two cannot both be there."""
    for one, other in combinations(map(segments, paths), 2):
        _check_apart(one, other)


def check_literals(operands: Iterable[Any], tags: tuple[str, ...], operator: str) -> None:
    """Refuses operands that are values of another type than an operator takes."""
    for operand in operands:
        if isinstance(operand, nodes.Value) and operand.attr_type not in tags:
            raise _wrong_type(operator, operand)


def _check_path(path: Path) -> None:
    steps = segments(path)
    if len(steps) > DEPTH:
        raise invalid(
            f"The document path has too many nesting levels; nesting levels: {len(steps)}"
        )
    for step in steps:
        if isinstance(step, str):
            name_bytes(step)
        elif step > LAST_INDEX:
            raise invalid(f"List index is not within the allowable range; index: [{step}]")


def _check_apart(one: Segments, other: Segments) -> None:
    """A map has names and a list has numbers: what is both conflicts, as `a.b` and `a[1]` do."""
    differ = "overlap"
    for step, other_step in zip(one, other, strict=False):
        if type(step) is not type(other_step):
            differ = "conflict"
            break
        if step != other_step:
            return
    raise invalid(
        f"Two document paths {differ} with each other; must remove or rewrite one of these paths;"
        f" path one: {_text(one)}, path two: {_text(other)}"
    )


def _text(steps: Segments) -> str:
    names = [step if isinstance(step, str) else f"[{step}]" for step in steps]
    return f"[{', '.join(names)}]"


def _wrong_type(operator: str, operand: Value) -> Exception:
    return invalid(
        "Incorrect operand type for operator or function; operator or function:"
        f" {operator}, operand type: {operand.attr_type}"
    )


def _check_distinct(operator: str, operands: Iterable[Node]) -> None:
    first, *others = operands
    if not isinstance(first, nodes.Path):
        return
    for other in others:
        if isinstance(other, nodes.Path) and segments(other) == segments(first):
            raise invalid(
                "The first operand must be distinct from the remaining operands for this operator"
                f" or function; operator: {operator}, first operand: {_text(segments(first))}"
            )


def _check_is_path(operand: Node, function: str) -> None:
    if not isinstance(operand, nodes.Path):
        raise invalid(
            f"Operator or function requires a document path; operator or function: {function}"
        )


def _check_comparison(condition: Node) -> None:
    _check_distinct(condition.operator, parts(condition))
    if condition.operator not in ("=", "<>"):
        check_literals(parts(condition), ORDERED, condition.operator)


def _check_between(condition: Node) -> None:
    _check_distinct("BETWEEN", parts(condition))
    check_literals(parts(condition), ORDERED, "BETWEEN")
    _, lower, upper = parts(condition)
    if isinstance(lower, nodes.Value) and isinstance(upper, nodes.Value):
        order = precedes(upper.value, lower.value)
        if order is None:
            raise invalid("The BETWEEN operator requires same data type for lower and upper bounds")
        if order:
            raise invalid(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower"
            )


def _check_in(condition: Node) -> None:
    operands = parts(condition)
    _check_distinct("IN", operands)
    if len(operands) > IN_OPERANDS:
        raise invalid(
            "The IN operator is provided with too many operands;"
            f" number of operands: {len(operands)}"
        )


def _check_is_type(condition: Node) -> None:
    value, kind = parts(condition)
    _check_distinct("attribute_type", (value, kind))
    if not isinstance(kind, nodes.Value):
        raise invalid("Incorrect operand type for operator or function: attribute_type")
    check_literals((kind,), ("S",), "attribute_type")
    if kind.value["S"] not in TYPES:
        raise invalid("Invalid attribute type name found")


def _check_begins_with(condition: Node) -> None:
    _check_distinct("begins_with", parts(condition))
    check_literals(parts(condition), ("S", "B"), "begins_with")


def _check_size(operand: Node) -> None:
    (sized,) = parts(operand)
    check_literals((sized,), SIZED, "size")
    if isinstance(sized, Size):
        raise invalid("Incorrect operand type for operator or function: size, operand type: N")


def _check_no_value(_: Node) -> None:
    raise invalid("The function is not allowed in a condition expression")


_CONDITION_RULES: Final[tuple[tuple[type[Any], Callable[[Node], None]], ...]] = (
    (nodes.Comparison, _check_comparison),
    (nodes.Between, _check_between),
    (nodes.In, _check_in),
    (nodes.IsType, _check_is_type),
    (nodes.BeginsWith, _check_begins_with),
    (nodes.Contains, lambda node: _check_distinct("contains", parts(node))),
    (nodes.Exists, lambda node: _check_is_path(parts(node)[0], "attribute_exists")),
    (nodes.NotExists, lambda node: _check_is_path(parts(node)[0], "attribute_not_exists")),
    (Size, _check_size),
    (IfNotExists, _check_no_value),
    (ListAppend, _check_no_value),
    (Increment, _check_no_value),
    (Decrement, _check_no_value),
)


def _check_operand(operand: Node) -> None:
    """Refuses what cannot be computed for `SET`; within a function, only `if_not_exists` may be."""
    inner: list[Node] = [] if isinstance(operand, nodes.Path | nodes.Value) else [*parts(operand)]
    for part in inner:
        if isinstance(part, Increment | Decrement | ListAppend):
            raise invalid("The function is not allowed to be used this way in an expression")
        _check_operand(part)
    rule = _rule_of(operand, _OPERAND_RULES)
    if rule is not None:
        rule(operand)


def _check_if_not_exists(operand: Node) -> None:
    _check_is_path(parts(operand)[0], "if_not_exists")
    _check_distinct("if_not_exists", parts(operand))


def _check_no_size(_: Node) -> None:
    raise invalid("The function is not allowed in an update expression; function: size")


_OPERAND_RULES: Final[tuple[tuple[type[Any], Callable[[Node], None]], ...]] = (
    (IfNotExists, _check_if_not_exists),
    (ListAppend, lambda node: check_literals(parts(node), ("L",), "list_append")),
    (Increment, lambda node: check_literals(parts(node), ("N",), "+")),
    (Decrement, lambda node: check_literals(parts(node), ("N",), "-")),
    (Size, _check_no_size),
)


def _rule_of(
    node: Node, rules: Iterable[tuple[type[Any], Callable[[Node], None]]]
) -> Callable[[Node], None] | None:
    """The rule of a node; by its class or a base of it, as the library has operands of its own."""
    return next((rule for kind, rule in rules if isinstance(node, kind)), None)


_CHECKS: Final[dict[str, Callable[[Any], None]]] = {
    "UpdateExpression": check_update,
    "ProjectionExpression": check_paths,
}
"""How an expression is checked, by its parameter; any other is a condition."""
