"""The life of a table: created, completed and dropped, whoever else does the same at the time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from dynrepo import (
    Difference,
    DynamoStore,
    ForwardingStore,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    StoreError,
    TableNotFound,
    Timeout,
)
from dynrepo.instrumentation.logs import LogInstrument
from dynrepo.instrumentation.otel import SpanInstrument
from dynrepo.operations import table_life
from dynrepo.testing import faults
from tests.loopback import Loopback, answer, say, say_nothing
from tests.scripted import Scripted, refused
from tests.things import Bare, Bares, Grown, Growns, OtherKeys

if TYPE_CHECKING:
    from dynrepo import Answer, Operation, Store
    from dynrepo.testing import MemoryStore
    from dynrepo.testing.faults import Exchange


def test_ensure_makes_a_missing_table(stores: Store) -> None:
    """And says how it goes."""
    things = Growns(stores)
    said: list[str] = []
    assert not things.ensure_table(progress=said.append)
    assert f"{things.mapper.table} is ACTIVE" in said[-1]
    said.clear()
    assert not things.ensure_table(progress=said.append)
    assert said == []


def test_a_table_that_is_looked_for_may_be_missing(
    stores: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """No line and no span says that something failed; where it has to be there, both do."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    things = Growns(stores, instruments=(LogInstrument(slow=600), SpanInstrument(provider)))
    with caplog.at_level("DEBUG", logger="dynrepo"):
        things.ensure_table()
        things.drop_table(confirm=things.mapper.table)
        assert things.verify_table().missing
    looks = [record for record in caplog.records if getattr(record, "error", None)]
    told = {(record.levelname, *record.args[:1], record.error) for record in looks}
    assert told == {("DEBUG", "DescribeTable", "TableNotFound")}
    assert {span.status.status_code for span in exporter.get_finished_spans()} == {StatusCode.UNSET}
    with pytest.raises(TableNotFound):
        things.connect()
    assert caplog.records[-1].levelname == "ERROR"
    assert exporter.get_finished_spans()[-1].status.status_code is StatusCode.ERROR


def test_ensure_adds_what_is_missing(stores: Store) -> None:
    """Indexes and expiry; the items stay."""
    old, new = Bares(stores), Growns(stores)
    old.create_table()
    old.set(Bare(name="a", number=1))
    assert new.verify_table() == Difference(
        new.mapper.table, missing_indexes=("by_kind",), time_to_live=True
    )
    assert not new.ensure_table()
    assert not new.verify_table()
    assert new.get(("a", 1)) == Grown(name="a", number=1)


def test_indexes_are_added_one_after_the_other(stores: Store) -> None:
    """Each request keeps the types of the attributes of those before."""

    class Listed(Bare):
        kind: Annotated[str, PartitionKey(index="by_kind")] = "k"
        place: Annotated[int, PartitionKey(index="by_place")] = 1

    class Listeds(Repository[Listed]):
        table = "things"

    Bares(stores).create_table()
    things = Listeds(stores)
    assert not things.ensure_table()
    assert not things.verify_table()
    things.set(Listed(name="a", number=1))
    assert things.query(things.fields.place == 1, index="by_place").count() == 1


def test_a_table_is_dropped_by_its_full_name_only(stores: Store) -> None:
    """And is gone then."""
    things = Bares(stores)
    things.create_table()
    with pytest.raises(ValueError, match=f"pass confirm='{things.mapper.table}'"):
        things.drop_table(confirm="wrong")
    assert not things.verify_table()
    things.drop_table(confirm=things.mapper.table)
    with pytest.raises(TableNotFound):
        things.connect()


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_life, "POLL", 0.001)
    monkeypatch.setattr(table_life, "WAIT_LIMIT", 0.003)


@pytest.mark.usefixtures("_impatient")
def test_waiting_for_a_table_ends() -> None:
    """With Timeout; it is waited for while an index is filled, too."""
    creating = {"Table": {"TableName": "things", "TableStatus": "CREATING"}}
    indexes = [{"IndexName": "by_kind", "IndexStatus": "CREATING"}]
    filling = {
        "Table": {"TableName": "things", "TableStatus": "ACTIVE"}
        | {"GlobalSecondaryIndexes": indexes}
    }
    for state in (creating, filling):
        things = Growns(DynamoStore(connection=Scripted({}, state)))
        with pytest.raises(Timeout, match="things is not active"):
            things.create_table()
    with pytest.raises(Timeout, match="things is not gone"):
        Growns(DynamoStore(connection=Scripted({}, creating))).drop_table(confirm="things")


@pytest.mark.usefixtures("_impatient")
def test_a_table_is_waited_for_until_all_is_active() -> None:
    """Then the expiry is switched on, once."""

    def state(status: str, index: str) -> dict[str, Any]:
        indexes = [{"IndexName": "by_kind", "IndexStatus": index}]
        shown = {"TableName": "things", "TableStatus": status, "GlobalSecondaryIndexes": indexes}
        return {"Table": shown}

    connection = Scripted({}, state("CREATING", "CREATING"), state("ACTIVE", "ACTIVE"), {})
    Growns(DynamoStore(connection=connection)).create_table()
    assert [name for name, _ in connection.sent] == [
        "CreateTable",
        "DescribeTable",
        "DescribeTable",
        "UpdateTimeToLive",
    ]


def lost(exchange: Exchange) -> Any:
    """Does what is asked, whatever comes of it, and loses the answer."""
    try:
        exchange.answer()
    finally:
        raise ConnectionResetError


ACTIVE = {
    "TableName": "things",
    "TableStatus": "ACTIVE",
    "KeySchema": [
        {"AttributeName": "name", "KeyType": "HASH"},
        {"AttributeName": "number", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "name", "AttributeType": "S"},
        {"AttributeName": "number", "AttributeType": "N"},
    ],
}


def test_a_creation_slower_than_the_read_timeout_is_done() -> None:
    """What is described afterwards tells."""
    creating = {"Table": {**ACTIVE, "TableStatus": "CREATING"}}
    described = say(answer(creating)), say(answer({"Table": ACTIVE}))
    with Loopback(say_nothing, *described) as server:
        store = DynamoStore(endpoint=server.url, region="eu-west-1", read_timeout=0.3)
        Bares(store).create_table()
        store.close()
    targets = [request.headers["x-amz-target"].partition(".")[2] for request in server.received]
    assert targets[:2] == ["CreateTable", "DescribeTable"]


@pytest.mark.parametrize("fault", [lost, faults.server_error()], ids=["applied", "not applied"])
@pytest.mark.parametrize("change", ["CreateTable", "UpdateTimeToLive"])
def test_a_creation_whose_answer_is_lost_is_done(
    memory: MemoryStore, fault: Any, change: str
) -> None:
    """It is looked for, and asked for again where it is not there."""
    things = Growns(memory)
    with memory.inject(fault, on=change):
        things.create_table()
    assert not things.verify_table()


@pytest.mark.parametrize("fault", [lost, faults.server_error()], ids=["applied", "not applied"])
@pytest.mark.parametrize("change", ["CreateTable", "UpdateTable", "UpdateTimeToLive"])
def test_a_completion_whose_answer_is_lost_is_done(
    memory: MemoryStore, fault: Any, change: str
) -> None:
    """Of a table, of an index, of the expiry."""
    if change != "CreateTable":
        Bares(memory).create_table()
    with memory.inject(fault, on=change):
        assert not Growns(memory).ensure_table()


def test_a_creation_that_was_refused_is_not_done(memory: MemoryStore) -> None:
    """Where the refusal is lost, the keys of the table that is there tell."""
    OtherKeys(memory).create_table()
    with memory.inject(lost, on="CreateTable"), pytest.raises(StoreError) as caught:
        Bares(memory).create_table()
    assert caught.value.code == "ResourceInUseException"


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize(
    "look", [ConnectionResetError(), refused("AccessDeniedException")], ids=["lost", "denied"]
)
def test_a_creation_that_cannot_be_looked_at_is_unknown(look: Exception) -> None:
    """Nobody can tell then."""
    lost_answer = ConnectionResetError()
    things = Bares(DynamoStore(connection=Scripted(lost_answer, look), attempts=1))
    with pytest.raises(OutcomeUnknown):
        things.create_table()


def test_a_deletion_whose_answer_is_lost_is_done(memory: MemoryStore) -> None:
    """The table is gone, or on its way."""
    things = Growns(memory)
    things.create_table()
    with memory.inject(lost, on="DeleteTable"):
        things.drop_table(confirm="things")
    assert things.verify_table().missing


@pytest.mark.usefixtures("_impatient")
def test_a_deletion_is_asked_for_once(memory: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another table of the name could be meant the second time: it stays unknown."""
    monkeypatch.setattr(table_life, "SETTLING", 0.002)
    things = Growns(memory)
    things.create_table()
    fault = memory.inject(faults.server_error(), on="DeleteTable", times=None)
    with pytest.raises(OutcomeUnknown):
        things.drop_table(confirm="things")
    assert fault.hits == 1


class Meeting(ForwardingStore):
    """Answers to the first operation of a kind wait until as many callers have theirs."""

    def __init__(self, store: Store, kind: str, callers: Barrier) -> None:
        super().__init__(store)
        self.kind, self.callers = kind, callers

    def execute(self, operation: Operation[Any], /) -> Answer:
        """The answer, or the error, when all have theirs."""
        try:
            return super().execute(operation)
        finally:
            if operation.name == self.kind:
                self.kind = ""
                self.callers.wait(30)


@pytest.mark.parametrize("first", ["DescribeTable", "DescribeTimeToLive"])
def test_any_number_may_ensure_a_table_together(memory: MemoryStore, first: str) -> None:
    """All end with an active table that lacks nothing, though one alone can make each part."""
    workers = 6
    callers = Barrier(workers)
    if first != "DescribeTable":
        Bares(memory).create_table()
    repositories = [Growns(Meeting(memory, first, callers)) for _ in range(workers)]
    with ThreadPoolExecutor(workers) as pool:
        differences = list(pool.map(lambda things: things.ensure_table(), repositories))
    assert not any(differences)
    assert not Growns(memory).verify_table()


@pytest.mark.parametrize(
    ("state", "of_index"), [("CREATING", None), ("UPDATING", None), ("ACTIVE", "CREATING")]
)
def test_what_is_being_made_is_waited_for(
    memory: MemoryStore, state: str, of_index: str | None
) -> None:
    """By whoever it is."""
    status = faults.table_status(state, index_status=of_index)
    things = Growns(memory)
    things.create_table()
    said: list[str] = []
    with memory.inject(status, on="DescribeTable", times=3) as fault:
        assert not things.ensure_table(progress=said.append)
    assert fault.hits == 3
    assert said[-1] == "things is ACTIVE, by_kind is ACTIVE"


def test_what_is_being_deleted_is_made_anew(memory: MemoryStore) -> None:
    """When it is gone."""
    looks = iter(range(3))

    def deleting(exchange: Exchange) -> Any:
        body = faults.table_status("DELETING")(exchange)
        if next(looks) == 2:
            del memory._database.tables["things"]
        return body

    Bares(memory).create_table()
    memory.inject(deleting, on="DescribeTable", times=3)
    assert not Growns(memory).ensure_table()
    assert not Growns(memory).verify_table()


def in_use(exchange: Exchange) -> Any:
    """Refuses what cannot be done to a table now."""
    return faults.refusal("ResourceInUseException")(exchange)


def test_a_table_that_is_being_changed_is_changed_after_it(memory: MemoryStore) -> None:
    """An index waits until another one is there; a deletion, until the table is."""
    Bares(memory).create_table()
    things = Growns(memory)
    memory.inject(in_use, on="UpdateTable", times=2)
    assert not things.ensure_table()
    memory.inject(in_use, on="DeleteTable", times=2)
    things.drop_table(confirm="things")
    assert things.verify_table().missing


def test_a_table_that_somebody_else_drops_is_dropped(memory: MemoryStore) -> None:
    """As one that is being deleted, or is gone in between."""
    Bares(memory).create_table()

    def deleted(exchange: Exchange) -> Any:
        exchange.answer()
        return in_use(exchange)

    memory.inject(deleted, on="DeleteTable")
    Bares(memory).drop_table(confirm="things")
    with pytest.raises(TableNotFound):
        Bares(memory).drop_table(confirm="things")


@pytest.mark.parametrize("change", ["CreateTable", "UpdateTable", "UpdateTimeToLive"])
def test_what_is_refused_is_told(memory: MemoryStore, change: str) -> None:
    """Where nobody else has done it."""
    if change != "CreateTable":
        Bares(memory).create_table()
    memory.inject(faults.refusal("ValidationException"), on=change)
    with pytest.raises(StoreError, match="ValidationException"):
        Growns(memory).ensure_table()


def test_a_new_table_may_not_be_seen_at_once(memory: MemoryStore) -> None:
    """Descriptions are eventually consistent."""
    missing = faults.refusal("ResourceNotFoundException")
    memory.inject(missing, on="DescribeTable", times=2)
    Growns(memory).create_table()
    assert not Growns(memory).verify_table()


@pytest.mark.usefixtures("_impatient")
def test_a_table_that_is_never_seen_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was dropped by somebody else."""
    monkeypatch.setattr(table_life, "UNSEEN_LIMIT", 0.001)
    missing = refused("ResourceNotFoundException")
    with pytest.raises(TableNotFound, match="dropped before it was active"):
        Growns(DynamoStore(connection=Scripted({}, missing))).create_table()
