"""MemoryStore does what a second writing of DynamoDB's rules says, to anything at random.

What engines differ in is asked here, and not in `test_differential`: all digits, every operator
with a path or a value on either side, paths that conflict, and any decimal context.
"""

from __future__ import annotations

import decimal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from oracle import REFUSED, compatible, held, makes, projection, truth, whole
from programs import V, create, item_of, operation_of, outcome_of, run
from strategies import (
    action,
    changes,
    clashes,
    conditions,
    contexts,
    items,
    number,
    numbers,
    paths,
    updates,
)

from dynrepo.codec.value import canonical_item
from dynrepo.testing.memory import MemoryStore

pytestmark = pytest.mark.once

K = {"p": "x", "s": 1}
NINES = number(10**38 - 1, 0)


def outcomes(*steps: Any) -> list[Any]:
    """What comes of each step in an empty table."""
    store = MemoryStore()
    table = create(store)
    return [outcome_of(store, operation_of(table, step)) for step in steps]


def is_refused(outcome: Any) -> bool:
    """Whether a request was found not to be valid."""
    return bool(outcome == ("refused", "ValidationException"))


SUMS = [("+", "a", "b"), ("+", "a", "V"), ("+", "V", "b"), ("+", "V", "V"), ("add", "a", "V")]
SUMS += [("-", "a", "b"), ("-", "a", "V"), ("-", "V", "b"), ("-", "V", "V")]


@given(numbers, numbers, st.sampled_from(SUMS), contexts)
@example(NINES, NINES, ("-", "a", "b"), decimal.Context(prec=5))
@example(NINES, number(5, -1), ("add", "a", "V"), decimal.Context(prec=28))
def test_a_sum_is_exact_or_refused(left: Any, right: Any, how: Any, context: Any) -> None:
    """Whatever is added to whatever, in any decimal context."""
    name, *sides = how
    operands = [
        V(value) if side == "V" else side for side, value in zip(sides, (left, right), strict=True)
    ]
    write = ("add", "a", operands[1]) if name == "add" else ("set", "a", (name, *operands))
    with decimal.localcontext(context):
        _, updated, found = outcomes(
            ("put", {**K, "a": left, "b": right}, None),
            ("update", K, [write], None),
            ("get", K, ["a"]),
        )
    exact = whole(left) - whole(right) if name == "-" else whole(left) + whole(right)
    assert is_refused(updated) is not held(exact)
    kept = exact if held(exact) else whole(left)
    ((_, (_, value)),) = found["Item"]
    assert whole(value) == kept


@given(items, conditions, contexts)
def test_a_condition_is_true_false_or_refused(item: Any, condition: Any, context: Any) -> None:
    """Each comparison, of paths and values on either side; its opposite is the other way."""
    expected = truth(condition, {**K, **item})
    with decimal.localcontext(context):
        _, found, opposite = outcomes(
            ("put", {**K, **item}, None),
            ("scan", None, condition),
            ("scan", None, ("not", condition)),
        )
    if expected is REFUSED:
        assert is_refused(found)
        assert is_refused(opposite)
    else:
        assert (found["Count"], opposite["Count"]) == (int(expected), int(not expected))


@given(items, clashes | st.lists(paths, min_size=1, max_size=4))
def test_a_projection_gives_its_parts_or_is_refused(item: Any, wanted: list[str]) -> None:
    """Where one path leads into another, or says a list where another says a map."""
    _, found, scanned = outcomes(
        ("put", {**K, **item}, None), ("get", K, wanted), ("scan", None, None, *wanted)
    )
    if not compatible(wanted):
        assert is_refused(found)
        assert is_refused(scanned)
        return
    expected = canonical_item(item_of(projection(wanted, item)))
    assert found.get("Item", frozenset()) == expected
    assert scanned["Items"] == frozenset([expected])


@given(items, clashes, st.tuples(changes, changes))
def test_an_update_with_paths_that_conflict_is_refused(item: Any, two: Any, how: Any) -> None:
    """Whatever is written to them, and whatever is stored; before any condition."""
    assert not compatible(two)
    actions = list(map(action, two, how))
    before, updated, after = outcomes(
        ("put", {**K, **item}, None), ("update", K, actions, ("exists", "zz")), ("get", K, [])
    )
    assert is_refused(updated)
    assert before == {}
    assert after["Item"] == canonical_item(item_of({**K, **item}))


@given(updates)
@example([("remove", "a"), ("delete", "b", V({1}))])
@example([("remove", "a.m"), ("set", "b", V(1))])
def test_an_update_makes_an_item_unless_it_only_removes(actions: list[Any]) -> None:
    """Where none is stored; one that is refused makes none either."""
    updated, found = outcomes(("update", K, actions, None), ("get", K, []))
    assert ("Item" in found) is (makes(actions) and not is_refused(updated))


steps = st.one_of(
    items.map(lambda item: ("put", {**K, **item}, None)),
    st.tuples(st.just("update"), st.just(K), updates, st.none() | conditions),
    st.tuples(st.just("scan"), st.none(), conditions),
    st.tuples(st.just("get"), st.just(K), st.lists(paths, max_size=3)),
)


@given(st.lists(steps, min_size=1, max_size=5), contexts)
def test_a_program_does_the_same_in_any_decimal_context(program: list[Any], context: Any) -> None:
    """What is computed, compared and refused depends on the request alone."""
    expected = run(MemoryStore(), program)
    with decimal.localcontext(context):
        assert run(MemoryStore(), program) == expected
