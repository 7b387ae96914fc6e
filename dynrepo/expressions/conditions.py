"""The conditions that fields make: PynamoDB's, with operators whose errors name the cure.

Python asks a condition for a bool in `and`, `or`, `not`, `in` and chained comparisons, and binds
`&` and `|` closer than comparisons.
https://docs.python.org/3/reference/expressions.html#operator-precedence
"""

# Half of PynamoDB's expression classes have no annotations.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

from dynrepo.expressions import nodes
from dynrepo.expressions.nodes import Condition

if TYPE_CHECKING:
    from dynrepo.expressions.nodes import (
        And,
        BeginsWith,
        Between,
        Comparison,
        Contains,
        Exists,
        In,
        IsType,
        Not,
        NotExists,
        Or,
    )

__all__ = [
    "And",
    "BeginsWith",
    "Between",
    "ComparedOperand",
    "Comparison",
    "Contains",
    "Exists",
    "In",
    "IsType",
    "JoinedCondition",
    "Not",
    "NotExists",
    "Or",
    "no_condition",
    "refuse_brackets",
]

C = TypeVar("C", bound=Condition)

_BRACKETS = "write (fields.x > 1) & (fields.y == 2), with brackets around each comparison"


class JoinedCondition(Condition):
    """A condition that `& | ~` join, and nothing else does: else it is a TypeError."""

    if not TYPE_CHECKING:  # to checkers it is PynamoDB's, with the operators that `nodes` declares

        def __and__(self, other: Any) -> And:
            _check_joined("&", other)
            return And(self, other)

        def __rand__(self, other: Any) -> Condition:
            if other is None:  # which PynamoDB takes for no condition
                return self
            _check_joined("&", other)  # Python asks here first for a condition of PynamoDB's own
            return And(other, self)

        def __or__(self, other: Any) -> Or:
            _check_joined("|", other)
            return Or(self, other)

        def __ror__(self, other: Any) -> Or:
            _check_joined("|", other)
            return Or(other, self)

        def __invert__(self) -> Not:
            return Not(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"a condition has no truth in Python: {_BRACKETS}, | for `or`, ~ for `not`,"
            " fields.x.is_in(1, 2) for `in`, fields.x.between(1, 5) for `1 <= x <= 5`"
        )


class ComparedOperand:
    """An operand of PynamoDB that makes these conditions when it is compared."""

    if not TYPE_CHECKING:  # to checkers each operand has types of its own
        __hash__ = None

        def __eq__(self, other: object) -> Comparison:
            return Comparison("=", self, self._to_operand(other))

        def __ne__(self, other: object) -> Comparison:
            return Comparison("<>", self, self._to_operand(other))

        def __lt__(self, other: Any) -> Comparison:
            return Comparison("<", self, self._to_operand(other))

        def __le__(self, other: Any) -> Comparison:
            return Comparison("<=", self, self._to_operand(other))

        def __gt__(self, other: Any) -> Comparison:
            return Comparison(">", self, self._to_operand(other))

        def __ge__(self, other: Any) -> Comparison:
            return Comparison(">=", self, self._to_operand(other))

        def between(self, lower: Any, upper: Any) -> Between:
            """From `lower` to `upper`, both included."""
            return Between(self, self._to_operand(lower), self._to_operand(upper))


def refuse_brackets(operator: str, other: Any) -> NoReturn:
    """TypeError for what is joined and is no condition: mostly a comparison lacks its brackets."""
    found = type(other).__name__
    raise TypeError(f"{operator} joins conditions, and here is {found} beside it: {_BRACKETS}")


def no_condition(found: Any) -> TypeError:
    """The error of something else where a condition is expected."""
    reason = f"expected a condition such as fields.x == 1, found {type(found).__name__}"
    if isinstance(found, bool):
        reason += (
            ": Python made it, of `is` or `not`; write fields.x.does_not_exist() or"
            " ~(fields.x == 1)"
        )
    return TypeError(reason)


def _check_joined(operator: str, other: Any) -> None:
    if not isinstance(other, Condition):
        refuse_brackets(operator, other)


def _joined(kind: type[C]) -> type[C]:
    """The class of a kind of PynamoDB's whose operators are these."""
    members: dict[str, Any] = {"__module__": __name__, "__doc__": kind.__doc__}
    return cast("type[C]", type(kind.__name__, (JoinedCondition, kind), members))


if not TYPE_CHECKING:
    And, Or, Not = map(_joined, (nodes.And, nodes.Or, nodes.Not))
    Comparison, Between, In = map(_joined, (nodes.Comparison, nodes.Between, nodes.In))
    Exists, NotExists, IsType = map(_joined, (nodes.Exists, nodes.NotExists, nodes.IsType))
    BeginsWith, Contains = map(_joined, (nodes.BeginsWith, nodes.Contains))
