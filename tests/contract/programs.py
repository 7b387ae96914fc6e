"""Programs for two stores at once: lists of steps as plain data, and what comes of them.

A step is a tuple: `("put", item, condition)`, `("update", key, actions, condition)`,
`("delete", key, condition)`, `("get", key, paths)`, `("query", index, key condition, filter,
options, *paths)`, `("scan", index, filter, *paths)`, `("transact", steps)`, `("together", gets)`.
Conditions, actions and operands are tuples too, and become PynamoDB's trees: `("and", ("=", "a",
1), ("exists", "b"))`. A path is a string as DynamoDB writes it, `a.b[0]`; `V(...)` is a value.
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pynamodb.expressions import condition as conditions
from pynamodb.expressions.operand import (
    Path,
    Value,
    _Decrement,
    _IfNotExists,
    _Increment,
    _ListAppend,
    _Size,
)
from pynamodb.expressions.update import AddAction, DeleteAction, RemoveAction, SetAction, Update

from dynrepo import ConditionFailed, StoreError, TransactionCanceled
from dynrepo.codec.value import canonical_item
from dynrepo.expressions.trees import render
from dynrepo.operations.operation import Effect, Operation

if TYPE_CHECKING:
    from dynrepo import Store

DEFINITION: dict[str, Any] = {
    "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": kind}
        for name, kind in {"p": "S", "s": "N", "g": "S", "h": "N", "l": "S"}.items()
    ],
    "KeySchema": [
        {"AttributeName": "p", "KeyType": "HASH"},
        {"AttributeName": "s", "KeyType": "RANGE"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_g",
            "KeySchema": [
                {"AttributeName": "g", "KeyType": "HASH"},
                {"AttributeName": "h", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        },
        {
            "IndexName": "by_h",
            "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["a"]},
        },
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by_l",
            "KeySchema": [
                {"AttributeName": "p", "KeyType": "HASH"},
                {"AttributeName": "l", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
}


@dataclass(frozen=True)
class V:
    """A value, where a string would be a path."""

    value: Any


def wire(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one for each type
    """A Python value in DynamoDB JSON, by its type."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int() | Decimal():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case bytes():
            return {"B": b64encode(value).decode()}
        case list():
            return {"L": [wire(one) for one in value]}
        case dict():
            return {"M": {name: wire(one) for name, one in value.items()}}
    elements = [wire(one) for one in sorted(value)]
    (tag,) = {next(iter(one)) for one in elements}
    return {f"{tag}S": [one[tag] for one in elements]}


def item_of(attributes: dict[str, Any]) -> dict[str, Any]:
    """An attribute map in DynamoDB JSON."""
    return {name: wire(value) for name, value in attributes.items()}


def path_of(text: str) -> Path:
    """A path from its text: names with dots between them and indexes behind them."""
    return Path(re.split(r"\.", text))


def operand_of(operand: Any) -> Any:  # noqa: PLR0911 - one for each form
    """An operand of PynamoDB."""
    match operand:
        case V(value):
            return Value(wire(value))
        case str():
            return path_of(operand)
        case ("size", path):
            return _Size(path_of(path))
        case ("if_not_exists", path, other):
            return _IfNotExists(path_of(path), operand_of(other))
        case ("+", one, other):
            return _unchecked(_Increment, operand_of(one), operand_of(other))
        case ("-", one, other):
            return _unchecked(_Decrement, operand_of(one), operand_of(other))
        case ("list_append", one, other):
            return _unchecked(_ListAppend, operand_of(one), operand_of(other))
    return Value(wire(operand))


def _unchecked(kind: Any, *operands: Any) -> Any:
    """An operand as the engine gets it from other clients, which check no types."""
    made = kind.__new__(kind)
    made.values = operands
    return made


def condition_of(condition: Any) -> Any:
    """A condition of PynamoDB; None for None."""
    if condition is None:
        return None
    name, *rest = condition
    if name in ("and", "or", "not"):
        kind = {"and": conditions.And, "or": conditions.Or, "not": conditions.Not}[name]
        return kind(*map(condition_of, rest))
    operands = list(map(operand_of, rest))
    if name in ("=", "<>", "<", "<=", ">", ">="):
        return conditions.Comparison(name, *operands)
    kinds: dict[str, Any] = {
        "between": conditions.Between,
        "in": conditions.In,
        "exists": conditions.Exists,
        "not_exists": conditions.NotExists,
        "begins_with": conditions.BeginsWith,
        "contains": conditions.Contains,
        "is_type": conditions.IsType,
    }
    return kinds[name](*operands)


def update_of(actions: Any) -> Update:
    """An update of PynamoDB."""
    kinds: dict[str, Any] = {
        "set": SetAction,
        "remove": RemoveAction,
        "add": AddAction,
        "delete": DeleteAction,
    }
    update = Update()
    for name, *rest in actions:
        update.add_action(_unchecked(kinds[name], *map(operand_of, rest)))
    return update


def operation_of(table: str, step: Any) -> Operation[Any]:
    """The operation of a step."""
    request: dict[str, Any] = {"TableName": table}
    trees: dict[str, Any] = {}
    match step:
        case ("put", item, condition):
            name = "PutItem"
            request.update(Item=item_of(item), ReturnValues="ALL_OLD")
            trees["ConditionExpression"] = condition_of(condition)
        case ("update", key, actions, condition):
            name = "UpdateItem"
            request.update(Key=item_of(key), ReturnValues="ALL_NEW")
            trees["UpdateExpression"] = update_of(actions)
            trees["ConditionExpression"] = condition_of(condition)
        case ("delete", key, condition):
            name = "DeleteItem"
            request.update(Key=item_of(key), ReturnValues="ALL_OLD")
            trees["ConditionExpression"] = condition_of(condition)
        case ("check", key, condition):
            name = "ConditionCheck"
            request.update(Key=item_of(key))
            trees["ConditionExpression"] = condition_of(condition)
        case ("get", key, paths):
            name = "GetItem"
            request.update(Key=item_of(key), ConsistentRead=True)
            trees["ProjectionExpression"] = tuple(map(path_of, paths)) or None
        case ("query", index, condition, where, options, *paths):
            name = "Query"
            request.update(options, **({"IndexName": index} if index else {}))
            trees["KeyConditionExpression"] = condition_of(condition)
            trees["FilterExpression"] = condition_of(where)
            trees["ProjectionExpression"] = tuple(map(path_of, paths)) or None
        case ("scan", index, where, *paths):
            name = "Scan"
            request.update({"IndexName": index} if index else {})
            trees["FilterExpression"] = condition_of(where)
            trees["ProjectionExpression"] = tuple(map(path_of, paths)) or None
        case ("transact", steps):
            return _transaction("Write", table, [operation_of(table, one) for one in steps])
        case ("together", steps):
            return _transaction("Get", table, [operation_of(table, one) for one in steps])
    trees = {parameter: tree for parameter, tree in trees.items() if tree is not None}
    request.update(render(trees))
    return Operation(name, table, request, lambda answer: answer, Effect.ONCE, expressions=trees)


_KINDS = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete", "GetItem": "Get"}
_ALONE = ("ReturnValues", "ConsistentRead")
"""Parameters that a request has alone, and not as a part of a transaction."""


def _transaction(kind: str, table: str, parts: list[Operation[Any]]) -> Operation[Any]:
    items = []
    for part in parts:
        request = {name: value for name, value in part.request.items() if name not in _ALONE}
        items.append({_KINDS.get(part.name, part.name): request})
    return Operation(
        f"Transact{kind}Items",
        table,
        {"TransactItems": items},
        lambda answer: answer,
        Effect.ONCE,
        parts=tuple(parts),
        refusal=lambda how: TransactionCanceled(
            ",".join(reason.code or "None" for reason in how.reasons)
        ),
    )


def outcome_of(store: Store, operation: Operation[Any]) -> Any:
    """What came of an operation, so that two stores can be compared."""
    try:
        body = store.execute(operation).body
    except TransactionCanceled as error:
        return "canceled", str(error)
    except ConditionFailed:
        return "condition failed"
    except StoreError as error:
        return "refused", error.code
    found = {name: canonical_item(body[name]) for name in ("Item", "Attributes") if body.get(name)}
    if "Responses" in body:
        found["Responses"] = tuple(
            canonical_item(each.get("Item", {})) for each in body["Responses"]
        )
    if "Items" in body:
        found["Count"], found["ScannedCount"] = body["Count"], body["ScannedCount"]
        ordered = operation.name == "Query" and "IndexName" not in operation.request
        items = [canonical_item(one) for one in body["Items"]]
        found["Items"] = tuple(items) if ordered else frozenset(items)
        found["more"] = bool(body.get("LastEvaluatedKey"))
    return found


def create(store: Store) -> str:
    """A table for one program; its name."""
    name = f"d{uuid4().hex[:12]}"
    request = {"TableName": name, **DEFINITION}
    store.execute(Operation("CreateTable", name, request, lambda _: None, Effect.ONCE))
    return name


def drop(store: Store, table: str) -> None:
    """The table is gone."""
    store.execute(
        Operation("DeleteTable", table, {"TableName": table}, lambda _: None, Effect.ONCE)
    )


def run(store: Store, program: list[Any]) -> list[Any]:
    """The outcome of each step of a program, and the table at its end."""
    table = create(store)
    try:
        return [outcome_of(store, operation_of(table, step)) for step in [*program, *END]]
    finally:
        drop(store, table)


END = [("scan", None, None), ("scan", "by_g", None), ("scan", "by_l", None)]
