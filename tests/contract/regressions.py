"""Programs that were found by running many, each named for what it shows; they are kept.

In `AGREED` memory and MiniStack do the same. In `MINISTACK_IS_WRONG` memory does what DynamoDB
documents, and MiniStack does not.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from programs import V

K = {"p": "x", "s": 1}

AGREED: dict[str, list[Any]] = {
    "ne_missing": [("put", K, None), ("put", K, ("<>", "zz", V(1)))],
    "size_num": [("put", {**K, "a": 5}, None), ("scan", None, ("=", ("size", "a"), V(1)))],
    "size_uni": [
        ("put", {**K, "a": "äö€😀"}, None),
        ("scan", None, ("=", ("size", "a"), V(4))),
        ("scan", None, ("=", ("size", "a"), V(11))),
        ("scan", None, ("=", ("size", "a"), V(5))),
    ],
    "lt_mixed": [
        ("put", {**K, "a": "1"}, None),
        ("scan", None, ("<", "a", V(2))),
        ("scan", None, ("not", ("<", "a", V(2)))),
    ],
    "between_swapped": [("put", {**K, "a": 1}, None), ("scan", None, ("between", "a", V(2), V(1)))],
    "begins_num": [("scan", None, ("begins_with", "a", V(2)))],
    "proj_missing": [
        ("put", {**K, "a": {"b": 1}}, None),
        ("get", K, ["a.c"]),
        ("get", K, ["a.b"]),
        ("get", K, ["zz"]),
        ("get", K, ["a", "s"]),
    ],
    "proj_list": [
        ("put", {**K, "a": [1, 2, [3, 4]]}, None),
        ("get", K, ["a[2][1]", "a[0]"]),
        ("get", K, ["a[9]"]),
    ],
    "proj_overlap": [("put", {**K, "a": {"b": 1}}, None), ("get", K, ["a", "a.b"])],
    "remove_missing": [("put", K, None), ("update", K, [("remove", "a")], None)],
    "remove_only_new": [("update", K, [("remove", "a")], None)],
    "set_missing_parent": [("put", K, None), ("update", K, [("set", "a.b", V(1))], None)],
    "add_str": [("put", {**K, "a": "s"}, None), ("update", K, [("add", "a", V(1))], None)],
    "add_new": [("update", K, [("add", "a", V(1))], None)],
    "add_nested": [("put", {**K, "a": {}}, None), ("update", K, [("add", "a.b", V(1))], None)],
    "add_list": [("update", K, [("add", "a", V([1]))], None)],
    "delete_all": [
        ("put", {**K, "a": {"q"}}, None),
        ("update", K, [("delete", "a", V({"q"}))], None),
    ],
    "delete_wrong": [
        ("put", {**K, "a": {1}}, None),
        ("update", K, [("delete", "a", V({"q"}))], None),
    ],
    "delete_missing": [("put", K, None), ("update", K, [("delete", "a", V({"q"}))], None)],
    "delete_num": [("put", K, None), ("update", K, [("delete", "a", V(1))], None)],
    "overlap": [
        ("put", {**K, "a": {"b": 1}}, None),
        ("update", K, [("set", "a", V(1)), ("set", "a.b", V(1))], None),
    ],
    "key_update": [("update", K, [("set", "s", V(1))], None)],
    "inc_missing": [("put", K, None), ("update", K, [("set", "a", ("+", "a", V(1)))], None)],
    "ine": [
        ("put", K, None),
        ("update", K, [("set", "a", ("+", ("if_not_exists", "a", V(0)), V(1)))], None),
    ],
    "la": [
        ("put", {**K, "a": [1]}, None),
        ("update", K, [("set", "a", ("list_append", "a", V([2])))], None),
        ("update", K, [("set", "a", ("list_append", V([0]), "a"))], None),
    ],
    "set_from_path": [
        ("put", {**K, "a": 1}, None),
        ("update", K, [("set", "b", "a"), ("set", "a", V(2))], None),
    ],
    "set_from_missing": [("put", {**K}, None), ("update", K, [("set", "b", "a")], None)],
    "gkey_wrong": [("put", {**K, "g": 1}, None)],
    "gkey_wrong_upd": [("put", K, None), ("update", K, [("set", "g", V(1))], None)],
    "gkey_empty": [("put", {**K, "g": ""}, None)],
    "lkey_wrong": [("put", {**K, "l": 1}, None)],
    "numbers": [
        ("put", {**K, "a": Decimal("1.500"), "b": Decimal("1E3"), "c": Decimal("-0")}, None),
        ("get", K, []),
    ],
    "big": [
        ("put", {**K, "a": Decimal("1E125")}, None),
        ("put", {**K, "a": Decimal("1E126")}, None),
        ("put", {**K, "a": Decimal("1E-130")}, None),
        ("put", {**K, "a": Decimal("1E-131")}, None),
    ],
    "d39": [("put", {**K, "a": Decimal("1" * 39)}, None)],
    "q_begins": [
        ("put", {**K, "l": "abc"}, None),
        ("put", {"p": "x", "s": 2, "l": "b"}, None),
        ("query", "by_l", ("and", ("=", "p", V("x")), ("begins_with", "l", V("a"))), None, {}),
    ],
    "q_begins_n": [
        ("query", None, ("and", ("=", "p", V("x")), ("begins_with", "s", V(1))), None, {})
    ],
    "q_ops": [("put", {"p": "x", "s": i}, None) for i in range(5)]
    + [
        (
            "query",
            None,
            ("and", ("=", "p", V("x")), (op, "s", V(2))),
            None,
            {"ScanIndexForward": f, "Limit": 2},
        )
        for op in ("=", "<", "<=", ">", ">=")
        for f in (True, False)
    ],
    "q_limit_exact": [("put", {"p": "x", "s": i}, None) for i in range(2)]
    + [("query", None, ("=", "p", V("x")), None, {"Limit": n}) for n in (1, 2, 3)],
    "q_gsi_consistent": [("query", "by_g", ("=", "g", V("x")), None, {"ConsistentRead": True})],
    "q_wrong_type": [("query", None, ("=", "p", V(1)), None, {})],
    "q_no_pk": [("query", None, ("=", "s", V(1)), None, {})],
    "q_between_swapped": [
        ("query", None, ("and", ("=", "p", V("x")), ("between", "s", V(3), V(1))), None, {})
    ],
    "q_empty_key": [("query", None, ("=", "p", V("")), None, {})],
    "q_bad_index": [("query", "nope", ("=", "p", V("x")), None, {})],
    "limit0": [("query", None, ("=", "p", V("x")), None, {"Limit": 0})],
    "get_empty_key": [("get", {"p": "", "s": 1}, [])],
    "get_wrong_key": [
        ("get", {"p": "x"}, []),
        ("get", {"p": "x", "s": "1"}, []),
        ("get", {"p": "x", "s": 1, "t": 1}, []),
    ],
    "put_no_key": [("put", {"p": "x"}, None)],
    "key_1.0": [("put", {"p": "x", "s": Decimal("1.0")}, None), ("get", K, [])],
    "tx_same": [("transact", [("put", K, None), ("delete", K, None)])],
    "tx_cancel": [
        ("put", K, None),
        (
            "transact",
            [
                ("put", K, ("not_exists", "p")),
                ("put", {"p": "y", "s": 1}, None),
                ("check", {"p": "z", "s": 1}, ("exists", "p")),
            ],
        ),
    ],
    "tx_update_bad": [
        ("put", K, None),
        (
            "transact",
            [("update", K, [("set", "a.b", V(1))], None), ("put", {"p": "y", "s": 1}, None)],
        ),
    ],
    "tx_ok": [
        ("put", K, None),
        (
            "transact",
            [
                ("update", K, [("set", "a", V(1))], ("exists", "p")),
                ("put", {"p": "y", "s": 1}, None),
                ("delete", {"p": "q", "s": 1}, None),
            ],
        ),
    ],
    "in_": [
        ("put", {**K, "a": 1}, None),
        ("scan", None, ("in", "a", V(2), V("1"), V(Decimal("1.0")))),
    ],
    "contains": [("put", {**K, "a": "abc", "b": {"x"}, "c": [1, "2"]}, None)]
    + [("scan", None, ("contains", n, V(v))) for n in "abc" for v in ("bc", "x", 1, "2", 2)],
    "contains_set_set": [
        ("put", {**K, "b": {"x"}}, None),
        ("scan", None, ("contains", "b", V({"x"}))),
    ],
    "is_type": [("put", {**K, "a": None, "b": {1}}, None)]
    + [("scan", None, ("is_type", n, V(t))) for n in "abz" for t in ("NULL", "NS", "SS")],
    "eq_sets": [
        ("put", {**K, "a": {1, 2}}, None),
        ("scan", None, ("=", "a", V({Decimal("2.0"), 1}))),
    ],
    "eq_path": [
        ("put", {**K, "a": 1, "b": 1}, None),
        ("scan", None, ("=", "a", "b")),
        ("scan", None, ("=", "a", "a")),
    ],
    "empty_set": [("put", {**K, "a": []}, None)],
    "cond_update_missing": [("update", K, [("set", "a", V(1))], ("exists", "p"))],
    "null": [
        ("put", {**K, "a": None}, None),
        ("scan", None, ("exists", "a")),
        ("scan", None, ("=", "a", V(None))),
    ],
}

MINISTACK_IS_WRONG: dict[str, tuple[str, list[Any]]] = {
    "eq_missing": (
        "takes two attributes that are missing for equal",
        [("put", K, None), ("scan", None, ("=", "a", "b"))],
    ),
    "condition_before_action": (
        "looks at the types of an update's actions before its condition",
        [
            ("put", {**K, "a": [], "d": [False]}, None),
            ("update", K, [("add", "a", V(-1))], ("begins_with", "a", V("a"))),
        ],
    ),
    "begins_with_another_type": (
        "refuses a prefix where an item has another type",
        [
            ("put", {**K, "a": 1}, None),
            ("scan", None, ("begins_with", "a", V("b"))),
            ("scan", None, ("not", ("begins_with", "a", V("b")))),
        ],
    ),
    "lt_bool": (
        "orders booleans",
        [("put", {**K, "a": True}, None), ("scan", None, ("<", "a", V(True)))],
    ),
    "between_mixed": (
        "takes bounds of two types",
        [("scan", None, ("between", "a", V(2), V("1")))],
    ),
    "remove_missing_parent": (
        "removes from what is not there",
        [("put", K, None), ("update", K, [("remove", "a.b")], None)],
    ),
    "set_list_beyond": (
        "appends in the order written, not by index",
        [
            ("put", {**K, "a": [1]}, None),
            ("update", K, [("set", "a[5]", V(2)), ("set", "a[3]", V(3))], None),
        ],
    ),
    "set_remove_list": (
        "removes by indexes that have moved",
        [
            ("put", {**K, "a": [1, 2, 3]}, None),
            ("update", K, [("remove", "a[0]"), ("set", "a[1]", V(9)), ("remove", "a[2]")], None),
        ],
    ),
    "remove_two": (
        "removes by indexes that have moved",
        [
            ("put", {**K, "a": [1, 2, 3]}, None),
            ("update", K, [("remove", "a[0]"), ("remove", "a[1]")], None),
        ],
    ),
    "add_set": (
        "refuses a set that has one of the numbers, written otherwise",
        [
            ("put", {**K, "a": {1, 2}}, None),
            ("update", K, [("add", "a", V({Decimal("2.0"), 3}))], None),
        ],
    ),
    "inc_str": (
        "adds to a text",
        [("put", {**K, "a": "x"}, None), ("update", K, [("set", "a", ("+", "a", V(1)))], None)],
    ),
    "la_wrong": (
        "appends to a number",
        [
            ("put", {**K, "a": 1}, None),
            ("update", K, [("set", "a", ("list_append", "a", V([2])))], None),
        ],
    ),
    "sum_over": (
        "rounds a sum of more than 38 digits",
        [
            ("put", {**K, "a": Decimal("9" * 38)}, None),
            ("update", K, [("add", "a", V(1))], None),
            ("update", K, [("add", "a", V(Decimal("0.5")))], None),
        ],
    ),
    "q_filter_key": (
        "filters by a key attribute",
        [("query", None, ("=", "p", V("x")), ("=", "s", V(1)), {})],
    ),
    "bytes": (
        "finds no bytes within bytes",
        [
            ("put", {**K, "a": b"\x00\xff", "b": {b"a", b"b"}}, None),
            ("scan", None, ("begins_with", "a", V(b"\x00"))),
            ("scan", None, (">", "a", V(b"\x7f"))),
            ("scan", None, ("contains", "a", V(b"\xff"))),
        ],
    ),
    "by_h": (
        "filters by what the index does not hold",
        [
            ("put", {**K, "h": 1, "a": 2, "b": 3}, None),
            ("query", "by_h", ("=", "h", V(1)), None, {}),
            ("query", "by_h", ("=", "h", V(1)), ("=", "b", V(3)), {}),
            ("query", "by_h", ("=", "h", V(1)), ("=", "a", V(2)), {}),
        ],
    ),
}
