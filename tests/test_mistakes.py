"""What a newcomer writes by mistake: the call, the class of the error, and the words of the cure.

Each is text, as it is written, run with a repository of orders in memory.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import pydantic
import pytest
from pydantic import AwareDatetime, BaseModel

import dynrepo
from dynrepo import PartitionKey, Repository, SortKey, Version
from dynrepo.errors import (
    CodecError,
    InvalidCursor,
    ItemNotFound,
    SchemaError,
    SettingsError,
    StoreError,
    TableNotFound,
    VersionConflict,
)
from dynrepo.testing import MemoryStore, mock_of

USER = UUID(int=1)
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Line(BaseModel):
    """A part of an order."""

    sku: str
    price: Decimal


class Order(BaseModel):
    """The model of the tutorials."""

    user_id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Annotated[str, PartitionKey(index="by_status")] = "open"
    placed: Annotated[AwareDatetime, SortKey(index="by_status")]
    total: Decimal = Decimal(0)
    weight: float | None = None
    note: str | None = None
    tags: set[str] = set()
    lines: list[Line] = []
    version: Annotated[int, Version()] = 0


class Orders(Repository[Order]):
    """Orders in a table of their own."""

    table = "orders"


class AsyncOrders(dynrepo.AsyncRepository[Order]):
    """The same, asynchronous."""

    table = "orders"


class Mistake(NamedTuple):
    """The call, what it raises, and what the message has of the cure."""

    call: str
    kind: type[BaseException]
    words: tuple[str, ...]


BRACKETS = "(fields.x > 1) & (fields.y == 2)"
KEY = "get((user_id, number))"
TAKES = "a query takes `user_id == ...` and one comparison of `number`; the rest belongs in where="
ACTION = "fields.x.set(1)"
CONDITION = "fields.x == 1"
BLOCK = "with orders.transaction() as transaction:"
QUERY = "orders.query(fields.x == 1), where orders = Orders(store)"


def model(*fields: str, after: str = "") -> str:
    """The text of a model with these fields, and of its repository."""
    lines = "".join(f"    {field}\n" for field in fields)
    return f"class A(BaseModel):\n{lines}class R(Repository[A]):\n    table = 'things'\n{after}"


ID = "id: Annotated[str, PartitionKey()]"

KEYS = [
    Mistake("orders.get((1, user))", CodecError, ("Order.user_id: expected UUID",)),
    Mistake("orders.get(user)", CodecError, (KEY,)),
    Mistake("orders.get({'user_id': user, 'number': 1})", CodecError, (KEY, "dict")),
    Mistake("orders.get([user, 1])", CodecError, (KEY, "list")),
    Mistake("orders.get((str(user), 1))", CodecError, ("Order.user_id: expected UUID",)),
    Mistake("orders.get((None, 1))", CodecError, ("Order.user_id: expected UUID",)),
    Mistake("orders.get(None)", CodecError, (KEY, "NoneType")),
    Mistake("orders.query(user_id=user)", TypeError, (QUERY,)),
]

DEFINITIONS = [
    Mistake(model("id: str"), SchemaError, ("`id: Annotated[str, PartitionKey()]`",)),
    Mistake(model("id: str = PartitionKey()"), SchemaError, ("write Annotated[type, marker]",)),
    Mistake(model("id: Annotated[str, PartitionKey]"), SchemaError, ("write `PartitionKey()`",)),
    Mistake(
        f"class A(BaseModel):\n    {ID}\nclass R(Repository[A]): pass",
        SchemaError,
        ('`table = "users"`',),
    ),
    Mistake(
        f"class A(BaseModel):\n    {ID}\nclass R(Repository[A]): table_name = 'a'",
        SchemaError,
        ('`table = "users"`',),
    ),
    Mistake("class R(Repository): table = 'a'", SchemaError, ("class R(Repository[Model])",)),
    Mistake(
        model("id: Annotated[str, SortKey()]"), SchemaError, ("Annotated[str, PartitionKey()]",)
    ),
    Mistake(model(ID, ID.replace("id", "other")), SchemaError, ("mark one",)),
    Mistake(
        model("id: Annotated[str | None, PartitionKey()] = None"), SchemaError, ("never None",)
    ),
    Mistake(
        "class Money: ...\n"
        + model(ID, "v: Money", "model_config = {'arbitrary_types_allowed': True}"),
        SchemaError,
        ("Annotated[Money, Encoding('S', encode=str, decode=Money)]",),
    ),
    Mistake(model("id: Annotated[bool, PartitionKey()]"), SchemaError, ("as str, int",)),
    Mistake(
        model(ID, "version: Annotated[int | None, Version()] = None"),
        SchemaError,
        ("a Version() is an int",),
    ),
    Mistake(
        "class R(Repository['Later']): table = 'things'",
        SchemaError,
        ("a class of its own on BaseModel",),
    ),
    Mistake(
        "class A(BaseModel):\n    id: Annotated['Unknown', PartitionKey()]\n"
        "class R(Repository[A]): table = 'things'",
        SchemaError,
        ("A.model_rebuild()",),
    ),
    Mistake(
        model(
            ID, "v: datetime", after="R(MemoryStore(R)).create(A(id='a', v=datetime(2026, 1, 1)))"
        ),
        CodecError,
        ("A.v: expected an aware datetime",),
    ),
    Mistake("PartitionKey('by_x', unique=True)", SchemaError, ("it takes index",)),
]

CONDITIONS = [
    Mistake("f.total >= '3'", CodecError, ("Order.total: expected Decimal",)),
    Mistake("f.total >= 3.5", CodecError, ("Order.total: expected Decimal",)),
    Mistake("orders.query(f.user_id == user and f.number > 5)", TypeError, (BRACKETS,)),
    Mistake(
        "orders.scan(where=f.number == 5 or f.number == 1)", TypeError, (BRACKETS, "| for `or`")
    ),
    Mistake("orders.scan(where=not f.note.exists())", TypeError, ("~ for `not`",)),
    Mistake("orders.scan(where=f.number > 0 & f.total >= Decimal(1))", TypeError, (BRACKETS,)),
    Mistake("orders.scan(where=0 < f.number < 5)", TypeError, ("fields.x.between(1, 5)",)),
    Mistake("orders.scan(where='gift' in f.tags)", TypeError, ("fields.tags.contains(...)",)),
    Mistake("orders.scan(where=f.number in [1, 2])", TypeError, ("fields.x.is_in(1, 2)",)),
    Mistake("f.number.is_in([1, 2])", CodecError, ("is_in(*values)",)),
    Mistake("f.number.is_in(*[])", CodecError, ("is_in takes 1 to 100 values",)),
    Mistake("f.note == None", CodecError, ("does_not_exist()",)),
    Mistake("orders.scan(where=f.note is None).all()", TypeError, ("fields.x.does_not_exist()",)),
    Mistake("f.note.is_null()", AttributeError, ("fields.note.does_not_exist()",)),
    Mistake("f.stauts", AttributeError, ("did you mean status",)),
    Mistake("f.lines[0].price > 1", AttributeError, ('fields.lines[0]["price"]',)),
    Mistake("f.lines.sku", AttributeError, ('fields.lines[0]["sku"]', "path(stored.lines[0].sku)")),
    Mistake("orders.scan(where='total > 3').all()", TypeError, (CONDITION,)),
    Mistake("orders.scan(where=lambda o: o.total > 3).all()", TypeError, (CONDITION,)),
    Mistake("orders.query(f.number > 3)", ValueError, (TAKES, "`user_id == ...` is missing")),
    Mistake("orders.query()", TypeError, (QUERY,)),
    Mistake("orders.query(f.total > Decimal(3))", ValueError, (TAKES,)),
    Mistake(
        "orders.query(f.user_id > user)", ValueError, ("the partition key takes `user_id == ...`",)
    ),
    Mistake(
        "orders.query((f.user_id == user) & (f.note == 'x'))",
        ValueError,
        ("where=", "`note` is no part of the key"),
    ),
    Mistake(
        "orders.query((f.user_id == user) & ((f.number == 1) | (f.number == 2)))",
        ValueError,
        ("compared with values, by `&`",),
    ),
    Mistake(
        "orders.query(f.status == 'open', index='by_stat')", ValueError, ("there are: by_status",)
    ),
    Mistake("orders.query(f.status == 'open')", ValueError, ('index="by_status"',)),
    Mistake(
        "orders.query(f.status == 'open', index='by_status', consistent=True)",
        ValueError,
        ("no consistent reads of a global index",),
    ),
    Mistake("Orders.query(Orders.fields.user_id == user)", TypeError, (QUERY,)),
    Mistake("orders.query(f.status == '', index='by_status')", CodecError, ("cannot be empty",)),
]

QUERIES = [
    Mistake("len(query)", TypeError, ("query.count()",)),
    Mistake("query[0]", TypeError, ("query.first()",)),
    Mistake("if query: pass", TypeError, ("query.first() is not None",)),
    Mistake("query.number", AttributeError, ("query.first()",)),
    Mistake(
        "query.filter(f.total > 1)", AttributeError, ("query(fields.x == 1, where=fields.y > 2)",)
    ),
    Mistake("query.limit(3)", AttributeError, ("query(fields.x == 1, limit=3)",)),
    Mistake("query.page(size=2, after='x')", InvalidCursor, ("not base64url",)),
    Mistake("query.page(size=0)", ValueError, ("at least 1 item",)),
]

VALUES = [
    Mistake("orders.set(changed(weight=float('nan')))", CodecError, ("Order.weight", "not finite")),
    Mistake(
        "orders.update((user, 1), f.weight.set(float('inf')))",
        CodecError,
        ("Order.weight", "not finite"),
    ),
    Mistake("orders.set(changed(note='x' * 500_000))", CodecError, ("409600 bytes at most",)),
    Mistake("orders.create({'user_id': user})", CodecError, ("expected Order, found dict",)),
    Mistake("orders.create(Line(sku='a', price=1))", CodecError, ("expected Order, found Line",)),
    Mistake("orders.set(changed(total='12'))", CodecError, ("Order.total: expected Decimal",)),
    Mistake(
        "orders.set(Order.model_construct(user_id=user))",
        CodecError,
        ("Order.number: has no value",),
    ),
]

WRITES = [
    Mistake("orders.update((user, 1), {'note': 'x'})", TypeError, (ACTION,)),
    Mistake("orders.update((user, 1), f.note == 'x')", TypeError, (ACTION,)),
    Mistake("orders.update((user, 1))", ValueError, ("at least one action",)),
    Mistake("orders.update((user, 1), f.number.set(2))", ValueError, ("cannot change the key",)),
    Mistake(
        "orders.update((user, 1), f.total.add(1), f.total.add(2))",
        ValueError,
        ("two actions of an update on one field",),
    ),
    Mistake(
        "orders.update((user, 1), f.version.set(9))",
        ValueError,
        ("condition=fields.version == ...",),
    ),
    Mistake("f.total.set(None)", CodecError, ("Order.total: expected Decimal",)),
    Mistake("f.tags.add(['a', 'b'])", CodecError, ("Order.tags: expected str",)),
    Mistake("f.note = 'x'", AttributeError, ("update(key, fields.note.set(...))",)),
    Mistake("f.total += 1", AttributeError, ("update(key, fields.total.add(1))",)),
    Mistake(
        "orders.save(order); orders.save(order)",
        VersionConflict,
        ("the stored item is another version",),
    ),
    Mistake("orders.put(order)", AttributeError, ("write set(item)",)),
    Mistake("orders.find(user)", AttributeError, ("query(fields.x == 1)",)),
    Mistake("orders.list()", AttributeError, ("scan().all()",)),
    Mistake("orders.require((user, 99))", ItemNotFound, ("no item under this key",)),
]

BLOCKS = [
    Mistake(
        "with orders.transaction() as tx: tx.create(order)",
        TypeError,
        ("transaction.create(orders, item)",),
    ),
    Mistake("tx = orders.transaction(); tx.create(orders, order)", ValueError, (BLOCK,)),
    Mistake(
        "with orders.transaction() as tx: tx.get(orders, (user, 1))",
        AttributeError,
        ("get() of the repository",),
    ),
    Mistake(
        "with orders.transaction() as tx:\n"
        "    tx.update(orders, (user, 1), f.total.add(1))\n"
        "    tx.check(orders, (user, 1), f.total > 0)",
        ValueError,
        ("one write of an item",),
    ),
    Mistake("orders.batch().set(order)", ValueError, ("with orders.batch() as batch:",)),
    Mistake("orders.get_many((user, 1))", CodecError, ("get_many([(user_id, number)])",)),
    Mistake("orders.set_many(order)", TypeError, ("set_many([...])",)),
]

STORES = [
    Mistake("Orders(MemoryStore()).get((user, 1))", TableNotFound, ("in memory", "ensure_table()")),
    Mistake("MemoryStore(orders)", TypeError, ("not Orders(): write Orders",)),
    Mistake("Orders('orders')", TypeError, ("such as DynamoStore()",)),
    Mistake("Orders(table='x')", TypeError, ('`table = "orders"`',)),
    Mistake(
        "Settings.from_environment({'DYNREPO_TABEL_PREFIX': 'x'})",
        SettingsError,
        ("DYNREPO_TABLE_PREFIX",),
    ),
    Mistake("Container(orders)", TypeError, ("not Orders(): write Orders",)),
    Mistake("Orders().get((user, 1))", StoreError, ("set AWS_REGION, or pass region=",)),
]

OWN = [
    Mistake("Later(store).get((user, 1))", CodecError, ("Later.colour", "a default", "`upcast`")),
    Mistake("f.user_id == user & f.number == 1", TypeError, (BRACKETS,)),
    Mistake("f.status == 'open' | f.number == 1", TypeError, (BRACKETS,)),
    Mistake("(f.number == 1) & f.total", TypeError, (BRACKETS,)),
    Mistake("~f.total", TypeError, (BRACKETS,)),
    Mistake("if f.note: pass", TypeError, ("fields.note.exists()",)),
    Mistake("len(f.tags) > 3", TypeError, ("fields.tags.size() > 3",)),
    Mistake("for line in f.lines: pass", TypeError, ("fields.lines",)),
    Mistake("f.note.begins_with('a')", AttributeError, ('fields.note.startswith("a")',)),
    Mistake("f.total.increment(1)", AttributeError, ("fields.total.add(1)",)),
    Mistake("f.number.gt(1)", AttributeError, ("fields.number > 1",)),
    Mistake("f.lines.push(1)", AttributeError, ("fields.lines.append(1)",)),
    Mistake("query.order_by('number')", AttributeError, ("descending=True",)),
    Mistake("query.to_list()", AttributeError, ("query(...).all()",)),
    Mistake("query.delete()", AttributeError, ("delete_many(query(...).keys())",)),
    Mistake("orders.filter(number=1)", AttributeError, ("scan(where=fields.x == 1)",)),
    Mistake("orders.remove((user, 1))", AttributeError, ("delete(key)",)),
    Mistake("orders.insert(order)", AttributeError, ("create(item)",)),
    Mistake("orders.get_or_404((user, 1))", AttributeError, ("require(key)",)),
    Mistake("orders.total", AttributeError, ("fields.total",)),
    Mistake("orders.batch_writer()", AttributeError, ("batch()",)),
    Mistake("orders.scan(filter=f.total > 1)", TypeError, ("orders.scan(where=fields.x == 1)",)),
    Mistake("Orders.scan(where=f.total > 1)", TypeError, ("where orders = Orders(store)",)),
    Mistake("orders.get_many('key')", TypeError, ("get_many([...])",)),
    Mistake("orders.delete_many(order)", TypeError, ("delete_many([...])",)),
    Mistake("orders.get_many(n for n in [1, 2])", CodecError, (KEY,)),
    Mistake(
        "orders.query(f.user_id == user, index='by_status')", ValueError, ("leave index= out",)
    ),
    Mistake("orders.query(f.user_id == user, limit=0)", ValueError, ("at least 1",)),
    Mistake("orders.update(order)", ValueError, ("at least one action",)),
    Mistake("orders.update((user, 1), 'note')", TypeError, (ACTION,)),
    Mistake(
        "with orders.batch() as batch: batch.create(order)",
        AttributeError,
        ("set(...) in a batch",),
    ),
    Mistake("with orders.transaction() as tx: tx.commit()", AttributeError, ("the block sends",)),
    Mistake(
        "with orders.transaction() as tx: tx.put(orders, order)", AttributeError, ("set(...)",)
    ),
    Mistake("tx = orders.transaction(); tx.delete(orders, (user, 1))", ValueError, (BLOCK,)),
    Mistake("orders.batch().delete((user, 1))", ValueError, ("with orders.batch() as batch:",)),
    Mistake("orders.drop_table(confirm='order')", ValueError, ("orders",)),
    Mistake("path(orders.stored)", TypeError, ("path(users.stored.name)",)),
    Mistake("orders.stored.total > 3", TypeError, ("path(stored.total)",)),
]
"""Beside those that were counted before."""

SHARED = """
from types import new_class
class Shop(SharedTable):
    table = "shop"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_et"
class Customer(BaseModel):
    user_id: str
    email: str
def customers(**members):
    return new_class("Customers", (Repository[Customer],), {}, lambda body: body.update(members))
"""
"""The text that those on shared tables begin with."""

PLACE = (
    "place=Shop.place('USER#{user_id}', 'PROFILE', entity='USER',"
    " by_mail=Shop.gsi1('{email}', 'U'))"
)

OF_SHARED = [
    Mistake("customers(table=Shop)", SchemaError, ("write place = Shop.place(...)",)),
    Mistake(
        "customers(place=Shop.place('USER#{usr_id}', 'P', entity='USER'))",
        SchemaError,
        ("user_id",),
    ),
    Mistake(
        f"C = customers({PLACE}); C(MemoryStore()).query(C.fields.email == 'a')",
        ValueError,
        ('index="by_mail"',),
    ),
    Mistake(
        f"C = customers({PLACE}); C(MemoryStore(C)).get(('a', 'PROFILE'))", CodecError, ("user_id",)
    ),
    Mistake("customers(place=Shop)", SchemaError, ("Shop",)),
]

ASYNCHRONOUS = [
    Mistake("for order in orders.scan(): pass", TypeError, ("async for item in query",)),
    Mistake("list(orders.scan())", TypeError, ("await query.all()",)),
    Mistake("with orders.transaction() as tx: pass", TypeError, ("async with",)),
    Mistake("with orders.batch() as batch: pass", TypeError, ("async with",)),
    Mistake("with AsyncContainer(store=store) as container: pass", TypeError, ("async with",)),
    Mistake("len(orders.scan())", TypeError, ("await query.count()",)),
    Mistake("if orders.scan(): pass", TypeError, ("await query.first() is not None",)),
    Mistake("orders.scan()[0]", TypeError, ("await query.first()",)),
    Mistake("orders.put(order)", AttributeError, ("set(item)",)),
    Mistake("orders.query(user_id=user)", TypeError, (QUERY,)),
    Mistake("tx = orders.transaction(); tx.create(orders, order)", ValueError, (f"async {BLOCK}",)),
    Mistake("AsyncOrders.query(f.user_id == user)", TypeError, (QUERY,)),
    Mistake("asyncio.run(orders.batch().set(order))", ValueError, ("async with orders.batch()",)),
]

COUNTED = [*KEYS, *DEFINITIONS, *CONDITIONS, *QUERIES, *VALUES, *WRITES, *BLOCKS, *STORES]
MEANT = [
    (model(ID, "v: int | float"), "True"),
    (model(ID, "ttl: Annotated[int, TimeToLive()]"), "True"),
    ("", "orders.query(f.user_id == user, where=f.total >= 0).count() == 1"),
    ("", "repr(query) == 'Query(Order, orders, (user_id))'"),
    ("x = orders.require((user, 1)); x.note = 'mine'", "orders.save(x).note == 'mine'"),
    ("", "orders.set(order).number == 1"),
    ("", "orders.update(order, f.note.set('z')).note == 'z'"),
    ("", "Container(store=store).repository(Orders).get((user, 1)) == order"),
]
"""What was counted as a mistake, and does what is meant."""


OF_MOCKS = (
    "orders.query(user_id=user)",
    "orders.query()",
    "orders.put(order)",
    "orders.find(user)",
    "orders.list()",
    "orders.set_many(order)",
)
"""The calls that a mock of the repository refuses without an expectation."""


class Later(BaseModel):
    """The order of a later version, with a new field that is required."""

    user_id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()]
    colour: str


class LaterOrders(Repository[Later]):
    """The same table."""

    table = "orders"


def named(**more: Any) -> dict[str, Any]:
    """The names that a text has."""
    store = MemoryStore(Orders)
    orders = Orders(store)
    order = orders.create(Order(user_id=USER, number=1, placed=NOW))
    return {
        **{name: getattr(pydantic, name) for name in ("BaseModel", "AwareDatetime")},
        **{name: getattr(dynrepo, name) for name in dynrepo.__all__},
        **globals(),
        "store": store,
        "orders": orders,
        "order": order,
        "f": orders.fields,
        "user": USER,
        "query": orders.query(orders.fields.user_id == USER),
        "changed": lambda **fields: order.model_copy(update={"number": 2, **fields}),
        "Later": LaterOrders,
        "asyncio": asyncio,
        "__name__": __name__,
        **more,
    }


def run(text: str, names: dict[str, Any]) -> None:
    """Runs a text as it stands in a module without postponed annotations."""
    exec(compile(text, "mistake", "exec", dont_inherit=True), names)  # noqa: S102 - our own


def check(mistake: Mistake, names: dict[str, Any], before: str = "") -> None:
    """The class of the error, and each word of its message."""
    with pytest.raises(mistake.kind) as caught:
        run(f"{before}\n{mistake.call}", names)
    message = str(caught.value)
    assert [word for word in mistake.words if word not in message] == [], message


def each(mistakes: list[Mistake]) -> pytest.MarkDecorator:
    """A case for each, by its last line."""
    ids = [
        f"{number} {mistake.call.splitlines()[-1].strip()[:60]}"
        for number, mistake in enumerate(mistakes)
    ]
    return pytest.mark.parametrize("mistake", mistakes, ids=ids)


@each(COUNTED)
def test_a_mistake_names_its_cure(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of those that were counted when half of them named none."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    check(mistake, named())


@each(OWN)
def test_another_mistake_names_its_cure(mistake: Mistake) -> None:
    """As was found by making more of them."""
    check(mistake, named())


@each(OF_SHARED)
def test_a_mistake_with_a_shared_table_names_its_cure(mistake: Mistake) -> None:
    """As in a table of its own."""
    check(mistake, named(), SHARED)


@each(ASYNCHRONOUS)
def test_an_asynchronous_mistake_names_its_cure(mistake: Mistake) -> None:
    """As it is written in the asynchronous face."""
    store = MemoryStore(Orders)
    check(mistake, named(orders=AsyncOrders(store), store=store))


@pytest.mark.parametrize(("before", "meant"), MEANT, ids=range(len(MEANT)))
def test_what_is_no_mistake_does_what_is_meant(before: str, meant: str) -> None:
    """Though it was counted as one."""
    names = named()
    run(before, names)
    assert eval(meant, names)  # noqa: S307 - our own


@each([row for row in COUNTED if row.call in OF_MOCKS])
def test_a_mock_says_the_same(mistake: Mistake) -> None:
    """As the repository that it stands for."""
    check(mistake, named(orders=mock_of(Orders)))


def test_the_table_has_the_kinds_that_are_asked_for() -> None:
    """105 of those that were counted, and 30 more."""
    assert len(COUNTED) + len(MEANT) >= 105
    assert len(OWN) + len(OF_SHARED) + len(ASYNCHRONOUS) >= 30
