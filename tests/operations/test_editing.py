"""`edit`: what a function changes is written, all else stays, and nobody's write is lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, create_model, field_validator

from dynrepo import (
    CodecError,
    ConditionFailed,
    CreatedAt,
    ItemNotFound,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    SortKey,
    StoreError,
    Timeout,
    TimeToLive,
    UpdatedAt,
    Version,
    VersionConflict,
    WrittenUnreadable,
    deadline,
)
from dynrepo.codec.value import canonical_item
from dynrepo.operations.operation import Effect, Operation, nothing
from dynrepo.operations.reads import get_stored
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing.faults import lost_reply, refusal
from dynrepo.testing.memory import MemoryStore
from tests.shop import ADA as ADA_ID
from tests.shop import LINE, NOW, ORDER, Lines, Orders
from tests.stopwatch import passes
from tests.told import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store
    from dynrepo.testing.faults import Exchange, Fault

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Address(BaseModel):
    """A nested model."""

    street: str = ""
    town: str | None = None


class Person(BaseModel):
    """A person, without a version."""

    name: Annotated[str, PartitionKey()]
    visits: int = 0
    note: str | None = None
    tags: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset({1})
    home: Address = Address()
    places: dict[str, Address] = {}
    lines: list[Address] = []


class People(Repository[Person]):
    """Persons."""

    table = "people"


class Account(BaseModel):
    """An account, with everything that writes stamp."""

    name: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 1
    amount: Annotated[int, Field(ge=0)] = 0
    note: str | None = None
    home: Address = Address()
    places: dict[str, Address] = {}
    version: Annotated[int, Version()] = 0
    made: Annotated[AwareDatetime | None, CreatedAt()] = None
    saved: Annotated[AwareDatetime | None, UpdatedAt()] = None


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


class Clock:
    """A clock that goes on by a second at each look."""

    now = NOON

    def __call__(self) -> datetime:
        """The time."""
        self.now += timedelta(seconds=1)
        return self.now


ADA = Person(
    name="ada",
    visits=1,
    note="n",
    tags=frozenset({"x"}),
    home=Address(street="a", town="b"),
    places={"work": Address(street="w")},
)


@pytest.fixture
def people(stores: Store) -> People:
    """A table of persons, with Ada, on each engine."""
    repository = People(stores)
    repository.create_table()
    repository.create(ADA)
    return repository


@pytest.fixture
def store() -> MemoryStore:
    """Their tables, in memory."""
    return MemoryStore(People, Accounts)


@pytest.fixture
def ada(store: MemoryStore) -> People:
    """Ada, in memory."""
    repository = People(store)
    repository.create(ADA)
    return repository


@pytest.fixture
def accounts(store: MemoryStore) -> Accounts:
    """A new account, in memory."""
    repository = Accounts(store, clock=Clock())
    repository.create(Account(name="a", home=Address(street="s", town="t")))
    return repository


KEY = ("a", 1)


def stored(repository: Repository[Any], key: Any) -> dict[str, Any]:
    """What is stored under a key, in DynamoDB JSON."""
    reading = get_stored(repository.mapper, key)
    return reading.read(repository.store.execute(reading)) or {}


def put(repository: Repository[Any], item: dict[str, Any]) -> None:
    """Stores attributes as they are."""
    request = {"TableName": repository.mapper.table, "Item": item}
    table = repository.mapper.table
    repository.store.execute(Operation("PutItem", table, request, nothing, Effect.REPEATABLE))


def visited(person: Person) -> Person:
    """A person who came once more."""
    return person.model_copy(update={"visits": person.visits + 1})


def paid(account: Account) -> Account:
    """An account with one more."""
    return account.model_copy(update={"amount": account.amount + 1})


def changing(**changes: Any) -> Callable[[Any], Any]:
    """A function that changes some fields."""
    return lambda item: item.model_copy(update=changes)


def repository_of(model: Any, name: str) -> type[Repository[Any]]:
    """A repository of a model that was made just now."""

    class Made(Repository[model]):
        table = name

    return Made


def before_the_write(act: Callable[[], Any]) -> Fault:
    """Others act after an item was read, and before it is written."""

    def fault(exchange: Exchange) -> Any:
        found = exchange.answer()
        act()
        return found

    return fault


def sent(repository: Repository[Any], key: Any, change: Callable[[Any], Any]) -> list[Any]:
    """The writes that an edit sends."""
    requests: list[Any] = []

    def noted(exchange: Exchange) -> Any:
        requests.append(exchange.operation.request)
        return exchange.answer()

    store: Any = repository.store
    with store.inject(noted, on="UpdateItem", times=None):
        repository.edit(key, change)
    return requests


# What is written


def test_an_edit_writes_what_the_function_changed(people: People) -> None:
    """And returns the item as it is stored then."""
    edited = people.edit("ada", visited)
    assert edited == visited(ADA) == people.require("ada", consistent=True)


def test_what_no_field_declares_stays(people: People) -> None:
    """In the item, in nested models and in the values of a dict."""
    item = stored(people, "ada")
    item["foreign"] = item["home"]["M"]["foreign"] = {"S": "x"}
    item["places"]["M"]["work"]["M"]["foreign"] = {"NULL": True}
    put(people, item)
    places = {"work": Address(street="v", town="x"), "club": Address()}
    people.edit("ada", changing(home=Address(street="b"), places=places, visits=2))
    left = stored(people, "ada")
    assert left["foreign"] == {"S": "x"}
    assert left["home"] == {"M": {"street": {"S": "b"}, "foreign": {"S": "x"}}}
    assert left["places"]["M"]["work"]["M"] == {
        "street": {"S": "v"},
        "town": {"S": "x"},
        "foreign": {"NULL": True},
    }
    assert people.require("ada").places == places


def test_a_field_of_a_removed_value_is_removed(people: People) -> None:
    """As is an entry of a dict, and an empty set."""
    edited = people.edit("ada", changing(note=None, tags=frozenset(), places={}, home=Address()))
    left = stored(people, "ada")
    assert "note" not in left
    assert "tags" not in left
    assert (left["places"], left["home"]) == ({"M": {}}, {"M": {"street": {"S": ""}}})
    assert edited == people.require("ada")


def test_lists_and_sets_are_written_whole(people: People) -> None:
    """Also one that is stored as a list while it is empty."""
    lines = [Address(street="1"), Address(town="2")]
    edited = people.edit("ada", changing(lines=lines, tags=frozenset("ab"), codes=frozenset()))
    assert (edited.lines, edited.tags, edited.codes) == (lines, frozenset("ab"), frozenset())
    assert people.edit("ada", changing(codes=frozenset({2}), lines=[])).codes == {2}


def test_only_the_difference_is_sent(ada: People) -> None:
    """By its path."""
    (request,) = sent(ada, "ada", changing(home=Address(street="a", town="c")))
    assert request["UpdateExpression"].startswith("SET #")
    assert request["UpdateExpression"].count("=") == 1
    assert {"home", "town"} < set(request["ExpressionAttributeNames"].values())
    assert "street" not in request["ExpressionAttributeNames"].values()


@pytest.mark.parametrize(
    "change",
    [
        lambda person: person,
        lambda person: person.model_copy(deep=True),
        lambda person: Person.model_validate(person.model_dump()),
        lambda person: person.model_copy(update={"tags": frozenset(["x"])}),
    ],
    ids=["the same", "a copy", "validated anew", "an equal field"],
)
def test_an_equal_item_is_not_written(ada: People, change: Any) -> None:
    """Nothing is sent after the read."""
    assert sent(ada, "ada", change) == []
    assert ada.edit("ada", change) == ADA


def test_an_equal_item_is_not_written_whatever_the_forms(ada: People) -> None:
    """Nor are others' forms of fields that nobody changed."""
    item = {"name": {"S": "ada"}, "note": {"NULL": True}}
    put(ada, item)
    assert sent(ada, "ada", lambda person: person) == []
    ada.edit("ada", changing(tags=frozenset({"y"})))
    assert stored(ada, "ada") == {**item, "tags": {"SS": ["y"]}}


def test_what_is_changed_in_place_is_written(ada: People) -> None:
    """Though the same instance is returned."""

    def moved(person: Person) -> Person:
        person.home.street = "new"
        person.places["club"] = Address(street="c")
        return person

    edited = ada.edit("ada", moved)
    assert (edited.home.street, edited.places["club"].street) == ("new", "c")
    assert edited == ada.require("ada")


def test_the_key_may_be_an_instance(ada: People) -> None:
    """Of which nothing else counts."""
    assert ada.edit(Person(name="ada", visits=99), visited).visits == 2


# What is refused


def test_nothing_is_made_where_nothing_is_stored(people: People) -> None:
    """The function is not called."""
    called: list[Person] = []
    with pytest.raises(ItemNotFound, match="people has no item under this key"):
        people.edit("bob", lambda person: called.append(person) or person)
    assert not called
    assert not people.exists("bob")


def test_a_changed_key_is_refused(accounts: Accounts) -> None:
    """By the name of the field, without a value."""
    before = stored(accounts, KEY)
    with pytest.raises(
        ValueError, match=r"Account\.number: an edit cannot change the key"
    ) as caught:
        accounts.edit(KEY, changing(number=4711, amount=1))
    assert "4711" not in str(caught.value)
    assert stored(accounts, KEY) == before


@pytest.mark.parametrize("returned", [None, Address(), "ada", {"name": "ada"}])
def test_anything_but_the_model_is_refused(ada: People, returned: Any) -> None:
    """A function that forgot to return what it changed, for instance."""
    with pytest.raises(TypeError, match=r"edit: expected the changed Person, found \w+$"):
        ada.edit("ada", lambda _: returned)
    assert ada.require("ada") == ADA


def test_an_invalid_instance_is_not_written(accounts: Accounts) -> None:
    """What a copy leaves unchecked is checked before it is sent."""
    before = stored(accounts, KEY)
    for changes in ({"amount": -1}, {"amount": "x"}, {"home": None}, {"amuont": 1}):
        with pytest.raises(CodecError):
            accounts.edit(KEY, changing(**changes))
    assert stored(accounts, KEY) == before


@pytest.mark.parametrize(
    "error",
    [KeyError("x"), ConditionFailed("mine"), Timeout("mine"), KeyboardInterrupt()],
    ids=repr,
)
def test_what_the_function_raises_passes_as_it_came(ada: People, error: BaseException) -> None:
    """Also an error such as another try would follow; nothing is written."""
    calls: list[Person] = []

    def failing(person: Person) -> Person:
        calls.append(person)
        raise error

    with pytest.raises(type(error)) as caught:
        ada.edit("ada", failing)
    assert caught.value is error
    assert len(calls) == 1
    assert ada.require("ada") == ADA


def test_an_item_that_would_be_too_large_is_not_sent(ada: People) -> None:
    """With all that is stored, also what no field declares."""
    item = stored(ada, "ada")
    put(ada, {**item, "foreign": {"S": "x" * 300_000}})
    with pytest.raises(CodecError, match="Person: an item has 409600 bytes at most"):
        ada.edit("ada", changing(note="y" * 150_000))
    assert ada.edit("ada", changing(note="y" * 50_000)).visits == 1


def test_an_expired_item_is_not_there() -> None:
    """Where reads hide it."""

    class Ticket(BaseModel):
        name: Annotated[str, PartitionKey()]
        ends: Annotated[AwareDatetime | None, TimeToLive()] = None
        seat: int = 0

    class Tickets(Repository[Ticket]):
        table = "tickets"
        hide_expired = True

    tickets = Tickets(MemoryStore(Tickets))
    tickets.set(Ticket(name="a", ends=NOON - timedelta(days=9999)))
    with pytest.raises(ItemNotFound):
        tickets.edit("a", changing(seat=1))


# Others who write at the same time

OTHERS: dict[str, dict[str, Any]] = {
    "a number": {"visits": {"N": "7"}},
    "a text": {"note": {"S": "new"}},
    "NULL for a text": {"note": {"NULL": True}},
    "an element": {"tags": {"SS": ["x", "y"]}},
    "an attribute that was absent": {"lines": {"L": [{"M": {}}]}},
    "one that is gone": {"note": None},
    "a nested field": {"home": {"M": {"street": {"S": "a"}, "town": {"S": "c"}}}},
    "what a nested model does not declare": {
        "home": {"M": {"street": {"S": "a"}, "town": {"S": "b"}, "foreign": {"N": "1"}}}
    },
    "an entry": {"places": {"M": {}}},
    "an empty set": {"codes": {"L": []}},
}


@pytest.mark.parametrize("case", OTHERS)
def test_a_change_of_any_declared_attribute_is_seen(people: People, case: str) -> None:
    """The function gets the item as it is then, and what others wrote stays."""
    original: dict[str, Any] = {**stored(people, "ada"), "foreign": {"S": "x"}}
    del original["lines"]
    put(people, original)
    theirs = {**original, **OTHERS[case]}
    theirs = {name: value for name, value in theirs.items() if value is not None}
    seen: list[Person] = []

    def change(person: Person) -> Person:
        if not seen:
            put(people, theirs)
        seen.append(person)
        return person.model_copy(update={"visits": person.visits + 1})

    people.edit("ada", change)
    assert len(seen) == 2
    visits = int(theirs["visits"]["N"]) + 1
    assert canonical_item(stored(people, "ada")) == canonical_item(
        theirs | {"visits": {"N": str(visits)}}
    )


def test_what_no_field_declares_is_no_conflict(people: People) -> None:
    """The function could not have looked at it."""
    seen: list[Person] = []

    def change(person: Person) -> Person:
        if not seen:
            put(people, {**stored(people, "ada"), "foreign": {"S": "x"}})
        seen.append(person)
        return visited(person)

    people.edit("ada", change)
    assert len(seen) == 1
    assert stored(people, "ada")["foreign"] == {"S": "x"}


class Loose(BaseModel, extra="allow"):
    """Any attributes."""

    name: Annotated[str, PartitionKey()]


class Looses(Repository[Loose]):
    """Whatever is stored of persons."""

    table = "people"


@pytest.mark.parametrize(
    "others", [{"colour": {"S": "blue"}}, {"colour": None}, {"size": {"N": "3"}}]
)
def test_whatever_a_model_shows_is_seen(store: MemoryStore, others: dict[str, Any]) -> None:
    """Each attribute that was there, and each that is written."""
    looses = Looses(store)
    item: dict[str, Any] = {"name": {"S": "x"}, "colour": {"S": "red"}}
    put(looses, item)
    theirs = {name: value for name, value in {**item, **others}.items() if value is not None}
    act = before_the_write(lambda: put(looses, theirs))
    store.inject(act, on="GetItem")
    edited = looses.edit("x", lambda loose: Loose.model_validate({**dict(loose), "size": 5}))
    assert edited.model_extra == Looses.schema.decode(theirs).model_extra | {"size": 5}  # type: ignore[operator]


def test_an_item_that_is_deleted_meanwhile_is_not_made_again(people: People) -> None:
    """Not even half of one."""

    def change(person: Person) -> Person:
        people.delete("ada")
        return visited(person)

    with pytest.raises(ItemNotFound):
        people.edit("ada", change)
    assert not people.exists("ada", consistent=True)


def test_an_item_of_nothing_but_its_key_is_not_made_again(store: MemoryStore) -> None:
    """Nothing that is absent now was there before."""
    looses = Looses(store)
    looses.create(Loose(name="x"))
    store.inject(before_the_write(lambda: looses.delete("x")), on="GetItem")
    with pytest.raises(ItemNotFound):
        looses.edit("x", lambda loose: Loose.model_validate({**dict(loose), "size": 5}))


def test_after_ten_tries_it_fails(store: MemoryStore, ada: People) -> None:
    """With what is stored; nothing was written, and the function ran ten times."""
    counts = iter(range(100, 200))
    foreign = ada.fields.visits
    others = before_the_write(lambda: ada.update("ada", foreign.set(next(counts))))
    store.inject(others, on="GetItem", times=None)
    calls: list[int] = []

    def change(person: Person) -> Person:
        calls.append(person.visits)
        return person.model_copy(update={"note": "mine"})

    with pytest.raises(ConditionFailed, match="people: the stored item changed") as caught:
        ada.edit("ada", change)
    assert calls == [1, *range(100, 109)]
    assert (caught.value.item.visits, caught.value.item.note) == (109, "n")
    assert caught.value.code == "ConditionalCheckFailedException"


def test_between_tries_it_waits_longer_and_longer(store: MemoryStore, ada: People) -> None:
    """By chance, so that those who collided do not collide again."""
    pauses: list[float] = []
    store.sleep = pauses.append  # type: ignore[method-assign]
    store.inject(refusal("ConditionalCheckFailedException"), on="UpdateItem", times=None)
    with pytest.raises(ConditionFailed):
        ada.edit("ada", visited)
    assert len(pauses) == 9
    assert all(0 <= pause <= min(1.0, 0.04 * 2.0**n) for n, pause in enumerate(pauses))


def test_all_tries_have_the_time_of_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a refusal it is that which is told; before, that there was no answer in time."""
    store = MemoryStore(People, deadline=40)
    people = People(store)
    people.create(ADA)
    store.inject(refusal("ConditionalCheckFailedException"), on="UpdateItem", times=None)

    def slow(person: Person) -> Person:
        passes(monkeypatch, 25)
        return visited(person)

    with pytest.raises(ConditionFailed) as caught:
        people.edit("ada", slow)
    assert isinstance(caught.value.__cause__, Timeout)
    monkeypatch.undo()
    with deadline(0), pytest.raises(Timeout):
        people.edit("ada", visited)


def test_a_refusal_of_another_kind_ends_it(store: MemoryStore, ada: People) -> None:
    """As it ends any verb."""
    injected = store.inject(refusal("ValidationException"), on="UpdateItem", times=None)
    with pytest.raises(StoreError):
        ada.edit("ada", visited)
    assert injected.hits == 1


# Versions, times, lost answers


def test_a_version_is_counted_and_the_times_are_stamped(accounts: Accounts) -> None:
    """As by a save; only what was changed is written beside them."""
    before = stored(accounts, KEY)
    edited = accounts.edit(KEY, paid)
    assert (edited.amount, edited.version) == (1, 2)
    assert edited.made == NOON + timedelta(seconds=1)
    assert edited.saved == NOON + timedelta(seconds=2)
    left = stored(accounts, KEY)
    assert {name for name in left if left[name] != before[name]} == {"amount", "version", "saved"}
    assert accounts.save(edited).version == 3


@pytest.mark.parametrize("own", [{"version": 9}, {"saved": None}, {"made": None}])
def test_what_writes_stamp_is_not_the_functions(accounts: Accounts, own: dict[str, Any]) -> None:
    """Alone it is no change; with others it is written as by any write."""
    before = stored(accounts, KEY)
    accounts.edit(KEY, changing(**own))
    assert stored(accounts, KEY) == before
    edited = accounts.edit(KEY, changing(amount=5, **own))
    assert (edited.version, edited.made) == (2, NOON + timedelta(seconds=1))
    assert edited.saved is not None
    assert edited.saved > NOON + timedelta(seconds=1)


def test_a_row_of_before_the_stamps_is_edited(accounts: Accounts) -> None:
    """It gets them then, unless somebody was faster."""
    put(accounts, {"name": {"S": "old"}, "number": {"N": "1"}})
    act = before_the_write(lambda: accounts.edit(("old", 1), changing(note="theirs")))
    store: Any = accounts.store
    store.inject(act, on="GetItem")
    edited = accounts.edit(("old", 1), paid)
    assert (edited.amount, edited.note, edited.version) == (1, "theirs", 2)
    assert edited.made is not None


def test_a_counted_write_is_seen_whatever_it_wrote(accounts: Accounts) -> None:
    """By the version, and no other attribute."""
    row = stored(accounts, KEY)
    store: Any = accounts.store
    act = before_the_write(lambda: put(accounts, row | {"version": {"N": "5"}}))
    store.inject(act, on="GetItem")
    assert accounts.edit(KEY, paid).version == 6


def test_a_write_that_counts_no_version_is_seen(accounts: Accounts) -> None:
    """Also that of who deletes an item and makes another, which is of version 1 again."""
    store: Any = accounts.store

    def made_anew() -> None:
        accounts.delete(KEY)
        accounts.create(Account(name="a", note="anew"))

    store.inject(before_the_write(made_anew), on="GetItem")
    edited = accounts.edit(KEY, lambda found: paid(found) if found.note else found)
    assert (edited.amount, edited.note) == (0, None)
    edited = accounts.edit(KEY, changing(amount=5))
    assert (edited.amount, edited.note, edited.home) == (5, "anew", Address())


def test_a_conflict_of_versions_is_one(store: MemoryStore, accounts: Accounts) -> None:
    """Of the class that `save` raises."""
    note = accounts.fields.note
    others = before_the_write(lambda: accounts.update(KEY, note.set("x")))
    store.inject(others, on="GetItem", times=None)
    with pytest.raises(VersionConflict) as caught:
        accounts.edit(KEY, paid)
    assert (caught.value.item.version, caught.value.item.amount) == (11, 0)


def test_a_conflict_with_a_write_that_counts_no_version_is_none_of_versions(
    store: MemoryStore, accounts: Accounts
) -> None:
    """What is stored is the same version, and another item."""
    row, numbers = stored(accounts, KEY), iter(range(10))

    def uncounted() -> None:
        put(accounts, row | {"note": {"S": f"note {next(numbers)}"}})

    store.inject(before_the_write(uncounted), on="GetItem", times=None)
    with pytest.raises(ConditionFailed) as caught:
        accounts.edit(KEY, paid)
    assert type(caught.value) is ConditionFailed


def test_what_is_returned_is_what_is_stored(accounts: Accounts) -> None:
    """Though nothing was written, and the function has changed what is not its own."""

    def counted(account: Account) -> Account:
        account.version = 9
        return account

    assert accounts.edit(KEY, counted) == accounts.require(KEY)


def test_a_lost_answer_is_settled_by_a_look(store: MemoryStore, accounts: Accounts) -> None:
    """With a version and a time, while nobody else writes; it is not applied twice."""
    put(accounts, stored(accounts, KEY) | {"amount": {"N": "1.0"}, "foreign": {"S": "x"}})
    store.inject(lost_reply(), on="UpdateItem")
    edited = accounts.edit(KEY, paid)
    assert (edited.amount, edited.version) == (2, 2)
    assert edited == accounts.require(KEY)


def test_a_lost_answer_that_nothing_proves_is_unknown(store: MemoryStore, ada: People) -> None:
    """The write is not sent again, nor is the function called again."""
    calls: list[Person] = []

    def change(person: Person) -> Person:
        calls.append(person)
        return visited(person)

    requests: list[Any] = []

    def lost(exchange: Exchange) -> Any:
        requests.append(exchange.answer())
        raise AnswerTimedOut

    store.inject(lost, on="UpdateItem", times=None)
    assert type(told(lambda: ada.edit("ada", change))) is OutcomeUnknown
    assert (len(calls), len(requests), ada.require("ada").visits) == (1, 1, 2)


def test_what_is_no_longer_the_model_is_left_alone(accounts: Accounts) -> None:
    """It cannot be read, and so it is not written."""
    store: Any = accounts.store
    wrong = stored(accounts, KEY) | {"note": {"N": "1"}}
    store.inject(before_the_write(lambda: put(accounts, wrong)), on="GetItem")
    with pytest.raises(CodecError, match=r"Account\.note") as caught:
        accounts.edit(KEY, paid)
    assert type(caught.value) is CodecError
    assert stored(accounts, KEY) == wrong


# What DynamoDB takes of an expression


@pytest.mark.parametrize("kind", [People, Accounts])
def test_more_changes_than_an_expression_takes_are_made(
    store: MemoryStore, kind: type[Repository[Any]]
) -> None:
    """The map is written whole, with what no field declares in it, if that is as it was read."""
    repository: Any = kind(store)
    key = "many" if kind is People else ("many", 1)
    many = {f"{number:03}": Address(street="a") for number in range(400)}
    repository.create(kind.schema.model(name="many", places=many))
    item = stored(repository, key)
    item["places"]["M"]["000"]["M"]["foreign"] = {"S": "x"}
    put(repository, item)
    moved = {name: Address(street="b") for name in many}
    act = {**item, "places": {"M": {**item["places"]["M"], "more": {"M": {"street": {"S": "c"}}}}}}
    store.inject(before_the_write(lambda: put(repository, act)), on="GetItem")
    edited = repository.edit(
        key, lambda found: found.model_copy(update={"places": {**found.places, **moved}})
    )
    assert edited.places == {**moved, "more": Address(street="c")}
    left = stored(repository, key)["places"]["M"]
    assert left["000"]["M"] == {"street": {"S": "b"}, "foreign": {"S": "x"}}


def test_a_name_with_brackets_is_a_name(ada: People) -> None:
    """What no field declares below it is left alone."""
    item = stored(ada, "ada")
    item["places"]["M"]["a[0]"] = {"M": {"street": {"S": "s"}, "foreign": {"S": "x"}}}
    put(ada, item)
    edited = ada.edit("ada", lambda person: _moved(person, "a[0]"))
    assert edited.places["a[0]"].street == "new"
    assert stored(ada, "ada")["places"]["M"]["a[0]"]["M"]["foreign"] == {"S": "x"}


def _moved(person: Person, place: str) -> Person:
    return person.model_copy(update={"places": {**person.places, place: Address(street="new")}})


def many_fields(count: int = 200, **more: Any) -> type[Repository[Any]]:
    """A repository of a model with so many fields beside the key, and more of them."""
    fields: dict[str, Any] = {f"f{number}": (int, 0) for number in range(count)}
    keyed = {"name": (Annotated[str, PartitionKey()], ...), **fields, **more}
    return repository_of(create_model("Wide", **keyed), "wides")


def test_a_condition_takes_150_fields_beside_the_key() -> None:
    """As the docstring says."""
    wides = many_fields(150)(MemoryStore())
    wides.create_table()
    wides.create(wides.schema.model(name="a"))
    assert wides.edit("a", changing(f7=1)).f7 == 1


def test_more_fields_than_a_condition_takes_need_a_version() -> None:
    """As the error says; nothing is written."""
    wides = many_fields(151)(MemoryStore())
    wides.create_table()
    wides.create(wides.schema.model(name="a"))
    with pytest.raises(CodecError, match=r"Wide: .*give Wide a Version\(\) field"):
        wides.edit("a", changing(f7=1))
    assert wides.require("a").f7 == 0
    counted = many_fields(version=(Annotated[int, Version()], 0))(store := MemoryStore())
    counted.create_table()
    counted.create(counted.schema.model(name="a"))
    edited = counted.edit("a", changing(f7=1))
    assert (edited.f7, edited.version) == (1, 2)
    uncounted = stored(counted, "a") | {"f9": {"S": "no number"}}
    store.inject(before_the_write(lambda: put(counted, uncounted)), on="GetItem")
    with pytest.raises(WrittenUnreadable):
        counted.edit("a", changing(f7=2))
    assert stored(counted, "a")["f7"] == {"N": "2"}


def test_a_map_that_is_written_whole_is_as_it_was_read() -> None:
    """Also where the version is all that a condition has room for."""
    places = (dict[str, Address], {})
    counted = many_fields(version=(Annotated[int, Version()], 0), places=places)
    wides = counted(store := MemoryStore())
    wides.create_table()
    wides.create(wides.schema.model(name="a", places={"[0]": Address(street="s")}))
    item = stored(wides, "a")
    item["places"]["M"]["[0]"]["M"]["foreign"] = {"S": "x"}
    store.inject(before_the_write(lambda: put(wides, item)), on="GetItem")
    wides.edit("a", changing(places={"[0]": Address(street="t")}))
    left = stored(wides, "a")["places"]["M"]["[0]"]["M"]
    assert left == {"street": {"S": "t"}, "foreign": {"S": "x"}}


def test_more_changes_than_an_update_takes_are_refused() -> None:
    """Of fields that are not in maps, which nothing makes shorter."""
    model = create_model(
        "Wide",
        name=(Annotated[str, PartitionKey()], ...),
        version=(Annotated[int, Version()], 0),
        **{f"f{number}": (int, 0) for number in range(500)},  # type: ignore[call-overload]
    )
    wides = repository_of(model, "wides")(MemoryStore())
    wides.create_table()
    before = wides.set(model(name="a"))
    with pytest.raises(CodecError, match=r"UpdateExpression has .* DynamoDB takes 4096"):
        wides.edit("a", changing(**{f"f{number}": 1 for number in range(500)}))
    assert wides.require("a") == before


# What is read as something else


class Cat(BaseModel):
    """A cat; what it does not declare is left out."""

    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    """A dog, which may have a colour."""

    kind: Literal["dog"] = "dog"
    colour: str | None = None


class Owner(BaseModel):
    """Somebody with a pet."""

    name: Annotated[str, PartitionKey()]
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] = Cat()


class Owners(Repository[Owner]):
    """Owners."""

    table = "owners"


def test_what_one_class_does_not_declare_is_no_field_of_another() -> None:
    """An attribute beside the fields of the cat does not colour the dog."""
    owners = Owners(MemoryStore(Owners))
    pet = {"M": {"kind": {"S": "cat"}, "lives": {"N": "9"}, "colour": {"S": "black"}}}
    put(owners, {"name": {"S": "ada"}, "pet": pet})
    assert owners.edit("ada", changing(pet=Cat(lives=8))).pet == Cat(lives=8)
    assert stored(owners, "ada")["pet"]["M"]["colour"] == {"S": "black"}
    assert owners.edit("ada", changing(pet=Dog())).pet == Dog()
    assert stored(owners, "ada")["pet"] == {"M": {"kind": {"S": "dog"}}}


class Box(BaseModel, extra="forbid"):
    """A box that takes nothing that it does not declare."""

    kind: Literal["box"] = "box"


class Kept(BaseModel):
    """Somebody with a cat or a box."""

    name: Annotated[str, PartitionKey()]
    pet: Annotated[Cat | Box, Field(discriminator="kind")] = Cat()


class Keepers(Repository[Kept]):
    """Those."""

    table = "keepers"


def test_what_another_class_forbids_is_not_left_in_it() -> None:
    """Or nobody could read the item."""
    keepers = Keepers(MemoryStore(Keepers))
    pet = {"M": {"kind": {"S": "cat"}, "lives": {"N": "9"}, "colour": {"S": "black"}}}
    put(keepers, {"name": {"S": "ada"}, "pet": pet})
    assert keepers.edit("ada", changing(pet=Box())).pet == Box()


class Full(BaseModel):
    """A person, of today's version."""

    name: Annotated[str, PartitionKey()]
    first: str
    last: str
    age: int = 0


class Fulls(Repository[Full]):
    """Persons, some of which have one name only."""

    table = "fulls"

    def upcast(self, attributes: dict[str, Any]) -> Any:
        """The one name is two."""
        if "whole" in attributes and "first" not in attributes:
            first, last = attributes["whole"].split()
            attributes |= {"first": first, "last": last}
        return attributes


def test_what_was_translated_is_written_as_a_save_writes_it() -> None:
    """Also what the function left alone, or the next read would miss it."""
    fulls = Fulls(MemoryStore(Fulls))
    old = {"name": {"S": "a"}, "whole": {"S": "Ada Lovelace"}}
    put(fulls, old)
    assert fulls.edit("a", lambda full: full).last == "Lovelace"
    assert stored(fulls, "a") == old
    edited = fulls.edit("a", changing(first="Augusta"))
    assert edited == Full(name="a", first="Augusta", last="Lovelace")
    assert edited == fulls.require("a")


class HastyFulls(Repository[Full]):
    """Persons of one name, which goes before two."""

    table = "fulls"

    def upcast(self, attributes: dict[str, Any]) -> Any:
        """The one name is two, whatever these are."""
        if "whole" in attributes:
            first, last = attributes["whole"].split()
            attributes |= {"first": first, "last": last}
        return attributes


def test_a_change_that_an_upcast_would_hide_is_refused() -> None:
    """It would be written, and no read would show it."""
    fulls = HastyFulls(MemoryStore(HastyFulls))
    old = {"name": {"S": "a"}, "whole": {"S": "Ada Lovelace"}}
    put(fulls, old)
    with pytest.raises(CodecError, match=r"Full: its upcast makes another item .* keep"):
        fulls.edit("a", changing(first="Augusta"))
    assert stored(fulls, "a") == old
    assert fulls.edit("a", changing(age=36)).age == 36


def test_what_an_upcast_reads_is_seen_to_change() -> None:
    """Though no field declares it."""
    store = MemoryStore(Fulls)
    fulls = Fulls(store)
    put(fulls, {"name": {"S": "a"}, "whole": {"S": "Ada Lovelace"}})
    theirs = {"name": {"S": "a"}, "whole": {"S": "Ada King"}}
    store.inject(before_the_write(lambda: put(fulls, theirs)), on="GetItem")
    assert fulls.edit("a", changing(age=36)) == Full(name="a", first="Ada", last="King", age=36)


class Hashed(BaseModel):
    """A model whose validator makes another value each time."""

    name: Annotated[str, PartitionKey()]
    word: str = ""

    @field_validator("word")
    @classmethod
    def hashed(cls, word: str) -> str:
        """One more."""
        return word + "#"


class Hashes(Repository[Hashed]):
    """Those."""

    table = "hashes"


def test_a_value_that_does_not_settle_is_refused() -> None:
    """As by every write; an item that is left alone is not judged."""
    hashes = Hashes(MemoryStore(Hashes))
    put(hashes, {"name": {"S": "a"}, "word": {"S": "x"}})
    assert hashes.edit("a", lambda found: found).word == "x#"
    with pytest.raises(CodecError, match=r"Hashed\.word"):
        hashes.edit("a", changing(word="y"))


# Items of a shared table


def test_what_is_made_of_a_changed_field_is_written_with_it() -> None:
    """The keys of an index, and their absence where a field has no value."""
    orders = Orders(MemoryStore())
    orders.create_table()
    orders.create(ORDER)
    key = (ADA_ID, NOW, 7)
    before = stored(orders, key)
    assert sent(orders, key, changing(note="x"))[0]["UpdateExpression"].count("=") == 1
    orders.edit(key, changing(status="sent", note=None))
    assert stored(orders, key) == before | {
        "status": {"S": "sent"},
        "gsi1pk": {"S": "STATUS#sent#2026-01-02"},
    }
    orders.edit(key, changing(status=None))
    assert "gsi1pk" not in stored(orders, key)
    assert orders.edit(key, changing(status="open")) == ORDER
    assert stored(orders, key) == before


@pytest.mark.parametrize("changes", [{"number": 8}, {"placed": NOW + timedelta(days=1)}])
def test_no_field_that_a_key_is_made_of_is_changed(changes: dict[str, Any]) -> None:
    """The error names it."""
    orders = Orders(MemoryStore())
    orders.create_table()
    orders.create(ORDER)
    (name,) = changes
    with pytest.raises(ValueError, match=rf"Order\.{name}: an edit cannot change the key"):
        orders.edit((ADA_ID, NOW, 7), changing(**changes))


def test_the_time_of_an_edit_is_in_what_is_made_of_it() -> None:
    """A time that the function set is not."""
    lines = Lines(MemoryStore(), clock=Clock())
    lines.create_table()
    lines.create(LINE)
    key = (ADA_ID, 7, "a#b")
    before = stored(lines, key)
    lines.edit(key, changing(changed=NOON))
    assert stored(lines, key) == before
    edited = lines.edit(key, changing(amount=2, changed=NOON))
    left = stored(lines, key)
    assert edited.changed == NOON + timedelta(seconds=2)
    assert left["gsi1sk"] == left["changed"] != before["changed"]


# Any model, any change

LEAVES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-9, 9),
    str: st.sampled_from(["", "a", "b"]),
    bool: st.booleans(),
    frozenset[str]: st.frozensets(st.sampled_from("abc")),
    list[int]: st.lists(st.integers(0, 3), max_size=3),
    Any: st.recursive(
        st.integers(0, 3) | st.sampled_from(["a", True, None]),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("xy"), inner),
        max_leaves=4,
    ),
}
ALIEN = {"alien": {"S": "x"}}


@st.composite
def models(draw: st.DrawFn, levels: int = 2) -> tuple[Any, st.SearchStrategy[Any]]:
    """A model of random fields, and its instances."""
    names = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    fields: dict[str, Any] = {}
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for name in names:
        kind, values = draw(types(levels))
        default = draw(st.booleans())
        fields[name] = (kind, draw(values)) if default else (kind, ...)
        parts[name] = values
    model = create_model("Part", **fields)
    return model, st.builds(model, **parts)


def types(levels: int) -> st.SearchStrategy[tuple[Any, st.SearchStrategy[Any]]]:
    """A type, and its values."""
    leaf = st.sampled_from(list(LEAVES.items()))
    optional = leaf.filter(lambda each: each[0] is not Any).map(
        lambda each: (each[0] | None, each[1] | st.none())
    )
    if not levels:
        return leaf | optional
    nested = models(levels - 1)
    return (
        leaf
        | optional
        | nested
        | nested.map(lambda each: (each[0] | None, each[1] | st.none()))
        | nested.map(
            lambda each: (
                dict[str, each[0]],  # type: ignore[name-defined]
                st.dictionaries(st.sampled_from(["k", "l[1]", "m.n"]), each[1], max_size=3),
            )
        )
        | nested.map(lambda each: (list[each[0]], st.lists(each[1], max_size=2)))  # type: ignore[name-defined]
    )


def with_aliens(value: Any, written: Any) -> Any:
    """What is stored of a value, with what no field declares in each map of a model."""
    if not isinstance(value, BaseModel | dict) or "M" not in written:
        return written
    parts = dict(value)
    maps = {name: with_aliens(parts[name], part) for name, part in written["M"].items()}
    return {"M": maps | (ALIEN if isinstance(value, BaseModel) else {})}


def left_by_edit(read: Any, changed: Any, written: Any) -> Any:
    """What is to be stored of a changed value: what no field declares stays where a map does."""
    maps = isinstance(changed, BaseModel | dict) and isinstance(read, type(changed))
    if not maps or "M" not in written:
        return written
    before, after = dict(read), dict(changed)
    parts = {
        name: left_by_edit(before.get(name), after[name], part)
        for name, part in written["M"].items()
    }
    return {"M": parts | (ALIEN if isinstance(changed, BaseModel) else {})}


@settings(max_examples=40)
@given(st.data())
def test_an_edit_leaves_what_a_set_leaves_and_what_no_field_declares(data: st.DataObject) -> None:
    """Of any model, by any change; nothing at all is written where nothing differs."""
    part, values = data.draw(models())
    extra = {"version": (Annotated[int, Version()], 0)} if data.draw(st.booleans()) else {}
    key = {"key": (Annotated[str, PartitionKey()], "k")}
    model: Any = create_model("Thing", __base__=part, **key, **extra)  # type: ignore[call-overload]
    things = repository_of(model, "things")(MemoryStore())
    things.create_table()
    read = things.set(model(**dict(data.draw(values))))
    item = with_aliens(read, {"M": stored(things, "k")})["M"]
    put(things, item)
    names = data.draw(st.sets(st.sampled_from(list(part.model_fields))))
    news = data.draw(values)
    changed = read.model_copy(update={name: getattr(news, name) for name in names})
    edited = things.edit("k", lambda _: changed)
    left = stored(things, "k")
    if things.schema.encode(changed) == things.schema.encode(read):
        assert left == item
        return
    assert edited == things.set(changed)
    whole = left_by_edit(read, changed, {"M": stored(things, "k")})["M"]
    assert canonical_item(left) == canonical_item(whole)
