"""What random programs are made of, beyond what engines beside DynamoDB agree about."""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from programs import V

SIGNALS = (
    decimal.Inexact,
    decimal.Rounded,
    decimal.Clamped,
    decimal.Subnormal,
    decimal.Underflow,
    decimal.Overflow,
    decimal.FloatOperation,
)
ROUNDINGS = (decimal.ROUND_UP, decimal.ROUND_DOWN, decimal.ROUND_HALF_EVEN, decimal.ROUND_05UP)

contexts = st.builds(
    lambda precision, rounding, traps, limit: decimal.Context(
        prec=precision, rounding=rounding, Emax=limit, Emin=-limit, traps=list(traps)
    ),
    st.integers(1, 40),
    st.sampled_from(ROUNDINGS),
    st.sets(st.sampled_from(SIGNALS)),
    st.sampled_from([5, 100, 999_999]),
)
"""Decimal contexts as a program may leave them in a thread: narrow, rounding, with traps set."""


def number(digits: int, exponent: int) -> Decimal:
    """A number by its digits, made apart from any context."""
    sign = int(digits < 0)
    return Decimal((sign, tuple(map(int, str(abs(digits)))), exponent))


near = st.integers(-(10**38) + 1, 10**38 - 1).map(lambda digits: number(digits, 0))
wide = st.builds(number, st.integers(-(10**38) + 1, 10**38 - 1), st.integers(-130, 88))
small = st.builds(number, st.integers(-20, 20), st.sampled_from([-130, -1, 0, 1, 37, 124]))
numbers = near | wide | small
"""Numbers of up to 38 digits, and of all magnitudes."""

scalars = numbers | st.sampled_from(
    ["", "a", "ab", "\uffff", "😀", b"", b"\x00", b"\xff", True, None]
)
sets = st.frozensets(numbers, min_size=1, max_size=3)
values = st.recursive(
    scalars | sets,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["m", "n"]), inner, max_size=2)
    ),
    max_leaves=5,
)
items: st.SearchStrategy[dict[str, Any]] = st.dictionaries(st.sampled_from("abc"), values)

paths = st.builds(
    lambda name, more: name + "".join(more),
    st.sampled_from("abc"),
    st.lists(st.sampled_from([".m", ".n", "[0]", "[1]"]), max_size=3),
)
clashes = st.builds(
    lambda base, ends: [base + end for end in ends],
    paths,
    st.sampled_from([("", ""), ("", ".m.n"), ("[0]", ""), (".m", "[0]"), ("[1].m", ".n[1]")]),
)
"""Two paths of which one leads into the other, or says a list where the other says a map."""

operands = paths | values.map(V)
conditions = (
    st.tuples(st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), operands, operands)
    | st.tuples(st.just("between"), operands, operands, operands)
    | st.tuples(st.just("in"), operands, operands, operands)
)
"""Every comparison with a path or a value on either side."""

changes = st.one_of(
    st.tuples(st.just("set"), values.map(V)),
    st.tuples(st.just("set"), st.tuples(st.sampled_from("+-"), operands, operands)),
    st.tuples(st.just("set"), st.tuples(st.just("if_not_exists"), paths, operands)),
    st.just(("remove",)),
    st.tuples(st.just("add"), (numbers | sets).map(V)),
    st.tuples(st.just("delete"), sets.map(V)),
)


def action(path: str, change: Any) -> Any:
    """A change at a path, as a step has it."""
    return (change[0], path, *change[1:])


updates = st.lists(st.builds(action, paths, changes), min_size=1, max_size=3)
