"""dynamodb-toolbox and dynrepo on one table: each reads and changes what the other has written.

Its entities are in node/toolbox.mjs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Attribute,
    CreatedAt,
    Index,
    ItemExists,
    Key,
    Repository,
    SharedTable,
    UpdatedAt,
    encodings,
)
from tests.integration.writers import emptied, in_key_order, stored
from tests.integration.writers.node import JavaScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import DynamoStore
    from tests.integration.writers.node import Libraries

pytestmark = pytest.mark.engine


class Toolbox(SharedTable):
    """The table."""

    table = "toolbox"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"


class Stamped(BaseModel):
    """What each entity with `timestamps` has, which is each unless it says otherwise."""

    created: Annotated[
        AwareDatetime | None, encodings.ISO_MILLISECONDS, CreatedAt(), Attribute("_ct")
    ] = None
    modified: Annotated[
        AwareDatetime | None, encodings.ISO_MILLISECONDS, UpdatedAt(), Attribute("_md")
    ] = None


class User(Stamped):
    """Found by status, where there is one."""

    user_id: Annotated[str, Attribute("userId")]
    email: str
    status: str | None = None
    tags: frozenset[str] | None = None
    count: int | None = None


class Order(Stamped):
    """In the partition of its user."""

    user_id: Annotated[str, Attribute("userId")]
    number: int
    note: str | None = None


class Note(BaseModel):
    """Of an entity without times, whose key fields are in the key alone."""

    about: str
    topic: str
    text: str


class Users(Repository[User]):
    """A user is the profile."""

    place = Toolbox.place(
        "USER#{user_id}",
        "PROFILE",
        entity="USER",
        by_status=Toolbox.gsi1("STATUS#{status}", "USER#{user_id}"),
    )


class Orders(Repository[Order]):
    """Orders stand beside the profile."""

    place = Toolbox.place("USER#{user_id}", "ORDER#{number:08d}", entity="ORDER")


class Notes(Repository[Note]):
    """As `prefix` makes the texts of a `savedAs`."""

    place = Toolbox.place("NOTES#{about}", "TOPIC#{topic}", entity="NOTE", stored=False)


ADA = User(
    user_id="Ada", email="Ada@Example.org", status="open", tags=frozenset({"a", "b"}), count=3
)
THEIR_ADA = {
    "userId": "Ada",
    "email": "Ada@Example.org",
    "status": "open",
    "tags": ["a", "b"],
    "count": 3,
}
BOB = User(user_id="Bob", email="bob@example.org")
THEIR_BOB = {"userId": "Bob", "email": "bob@example.org"}
ORDERS = [Order(user_id="Ada", number=number) for number in (7, 12)]
THEIR_ORDERS = [{"userId": "Ada", "number": number} for number in (7, 12)]
PUT_ADA = "put(users, { ...given, tags: new Set(given.tags) })"
ACCOUNT = "query({ partition: 'USER#Ada' }, users, orders)"
TIMES = ("_ct", "_md")
OLD = "2020-01-02T12:00:00.250Z"
AGED = datetime(2020, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)


class Both:
    """The repositories of the table, and the entities."""

    def __init__(self, store: DynamoStore, client: Any, evaluate: Callable[..., Any]) -> None:
        self.users, self.orders = Users(store), Orders(store)
        self.table = self.users.mapper.table
        self.client = client
        self.theirs = evaluate

    def put_theirs(self) -> None:
        """Has dynamodb-toolbox store all items."""
        self.theirs(PUT_ADA, THEIR_ADA)
        self.theirs("put(users, given)", THEIR_BOB)
        for order in THEIR_ORDERS:
            self.theirs("put(orders, given)", order)

    def create_ours(self) -> None:
        """The same items by dynrepo."""
        for user in (ADA, BOB):
            self.users.create(user)
        for order in ORDERS:
            self.orders.create(order)

    def age(self) -> None:
        """Puts the times of all rows back, so that what moves them is seen."""
        for row in self.rows():
            old = {name: {"S": OLD} for name in TIMES}
            self.client.put_item(TableName=self.table, Item=row | old)

    def rows(self) -> list[dict[str, Any]]:
        """All that is stored, in the order of keys."""
        return in_key_order(stored(self.client, self.table))


@pytest.fixture(scope="module")
def table(
    shared_store: DynamoStore, client: Any, libraries_of_javascript: Libraries
) -> Iterator[Both]:
    """The table, made by one of its repositories."""
    both = Both(shared_store, client, libraries_of_javascript["toolbox"])
    both.users.create_table()
    yield both
    client.delete_table(TableName=both.table)


@pytest.fixture
def both(table: Both) -> Iterator[Both]:
    """A table without rows."""
    yield table
    emptied(table.client, table.table)


def unstamped(instance: Any) -> Any:
    """An instance without its times."""
    return instance.model_copy(update={"created": None, "modified": None})


def untimed(values: dict[str, Any]) -> dict[str, Any]:
    """A row, or an item of theirs, without its times."""
    return {key: values[key] for key in values if key not in (*TIMES, "created", "modified")}


def test_what_toolbox_writes_is_read(both: Both) -> None:
    """By get, query of the table and of the index, scan, with the times of its writes."""
    both.put_theirs()
    u, o = both.users.fields, both.orders.fields

    ada = both.users.require("Ada")
    assert unstamped(ada) == ADA
    assert ada.created is not None
    assert ada.modified is not None
    # It asks for the time twice, which may be of two milliseconds.
    assert ada.created <= ada.modified
    later = both.orders.query((o.user_id == "Ada") & (o.number >= 8)).all()
    assert [unstamped(order) for order in later] == ORDERS[1:]
    assert both.users.query(u.status == "open", index="by_status").all() == [ada]
    assert {user.user_id for user in both.users.scan()} == {"Ada", "Bob"}
    assert both.orders.scan().count() == 2


def test_what_dynrepo_writes_is_read_by_toolbox(both: Both) -> None:
    """By get, query of one and of several entities, query of the index, scan."""
    both.create_ours()
    ada = both.theirs("get(users, { userId: 'Ada' })")
    assert untimed(ada) == THEIR_ADA
    stamped = both.users.require("Ada")
    times = [at.isoformat(timespec="milliseconds") for at in (stamped.created, stamped.modified)]
    assert [ada["created"], ada["modified"]] == [text.replace("+00:00", "Z") for text in times]

    account = both.theirs(ACCOUNT)
    assert [untimed(item) for item in account] == [*THEIR_ORDERS, THEIR_ADA]
    later = "query({ partition: 'USER#Ada', range: { gte: 'ORDER#00000008' } }, orders)"
    assert [untimed(item) for item in both.theirs(later)] == THEIR_ORDERS[1:]
    open_ones = both.theirs("query({ index: 'gsi1', partition: 'STATUS#open' }, users)")
    assert open_ones == [ada]
    assert sorted(item["userId"] for item in both.theirs("scan(users)")) == ["Ada", "Bob"]


def test_both_write_the_same_rows(both: Both) -> None:
    """Attribute by attribute, but for the times, which have one form."""
    both.put_theirs()
    theirs = both.rows()
    emptied(both.client, both.table)
    both.create_ours()
    ours = both.rows()

    assert [untimed(row) for row in ours] == [untimed(row) for row in theirs]
    for row in (*ours, *theirs):
        assert [len(row[name]["S"]) for name in TIMES] == [len("2026-01-02T12:00:00.250Z")] * 2


def test_what_is_saved_as_it_was_read_stays_as_it_was(both: Both) -> None:
    """But for the time of the write."""
    both.put_theirs()
    both.age()
    before = both.rows()
    for kind in (both.users, both.orders):
        repository: Repository[Any] = kind
        for instance in repository.scan():
            repository.save(instance)

    after = both.rows()
    assert {row["_md"]["S"] for row in after} & {OLD} == set()
    assert [row | {"_md": {"S": OLD}} for row in after] == before


def test_each_changes_what_the_other_has_written(both: Both) -> None:
    """And moves the time of the last write, not that of the first."""
    both.create_ours()
    both.age()
    both.theirs("update(users, { userId: 'Ada', count: 4 })")
    ada = both.users.require("Ada")
    assert (ada.count, ada.created) == (4, AGED)
    assert ada.modified != AGED

    both.age()
    both.users.update("Ada", both.users.fields.count.add(1))
    read = both.theirs("get(users, { userId: 'Ada' })")
    assert (read["count"], read["created"]) == (5, OLD)
    assert read["modified"] != OLD
    both.theirs("remove(users, { userId: 'Ada' })")
    assert both.users.get("Ada") is None


def test_an_item_that_an_upsert_makes_is_read_by_the_other(both: Both) -> None:
    """It has the mark and both times, whoever makes it."""
    u = both.users.fields
    both.users.update("Cy", u.email.set("cy@example.org"), upsert=True)
    made = both.theirs("query({ partition: 'USER#Cy' }, users, orders)")
    assert [untimed(item) for item in made] == [{"userId": "Cy", "email": "cy@example.org"}]

    both.theirs("update(users, { userId: 'Di', email: 'di@example.org' })")
    assert unstamped(both.users.require("Di")) == User(user_id="Di", email="di@example.org")


def test_a_text_of_an_index_that_toolbox_left_behind_is_mended(both: Both) -> None:
    """By a save, or by `rekey`: its own update changes the field alone, dynrepo's both."""
    both.put_theirs()
    both.theirs("update(users, { userId: 'Ada', status: 'shut' })")
    u = both.users.fields
    assert both.users.query(u.status == "shut", index="by_status").all() == []

    assert both.users.rekey().repaired == 1
    assert both.users.query(u.status == "shut", index="by_status").count() == 1
    both.theirs("update(users, { userId: 'Ada', status: 'lent' })")
    both.users.save(both.users.require("Ada"))
    assert both.users.query(u.status == "lent", index="by_status").count() == 1
    both.users.update("Ada", u.status.set("open"))
    found = both.theirs("query({ index: 'gsi1', partition: 'STATUS#open' }, users)")
    assert [untimed(item) for item in found] == [THEIR_ADA]


def test_a_row_without_times_fails_their_whole_query(both: Both) -> None:
    """So that a model of a stamped entity has both; a row without a mark they leave out."""
    both.create_ours()
    row = both.rows()[0]
    timeless = {**untimed(row), "sk": {"S": "ORDER#00000099"}, "number": {"N": "99"}}
    both.client.put_item(TableName=both.table, Item=timeless)
    with pytest.raises(JavaScriptError, match="Missing required attribute for formatting"):
        both.theirs(ACCOUNT)
    order = both.orders.require(("Ada", 99))
    assert (order.created, order.modified) == (None, None)
    both.orders.save(order)
    assert both.theirs(ACCOUNT)[-2]["number"] == 99

    unmarked = {name: value for name, value in timeless.items() if name != "_et"}
    both.client.put_item(TableName=both.table, Item=unmarked)
    assert len(both.theirs(ACCOUNT)) == 3
    assert both.orders.get(("Ada", 99)) == order
    assert both.orders.scan().count() == 2


def test_what_is_none_is_left_out(both: Both) -> None:
    """For they refuse NULL where the schema has another type."""
    both.create_ours()
    row = {**both.rows()[0], "note": {"NULL": True}}
    both.client.put_item(TableName=both.table, Item=row)
    with pytest.raises(JavaScriptError, match="Invalid attribute"):
        both.theirs(ACCOUNT)
    both.orders.save(both.orders.require(("Ada", 7)))
    assert len(both.theirs(ACCOUNT)) == 3


def test_fields_that_are_the_key_are_read_from_it(both: Both) -> None:
    """Which the other writes by `savedAs` and `prefix`, and reads so."""
    notes = Notes(both.users.store)
    first, second = [Note(about="Ada", topic=topic, text="x") for topic in ("a#b", "c")]
    both.theirs("put(notes, given)", first.model_dump())
    (row,) = both.rows()
    assert notes.get(("Ada", "a#b")) == first
    notes.save(first)
    assert both.rows() == [row]

    notes.create(second)
    n = notes.fields
    assert notes.query((n.about == "Ada") & (n.topic > "b")).all() == [second]
    assert notes.scan().all() == [first, second]
    assert both.theirs("query({ partition: 'NOTES#Ada' }, notes)") == [
        note.model_dump() for note in (first, second)
    ]
    assert both.theirs("get(notes, { about: 'Ada', topic: 'c' })") == second.model_dump()


def test_a_key_that_is_taken_is_taken(both: Both) -> None:
    """By the other's item too."""
    both.put_theirs()
    with pytest.raises(ItemExists) as raised:
        both.users.create(ADA)
    assert unstamped(raised.value.item) == ADA
