"""What DynamoDB itself was seen to answer, or says in its documentation, as programs.

Each names its source: `alternator` are the tests of ScyllaDB's Alternator (test/alternator), which
its authors run on DynamoDB too; `dynalite` the tests of mhart/dynalite, recorded from DynamoDB;
`conformance` those of nubo-db/dynamodb-conformance, whose baseline is DynamoDB; `guide` is AWS's
developer guide, `reference` its API reference, `production` an error that DynamoDB gave to others.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from programs import V

K = {"p": "x", "s": 1}
P = ("=", "p", V("x"))
H = ("=", "h", V(1))
BIG = Decimal("9" * 38)


@dataclass(frozen=True)
class Recorded:
    """Steps, and the answer to each: "done", "refused", "failed", "canceled", or a count of items.

    `ministack` says what MiniStack does instead; nothing, where it does the same.
    """

    source: str
    steps: list[Any]
    answers: list[Any]
    ministack: str = ""


def put(**attributes: Any) -> Any:
    """Puts one item."""
    return ("put", {**K, **attributes}, None)


def update(*actions: Any, condition: Any = None) -> Any:
    """Updates it."""
    return ("update", K, list(actions), condition)


def having(condition: Any) -> Any:
    """Scans for what a condition holds of."""
    return ("scan", None, condition)


OWN = [("=", "a", "a"), ("<>", "a", "a"), (">", "a", "a"), ("contains", "a", "a")]
OWN += [("begins_with", "a", "a"), ("is_type", "a", "a"), ("=", "c[0].m", "c[0].m")]

RECORDED: dict[str, Recorded] = {
    "eq_path": Recorded(
        "alternator test_update_condition_eq_success; dynalite scan.js, non-distinct expressions",
        [put(a=1, b=1), having(("=", "a", "b")), having(("=", "a", "a"))],
        ["done", 1, "refused"],
        "compares an attribute with itself",
    ),
    "own_operand": Recorded(
        "dynalite scan.js, non-distinct expressions",
        [having(condition) for condition in OWN],
        ["refused"] * len(OWN),
        "compares an attribute with itself",
    ),
    "own_operands": Recorded(
        "production: 'The first operand must be distinct from the remaining operands'",
        [having(("between", "a", "b", "a")), having(("in", "a", V(1), "a"))],
        ["refused", "refused"],
        "compares an attribute with itself",
    ),
    "own_fallback": Recorded(
        "production: 'operator: if_not_exists, first operand'; alternator"
        " test_update_expression_set_key",
        [
            put(a=1, e=2),
            update(("set", "a", ("if_not_exists", "a", "a"))),
            update(("set", "b", ("if_not_exists", "b", "a"))),
            update(("set", "e", ("+", "e", "e"))),
            having(("=", "e", V(4))),
        ],
        ["done", "refused", "done", "done", 1],
        "takes an attribute that is its own fallback",
    ),
    "conflict": Recorded(
        "alternator test_update_expression_multi_conflict_nested",
        [
            put(a={"b": [1], "c": 1}),
            update(("set", "a.b", V(1)), ("set", "a[1]", V(1))),
            update(("set", "a.b.c", V(1)), ("set", "a.b[2]", V(1))),
            update(("set", "a[0]", V(1)), ("remove", "a.c")),
            update(("set", "a.b", V(1)), ("set", "a[1]", V(1)), condition=("exists", "zz")),
            update(("set", "a.b[0]", V(2)), ("set", "a.c", V(2))),
        ],
        ["done", *["refused"] * 4, "done"],
        "writes to conflicting paths",
    ),
    "conflict_read": Recorded(
        "dynalite projectionParser.pegjs; alternator test_projection_expression_path_overlap",
        [
            put(a={"b": 1}),
            ("get", K, ["a.b", "a[0]"]),
            ("get", K, ["a.b", "a"]),
            ("query", None, P, None, {}, "a.b", "a[0]"),
            ("scan", None, None, "a.b", "a.b"),
            ("get", K, ["a.b", "a.c"]),
        ],
        ["done", "refused", "refused", "refused", "refused", "done"],
        "reads conflicting paths",
    ),
    "path_limits": Recorded(
        "alternator test_projection_expression_path_nesting_levels, test_projection_expression"
        "_list_index",
        [
            put(),
            ("get", K, [".".join("a" * 32)]),
            ("get", K, [".".join("a" * 33)]),
            ("get", K, ["a[99999999999999]"]),
        ],
        ["done", "done", "refused", "refused"],
        "reads paths of any depth, and any index",
    ),
    "in_operands": Recorded(
        "alternator test_update_condition_in: 100 operands, the first of them included",
        [
            put(a=1),
            having(("in", "a", *[V(n) for n in range(99)])),
            having(("in", "a", *[V(n) for n in range(100)])),
        ],
        ["done", 1, "refused"],
        "takes any number",
    ),
    "by_h": Recorded(
        "guide GSI.html; production: 'Secondary index ... does not project one or more filter"
        " attributes'; alternator test_gsi_query_select_2",
        [
            put(h=1, a=2, b=3),
            ("query", "by_h", H, None, {}),
            ("query", "by_h", H, ("=", "b", V(3)), {}),
            ("query", "by_h", H, ("=", "a", V(2)), {}),
            ("query", "by_h", H, None, {}, "b"),
            ("query", "by_h", H, None, {}, "a"),
            ("scan", "by_h", ("=", "b", V(3))),
            ("query", "by_h", H, None, {"Select": "ALL_ATTRIBUTES"}),
        ],
        ["done", 1, "refused", 1, "refused", 1, 0, "refused"],
        "filters by what the index does not hold",
    ),
    "by_l": Recorded(
        "alternator test_lsi_query_select; production, as of by_h",
        [
            put(l="l1", a=2),
            ("query", "by_l", P, None, {"Select": "ALL_ATTRIBUTES"}),
            ("query", "by_l", P, None, {}, "a"),
            ("query", "by_l", P, ("=", "a", V(2)), {}),
        ],
        ["done", 1, 1, "refused"],
        "filters by what the index does not hold",
    ),
    "eq_missing": Recorded(
        "alternator test_update_condition_eq_two_unset, test_update_condition_ne_two_unset",
        [put(), having(("=", "a", "b")), having(("<>", "a", "b"))],
        ["done", 0, 1],
        "takes two attributes that are missing for equal",
    ),
    "types_in_conditions": Recorded(
        "alternator test_update_condition_attribute_type_unknown, .._second_arg, .._between,"
        " .._begins_with, .._ge",
        [
            put(t="hello", a=1),
            having(("is_type", "a", V("DOG"))),
            having(("is_type", "a", "t")),
            having(("between", "a", V(2), V("1"))),
            having(("between", "a", V([1]), V([2]))),
            having(("<", V([1]), "a")),
            having(("begins_with", V("hello you"), "t")),
            having(("begins_with", "a", V("b"))),
            having(("between", "a", "t", V(1))),
        ],
        ["done", *["refused"] * 5, 1, 0, 0],
        "takes bounds of two types",
    ),
    "functions_elsewhere": Recorded(
        "alternator test_update_condition_other_funcs, test_update_expression_function_nesting",
        [
            put(a=1, d=[]),
            having(("=", "a", ("if_not_exists", "b", V(1)))),
            having(("=", "a", ("list_append", "d", V([1])))),
            update(("set", "b", ("size", "d"))),
            update(("set", "d", ("list_append", ("list_append", "d", V([1])), V([1])))),
            update(("set", "d", ("list_append", ("if_not_exists", "d", V([])), V([1])))),
        ],
        ["done", "refused", "refused", "refused", "refused", "done"],
        "computes them wherever they stand",
    ),
    "types_in_updates": Recorded(
        "alternator test_update_expression_plus_basic, .._list_append_non_list_arguments,"
        " .._add_lists",
        [
            put(a="x", d=[1], n=1),
            update(("set", "b", ("+", V("dog"), V(3)))),
            update(("set", "b", ("+", "a", V(3)))),
            update(("set", "d", ("list_append", "d", V("hi")))),
            update(("set", "d", ("list_append", "n", V([2])))),
            update(("add", "d", V({3}))),
        ],
        ["done", *["refused"] * 5],
        "adds to a text, and appends to a number",
    ),
    "sums": Recorded(
        "alternator test_number.py: .._plus_imprecise, .._plus_overflow, .._plus_precision",
        [
            put(a=BIG, b=BIG, e=Decimal("9E125")),
            update(("set", "c", ("-", "a", "b"))),
            having(("=", "c", V(0))),
            update(("add", "a", V(1))),
            having(("=", "a", V(Decimal("1E38")))),
            update(("add", "a", V(Decimal("0.5")))),
            update(("set", "c", ("-", V(Decimal("1E50")), V(1)))),
            update(("set", "c", ("+", "e", "e"))),
        ],
        ["done", "done", 1, "done", 1, "refused", "refused", "refused"],
        "rounds a sum of more than 38 digits",
    ),
    "remove_nowhere": Recorded(
        "alternator test_nested_attribute_update_bad_path_dot, .._remove_from_missing_item",
        [
            update(("remove", "a.b"), ("remove", "b[0]")),
            put(a="x"),
            update(("remove", "a.b")),
            update(("remove", "c.b")),
            update(("set", "c.b", V(1))),
            update(("remove", "c")),
        ],
        ["done", "done", "refused", "refused", "refused", "done"],
        "removes from what is not there",
    ),
    "remove_only_new": Recorded(
        "alternator test_update_item_non_existent, test_update_item_returnvalues_all_new; a set's"
        " elements are removed by the same rule",
        [
            update(("remove", "a")),
            update(("delete", "a", V({"q"})), ("remove", "b")),
            having(("exists", "p")),
            update(("remove", "a"), ("set", "b", V(1))),
            having(("exists", "p")),
        ],
        ["done", "done", 0, "done", 1],
        "makes an item",
    ),
    "list_places": Recorded(
        "alternator test_nested_attribute_update_array_out_of_bounds, .._original_number",
        [
            put(a=[1]),
            update(("set", "a[5]", V(3)), ("set", "a[3]", V(2))),
            having(("=", "a", V([1, 2, 3]))),
            update(("remove", "a[0]"), ("set", "a[1]", V(9)), ("remove", "a[2]")),
            having(("=", "a", V([9]))),
        ],
        ["done", "done", 1, "done", 1],
        "appends in the order written, and removes by indexes that have moved",
    ),
    "condition_before_action": Recorded(
        "guide Expressions.ConditionExpressions.html",
        [put(a=[]), update(("add", "a", V(-1)), condition=("begins_with", "a", V("a")))],
        ["done", "failed"],
        "looks at the types of an update's actions before its condition",
    ),
    "lt_bool": Recorded(
        "guide Expressions.OperatorsAndFunctions.html",
        [put(a=True), having(("<", "a", V(True)))],
        ["done", "refused"],
        "orders booleans",
    ),
    "add_set": Recorded(
        "guide Expressions.UpdateExpressions.html",
        [
            put(a={1, 2}),
            update(("add", "a", V({Decimal("2.0"), 3}))),
            having(("=", "a", V({1, 2, 3}))),
        ],
        ["done", "done", 1],
        "refuses a set that has one of the numbers, written otherwise",
    ),
    "q_filter_key": Recorded(
        "dynalite query.js, range key in FilterExpression",
        [("query", None, P, ("=", "s", V(1)), {})],
        ["refused"],
        "filters by a key attribute",
    ),
    "key_conditions": Recorded(
        "alternator test_key_condition_expression_bad_compare, .._multi, .._parser",
        [
            ("query", None, ("=", "p", "s"), None, {}),
            ("query", None, ("and", P, ("=", "s", "a")), None, {}),
            ("query", None, ("and", P, ("<>", "s", V(1))), None, {}),
            ("query", None, ("and", P, ("in", "s", V(1))), None, {}),
            ("query", None, ("or", P, ("=", "s", V(1))), None, {}),
        ],
        ["refused"] * 5,
        "reads with conditions that are none of a key",
    ),
    "bytes": Recorded(
        "alternator test_update_condition_contains",
        [
            put(a=b"\x00\xff", b={b"a", b"b"}),
            having(("begins_with", "a", V(b"\x00"))),
            having((">", "a", V(b"\x7f"))),
            having(("contains", "a", V(b"\xff"))),
        ],
        ["done", 1, 0, 1],
        "finds no bytes within bytes",
    ),
    "together": Recorded(
        "conformance transactGet.test.ts, duplicate keys; error-messages/transactGetItems.test.ts",
        [
            ("together", [("get", K, []), ("get", {"p": "y", "s": 1}, [])]),
            ("together", [("get", K, []), ("get", {"p": "x", "s": Decimal("1.0")}, [])]),
            ("together", [("get", {"p": "x"}, [])]),
        ],
        ["done", "refused", "canceled"],
        "reads one key twice",
    ),
    "not_valid_together": Recorded(
        "alternator test_transact_write_cancellation_reasons_validationerror",
        [
            put(),
            ("transact", [("put", K, ("not_exists", "p")), ("put", {"p": 7, "s": 1}, None)]),
        ],
        ["done", "canceled"],
    ),
}
