"""Create, set, save and update: what each promises about what is stored."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

import pytest
from pydantic import AwareDatetime, BaseModel, Field

from dynrepo import (
    Attribute,
    CodecError,
    ConditionFailed,
    CreatedAt,
    ItemExists,
    ItemNotFound,
    PartitionKey,
    Repository,
    SortKey,
    UpdatedAt,
    Version,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.clock import deadline
from dynrepo.operations.mapper import Mapper
from dynrepo.operations.operation import Effect, Operation
from dynrepo.operations.reads import get_stored
from dynrepo.operations.writes import create_item, put_item, save_item, update_item
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing.memory import MemoryStore
from tests.stopwatch import passes
from tests.told import told

if TYPE_CHECKING:
    from dynrepo import Store
    from dynrepo.testing.faults import Exchange

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


class Account(BaseModel, frozen=True):
    """An item with everything that writes fill in."""

    account_id: Annotated[UUID, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    owner: Annotated[str, Attribute("o")]
    balance: Annotated[int, Field(ge=0)] = 0
    note: str | None = None
    tags: frozenset[str] = frozenset()
    entries: list[Decimal] = []
    version: Annotated[int, Version()] = 0
    created: Annotated[AwareDatetime | None, CreatedAt()] = None
    updated: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Plain(BaseModel):
    """An item without any of that."""

    name: Annotated[str, PartitionKey()]
    size: int = 0
    note: str | None = None
    words: list[str] = []


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


class Plains(Repository[Plain]):
    """Plain items."""

    table = "plains"


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = WHEN

    def __call__(self) -> datetime:
        """The time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """At the beginning of 2026."""
    return Clock()


@pytest.fixture
def accounts(stores: Store, clock: Clock) -> Accounts:
    """A table of accounts on each engine."""
    repository = Accounts(stores, clock=clock)
    repository.create_table()
    return repository


@pytest.fixture
def plains(stores: Store) -> Plains:
    """A table of plain items on each engine."""
    repository = Plains(stores)
    repository.create_table()
    return repository


def account(**more: Any) -> Account:
    """A new account."""
    return Account(**{"account_id": uuid4(), "owner": "ada", **more})


def stored(repository: Repository[Any], key: Any) -> dict[str, Any]:
    """What is stored under a key, as it is."""
    operation = get_stored(repository.mapper, key)
    return operation.read(repository.store.execute(operation)) or {}


def put_stored(repository: Repository[Any], item: dict[str, Any]) -> None:
    """Stores an item as it is."""
    name = repository.mapper.table
    request = {"TableName": name, "Item": item}
    repository.store.execute(Operation("PutItem", name, request, lambda _: None))


def test_create_never_overwrites(accounts: Accounts) -> None:
    """The error holds the item that is there."""
    first = accounts.create(account())
    with pytest.raises(ItemExists) as caught:
        accounts.create(account(account_id=first.account_id, owner="bob"))
    assert caught.value.item == first == accounts.get(first)


def test_set_replaces_everything(plains: Plains) -> None:
    """Attributes that nobody declared go, too."""
    put_stored(plains, {"name": {"S": "a"}, "foreign": {"S": "x"}, "note": {"S": "n"}})
    plains.set(Plain(name="a"))
    assert stored(plains, "a") == {"name": {"S": "a"}, "size": {"N": "0"}, "words": {"L": []}}


def test_save_keeps_what_it_does_not_declare(plains: Plains) -> None:
    """It writes the declared fields, and removes those that are None."""
    put_stored(plains, {"name": {"S": "a"}, "foreign": {"S": "x"}, "note": {"S": "n"}})
    assert plains.save(Plain(name="a", size=2)) == Plain(name="a", size=2)
    assert stored(plains, "a") == {
        "name": {"S": "a"},
        "foreign": {"S": "x"},
        "size": {"N": "2"},
        "words": {"L": []},
    }


def test_save_makes_a_new_item(accounts: Accounts) -> None:
    """Version 0 is an item that was never stored."""
    saved = accounts.save(account())
    assert saved.version == 1
    assert accounts.get(saved) == saved


def test_save_of_a_stale_instance_is_a_conflict(accounts: Accounts) -> None:
    """Nothing is written, and the error holds what is stored."""
    first = accounts.save(account())
    second = accounts.save(first.model_copy(update={"balance": 5}))
    with pytest.raises(VersionConflict) as caught:
        accounts.save(first.model_copy(update={"balance": 9}))
    assert caught.value.item == second == accounts.get(first)


def test_save_of_a_deleted_item_is_a_conflict(accounts: Accounts) -> None:
    """It does not rise from the dead."""
    first = accounts.save(account())
    accounts.delete(first)
    with pytest.raises(VersionConflict) as caught:
        accounts.save(first)
    assert caught.value.item is None
    assert accounts.get(first) is None


def test_save_of_a_new_item_on_a_taken_key_is_a_conflict(accounts: Accounts) -> None:
    """Two who make the same item do not overwrite each other."""
    first = accounts.create(account())
    with pytest.raises(VersionConflict):
        accounts.save(account(account_id=first.account_id))


@pytest.mark.parametrize("version", [{}, {"version": {"N": "0"}}], ids=["no version", "version 0"])
@pytest.mark.parametrize("change", [{}, {"balance": 3}], ids=["as read", "changed"])
def test_a_row_of_before_the_versions_is_saved_and_counted(
    accounts: Accounts, version: dict[str, Any], change: dict[str, Any]
) -> None:
    """And a row that somebody else has numbered 0; who read it before the save is too late."""
    item = account()
    row = accounts.schema.encode(item)
    del row["version"]
    put_stored(accounts, {**row, **version})
    read = accounts.require(item)
    assert read.version == 0
    saved = told(lambda: accounts.save(read.model_copy(update=change)))
    assert isinstance(saved, Account)
    assert saved.version == 1
    with pytest.raises(VersionConflict):
        accounts.save(read)
    with pytest.raises(VersionConflict):
        accounts.delete(read)
    assert accounts.delete(saved) == saved


@pytest.mark.parametrize("version", [{}, {"version": {"N": "0"}}], ids=["no version", "version 0"])
def test_a_row_of_before_the_versions_is_deleted_and_updated(
    accounts: Accounts, version: dict[str, Any]
) -> None:
    """In a transaction likewise; an update counts on from there."""
    item = account()
    row = accounts.schema.encode(item)
    del row["version"]
    put_stored(accounts, {**row, **version})
    read = accounts.require(item)
    assert told(lambda: accounts.delete(read)) == read
    put_stored(accounts, {**row, **version})
    with accounts.transaction() as tx:
        tx.delete(accounts, read)
    assert accounts.get(item) is None
    put_stored(accounts, {**row, **version})
    assert accounts.update(read, accounts.fields.balance.add(1)).version == 1
    with pytest.raises(VersionConflict):
        accounts.save(read)


class Draft(BaseModel):
    """An item that begins at another version than 0."""

    name: Annotated[str, PartitionKey()]
    text: str = ""
    version: Annotated[int, Version()] = 7


class Drafts(Repository[Draft]):
    """Drafts."""

    table = "drafts"


def test_versions_may_begin_anywhere(stores: Store) -> None:
    """A row without one is of the default, and every write counts on from there."""
    drafts = Drafts(stores)
    drafts.create_table()
    put_stored(drafts, {"name": {"S": "a"}})
    read = drafts.require("a")
    assert drafts.update("a", drafts.fields.text.set("x")).version == 8
    assert type(told(lambda: drafts.save(read))) is VersionConflict
    assert type(told(lambda: drafts.delete(read))) is VersionConflict
    saved = told(lambda: drafts.save(Draft(name="b")))
    assert isinstance(saved, Draft)
    assert saved.version == 8
    assert drafts.update("c", drafts.fields.text.set("x"), upsert=True).version == 8


@pytest.mark.parametrize(
    "action", [Accounts.fields.version.set(1), Accounts.fields.version.add(-1)]
)
def test_no_update_lets_a_stale_save_pass(accounts: Accounts, action: Any) -> None:
    """Not by an action on the version, which is refused."""
    stale = accounts.create(account())
    latest = accounts.save(stale)
    with suppress(ValueError):
        accounts.update(stale, action)
    assert type(told(lambda: accounts.save(stale))) is VersionConflict
    assert accounts.require(stale) == latest


def test_every_write_counts_the_version(accounts: Accounts) -> None:
    """create, set, save and update."""
    item = accounts.create(account())
    item = accounts.set(item)
    item = accounts.save(item)
    item = accounts.update(item, accounts.fields.balance.add(1))
    assert item.version == 4


def test_times_are_those_of_the_clock(accounts: Accounts, clock: Clock) -> None:
    """CreatedAt stays, UpdatedAt moves with every write."""
    item = accounts.create(account())
    assert (item.created, item.updated) == (WHEN, WHEN)
    clock.now += timedelta(hours=1)
    item = accounts.save(item)
    assert (item.created, item.updated) == (WHEN, clock.now)
    clock.now += timedelta(hours=1)
    item = accounts.update(item, accounts.fields.balance.add(1))
    assert (item.created, item.updated) == (WHEN, clock.now)
    assert accounts.get(item) == item


def test_save_does_not_forget_when_an_item_was_created(accounts: Accounts, clock: Clock) -> None:
    """Even if the instance does not know it."""
    item = accounts.create(account())
    clock.now += timedelta(hours=1)
    assert accounts.save(item.model_copy(update={"created": None})).created == WHEN


def test_what_a_write_returns_is_what_a_read_gives(accounts: Accounts) -> None:
    """A fresh instance: it shares nothing with the one given, which is as it was."""
    given = account(entries=[Decimal("1.50")])
    before = given.model_copy(deep=True)
    created = accounts.create(given)
    given.entries.append(Decimal(2))
    assert accounts.get(given) == created
    assert created.entries == before.entries


@pytest.mark.parametrize("verb", ["create", "set", "save"])
def test_an_invalid_instance_is_not_written(accounts: Accounts, verb: str) -> None:
    """What could not be read again is refused before anything is sent."""
    item = account().model_copy(update={"balance": -1})
    with pytest.raises(CodecError, match=r"Account\.balance"):
        getattr(accounts, verb)(item)
    assert accounts.get(item) is None


def test_update_returns_the_new_item(accounts: Accounts) -> None:
    """Whole and validated."""
    item = accounts.create(account(balance=1, entries=[Decimal(1)]))
    fields = accounts.fields
    new = accounts.update(
        item,
        fields.balance.add(2),
        fields.owner.set("bob"),
        fields.tags.add("x"),
        fields.entries.append(Decimal(2)),
        fields.note.set("n"),
    )
    assert (new.balance, new.owner, new.tags, new.note) == (3, "bob", {"x"}, "n")
    assert new.entries == [Decimal(1), Decimal(2)]
    assert accounts.get(item) == new


def test_update_keeps_what_it_does_not_declare(plains: Plains) -> None:
    """As `save` does."""
    put_stored(plains, {"name": {"S": "a"}, "foreign": {"S": "x"}})
    plains.update("a", plains.fields.size.add(1))
    assert stored(plains, "a")["foreign"] == {"S": "x"}


def test_update_of_a_missing_key_leaves_nothing(plains: Plains) -> None:
    """Neither by adding nor by removing alone."""
    for action in (plains.fields.size.add(1), plains.fields.note.remove()):
        with pytest.raises(ItemNotFound):
            plains.update("a", action)
    assert plains.get("a") is None


def test_update_under_a_condition(plains: Plains) -> None:
    """A condition that does not hold says what is stored; a missing item is not found."""
    plains.set(Plain(name="a", size=1))
    fields = plains.fields
    assert plains.update("a", fields.size.add(1), condition=fields.size == 1).size == 2
    with pytest.raises(ConditionFailed) as caught:
        plains.update("a", fields.size.add(1), condition=fields.size == 1)
    assert caught.value.item == Plain(name="a", size=2)
    with pytest.raises(ItemNotFound):
        plains.update("b", fields.size.add(1), condition=fields.size == 1)


def test_upsert_makes_a_complete_item(accounts: Accounts) -> None:
    """From actions that need nothing to be there."""
    key = (uuid4(), 1)
    fields = accounts.fields
    made = accounts.update(key, fields.owner.set("ada"), fields.balance.add(3), upsert=True)
    assert (made.owner, made.balance, made.version, made.created) == ("ada", 3, 1, WHEN)
    assert (
        accounts.update(key, fields.owner.set("ada"), fields.balance.add(3), upsert=True).balance
        == 6
    )


def test_upsert_is_refused_where_the_item_would_be_half_made(accounts: Accounts) -> None:
    """Before anything is sent: a required field without a value, an action on what is not there."""
    fields = accounts.fields
    key = (uuid4(), 1)
    for actions in (
        [fields.balance.add(1)],
        [fields.owner.set("ada"), fields.balance.set(fields.balance + 1)],
        [fields.owner.set("ada"), fields.entries[0].set(Decimal(1))],
        [fields.owner.set("ada"), fields.balance.add(-1)],
    ):
        with pytest.raises(CodecError, match="upsert where nothing is stored"):
            accounts.update(key, *actions, upsert=True)
    assert accounts.get(key) is None


class Visit(BaseModel):
    """When somebody came, and when they wrote of it."""

    name: Annotated[str, PartitionKey()]
    text: str | None = None
    written: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Visits(Repository[Visit]):
    """Visits."""

    table = "visits"


def test_upsert_is_refused_where_nothing_is_written(memory: MemoryStore) -> None:
    """In a transaction, too; the time of a write is something, but where that is removed."""
    visits, f = Visits(memory), Visits.fields
    visits.create_table()
    assert visits.update("a", f.text.remove(), upsert=True).written is not None
    removals = [f.text.remove(), f.written.remove()]
    with pytest.raises(CodecError, match="Visit: what only removes makes no item"):
        visits.update("b", *removals, upsert=True)
    with pytest.raises(CodecError, match="Visit: what only removes makes no item"):
        visits.update("b", *removals, upsert=True, exactly_once=True)
    with pytest.raises(CodecError, match="Visit: what only removes makes no item"):
        visits.transaction().update(visits, "b", *removals, upsert=True)
    assert visits.scan().count() == 1
    assert visits.update("a", *removals) == Visit(name="a")


def test_an_update_needs_actions_and_leaves_the_key(accounts: Accounts) -> None:
    """Wrong use is told before anything is sent."""
    with pytest.raises(ValueError, match="at least one action"):
        accounts.update((uuid4(), 1))
    with pytest.raises(ValueError, match="cannot change the key"):
        accounts.update((uuid4(), 1), accounts.fields.number.add(1))
    wrong: Any = accounts.fields.balance == 1
    with pytest.raises(TypeError, match="expected an action such as"):
        accounts.update((uuid4(), 1), wrong)
    several: Any = [accounts.fields.balance.add(1)]
    with pytest.raises(TypeError, match=r"found list: write \*actions$"):
        accounts.update((uuid4(), 1), several)


def test_two_actions_on_one_field_are_refused(accounts: Accounts) -> None:
    """Or on a field and a part of it; moto would take them."""
    fields = accounts.fields
    for first, second in (
        (fields.balance.add(1), fields.balance.set(2)),
        (fields.entries[0].set(Decimal(1)), fields.entries.append(Decimal(2))),
    ):
        with pytest.raises(ValueError, match="two actions of an update on one field"):
            accounts.update((uuid4(), 1), first, fields.owner.set("bob"), second)
    item = accounts.create(account(entries=[Decimal(1), Decimal(2)]))
    two = (fields.entries[0].set(Decimal(3)), fields.entries[1].set(Decimal(4)))
    assert accounts.update(item, *two).entries == [Decimal(3), Decimal(4)]


def test_an_update_that_would_make_an_item_invalid_is_refused(accounts: Accounts) -> None:
    """The error names the field, and nothing is written."""
    item = accounts.create(account(balance=1))
    with pytest.raises(
        ConditionFailed, match=r"Account\.balance: the update would pass its bo"
    ) as caught:
        accounts.update(item, accounts.fields.balance.add(-2))
    assert (caught.value.field, caught.value.item) == ("balance", item)
    assert accounts.require(item, consistent=True) == item


def test_exactly_once_is_an_update(accounts: Accounts) -> None:
    """With the same result and the same errors."""
    item = accounts.create(account(balance=1))
    fields = accounts.fields
    assert accounts.update(item, fields.balance.add(2), exactly_once=True).balance == 3
    with pytest.raises(ConditionFailed) as caught:
        accounts.update(
            item, fields.balance.add(2), condition=fields.balance == 1, exactly_once=True
        )
    assert caught.value.item.balance == 3
    with pytest.raises(ItemNotFound):
        accounts.update((uuid4(), 1), fields.balance.add(2), exactly_once=True)


def test_exactly_once_has_the_time_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its write and its read together; a block that gives more gives it to both."""

    def late(exchange: Exchange) -> Any:
        body = exchange.answer()
        passes(monkeypatch, 25)
        if time.monotonic() > exchange.ends:
            raise AnswerTimedOut
        return body

    store = MemoryStore(Plains, deadline=40)
    plains, more = Plains(store), Plains.fields.size.add(1)
    plains.create(Plain(name="a"))
    with store.inject(late, times=None):
        with pytest.raises(WrittenUnreadable, match="was updated, but could not be read"):
            plains.update("a", more, exactly_once=True)
        with deadline(300):
            assert plains.update("a", more, exactly_once=True).size == 2


PLAIN: Mapper[Plain] = Mapper("plains", Plains.schema)
ACCOUNT: Mapper[Account] = Mapper("accounts", Accounts.schema)
f, g = Plains.fields, Accounts.fields
EFFECTS = [
    (put_item(PLAIN, Plain(name="a")), Effect.REPEATABLE),
    (create_item(PLAIN, Plain(name="a")), Effect.ONCE),
    (save_item(PLAIN, Plain(name="a")), Effect.REPEATABLE),
    (save_item(ACCOUNT, account()), Effect.ONCE),
    (update_item(PLAIN, "a", [f.size.set(1)]), Effect.REPEATABLE),
    (update_item(PLAIN, "a", [f.note.remove()]), Effect.REPEATABLE),
    (update_item(PLAIN, "a", [f.size.set(f.size.if_not_exists(1))]), Effect.REPEATABLE),
    (update_item(PLAIN, "a", [f.size.set(1)], condition=f.size == 0), Effect.ONCE),
    (update_item(PLAIN, "a", [f.size.add(1)]), Effect.ONCE),
    (update_item(PLAIN, "a", [f.size.set(f.size + 1)]), Effect.ONCE),
    (update_item(PLAIN, "a", [f.size.set(f.size.if_not_exists(0) + 1)]), Effect.ONCE),
    (update_item(PLAIN, "a", [f.words.append("w")]), Effect.ONCE),
    (update_item(PLAIN, "a", [f.words[0].remove()]), Effect.ONCE),
    (update_item(PLAIN, "a", [f.words[9].set("w")]), Effect.ONCE),
    (update_item(ACCOUNT, (uuid4(), 1), [g.tags.delete("x")]), Effect.ONCE),
]


@pytest.mark.parametrize(("operation", "effect"), EFFECTS, ids=range(len(EFFECTS)))
def test_an_operation_says_what_sending_it_twice_would_do(operation: Any, effect: Effect) -> None:
    """The store sends again by that."""
    assert operation.effect is effect


@pytest.mark.parametrize("write", [put_item, create_item])
def test_the_json_of_a_write_is_its_request(write: Any) -> None:
    """What a sender that has the text sends, and what one that has not."""
    operation = write(ACCOUNT, account(owner='"ä☃\u2028'))
    assert json.loads(operation.text) == operation.request
