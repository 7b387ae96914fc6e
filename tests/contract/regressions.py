"""Programs that were found by running many, each named for what it shows; they are kept.

Memory and MiniStack do the same in all of them. What is known of DynamoDB itself is in `recorded`.
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
    "empty_set": [("put", {**K, "a": []}, None)],
    "cond_update_missing": [("update", K, [("set", "a", V(1))], ("exists", "p"))],
    "null": [
        ("put", {**K, "a": None}, None),
        ("scan", None, ("exists", "a")),
        ("scan", None, ("=", "a", V(None))),
    ],
}
