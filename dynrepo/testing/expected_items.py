"""The items of an expected query, as the requests of a real one find them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from dynrepo.operations.operation import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dynrepo.operations.operation import Operation
    from dynrepo.schema.entity import Schema


class ExpectedItems:
    """Answers the requests of a real query with the items of an expectation.

    `in_segments` is True for a query that is read in several shares: the first one has them all.
    """

    def __init__(
        self, schema: Schema[Any], read: Callable[[], list[Any]], *, in_segments: bool
    ) -> None:
        self._schema = schema
        self._in_segments = in_segments
        self._names = [field.attribute for field in self._schema.key_schema.fields]
        self._read = read
        self._lock = threading.Lock()
        self._encoded: list[dict[str, Any]] | None = None

    @property
    def _items(self) -> list[dict[str, Any]]:
        """The items in DynamoDB JSON, which are asked for where they are first read."""
        with self._lock:
            if self._encoded is None:
                self._encoded = []
                self._encoded = [self._schema.encode(item) for item in self._read()]
            return self._encoded

    def execute(self, operation: Operation[Any]) -> Any:
        """What a request of the query gives."""
        request = operation.request
        stored = self._stored(request)
        first = self._after(request.get("ExclusiveStartKey"))
        last: int = first + request.get("Limit", len(stored))
        items = stored[first:last]
        body: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if last < len(stored):
            body["LastEvaluatedKey"] = self._key(stored[last - 1])
        return operation.read(Answer(body))

    async def execute_async(self, operation: Operation[Any]) -> Any:
        """The same, awaited."""
        return self.execute(operation)

    def _stored(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The items that the request of a share finds."""
        return [] if self._in_segments and request["Segment"] else self._items

    def _after(self, start: dict[str, Any] | None) -> int:
        """How many items come before those after a key."""
        if start is None:
            return 0
        return [self._key(item) for item in self._items].index(self._key(start)) + 1

    def _key(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: item[name] for name in self._names}
