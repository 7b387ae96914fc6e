"""TransactGetItems and TransactWriteItems, answered from tables in memory."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.database import capacities, read_units, write_units
from dynrepo.testing.item_requests import PlannedWrite, get_item, judged, planned
from dynrepo.testing.refusals import invalid, refused
from dynrepo.testing.rules import admitted, admitted_value, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database
    from dynrepo.testing.tables import MemoryTable, Position

R = TypeVar("R")

PARTS: Final = 100
BYTES: Final = 4 * 1024 * 1024
TOKEN: Final = 36
"""Characters of a client request token."""
TOKEN_SECONDS: Final = 600.0
UNITS: Final = 2
"""What an item costs in a transaction, to what its write or its consistent read costs alone.

Of an index this is not so, as was seen on DynamoDB: https://github.com/nubo-db/dynoxide/pull/188.
"""


def transact_get_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html."""
    _check_count(operation)
    items = _valid(operation.parts, partial(_item_of, database))
    _check_distinct(items)
    if sum(table.size(position) for table, position in items) > BYTES:
        raise invalid("Aggregated size of all items in a transaction is over 4 MB")
    bodies = [get_item(database, part) for part in operation.parts]
    return {
        "Responses": [{"Item": body["Item"]} if "Item" in body else {} for body in bodies],
        "ConsumedCapacity": capacities(
            (table.name, _reading(table.size(position))) for table, position in items
        ),
    }


def _reading(size: int) -> float:
    """The units that it takes to read an item."""
    return UNITS * read_units(size, consistent=True)


def transact_write_items(database: Database, operation: Operation[Any]) -> Body:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html."""
    _check_count(operation)
    token = operation.request.get("ClientRequestToken")
    if token is not None and not 1 <= len(token) <= TOKEN:
        raise invalid(f"Value at 'clientRequestToken' must have 1 to {TOKEN} characters")
    for part in operation.parts:
        _check_expression(part)
    replay = _replay(database, operation)
    if replay is not None:
        return copied(replay)  # type: ignore[no-any-return]
    writes = _writes(database, operation)
    units = [(w.table.name, UNITS * write_units(w.largest) + w.index_units) for w in writes]
    again = [(w.table.name, _reading(w.largest)) for w in writes]
    for write in writes:
        write.apply()
    if token is not None:
        replay = {"ConsumedCapacity": capacities(again)}
        database.tokens[token] = (database.clock(), _parameters(operation), replay)
    return {"ConsumedCapacity": capacities(units)}


def _check_count(operation: Operation[Any]) -> None:
    if not 1 <= len(operation.parts) <= PARTS:
        raise invalid(f"Value at 'transactItems' must have length 1 to {PARTS}")


def _check_expression(part: Operation[Any]) -> None:
    """Refuses a write without what it needs: elsewhere an update does without an expression."""
    needed = _NEEDED.get(part.name)
    if needed is not None and not part.request.get(needed):
        raise invalid(f"The parameter '{needed}' is required but was not present in the request")


_NEEDED: Final = {"UpdateItem": "UpdateExpression", "ConditionCheck": "ConditionExpression"}


def _writes(database: Database, operation: Operation[Any]) -> list[PlannedWrite]:
    """The writes of a transaction; refused, with a reason for each, if one cannot be made."""
    plans = _valid(operation.parts, partial(planned, database))
    _check_distinct((plan.table, plan.position) for plan in plans)
    if sum(map(_size, operation.parts)) > BYTES:
        raise invalid("Transaction payload size cannot exceed 4 MB")
    writes: list[PlannedWrite] = []
    reasons: list[Refused | None] = []
    for plan, part in zip(plans, operation.parts, strict=True):
        try:
            writes.append(judged(plan, part))
        except Refused as refusal:
            reasons.append(refusal)
        else:
            reasons.append(None)
    if any(reasons):
        raise _canceled(reasons)
    return writes


def _valid(parts: Sequence[Operation[Any]], look: Callable[[Operation[Any]], R]) -> list[R]:
    """What a look at each part gives; the first that is not valid cancels, before any condition.

    So it is in test_transact.py of Scylla Alternator's tests,
    test_transact_write_cancellation_reasons_validationerror.
    """
    seen: list[R] = []
    for part in parts:
        try:
            seen.append(look(part))
        except Refused as refusal:
            if refusal.code != "ValidationException":
                raise
            after = len(parts) - len(seen) - 1
            raise _canceled([*[None] * len(seen), refusal, *[None] * after]) from None
    return seen


def _size(part: Operation[Any]) -> int:
    """The bytes that a write sends: those of its item, or of its key and values.

    Not those of what is stored: test_transact.py of Scylla Alternator's tests,
    test_transact_write_items_delete_5MB.
    """
    request = part.request
    values = request.get("ExpressionAttributeValues", {}).values()
    _, size = admitted(request.get("Item") or request["Key"])
    return size + sum(admitted_value(value)[1] for value in values)


def _check_distinct(items: Iterable[tuple[MemoryTable, Position]]) -> None:
    listed = [(table.name, position) for table, position in items]
    if len(set(listed)) < len(listed):
        raise invalid("Transaction request cannot include multiple operations on one item")


def _item_of(database: Database, part: Operation[Any]) -> tuple[MemoryTable, Position]:
    """Which item is read: its table, and its position there."""
    table = database.table(part.request["TableName"])
    return table, table.position(part.request["Key"])


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


def _replay(database: Database, operation: Operation[Any]) -> Body | None:
    """The answer to this very transaction, where it was done a moment ago."""
    token = operation.request.get("ClientRequestToken")
    if token not in database.tokens:
        return None
    made, parameters, replay = database.tokens[token]
    if database.clock() - made > TOKEN_SECONDS:
        del database.tokens[token]
        return None
    if parameters != _parameters(operation):
        raise refused(
            "IdempotentParameterMismatchException",
            "Request uses the same client token as a previous, but non-identical request",
        )
    return replay


def _parameters(operation: Operation[Any]) -> Any:
    return copied(operation.request["TransactItems"])
