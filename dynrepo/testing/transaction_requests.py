"""TransactGetItems and TransactWriteItems, answered from tables in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.item_requests import PlannedWrite, get_item, planned
from dynrepo.testing.rules import copied, invalid, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.tables import Position

WRITES: Final = 100
BYTES: Final = 4 * 1024 * 1024
TOKEN_SECONDS: Final = 600.0


def transact_get_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html."""
    bodies = [get_item(database, part) for part in operation.parts]
    return {"Responses": [{"Item": body["Item"]} if "Item" in body else {} for body in bodies]}


def transact_write_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""
    if not 1 <= len(operation.parts) <= WRITES:
        raise invalid("Member must have length less than or equal to 100, and at least one")
    if _replayed(database, operation):
        return {}
    writes, reasons = _attempted(database, operation.parts)
    if any(reasons):
        raise _canceled(reasons)
    for write in writes:
        write.apply()
    token = operation.request.get("ClientRequestToken")
    if token is not None:
        database.tokens[token] = (database.clock(), _parameters(operation))
    return {}


def _attempted(
    database: Database, parts: Iterable[Operation[Any]]
) -> tuple[list[PlannedWrite], list[Refused | None]]:
    """The writes of a transaction, and for each why it cannot be made, or None."""
    _check_distinct(database, parts)
    writes: list[PlannedWrite] = []
    reasons: list[Refused | None] = []
    for part in parts:
        try:
            writes.append(planned(database, part))
        except Refused as refusal:
            if refusal.code == "ResourceNotFoundException":
                raise
            reasons.append(refusal)
        else:
            reasons.append(None)
    if sum(write.size for write in writes) > BYTES:
        raise invalid("Aggregated size of all items in a transaction is over 4 MB")
    return writes, reasons


def _check_distinct(database: Database, parts: Iterable[Operation[Any]]) -> None:
    items = [_item_of(database, part) for part in parts]
    if len(set(items)) < len(items):
        raise invalid("Transaction request cannot include multiple operations on one item")


def _item_of(database: Database, part: Operation[Any]) -> tuple[str, Position]:
    """Which item a write is about: its table, and its position there."""
    table = database.table(part.request["TableName"])
    key = part.request.get("Key")
    if key is None:
        return table.name, table.keys.position(part.request["Item"])
    return table.name, table.position(key)


_REASONS: Final = {
    "ConditionalCheckFailedException": "ConditionalCheckFailed",
    "ValidationException": "ValidationError",
}


def _canceled(refusals: Iterable[Refused | None]) -> Refused:
    reasons = [{"Code": "None"} if refusal is None else _reason(refusal) for refusal in refusals]
    codes = ", ".join(reason["Code"] for reason in reasons)
    return refused(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _reason(refusal: Refused) -> Body:
    code = _REASONS.get(refusal.code, refusal.code)
    more = {"Item": refusal.response["Item"]} if "Item" in refusal.response else {}
    return {"Code": code, "Message": refusal.response["Error"]["Message"], **more}


def _replayed(database: Database, operation: Operation[Any]) -> bool:
    """Whether this very transaction was done a moment ago."""
    token = operation.request.get("ClientRequestToken")
    if token not in database.tokens:
        return False
    made, parameters = database.tokens[token]
    if database.clock() - made > TOKEN_SECONDS:
        del database.tokens[token]
        return False
    if parameters != _parameters(operation):
        raise refused(
            "IdempotentParameterMismatchException",
            "Request uses the same client token as a previous, but non-identical request",
        )
    return True


def _parameters(operation: Operation[Any]) -> Any:
    return copied(operation.request["TransactItems"])
