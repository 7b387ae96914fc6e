"""Which function answers which operation in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dynrepo.testing import (
    batch_requests,
    item_requests,
    query_requests,
    table_requests,
    transaction_requests,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.operation import Operation
    from dynrepo.testing.database import Body, Database

HANDLERS: Final[dict[str, Callable[[Database, Operation[Any]], Body]]] = {
    **table_requests.HANDLERS,
    "GetItem": item_requests.get_item,
    "PutItem": item_requests.write_item,
    "UpdateItem": item_requests.write_item,
    "DeleteItem": item_requests.write_item,
    "BatchGetItem": batch_requests.batch_get_item,
    "BatchWriteItem": batch_requests.batch_write_item,
    "TransactGetItems": transaction_requests.transact_get_items,
    "TransactWriteItems": transaction_requests.transact_write_items,
    "Query": query_requests.query,
    "Scan": query_requests.scan,
}
"""By DynamoDB's name of the operation: each is given the tables and the request."""
