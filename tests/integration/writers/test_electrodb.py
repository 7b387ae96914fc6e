"""ElectroDB and dynrepo on one table: each reads, finds and changes what the other has written.

Its entities are in node/electrodb.mjs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Attribute,
    CodecError,
    Index,
    ItemExists,
    Key,
    Repository,
    SharedTable,
    encodings,
)
from dynrepo.templates.folding import folded
from tests.integration.writers import emptied, in_key_order, stored
from tests.integration.writers.node import JavaScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import DynamoStore
    from tests.integration.writers.node import Libraries

pytestmark = pytest.mark.engine

MARK = ("__edb_e__", "__edb_v__")
NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)


def entity(name: str, version: str = "1") -> dict[str, str]:
    """What the mark of an entity holds."""
    return dict(zip(MARK, (name, version), strict=True))


class Shop(SharedTable):
    """A table of two services."""

    table = "electrodb"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    gsi2 = Index("gsi2pk", "gsi2sk")
    mark = MARK


class Game(SharedTable):
    """A table whose sort key is a number."""

    table = "scores"
    key = Key("pk", "sk", types=("S", "N"))
    mark = MARK


class User(BaseModel):
    """Found by e-mail, and by status where there is one."""

    user_id: Annotated[str, Attribute("userId")]
    email: str
    status: str | None = None
    score: int | None = None
    tags: frozenset[str] | None = None
    seen: Annotated[AwareDatetime | None, encodings.ISO_MILLISECONDS] = None


class Order(BaseModel):
    """Of the same collection as its user."""

    user_id: Annotated[str, Attribute("userId")]
    number: int
    placed: Annotated[AwareDatetime, encodings.ISO_MILLISECONDS]
    note: str | None = None


class Contact(BaseModel):
    """Of an entity whose keys have `casing: "none"`."""

    email: Annotated[str, Attribute("Email")]
    topic: Annotated[str, Attribute("Topic")]
    text: str | None = None


class Task(BaseModel):
    """Of a clustered index: entities stand among each other in it."""

    team: str
    project: str
    number: int


class Issue(Task):
    """The other entity."""


class Score(BaseModel):
    """Its sort key is a number, as it is."""

    board: str
    points: Decimal
    player: str


class Users(Repository[User]):
    """Keys in lower case, as ElectroDB makes them by default."""

    place = Shop.place(
        "$shop#userid_{user_id:lower}",
        "$account#user_1",
        entity=entity("user"),
        lossy=True,
        by_email=Shop.gsi1("$shop#email_{email:lower}", "$user_1"),
        by_status=Shop.gsi2("$shop#status_{status:lower}", "$user_1#userid_{user_id:lower}"),
    )


class Orders(Repository[Order]):
    """In the partition of the user."""

    place = Shop.place(
        "$shop#userid_{user_id:lower}",
        "$account#order_1#number_{number:08d}",
        entity=entity("order"),
        lossy=True,
        by_time=Shop.gsi1("$shop", "$order_1#placed_{placed:lower}"),
    )


class Contacts(Repository[Contact]):
    """Of another service and version."""

    place = Shop.place(
        "$Shop#Email_{email}", "$Contact_2#Topic_{topic}", entity=entity("Contact", "2")
    )


class Tasks(Repository[Task]):
    """A key whose entity stands at its end."""

    place = Shop.place(
        "$work_beta#team_{team:lower}",
        "$work#project_{project:lower}#number_{number:04d}#task_1",
        entity=entity("task"),
        lossy=True,
        by_project=Shop.gsi1(
            "$work#team_{team:lower}", "$task_1#project_{project:lower}#number_{number:04d}"
        ),
    )


class Issues(Repository[Issue]):
    """Among them."""

    place = Shop.place(
        "$work_beta#team_{team:lower}",
        "$work#project_{project:lower}#number_{number:04d}#issue_1",
        entity=entity("issue"),
        lossy=True,
        by_project=Shop.gsi1(
            "$work#team_{team:lower}", "$issue_1#project_{project:lower}#number_{number:04d}"
        ),
    )


class Scores(Repository[Score]):
    """In another table."""

    place = Game.place("BOARD#{board}", "{points}", entity=entity("score"))


ADA = User(
    user_id="Ada",
    email="Ada@Example.org",
    status="Open",
    score=3,
    tags=frozenset({"new"}),
    seen=NOON,
)
THEIR_ADA = {
    "userId": "Ada",
    "email": "Ada@Example.org",
    "status": "Open",
    "score": 3,
    "tags": ["new"],
    "seen": "2026-01-02T12:00:00.250Z",
}
BOB = User(user_id="Bob", email="bob@example.org")
THEIR_BOB = {"userId": "Bob", "email": "bob@example.org"}
ORDERS = [Order(user_id="Ada", number=number, placed=NOON) for number in (7, 12)]
THEIR_ORDERS = [
    {"userId": "Ada", "number": number, "placed": "2026-01-02T12:00:00.250Z"} for number in (7, 12)
]
CONTACT = Contact(email="Ada@Example.org", topic="Hello World")
THEIR_CONTACT = {"Email": "Ada@Example.org", "Topic": "Hello World"}
SCORE = Score(board="B1", points=Decimal("-4.5"), player="x")
THEIR_SCORE = {"board": "B1", "points": -4.5, "player": "x"}


class Both:
    """The repositories of the tables, and ElectroDB's entities."""

    def __init__(self, store: DynamoStore, client: Any, evaluate: Callable[..., Any]) -> None:
        self.users, self.orders = Users(store), Orders(store)
        self.contacts, self.scores = Contacts(store), Scores(store)
        self.tables = (self.users.mapper.table, self.scores.mapper.table)
        self.client = client
        self.theirs = evaluate

    def put_theirs(self) -> None:
        """Has ElectroDB store all items."""
        self.theirs("users.put(given).go()", [THEIR_ADA, THEIR_BOB])
        self.theirs("orders.put(given).go()", THEIR_ORDERS)
        self.theirs("contacts.put(given).go()", THEIR_CONTACT)
        self.theirs("scores.put(given).go()", THEIR_SCORE)

    def create_ours(self) -> None:
        """The same items by dynrepo."""
        for user in (ADA, BOB):
            self.users.create(user)
        for order in ORDERS:
            self.orders.create(order)
        self.contacts.create(CONTACT)
        self.scores.create(SCORE)

    def rows(self) -> list[dict[str, Any]]:
        """All that is stored, in the order of keys."""
        return in_key_order([row for table in self.tables for row in stored(self.client, table)])

    def empty(self) -> None:
        """Removes every row."""
        for table in self.tables:
            emptied(self.client, table)


@pytest.fixture(scope="module")
def tables(
    shared_store: DynamoStore, client: Any, libraries_of_javascript: Libraries
) -> Iterator[Both]:
    """Both tables, made by one of their repositories each."""
    both = Both(shared_store, client, libraries_of_javascript["electrodb"])
    both.users.create_table()
    both.scores.create_table()
    yield both
    for table in both.tables:
        client.delete_table(TableName=table)


@pytest.fixture
def both(tables: Both) -> Iterator[Both]:
    """Tables without rows."""
    yield tables
    tables.empty()


def without_empty(row: dict[str, Any]) -> dict[str, Any]:
    """A row without the index attributes that ElectroDB makes of fields that have no value."""
    return {name: value for name, value in row.items() if value != {"S": "$shop#status_"}}


def test_what_electrodb_writes_is_read(both: Both) -> None:
    """By every verb: get, query of the table and of indexes, scan."""
    both.put_theirs()
    u, o = both.users.fields, both.orders.fields

    assert both.users.get_many(["Ada", "Bob", "Cy"]) == [ADA, BOB, None]
    assert both.orders.get(("Ada", 7)) == ORDERS[0]
    assert both.contacts.get(("Ada@Example.org", "Hello World")) == CONTACT
    assert both.scores.get(("B1", Decimal("-4.5"))) == SCORE
    assert both.orders.query(o.user_id == "Ada").all() == ORDERS
    assert both.orders.query((o.user_id == "Ada") & (o.number > 7)).all() == ORDERS[1:]
    assert both.orders.query(o.placed >= NOON, index="by_time").all() == ORDERS
    assert both.orders.query(o.placed > NOON, index="by_time").all() == []
    assert both.users.query(u.email == "ADA@example.org", index="by_email").all() == [ADA]
    assert both.users.query(u.status == "open", index="by_status").all() == [ADA]
    s = both.scores.fields
    assert both.scores.query((s.board == "B1") & s.points.between(-5, 0)).all() == [SCORE]
    assert sorted(both.users.scan(), key=lambda user: user.user_id) == [ADA, BOB]
    assert both.users.scan().count() == 2
    assert both.contacts.scan().all() == [CONTACT]


def test_what_dynrepo_writes_is_read_by_electrodb(both: Both) -> None:
    """By its gets, queries, collections and scans, with all their fields."""
    both.create_ours()
    evaluate = both.theirs

    assert evaluate("users.get({ userId: 'Ada' }).go()")["data"] == THEIR_ADA
    assert evaluate("users.get({ userId: 'Bob' }).go()")["data"] == THEIR_BOB
    assert evaluate("contacts.get(given).go()", THEIR_CONTACT)["data"] == THEIR_CONTACT
    assert evaluate("scores.query.primary({ board: 'B1' }).lt({ points: 0 }).go()")["data"] == [
        THEIR_SCORE
    ]
    found = evaluate("users.query.byEmail({ email: 'ada@EXAMPLE.org' }).go()")
    assert found["data"] == [THEIR_ADA]
    assert evaluate("users.query.byStatus({ status: 'Open' }).go()")["data"] == [THEIR_ADA]
    later = evaluate("orders.query.primary({ userId: 'Ada' }).gte({ number: 8 }).go()")
    assert later["data"] == THEIR_ORDERS[1:]
    on_time = evaluate(
        "orders.query.byTime({}).lte(given).go()", {"placed": "2026-01-02T12:00:01Z"}
    )
    assert on_time["data"] == THEIR_ORDERS
    account = evaluate("shop.account({ userId: 'Ada' }).go()")
    assert account["data"] == {"users": [THEIR_ADA], "orders": THEIR_ORDERS}
    scanned = evaluate("users.scan.go()")["data"]
    assert sorted(scanned, key=lambda user: user["userId"]) == [THEIR_ADA, THEIR_BOB]


def test_both_write_the_same_rows(both: Both) -> None:
    """Attribute by attribute, but for the index of a field without a value.

    There dynrepo writes nothing, so that the item is not in the index.
    """
    both.put_theirs()
    theirs = both.rows()
    both.empty()
    both.create_ours()

    assert both.rows() == [without_empty(row) for row in theirs]
    assert theirs != both.rows()


def test_what_is_saved_as_it_was_read_stays_as_it_was(both: Both) -> None:
    """But for that attribute, which a save removes; so does a set, and a `rekey` for all rows."""
    both.put_theirs()
    expected = [without_empty(row) for row in both.rows()]
    for kind in (both.users, both.orders, both.contacts, both.scores):
        repository: Repository[Any] = kind
        for instance in repository.scan():
            repository.save(instance)
    assert both.rows() == expected

    both.put_theirs()
    both.users.set_many(both.users.scan().all())
    assert both.rows() == expected
    both.put_theirs()
    assert both.users.rekey().repaired == 1
    assert both.rows() == expected


def test_electrodb_finds_what_dynrepo_has_changed(both: Both) -> None:
    """By the index of the field that an update sets, and no longer where it is removed."""
    both.put_theirs()
    u = both.users.fields
    both.users.update("Ada", u.status.set("Shut"), u.score.add(1))

    changed = {**THEIR_ADA, "status": "Shut", "score": 4}
    assert both.theirs("users.query.byStatus({ status: 'shut' }).go()")["data"] == [changed]
    assert both.theirs("users.query.byStatus({ status: 'open' }).go()")["data"] == []
    both.users.update("Ada", u.status.remove())
    assert both.theirs("users.query.byStatus({ status: 'shut' }).go()")["data"] == []
    del changed["status"]
    assert both.theirs("users.get({ userId: 'Ada' }).go()")["data"] == changed
    both.users.delete("Ada")
    assert both.theirs("users.get({ userId: 'Ada' }).go()")["data"] is None


def test_dynrepo_finds_what_electrodb_has_changed(both: Both) -> None:
    """By the same."""
    both.create_ours()
    u = both.users.fields
    both.theirs("users.patch({ userId: 'Ada' }).set({ status: 'Shut' }).add({ score: 1 }).go()")

    changed = ADA.model_copy(update={"status": "Shut", "score": 4})
    assert both.users.query(u.status == "Shut", index="by_status").all() == [changed]
    both.theirs("users.patch({ userId: 'Ada' }).remove(['status']).go()")
    assert both.users.query(u.status == "Shut", index="by_status").all() == []
    assert both.users.get("Ada") == changed.model_copy(update={"status": None})
    both.theirs("users.delete({ userId: 'Ada' }).go()")
    assert both.users.get("Ada") is None


def test_an_item_that_an_upsert_makes_is_one_of_theirs(both: Both) -> None:
    """It has the mark, without which their scans would leave it out."""
    u = both.users.fields
    both.users.update("Cy", u.email.set("cy@example.org"), upsert=True)

    made = {"userId": "Cy", "email": "cy@example.org"}
    assert both.theirs("users.scan.go()")["data"] == [made]
    assert both.theirs("users.query.byEmail(given).go()", made)["data"] == [made]
    both.theirs("users.upsert(given).go()", {"userId": "Di", "email": "di@example.org"})
    assert both.users.get("Di") == User(user_id="Di", email="di@example.org")


def test_an_item_of_the_other_is_no_room_for_a_new_one(both: Both) -> None:
    """To either: the key is taken, however it is spelt."""
    both.put_theirs()
    with pytest.raises(ItemExists) as raised:
        both.users.create(ADA.model_copy(update={"user_id": "ADA"}))
    assert raised.value.item == ADA
    both.users.create(User(user_id="Cy", email="cy@example.org"))
    with pytest.raises(JavaScriptError, match="conditional request failed"):
        both.theirs("users.create({ userId: 'CY', email: 'x' }).go()")


def test_a_row_without_the_mark_is_none_of_theirs(both: Both) -> None:
    """Why the place has one: ElectroDB answers as if it were not there."""
    both.create_ours()
    (row,) = [row for row in both.rows() if row.get("email") == {"S": "bob@example.org"}]
    bare = {name: value for name, value in row.items() if name not in MARK}
    both.client.put_item(TableName=both.tables[0], Item=bare)

    assert both.theirs("users.query.byEmail(given).go()", THEIR_BOB)["data"] == []
    assert both.theirs("users.get({ userId: 'Bob' }).go()")["data"] is None


def test_entities_of_a_clustered_index_are_told_apart(both: Both) -> None:
    """By the mark: a query by the beginning of the key reads rows of both."""
    given = [{"team": "Core", "project": "X", "number": number} for number in range(4)]
    both.theirs("Promise.all(given.map((it) => tasks.put(it).go()))", given)
    both.theirs("Promise.all(given.map((it) => issues.put(it).go()))", given)
    tasks, issues = Tasks(both.users.store), Issues(both.users.store)
    t = tasks.fields
    of_project = (t.team == "core") & (t.project == "x")

    assert tasks.query(of_project).all() == [Task(**it) for it in given]
    assert tasks.query(of_project & (t.number > 1)).all() == [Task(**it) for it in given[2:]]
    assert tasks.query(of_project & t.number.between(1, 2)).count() == 2
    assert issues.scan().count() == 4
    assert tasks.query(of_project, index="by_project").all() == [Task(**it) for it in given]
    theirs = both.rows()
    for it in given:
        tasks.set(Task(**it))
    assert both.rows() == theirs
    with pytest.raises(ValueError, match="set_many"):
        tasks.set_many([Task(**it) for it in given])
    extra = Issue(team="Core", project="X", number=9)
    issues.create(extra)
    found = both.theirs(
        "issues.query.primary({ team: 'Core', project: 'X' }).gt({ number: 3 }).go()"
    )
    assert found["data"] == [extra.model_dump()]


def test_a_key_of_theirs_that_can_be_read_in_two_ways_is_refused(both: Both) -> None:
    """ElectroDB takes any value before another; dynrepo says which field and template it is."""
    row = {"team": "Core", "project": "X#number_0001", "number": 1}
    both.theirs("tasks.put(given).go()", row)
    tasks = Tasks(both.users.store)
    with pytest.raises(CodecError, match=r"Task.project in the template .* cannot hold '#'"):
        tasks.get(("Core", "X#number_0001", 1))


def test_rows_without_a_status_are_found_by_an_empty_one(both: Both) -> None:
    """As by ElectroDB, which has written them into the index so."""
    both.put_theirs()
    u = both.users.fields
    assert both.theirs("users.query.byStatus({ status: '' }).go()")["data"] == [THEIR_BOB]
    assert both.users.query(u.status == "", index="by_status").all() == [BOB]
    both.users.save(BOB)
    assert both.users.query(u.status == "", index="by_status").all() == []


def test_every_character_is_folded_as_javascript_does(both: Both) -> None:
    """Those too that this Python does not know."""
    characters = "[...Array(0x110000).keys()].map((code) => String.fromCodePoint(code))"
    pairs = f"{characters}.map((it) => [it, it.toLowerCase()]).filter(([it, low]) => it !== low)"

    here = map(chr, (*range(0xD800), *range(0xE000, 0x110000)))
    assert both.theirs(pairs) == [[it, folded(it)] for it in here if folded(it) != it]


def test_keys_of_any_letters_are_the_same(both: Both) -> None:
    """As in the key of an item."""
    user = User(
        user_id="\u0130\u03a3 \u1c89\ua7dc\U00010d50\U00016eb8\u00c9", email="x@example.org"
    )
    both.theirs("users.put(given).go()", {"userId": user.user_id, "email": user.email})
    assert both.users.get(user.user_id) == user
