"""MemoryStore refuses what DynamoDB refuses, gives copies, and fails on demand."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from dynrepo import (
    ItemExists,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    SortKey,
    StoreError,
    TableNotFound,
    Throttled,
    Timeout,
    Unavailable,
    Unprocessed,
)
from dynrepo.operations.operation import Effect, Operation
from dynrepo.testing import faults
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from models.order import Order, Orders
from models.user import User, Users
from tests.stopwatch import Stopwatch

ADA = User(
    user_id=UUID(int=1),
    email="ada@example.org",
    name="Ada",
    joined=datetime(1843, 1, 1, tzinfo=UTC),
)
NOW = datetime(2026, 2, 3, tzinfo=UTC)


class Row(BaseModel, extra="allow"):
    """A row with both keys and an index."""

    p: Annotated[str, PartitionKey()]
    s: Annotated[int, SortKey()]
    g: Annotated[str | None, PartitionKey(index="by_g")] = None
    n: Decimal = Decimal(0)


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


def send(store: MemoryStore, name: str, **request: Any) -> dict[str, Any]:
    """Sends a request as another client would, unchecked."""
    answer = store.execute(Operation(name, "rows", request, lambda body: body, Effect.ONCE))
    return dict(answer.body)


def put(store: MemoryStore, **attributes: Any) -> dict[str, Any]:
    """Puts an item in DynamoDB JSON; the key is filled in."""
    item = {"p": {"S": "x"}, "s": {"N": "1"}, **attributes}
    return send(store, "PutItem", TableName="rows", Item=item)


def nested(depth: int) -> dict[str, Any]:
    """A list in a list in a list."""
    value: dict[str, Any] = {"L": []}
    for _ in range(depth - 1):
        value = {"L": [value]}
    return value


REFUSED: dict[str, dict[str, Any]] = {
    "an item over 400 KB": {"a": {"S": "x" * 409_600}},
    "39 digits": {"a": {"N": "1" * 39}},
    "a number too large": {"a": {"N": "1E126"}},
    "a number too small": {"a": {"N": "1E-131"}},
    "not a number": {"a": {"N": "NaN"}},
    "infinity": {"a": {"N": "Infinity"}},
    "a text for a number": {"a": {"N": "one"}},
    "no text": {"a": {"S": 1}},
    "no base64": {"a": {"B": "%"}},
    "no boolean": {"a": {"BOOL": "true"}},
    "a NULL that is not": {"a": {"NULL": False}},
    "an empty set": {"a": {"SS": []}},
    "a set with duplicates": {"a": {"NS": ["1", "1.0"]}},
    "two types": {"a": {"S": "x", "N": "1"}},
    "no type": {"a": {"X": "x"}},
    "depth 33": {"a": nested(33)},
    "an empty attribute name": {"": {"S": "x"}},
    "an empty partition key": {"p": {"S": ""}},
    "a key of another type": {"s": {"S": "1"}},
    "a partition key over 2048 bytes": {"p": {"S": "x" * 2049}},
    "an index key of another type": {"g": {"N": "1"}},
    "an empty index key": {"g": {"S": ""}},
}


@pytest.mark.parametrize("attributes", REFUSED.values(), ids=REFUSED)
def test_what_dynamodb_refuses_is_refused(attributes: dict[str, Any]) -> None:
    """With the code of DynamoDB, and nothing is written."""
    store = MemoryStore(Rows)
    with pytest.raises(StoreError) as caught:
        put(store, **attributes)
    assert caught.value.code in ("ValidationException", "SerializationException")
    assert store.items("rows") == []


def test_what_dynamodb_takes_is_taken() -> None:
    """At the very limits."""
    store = MemoryStore(Rows)
    put(store, p={"S": "x" * 2048}, a=nested(32), b={"N": "1" * 38}, c={"N": "1E125"}, d={"S": ""})
    (item,) = store.items("rows")
    assert item["c"] == {"N": "1" + "0" * 125}


BAD_REQUESTS: dict[str, tuple[str, dict[str, Any]]] = {
    "101 keys": (
        "BatchGetItem",
        {
            "RequestItems": {
                "rows": {"Keys": [{"p": {"S": "x"}, "s": {"N": str(n)}} for n in range(101)]}
            }
        },
    ),
    "26 writes": (
        "BatchWriteItem",
        {
            "RequestItems": {
                "rows": [
                    {"DeleteRequest": {"Key": {"p": {"S": "x"}, "s": {"N": str(n)}}}}
                    for n in range(26)
                ]
            }
        },
    ),
    "one key twice": (
        "BatchGetItem",
        {
            "RequestItems": {
                "rows": {"Keys": [{"p": {"S": "x"}, "s": {"N": n}} for n in ("1", "1.0")]}
            }
        },
    ),
    "a consistent read of a global index": (
        "Scan",
        {"TableName": "rows", "IndexName": "by_g", "ConsistentRead": True},
    ),
    "an unknown index": ("Scan", {"TableName": "rows", "IndexName": "by_h"}),
    "a segment out of range": ("Scan", {"TableName": "rows", "Segment": 2, "TotalSegments": 2}),
    "a foreign start key": ("Scan", {"TableName": "rows", "ExclusiveStartKey": {"p": {"S": "x"}}}),
    "a query without a condition": ("Query", {"TableName": "rows"}),
    "a table that is there": ("CreateTable", {"TableName": "rows"}),
    "an unknown operation": ("ExecuteStatement", {"Statement": "SELECT"}),
    "half a key": ("GetItem", {"TableName": "rows", "Key": {"p": {"S": "x"}}}),
    "no table": ("GetItem", {"TableName": "nope", "Key": {}}),
    "no table to drop": ("DeleteTable", {"TableName": "nope"}),
}


@pytest.mark.parametrize(("name", "request_"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_bad_request_is_refused(name: str, request_: dict[str, Any]) -> None:
    """As an error of dynrepo that has a code."""
    with pytest.raises(StoreError) as caught:
        send(MemoryStore(Rows), name, **request_)
    assert caught.value.code.endswith("Exception")


def test_answers_are_copies() -> None:
    """Whoever changes one changes nothing that is stored."""
    store = MemoryStore(Rows)
    given = {"L": [{"S": "a"}]}
    put(store, a=given)
    given["L"].clear()
    read = send(store, "GetItem", TableName="rows", Key={"p": {"S": "x"}, "s": {"N": "1"}})
    read["Item"]["a"]["L"].clear()
    assert store.items("rows")[0]["a"] == {"L": [{"S": "a"}]}


def test_threads_lose_no_update() -> None:
    """Eight of them count to a thousand together."""
    users = Users(MemoryStore(Users), instruments=())
    users.create(ADA)

    def add(_: int) -> None:
        users.update(ADA, Users.fields.visits.add(1))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(1000)))
    assert users.require(ADA).visits == 1000


def test_a_page_ends_at_a_megabyte() -> None:
    """Without a limit too, and the next page goes on."""
    documents = Documents(MemoryStore(Documents))
    documents.set_many(Document(name=str(n), text="x" * 300_000) for n in range(5))
    assert [len(page) for page in documents.scan().pages()] == [4, 1]


def test_segments_share_a_scan() -> None:
    """Every item is in one of them, whatever their number."""
    documents = Documents(MemoryStore(Documents))
    names = {str(n) for n in range(50)}
    documents.set_many(Document(name=name) for name in names)
    for total in (1, 3, 7):
        parts = [documents.scan(segment=(n, total)).all() for n in range(total)]
        assert sorted(one.name for part in parts for one in part) == sorted(names)
        assert total == 1 or max(map(len, parts)) < len(names)


def test_a_batch_read_ends_at_16_megabytes() -> None:
    """The keys that do not fit are read in the next request."""
    documents = Documents(MemoryStore(Documents))
    documents.set_many(Document(name=str(n), text="x" * 390_000) for n in range(50))
    assert None not in documents.get_many([str(n) for n in range(50)])


def test_an_index_holds_what_has_its_keys() -> None:
    """An item without the attribute is not in it, and leaves it with the attribute."""
    rows = Rows(MemoryStore(Rows))
    rows.set(Row(p="x", s=1, g="blue"))
    rows.set(Row(p="x", s=2))
    blue = rows.query(Rows.fields.g == "blue", index="by_g")
    assert [one.s for one in blue] == [1]
    rows.update(("x", 1), Rows.fields.g.remove())
    assert blue.all() == []


def test_expired_items_are_purged_on_demand() -> None:
    """Not before: DynamoDB takes days, and returns them meanwhile."""
    times = [NOW.timestamp()]
    orders = Orders(store := MemoryStore(Orders, clock=lambda: times[0]))
    for number, expires in enumerate([NOW, NOW.replace(year=2027), None, NOW.replace(year=1999)]):
        orders.set(Order(user_id=UUID(int=1), number=number, placed=NOW, total=1, expires=expires))
    times[0] += 60
    assert len(orders.scan().all()) == 4
    assert store.purge_expired() == 1
    assert sorted(one.number for one in orders.scan()) == [1, 2, 3]


def test_a_token_is_remembered_for_ten_minutes() -> None:
    """The same transaction is made once; another one with its token is refused."""
    times = [0.0]
    store = MemoryStore(Users, clock=lambda: times[0])
    users = Users(store)
    users.create(ADA)

    def add(amount: int) -> int:
        with users.transaction(token="once") as transaction:
            transaction.update(users, ADA, Users.fields.visits.add(amount))
        return users.require(ADA).visits

    assert [add(1), add(1)] == [1, 1]
    with pytest.raises(StoreError, match="IdempotentParameterMismatch"):
        add(2)
    times[0] += 601
    assert add(1) == 2


def test_tables_come_and_go() -> None:
    """Created, described, completed with an index, protected, listed, dropped."""
    store = MemoryStore()
    rows = Rows(store)
    with pytest.raises(TableNotFound):
        rows.get(("x", 1))
    send(
        store,
        "CreateTable",
        TableName="rows",
        AttributeDefinitions=[
            {"AttributeName": "p", "AttributeType": "S"},
            {"AttributeName": "s", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "p", "KeyType": "HASH"},
            {"AttributeName": "s", "KeyType": "RANGE"},
        ],
    )
    rows.set(Row(p="x", s=1, g="blue"))
    assert rows.verify_table().missing_indexes == ("by_g",)
    assert not rows.ensure_table()
    assert rows.query(Rows.fields.g == "blue", index="by_g").count() == 1
    send(store, "UpdateTable", TableName="rows", DeletionProtectionEnabled=True)
    with pytest.raises(StoreError):
        rows.drop_table(confirm="rows")
    assert send(store, "ListTables")["TableNames"] == list(store.tables) == ["rows"]
    deletion = [{"Delete": {"IndexName": "by_g"}}]
    send(store, "UpdateTable", TableName="rows", GlobalSecondaryIndexUpdates=deletion)
    send(store, "UpdateTable", TableName="rows", DeletionProtectionEnabled=False)
    rows.drop_table(confirm="rows")
    assert store.tables == ()
    store.close()


def test_a_dump_is_json_and_can_be_loaded() -> None:
    """Tables, indexes, expiry and items."""
    store = MemoryStore(Users, Orders)
    Users(store).create(ADA)
    dumped = json.loads(json.dumps(store.dump()))
    loaded = MemoryStore().load(dumped)
    assert Users(loaded).by_email(ADA.email) == ADA
    assert not Orders(loaded).verify_table()


FAULTS: dict[str, tuple[faults.Fault, type[Exception]]] = {
    "throttling": (faults.throttling(), Throttled),
    "server error": (faults.server_error(), Unavailable),
    "unreachable": (faults.unreachable(), Unavailable),
    "refusal": (faults.refusal("AccessDeniedException"), StoreError),
    "lost reply": (faults.lost_reply(), Timeout),
    "creating": (faults.table_status("CREATING"), TableNotFound),
}


@pytest.mark.parametrize(("fault", "error"), FAULTS.values(), ids=FAULTS)
def test_a_fault_for_ever_reaches_the_caller(fault: faults.Fault, error: type[Exception]) -> None:
    """As the error that the same fault on a network would be; after the block it is gone."""
    store = MemoryStore(Users)
    users = Users(store)
    with store.inject(fault, on="GetItem", times=None) as injection, pytest.raises(error):
        users.get(ADA)
    assert injection.hits
    assert users.get(ADA) is None


@pytest.mark.parametrize(
    ("fault", "options", "error", "message"),
    [
        (faults.throttling, {}, TypeError, r"throttling makes a fault: inject\(throttling\("),
        (Throttled("x"), {}, TypeError, "a function of an Exchange, not Throttled"),
        (faults.throttling(), {"on": "get"}, ValueError, "such as GetItem, not 'get'"),
        (faults.throttling(), {"times": -1}, ValueError, "0 requests or more, not -1"),
    ],
    ids=["not called", "an error", "a verb", "less than never"],
)
def test_a_fault_that_could_never_happen_is_refused(
    fault: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """Where it is injected: a test that waits for it in vain would pass."""
    with pytest.raises(error, match=message):
        MemoryStore().inject(fault, **options)


def test_only_batches_come_back_undone() -> None:
    """Any other request is answered as ever."""
    store = MemoryStore(Users)
    with store.inject(faults.unprocessed(), times=None):
        assert Users(store).get(ADA) is None


def test_a_fault_that_passes_is_repeated_away() -> None:
    """As on a network, and at once: nobody waits between attempts."""
    store = MemoryStore(Users)
    watch = Stopwatch()
    with store.inject(faults.throttling(), table="users", times=3) as injection:
        assert Users(store).get(ADA) is None
    assert injection.hits == 3
    assert watch.seconds < 1


def test_a_lost_reply_leaves_a_write_in_doubt() -> None:
    """An `add` is applied and unknown; a `create` finds itself stored."""
    store = MemoryStore(Users)
    users = Users(store)
    store.inject(faults.lost_reply(), on="PutItem")
    assert users.create(ADA) == ADA
    store.inject(faults.lost_reply(), on="UpdateItem")
    with pytest.raises(OutcomeUnknown):
        users.update(ADA, Users.fields.visits.add(1))
    assert users.require(ADA).visits == 1
    with pytest.raises(ItemExists):
        users.create(ADA)


def test_a_fault_meets_what_a_predicate_says() -> None:
    """By the operation, which is a value."""
    store = MemoryStore(Users, table_prefix="test-")
    users = Users(store)
    store.inject(
        faults.throttling(), when=lambda one: one.request.get("ConsistentRead"), times=None
    )
    assert users.get(ADA) is None
    with pytest.raises(Throttled):
        users.get(ADA, consistent=True)


def test_latency_is_bounded_by_the_deadline() -> None:
    """A late answer is an answer; one after the deadline is not."""
    store = MemoryStore(Users, deadline=0.2)
    users = Users(store)
    store.inject(faults.latency(0.01))
    assert users.get(ADA) is None
    store.inject(faults.latency(60))
    with pytest.raises(Timeout):
        users.get(ADA)


def test_a_batch_can_come_back_undone() -> None:
    """What is left is sent again, until the last round."""
    store = MemoryStore(Documents)
    documents = Documents(store)
    with store.inject(faults.unprocessed(2), on="BatchWriteItem", times=1):
        documents.set_many([Document(name=str(n)) for n in range(3)])
    with store.inject(faults.unprocessed(2), on="BatchGetItem", times=1):
        assert None not in documents.get_many(["0", "1", "2"])
    assert len(store.items("documents")) == 3


def test_a_batch_that_is_never_done_is_unprocessed() -> None:
    """With the keys that are left, and without a pause between the rounds."""
    watch = Stopwatch()
    store = MemoryStore(Documents)
    store.inject(faults.unprocessed(1), on="BatchGetItem", times=None)
    with pytest.raises(Unprocessed) as caught:
        Documents(store).get_many(["a", "b"])
    assert caught.value.keys == ("b",)
    assert watch.seconds < 1


def test_health_shows_the_states_of_a_table() -> None:
    """Serving, not fully, not at all."""
    store = MemoryStore(Users)
    users = Users(store)
    for fault, status in [
        (faults.table_status("UPDATING"), "DEGRADED"),
        (faults.table_status("ACTIVE", index_status="CREATING"), "DEGRADED"),
        (faults.table_status("DELETING"), "DOWN"),
    ]:
        with store.inject(fault, times=None):
            assert users.health_check().status == status


def test_it_is_quick() -> None:
    """A store with tables is made in milliseconds, and answers in a fraction of one."""
    users = Users(MemoryStore(Users), instruments=())
    users.create(ADA)
    started = time.process_time()
    for _ in range(200):
        users.get(ADA.user_id)
    assert (time.process_time() - started) / 200 < 0.001


def test_numbers_are_exact() -> None:
    """Sums keep their digits, or are refused; they are never rounded."""
    rows = Rows(MemoryStore(Rows))
    rows.set(Row(p="x", s=1, n=Decimal("9" * 38)))
    with pytest.raises(StoreError):
        rows.update(("x", 1), Rows.fields.n.add(Decimal("0.5")))
