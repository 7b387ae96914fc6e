"""Sums and lists that DynamoDB makes, kept within the bounds of their fields by conditions.

What an `add` leaves is known to DynamoDB alone. That it is at least 0 after -3 says that it was at
least 3 before: the bound of the field, shifted by the amount. Only the bound that the amount leads
towards is asked for, so that what is out of bounds may be moved back. The length of a list that is
appended to has a bound in the same way.
"""

from __future__ import annotations

import operator
from datetime import timedelta
from decimal import MAX_EMAX, MIN_EMIN, ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import partial
from math import inf, nextafter
from typing import TYPE_CHECKING, Any, NamedTuple

from dynrepo.codec.number import DIGITS, HIGHEST_EXPONENT, LOWEST_EXPONENT, write_timedelta
from dynrepo.codec.value import SET_TAGS
from dynrepo.expressions.nodes import AddAction, Value
from dynrepo.expressions.private import Decrement, Increment, ListAppend
from dynrepo.expressions.size import FieldSize
from dynrepo.expressions.trees import default_of, stored_at, target_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dynrepo.codec import AttributeValue, Item
    from dynrepo.expressions.nodes import Action, Condition

_LOWER, _UPPER = ("ge", "gt"), ("le", "lt")
_COMPARES: dict[str, Callable[[Any, Any], Any]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}
_NAMES = {**{name: name for name in _COMPARES}, "max_length": "le"}
_NUMBERS = ("int", "float", "decimal", "timedelta")
_BOUNDED = (*_NUMBERS, "list", "tuple", "deque")
_EXACT = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])


class Bound(NamedTuple):
    """One end of the numbers that a field may hold: `ge`, `gt`, `le` or `lt` a number."""

    name: str
    number: Decimal

    def holds(self, number: Decimal) -> bool:
        """Whether a number is on the right side."""
        return bool(_COMPARES[self.name](number, self.number))

    def shifted(self, amount: Decimal) -> Bound:
        """The bound of what is there before an amount is added, as DynamoDB can compare with it."""
        exact = _EXACT.subtract(self.number, amount)
        upward = self.name in _LOWER
        # 38 digits are all that what is stored can have, so between the two numbers there is none.
        number = _context(ROUND_CEILING if upward else ROUND_FLOOR).plus(exact)
        if not number.is_finite():  # beyond all numbers
            most = _context(ROUND_FLOOR).next_minus(Decimal("Infinity"))
            return Bound("gt", most) if upward else Bound("lt", -most)
        if number != exact:
            return Bound("ge" if upward else "le", number)
        return Bound(self.name, number)


def _context(rounding: str) -> Context:
    return Context(
        prec=DIGITS,
        rounding=rounding,
        Emax=HIGHEST_EXPONENT,
        Emin=LOWEST_EXPONENT + DIGITS - 1,
        traps=[],
    )


class Bounds(NamedTuple):
    """The ends of the numbers that a field may hold."""

    lower: Bound | None
    upper: Bound | None

    def hold(self, number: Decimal) -> bool:
        """Whether a number is within the bounds."""
        return all(bound.holds(number) for bound in self if bound is not None)

    def towards(self, amount: Decimal) -> Bound | None:
        """The bound that something comes nearer to by an amount."""
        return self.upper if amount > 0 else self.lower if amount < 0 else None


def bounds_in(layers: Iterable[Mapping[str, Any]]) -> Bounds | None:
    """The bounds that the schemas of a value have, which validate it one by the other."""
    schemas = list(layers)
    is_float = any(schema["type"] == "float" for schema in schemas)
    bounds = [
        _bound(_NAMES[name], number, is_float=is_float)
        for schema in schemas
        for name, number in _constraints_of(schema).items()
        if name in _NAMES
    ]
    found = [bound for bound in bounds if bound.number.is_finite()]
    lower = [bound for bound in found if bound.name in _LOWER]
    upper = [bound for bound in found if bound.name in _UPPER]
    ends = Bounds(
        max(lower, key=lambda bound: (bound.number, bound.name == "gt"), default=None),
        min(upper, key=lambda bound: (bound.number, bound.name == "le"), default=None),
    )
    return ends if found else None


def bounded_alike(choices: Iterable[Any]) -> dict[str, Any] | None:
    """The schema of one of the numbers of a union; None where each has bounds of its own."""
    schemas: list[dict[str, Any]] = [each for each in choices if isinstance(each, dict)]
    numbers = [schema for schema in schemas if schema["type"] in _NUMBERS]
    return numbers[0] if len({bounds_in([number]) for number in numbers}) == 1 else None


def _constraints_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The constraints of a number or a list, or of a function of Pydantic's that has one."""
    if schema["type"] in _BOUNDED:
        return schema
    validator = schema.get("function", {}).get("function")
    if isinstance(validator, partial) and validator.func.__module__.startswith("pydantic."):
        return validator.keywords
    return {}


def _bound(name: str, number: Any, *, is_float: bool) -> Bound:
    if isinstance(number, timedelta):
        return Bound(name, Decimal(write_timedelta(number)))
    if is_float and number and name in ("gt", "lt"):
        # A number beside the bound may be read as the bound: the nearest float it is.
        number = nextafter(number, inf if name == "gt" else -inf)
        name = "ge" if name == "gt" else "le"
    return Bound(name, Decimal(number if isinstance(number, int) else str(number)))


class Limit(NamedTuple):
    """That what an update makes stays within the bounds of its field, asked of what was there."""

    path: Any
    bound: Bound | None
    """Of what is stored, of the length of a list; None where anything may be."""
    absent: bool
    """Whether the attribute may be absent."""

    @property
    def reason(self) -> str:
        """Why the write was refused, where the limit did not hold."""
        return f"{self.path.label}: the update would pass its bounds"

    @property
    def condition(self) -> Condition:
        """The limit, as a condition of the write."""
        if self.bound is None:
            return self.path.exists()  # type: ignore[no-any-return]
        measured = self.path if "N" in self.path.codec.tags else FieldSize(self.path)
        value = Value({"N": str(self.bound.number)})
        compared = _COMPARES[self.bound.name](measured, value)
        return self.path.does_not_exist() | compared if self.absent else compared  # type: ignore[no-any-return]

    def holds(self, item: Item | None) -> bool:
        """Whether it is true of what is stored."""
        stored = stored_at(item or {}, self.path)
        if stored is None or self.bound is None:
            return self.absent if stored is None else True
        try:
            number = _measure_of(stored)
            return number is not None and self.bound.holds(number)
        except (ArithmeticError, TypeError):
            return False  # of what is no number no comparison holds


def limit_of(action: Action, bounds: Bounds) -> Limit | None:
    """The limit of what an action makes of a field with bounds; None where none can be passed."""
    movement = _movement_of(action)
    if movement is None:
        return None
    amount, start = movement
    towards = bounds.towards(amount)
    absent = start is None or bounds.hold(_EXACT.add(start, amount))
    if towards is None and absent:
        return None
    return Limit(target_of(action), towards and towards.shifted(amount), absent)


def kept_of(action: Action) -> Limit:
    """The limit by which a set is not emptied: it has more elements than are taken out of it."""
    operand: Any = action.values[1]
    (elements,) = operand.value.values()
    return Limit(target_of(action), Bound("gt", Decimal(len(elements))), absent=True)


def _movement_of(action: Action) -> tuple[Decimal, Decimal | None] | None:
    """By how much an action moves what is stored, and from where if nothing is.

    An amount is added to a number, or elements to a list.
    """
    operand: Any = action.values[1] if len(action.values) > 1 else None
    if isinstance(action, AddAction):
        return (Decimal(operand.value["N"]), Decimal(0)) if "N" in operand.value else None
    if not isinstance(operand, Increment | Decrement | ListAppend):
        return None
    stored, added = operand.values
    if isinstance(stored, Value) and not isinstance(operand, Decrement):
        stored, added = added, stored
    if not isinstance(added, Value):
        return None
    path, default = default_of(stored) or (stored, None)
    amount = _measure_of(added.value)
    if amount is None or getattr(path, "path", None) != target_of(action).path:
        return None
    start = _measure_of(default.value) if isinstance(default, Value) else None
    return (amount.copy_negate() if isinstance(operand, Decrement) else amount), start


def _measure_of(stored: AttributeValue) -> Decimal | None:
    """What of a value has bounds: a number, the length of a list or a set."""
    if "N" in stored:
        return Decimal(stored["N"])
    return next((Decimal(len(stored[tag])) for tag in ("L", *SET_TAGS) if tag in stored), None)
