"""Rows of groups, and a store that tells what it is given, for the tests of batches."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel

from dynrepo import DynamoStore, ForwardingStore, PartitionKey, Repository, SortKey, Version
from dynrepo.testing.memory import MemoryStore
from tests.scripted import Scripted

if TYPE_CHECKING:
    from dynrepo import Answer, Operation


class Row(BaseModel):
    """A row of a group."""

    group: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


def some(count: int) -> list[Row]:
    """Rows by number."""
    return [Row(group="g", number=number, text=str(number)) for number in range(count)]


def sent(repository: Repository[Any]) -> list[Any]:
    """The requests that a scripted connection got, table by table taken off."""
    connection: Any = repository.store
    return [request["RequestItems"]["rows"] for _, request in connection.script.sent]


class ScriptedStore(DynamoStore):
    """A store over a script."""

    def __init__(self, *script: Any) -> None:
        self.script = Scripted(*script)
        super().__init__(connection=self.script)


class Crossing(ForwardingStore):
    """A store in memory that counts how many requests are under way at the same time.

    Each waits for as many as are expected, or a moment.
    """

    def __init__(self, expected: int) -> None:
        super().__init__(MemoryStore(Rows))
        self.most = 0
        self._under_way = 0
        self._meeting = threading.Barrier(expected)
        self._lock = threading.Lock()

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Waits for the others, and answers."""
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            if operation.name.startswith("Batch"):
                self._meeting.wait(10)
            return super().execute(operation)
        finally:
            with self._lock:
                self._under_way -= 1
