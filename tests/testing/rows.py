"""Rows to store, and requests as another client would send them: unchecked, in DynamoDB JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey
from dynrepo.operations.operation import Effect, Operation

if TYPE_CHECKING:
    from dynrepo.testing.memory import MemoryStore


class Row(BaseModel, extra="allow"):
    """A row with both keys and an index."""

    p: Annotated[str, PartitionKey()]
    s: Annotated[int, SortKey()]
    g: Annotated[str | None, PartitionKey(index="by_g")] = None
    n: Decimal = Decimal(0)


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


def operation(
    name: str, trees: dict[str, Any] | None = None, parts: Any = (), **request: Any
) -> Operation[Any]:
    """A request with the trees of its expressions."""
    return Operation(
        name,
        "rows",
        request,
        lambda answer: answer,
        Effect.ONCE,
        expressions=trees or {},
        parts=parts,
    )


def send(store: MemoryStore, name: str, trees: dict[str, Any] | None = None, **request: Any) -> Any:
    """The body of the answer to a request."""
    return dict(store.execute(operation(name, trees, **request)).body)


def key(sort: int | str = 1, partition: str = "x") -> dict[str, Any]:
    """The key of a row."""
    return {"p": {"S": partition}, "s": {"N": str(sort)}}


def put(store: MemoryStore, **attributes: Any) -> Any:
    """Puts a row; its key is filled in."""
    return send(store, "PutItem", TableName="rows", Item={**key(), **attributes})
