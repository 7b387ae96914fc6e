"""Every program does on an event loop what it does in a thread: the same requests and results."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import pkgutil
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import pytest
from pydantic import AwareDatetime, BaseModel

import dynrepo.operations
import dynrepo.sending
from dynrepo import PartitionKey, Repository, TimeToLive, Unprocessed
from dynrepo.aio import driver as aio
from dynrepo.blocking.driver import run
from dynrepo.errors import DynrepoError, Timeout
from dynrepo.operations import (
    batches,
    claims,
    editing,
    health,
    rekeying,
    rounds,
    samples,
    saving,
    table_life,
    table_plan,
    tables,
    transactions,
    unique_writes,
    updating,
)
from dynrepo.operations.program import Pause, Together
from dynrepo.operations.reads import get_item
from dynrepo.operations.unique_writes import UniqueWrites
from dynrepo.operations.writes import save_item, update_item
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import refusal, unprocessed
from tests.members import Member, Members
from tests.shop import ORDER, Orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.operations.operation import Operation
    from dynrepo.operations.program import Program
    from dynrepo.testing.faults import Exchange


class Note(BaseModel):
    """A note that is found by its topic, and expires."""

    name: Annotated[str, PartitionKey()]
    topic: Annotated[str, PartitionKey(index="by_topic")] = "t"
    reads: int = 0
    tags: set[str] | None = None
    ends: Annotated[AwareDatetime | None, TimeToLive()] = None


class OldNote(BaseModel):
    """What it was before."""

    name: Annotated[str, PartitionKey()]


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


class OldNotes(Repository[OldNote]):
    """The same table, without an index and an end."""

    table = "notes"


class Bare(BaseModel):
    """What it may be without."""

    name: Annotated[str, PartitionKey()]
    tags: set[str] | None = None


class BareNotes(Repository[Bare]):
    """The same table, with less of its attributes."""

    table = "notes"


class Trace(NamedTuple):
    """What a driver saw: the requests, the waits, the sentences; what came out."""

    seen: list[Any]
    outcome: Any


def in_a_thread(store: MemoryStore, program: Program[Any]) -> Trace:
    """Drives a program by the driver of the blocking face."""
    seen: list[Any] = []

    def execute(operation: Operation[Any]) -> Any:
        seen.append(operation.name)
        return operation.read(store.execute(operation))

    try:
        outcome = run(program, execute, lambda _: seen.append("pause"), seen.append)
    except DynrepoError as error:
        outcome = type(error), str(error)
    return Trace(seen, outcome)


def on_a_loop(store: MemoryStore, program: Program[Any]) -> Trace:
    """Drives a program by the driver of the asynchronous face."""
    seen: list[Any] = []

    async def execute(operation: Operation[Any]) -> Any:
        await asyncio.sleep(0)
        seen.append(operation.name)
        return operation.read(store.execute(operation))

    async def paused(_: float) -> None:
        seen.append("pause")

    try:
        outcome = asyncio.run(aio.run(program, execute, paused, seen.append))
    except DynrepoError as error:
        outcome = type(error), str(error)
    return Trace(seen, outcome)


def filled() -> MemoryStore:
    """A table with some notes."""
    store = MemoryStore(Notes)
    Notes(store, instruments=()).set_many([Note(name=str(number)) for number in range(130)])
    return store


def old() -> MemoryStore:
    """The table as it was."""
    return MemoryStore(OldNotes)


def busy() -> MemoryStore:
    """A table of which each batch leaves something."""
    store = filled()
    store.inject(unprocessed(1), on="BatchGetItem", times=3)
    store.inject(unprocessed(1), on="BatchWriteItem", times=None)
    return store


def undescribed() -> MemoryStore:
    """A table that nobody may describe."""
    store = filled()
    store.inject(refusal("AccessDeniedException"), on="DescribeTable")
    return store


def emptied() -> MemoryStore:
    """A table with a set that was emptied."""
    store = filled()
    Notes(store, instruments=()).set(Note(name="1", tags=set()))
    return store


def stuck() -> MemoryStore:
    """A table that is described, and cannot be read afterwards."""
    store = filled()
    store.inject(refusal("ValidationException"), on="GetItem", times=None)
    return store


def contended() -> MemoryStore:
    """A table of which others always change the item that is read."""
    store = filled()
    notes = Notes(store, instruments=())

    def changed_by_others(exchange: Exchange) -> Any:
        found = exchange.answer()
        notes.update("1", Notes.fields.topic.set(f"t{next(times)}"))
        return found

    times = count()
    store.inject(changed_by_others, on="GetItem", times=None)
    return store


def reads_counted(note: Note) -> Note:
    """A note that is read once more."""
    return note.model_copy(update={"reads": note.reads + 1})


def club() -> MemoryStore:
    """A table of members, no two of whom have one nickname."""
    store = MemoryStore(Members)
    Members(store, instruments=()).create(ADA)
    return store


def stale() -> MemoryStore:
    """A shared table with an item that is not in its index."""
    store = MemoryStore(Orders)
    Orders(store, instruments=()).set(ORDER)
    dumped = store.dump()
    del dumped["shop"]["items"][0]["gsi1pk"]
    return store.load(dumped)


ADA = Member(member_id="a", nick="ada")
CLUB: Any = Members(MemoryStore()).mapper
UNIQUE: Any = CLUB.unique
ORDERS: Any = Orders(MemoryStore()).mapper
MAPPER: Any = Notes(MemoryStore()).mapper
BARE: Any = BareNotes(MemoryStore()).mapper
NAMES = [str(number) for number in range(140)]
PLAN = table_plan.TablePlan()
MORE = [Notes.fields.reads.add(1)]


def writes(count: int) -> list[batches.Write]:
    """Writes of a batch."""
    return [batches.put(MAPPER, Note(name=str(number), reads=1)) for number in range(count)]


Case = tuple["Callable[[], MemoryStore]", "Callable[[], Program[Any]]"]
CASES: list[Case] = [
    (filled, lambda: rounds.get_many(MAPPER, NAMES, consistent=True)),
    (busy, lambda: rounds.get_many(MAPPER, NAMES, consistent=False)),
    (MemoryStore, lambda: rounds.get_many(MAPPER, NAMES, consistent=False)),
    (filled, lambda: rounds.at_once([rounds.get_many(MAPPER, NAMES, consistent=True)])),
    (filled, lambda: rounds.write_many(MAPPER, writes(60))),
    (busy, lambda: rounds.write_many(MAPPER, writes(60))),
    (MemoryStore, lambda: rounds.write_many(MAPPER, writes(3))),
    (filled, lambda: transactions.updated_once(MAPPER, update_item(MAPPER, "1", MORE), "1")),
    (filled, lambda: transactions.updated_once(MAPPER, update_item(MAPPER, "x", MORE), "x")),
    (stuck, lambda: transactions.updated_once(MAPPER, update_item(MAPPER, "1", MORE), "1")),
    (filled, lambda: transactions.read_after(MAPPER, "1")),
    (filled, lambda: transactions.read_after(MAPPER, "x")),
    (club, lambda: claims.sent(unique_writes.create_guarded(CLUB, UNIQUE, ADA))),
    (club, lambda: UniqueWrites(CLUB, UNIQUE).saved(ADA.model_copy(update={"nick": "n"}))),
    (club, lambda: UniqueWrites(CLUB, UNIQUE).updated("a", [Members.fields.nick.set("m")])),
    (club, lambda: UniqueWrites(CLUB, UNIQUE).deleted("a")),
    (filled, lambda: saving.saved(BARE, save_item(BARE, Bare(name="1")))),
    (filled, lambda: saving.saved(BARE, save_item(BARE, Bare(name="x")))),
    (filled, lambda: updating.updated(MAPPER, "1", MORE)),
    (filled, lambda: updating.updated(MAPPER, "1", MORE, exactly_once=True)),
    (emptied, lambda: updating.updated(MAPPER, "1", [Notes.fields.tags.add("a")])),
    (filled, lambda: editing.edited(MAPPER, "1", reads_counted)),
    (filled, lambda: editing.edited(MAPPER, "1", lambda note: note)),
    (filled, lambda: editing.edited(MAPPER, "x", reads_counted)),
    (contended, lambda: editing.edited(MAPPER, "1", reads_counted)),
    (MemoryStore, lambda: table_life.created(MAPPER, PLAN)),
    (filled, lambda: table_life.created(MAPPER, PLAN)),
    (MemoryStore, lambda: tables.verified(MAPPER)),
    (old, lambda: tables.verified(MAPPER)),
    (filled, lambda: samples.sampled(MAPPER, 3)),
    (filled, lambda: samples.patiently(get_item(MAPPER, "1"))),
    (stale, lambda: rekeying.rekeyed(ORDERS, None, 1)),
    (MemoryStore, lambda: table_life.ensured(MAPPER, PLAN)),
    (old, lambda: table_life.ensured(MAPPER, PLAN)),
    (filled, lambda: table_life.ensured(MAPPER, PLAN)),
    (filled, lambda: table_life.dropped(MAPPER, "notes")),
    (MemoryStore, lambda: table_life.dropped(MAPPER, "notes")),
    (filled, lambda: health.read_health(MAPPER)),
    (old, lambda: health.read_health(MAPPER)),
    (undescribed, lambda: health.read_health(MAPPER)),
    (MemoryStore, lambda: health.read_health(MAPPER)),
]


@pytest.mark.parametrize(("make_store", "make_program"), CASES, ids=range(len(CASES)))
def test_a_program_does_the_same_under_both_drivers(
    make_store: Callable[[], MemoryStore], make_program: Callable[[], Program[Any]]
) -> None:
    """The same requests, pauses and sentences in the same order, the same result or error."""
    stores = make_store(), make_store()
    blocking = in_a_thread(stores[0], make_program())
    assert on_a_loop(stores[1], make_program()) == blocking
    assert blocking.seen
    tables_left = [store.dump() for store in stores]
    assert tables_left[0] == tables_left[1]


def test_programs_together_are_gathered() -> None:
    """Each with its own requests and pauses."""

    def read(name: str) -> Program[Any]:
        yield Pause(0.0)
        return (yield Notes(filled()).lookup(name))

    def program() -> Program[Any]:
        return (yield Together(tuple(map(read, ("1", "2", "x")))))

    blocking, looped = in_a_thread(filled(), program()), on_a_loop(filled(), program())
    assert blocking.outcome == looped.outcome
    assert sorted(blocking.seen) == sorted(looped.seen)


def test_the_cases_end_in_every_way() -> None:
    """With a value, and with the errors that programs make themselves."""
    outcomes = [in_a_thread(store(), program()).outcome for store, program in CASES]
    errors = {outcome[0] for outcome in outcomes if isinstance(outcome, tuple)}
    assert Unprocessed in errors
    assert Timeout not in errors
    assert len(errors) >= 4


def programs_of(package: Any) -> set[str]:
    """The names of the public functions of a package that return a program."""
    modules = [
        importlib.import_module(f"{package.__name__}.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and str(function.__annotations__.get("return", "")).startswith("Program[")
    }


def test_every_program_is_among_the_cases() -> None:
    """One that is added is driven here, too."""
    driven = {name for _, make in CASES for name in make.__code__.co_names}
    programs = programs_of(dynrepo.operations) | programs_of(dynrepo.sending)
    assert len(programs) >= 8
    assert programs <= driven
