"""What tests of containers wire: repositories of both faces, a store, an instrument."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel

from dynrepo import Answer, AsyncRepository, Location, Operation, PartitionKey, Repository

if TYPE_CHECKING:
    from dynrepo import Call


class Note(BaseModel):
    """A key."""

    note_id: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Some."""

    table = "notes"


class Drafts(Repository[Note]):
    """Others."""

    table = "drafts"


class AsyncNotes(AsyncRepository[Note]):
    """Some, for tasks."""

    table = "notes"


class AsyncDrafts(AsyncRepository[Note]):
    """Others, for tasks."""

    table = "drafts"


STATES: dict[str, Any] = {"notes": "ACTIVE", "drafts": "ACTIVE"}


class States:
    """The state of each table, the error that is answered with, or what is waited for."""

    table_prefix = ""
    deadline = 10.0
    location = Location("eu-west-1", "http://127.0.0.1:8000")

    def __init__(self, **states: Any) -> None:
        self.states = {**STATES, **states}
        self.asked: list[str] = []
        self.threads: list[str] = []
        self.closed = False

    def close(self) -> None:
        """Remembers it."""
        self.closed = True


class TableStore(States):
    """A store that describes its tables, to threads."""

    def sleep(self, _seconds: float, /) -> None:
        """Does not wait."""

    def execute(self, operation: Operation[Any], /) -> Answer:
        """Describes the table, or raises, or waits."""
        self.asked.append(operation.table)
        self.threads.append(threading.current_thread().name)
        state = self.states[operation.table]
        if isinstance(state, threading.Event):
            state.wait(10)
        return described(state)


class AsyncTableStore(States):
    """A store that describes its tables, to tasks."""

    async def sleep_async(self, _seconds: float, /) -> None:
        """Does not wait."""

    async def execute_async(self, operation: Operation[Any], /) -> Answer:
        """Describes the table, or raises."""
        self.asked.append(operation.table)
        return described(self.states[operation.table])


class TableStoreOfBoth(TableStore, AsyncTableStore):
    """A store that describes its tables to both, as one in memory does."""


def described(state: Any) -> Answer:
    """What DescribeTable says of a table in a state; the error that this is."""
    if isinstance(state, Exception):
        raise state
    description = {
        "TableStatus": state,
        "KeySchema": [{"AttributeName": "note_id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "note_id", "AttributeType": "S"}],
    }
    return Answer({"Table": description})


class Counter:
    """An instrument that counts."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, _call: Call, /) -> None:
        """Counts."""
        self.count += 1

    def finished(self, _call: Call, _begun: Any, /) -> None:
        """Has counted."""
