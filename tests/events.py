"""Events of a stream, for tests of queries: a global and a local index, and an end of life."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AwareDatetime, BaseModel

from dynrepo import PartitionKey, Repository, SortKey, TimeToLive
from dynrepo.testing import MemoryStore
from tests.wire import send

if TYPE_CHECKING:
    from dynrepo import Explanation, Operation, Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Event(BaseModel):
    """An event of a stream, with a global and a local index."""

    stream: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    kind: Annotated[str, PartitionKey(index="by_kind")] = "a"
    weight: Annotated[int | None, SortKey(index="by_weight"), SortKey(index="by_kind")] = None
    text: str = ""
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class Short(BaseModel):
    """Less of it."""

    number: int
    kind: str


class Events(Repository[Event]):
    """Events, with a count of the requests."""

    table = "events"
    sent: list[Operation[Any]]

    def _execute(self, wanted: Operation[Any], verb: str = "") -> Any:
        self.sent = [*getattr(self, "sent", []), wanted]
        return super()._execute(wanted, verb)


class LiveEvents(Events):
    """Events whose time is not over."""

    hide_expired = True


f = Events.fields


def filled(store: Store) -> Events:
    """Thirty events of one stream, five of another."""
    repository = Events(store)
    repository.create_table()
    repository.set_many(event(number) for number in range(30))
    repository.set_many(event(number, stream="t") for number in range(5))
    repository.sent = []
    return repository


def one_event() -> Events:
    """One event in memory; nothing is told of how it came there."""
    repository = Events(MemoryStore(Events))
    repository.set(event(0))
    repository.sent = []
    return repository


def problems(told: Explanation) -> str:
    """What an explanation warns of."""
    return "\n".join(each.problem for each in told.advice)


def cures(told: Explanation) -> str:
    """What is to be done about it."""
    return "\n".join(each.cure for each in told.advice)


def event(number: int, **more: Any) -> Event:
    """An event; every third is of kind b."""
    kind = "b" if number % 3 == 0 else "a"
    return Event(**{"stream": "s", "number": number, "kind": kind, "weight": -number, **more})


def numbers(found: Any) -> list[int]:
    """The numbers of events."""
    return [one.number for one in found]


def spoil(events: Events, number: int) -> None:
    """Stores a row that is no event."""
    store: Any = events.store
    item = events.schema.encode(event(number)) | {"text": {"N": "5"}}
    send(store._opened(), "PutItem", {"TableName": "events", "Item": item})
