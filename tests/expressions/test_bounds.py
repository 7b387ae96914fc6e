"""The bounds of a field as conditions of the sums that DynamoDB makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

import pytest
from annotated_types import Interval
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, BaseModel, Field, NonNegativeInt, RootModel, conint

from dynrepo import PartitionKey, schema_of
from dynrepo.expressions.bounds import Bound, Bounds, limit_of
from dynrepo.expressions.fields import FieldPaths
from dynrepo.expressions.trees import render
from dynrepo.testing.conditions import holds

Left = Annotated[int, Field(ge=0)]


class Inner(BaseModel):
    """A nested model."""

    left: Left = 0


class Root(RootModel[Annotated[int, Field(le=9)]]):
    """A number by another name."""


class Stock(BaseModel):
    """A bound of each kind, each declared in another way."""

    id: Annotated[str, PartitionKey()]
    free: int = 0
    left: int = Field(default=0, ge=0)
    most: Annotated[int, Field(le=10)] = 0
    open: Annotated[Decimal, Field(gt=0, lt=10)] = Decimal(1)
    between: Annotated[int, Interval(ge=1, lt=10)] = 1
    perhaps: Annotated[int, Field(ge=0)] | None = None
    also: Annotated[int | None, Field(ge=0)] = None
    made: conint(gt=-1) = 0  # type: ignore[valid-type]
    named: NonNegativeInt = 0
    twice: Annotated[Left, Field(ge=5)] = 5
    later: Annotated[int, AfterValidator(int), Field(ge=0)] = 0
    before: Annotated[int, Field(ge=0), AfterValidator(int)] = 0
    ratio: Annotated[float, Field(ge=0.5, lt=1)] = 0.5
    above: Annotated[float, Field(gt=0)] = 1.0
    endless: Annotated[float, Field(ge=0, le=float("inf"))] = 1.0
    wait: Annotated[timedelta, Field(ge=timedelta(0))] = timedelta(0)
    union: Annotated[int, Field(ge=0)] | str = 0
    mixed: Annotated[int, Field(le=5)] | list[int] = 0
    root: Root = Root(0)
    inner: Inner = Inner()
    inners: list[Inner] = []
    numbers: list[Left] = []
    few: Annotated[list[int], Field(max_length=3)] = []
    latest: Annotated[tuple[int, ...] | None, Field(max_length=3)] = None
    sized: Annotated[Sequence[int], Field(max_length=3)] = []
    short: Annotated[str, Field(max_length=3)] = ""
    by_name: dict[str, Left] = {}


f: Any = FieldPaths(schema_of(Stock))


def limits(action: Any) -> tuple[str, list[str]] | None:
    """The condition of an action, as text, and the numbers in it."""
    path = action.values[0]
    limit = limit_of(action, path.bounds) if path.bounds else None
    if limit is None:
        return None
    request = render({"ConditionExpression": limit.condition})
    values = request.get("ExpressionAttributeValues", {}).values()
    return request["ConditionExpression"], [value["N"] for value in values]


def _or_absent(comparison: str, name: str = "#0") -> str:
    return f"(attribute_not_exists ({name}) OR {comparison})"


LIMITS: list[tuple[Any, Any]] = [
    (lambda: f.free.add(-1), None),
    (lambda: f.left.add(1), None),
    (lambda: f.left.add(0), None),
    (lambda: f.left.add(-3), ("#0 >= :0", ["3"])),
    (lambda: f.most.add(3), (_or_absent("#0 <= :0"), ["7"])),
    (lambda: f.most.add(-3), None),
    (lambda: f.most.add(11), ("#0 <= :0", ["-1"])),
    (lambda: f.open.add(Decimal("0.5")), (_or_absent("#0 < :0"), ["9.5"])),
    (lambda: f.open.add(Decimal(-1)), ("#0 > :0", ["1"])),
    (lambda: f.between.add(0), ("attribute_exists (#0)", [])),
    (lambda: f.between.add(-1), ("#0 >= :0", ["2"])),
    (lambda: f.twice.add(1), ("attribute_exists (#0)", [])),
    (lambda: f.twice.add(-1), ("#0 >= :0", ["6"])),
    (lambda: f.perhaps.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.also.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.made.add(-1), ("#0 > :0", ["0"])),
    (lambda: f.named.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.later.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.before.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.ratio.add(-0.25), ("#0 >= :0", ["0.75"])),
    (lambda: f.above.add(-1.5), ("#0 > :0", ["1.5"])),
    (lambda: f.endless.add(1.0), None),
    (lambda: f.wait.add(timedelta(seconds=-1)), ("#0 >= :0", ["1"])),
    (lambda: f.union.add(-1), ("#0 >= :0", ["1"])),
    (lambda: f.root.add(Root(5)), (_or_absent("#0 <= :0"), ["4"])),
    (lambda: f.inner["left"].add(-1), ("#0.#1 >= :0", ["1"])),
    (lambda: f.inners[0]["left"].add(-1), ("#0[0].#1 >= :0", ["1"])),
    (lambda: f.numbers[1].add(-1), ("#0[1] >= :0", ["1"])),
    (lambda: f.by_name["a"].add(-1), ("#0.#1 >= :0", ["1"])),
    (lambda: f.few.append(1), (_or_absent("size (#0) <= :0"), ["2"])),
    (lambda: f.few.prepend(1, 2), (_or_absent("size (#0) <= :0"), ["1"])),
    (lambda: f.few.append(1, 2, 3, 4), ("size (#0) <= :0", ["-1"])),
    (lambda: f.latest.append(1), (_or_absent("size (#0) <= :0"), ["2"])),
    (lambda: f.sized.append(1), (_or_absent("size (#0) <= :0"), ["2"])),
    (lambda: f.numbers.append(1), None),
    (lambda: f.mixed.set(f.mixed + 1), (_or_absent("#0 <= :0"), ["4"])),
    (lambda: f.short.set("abc"), None),
    (lambda: f.left.set(f.free + f.left), None),
    (lambda: f.left.set(f.left - 1), (_or_absent("#0 >= :0"), ["1"])),
    (lambda: f.left.set(-1 + f.left), (_or_absent("#0 >= :0"), ["1"])),
    (lambda: f.left.set((f.left | 5) - 1), (_or_absent("#0 >= :0"), ["1"])),
    (lambda: f.left.set((f.left | 5) - 9), ("#0 >= :0", ["9"])),
    (lambda: f.left.set(f.left + 1), None),
    (lambda: f.left.set(f.free - 1), None),
    (lambda: f.left.set(1 - f.left), None),
    (lambda: f.left.set(f.free), None),
    (lambda: f.left.set(1), None),
    (f.left.remove, None),
]


@pytest.mark.parametrize(("make", "expected"), LIMITS, ids=range(len(LIMITS)))
def test_a_sum_has_the_bound_that_it_is_moved_towards(make: Any, expected: Any) -> None:
    """Shifted by the amount; where nothing is stored it is 0 that is added to."""
    assert limits(make()) == expected


NUMBERS = st.decimals(-1000, 1000, allow_nan=False, places=3)
WIDE = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**12), 10**12),
    st.integers(-20, 20),
)
NAMES = st.sampled_from(["ge", "gt", "le", "lt"])


class Any38(BaseModel):
    """A number."""

    id: Annotated[str, PartitionKey()]
    n: Decimal = Decimal(0)


n = FieldPaths(schema_of(Any38)).n


@given(NAMES, NUMBERS | WIDE, NUMBERS, st.none() | NUMBERS | WIDE)
def test_a_write_is_refused_where_its_sum_would_pass_the_bound(
    name: str, number: Decimal, amount: Decimal, stored: Decimal | None
) -> None:
    """And only there, or where it leads away; the condition and the judgement of an item agree."""
    bound = Bound(name, number)
    upper = name in ("le", "lt")
    limit = limit_of(n.add(amount), Bounds(None, bound) if upper else Bounds(bound, None))
    item = {} if stored is None else {"n": {"N": str(stored)}}
    within = bound.holds((stored or Decimal(0)) + amount)
    away = stored is not None and (amount == 0 or (amount < 0) == upper)
    assert (limit is None or limit.holds(item)) is (within or away)
    if limit is not None:
        assert holds(limit.condition, item) is limit.holds(item)


def test_a_bound_beyond_38_digits_is_asked_for_in_38() -> None:
    """Between the two is no number that could be stored."""
    fine = Decimal("1E-60")
    assert Bound("lt", Decimal(1)).shifted(-fine) == Bound("le", Decimal(1))
    assert Bound("ge", Decimal(1)).shifted(-fine).number == Decimal("1." + "0" * 36 + "1")
    assert Bound("ge", Decimal(10**200)).shifted(Decimal(1)).holds(Decimal("9E+125")) is False
    assert Bound("le", Decimal(-(10**200))).shifted(Decimal(1)).holds(Decimal("-9E+125")) is False
    assert Bound("le", Decimal(10**200)).shifted(Decimal(1)).holds(Decimal("9E+125")) is True


def test_a_float_that_is_read_as_its_open_bound_is_refused() -> None:
    """0.99999999999999999 is less than 1, and its nearest float is not."""
    limit = limit_of(f.ratio.add(0.25), f.ratio.bounds)
    assert limit is not None
    assert limit.holds({"ratio": {"N": "0.74"}})
    assert not limit.holds({"ratio": {"N": "0.74999999999999999"}})


def test_what_is_no_number_is_out_of_bounds() -> None:
    """As DynamoDB's comparison says; a refusal that shows what none can store breaks nothing."""
    limit = limit_of(f.left.add(-1), f.left.bounds)
    assert limit is not None
    item: Any = {"left": {"NULL": True}}
    assert not limit.holds(item)
    assert not holds(limit.condition, item)
    for text in ("x", "NaN", None):
        odd: Any = {"left": {"N": text}}
        assert not limit.holds(odd)


def test_where_nothing_may_be_absent_anything_else_may_be() -> None:
    """When the sum leads to no bound."""
    limit = limit_of(f.between.add(0), f.between.bounds)
    assert limit is not None
    assert limit.holds({"between": {"N": "-5"}})
    assert not limit.holds(None)


def test_a_list_that_is_as_long_as_it_may_be_takes_no_more() -> None:
    """One that is too long already stays so; nothing leads back."""
    limit = limit_of(f.few.append(1), f.few.bounds)
    assert limit is not None
    for count, fits in ((0, True), (2, True), (3, False), (4, False)):
        item: Any = {"few": {"L": [{"N": "1"}] * count}}
        assert limit.holds(item) is holds(limit.condition, item) is fits
