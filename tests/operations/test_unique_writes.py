"""The verbs of a repository with unique values: what they write, return, and cost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, create_model

from dynrepo import (
    CodecError,
    ConditionFailed,
    CreatedAt,
    ItemExists,
    ItemNotFound,
    NotUnique,
    OutcomeUnknown,
    PartitionKey,
    Repository,
    VersionConflict,
)
from dynrepo.operations.guard_rows import OWNER
from dynrepo.sending.outcomes import AnswerTimedOut
from dynrepo.testing import MemoryStore
from dynrepo.testing.faults import lost_reply
from tests.members import (
    NOW,
    AsyncMembers,
    Counter,
    Counters,
    Member,
    Members,
    Names,
    Rows,
    Seat,
    Seats,
    claimed,
    guards,
    wanted,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo.testing.faults import Exchange

ADA = Member(member_id="a", email="Ada@x.y", nick="ada")
f = Members.fields


class Sent(list[str]):
    """The names of the requests of a store, as they are sent."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__()
        store.inject(self._note, times=None)

    def _note(self, exchange: Exchange) -> Any:
        self.append(exchange.operation.name)
        return exchange.answer()


@pytest.fixture
def store() -> MemoryStore:
    """A store with the members' table."""
    return MemoryStore(Members)


@pytest.fixture
def members(store: MemoryStore) -> Members:
    """The members, of whom one is there."""
    members = Members(store)
    members.create(ADA)
    return members


def test_a_new_item_has_a_guard_for_each_value(store: MemoryStore, members: Members) -> None:
    """None has none; a value that is taken by another item is not unique."""
    assert claimed(store) == {"UNIQUE#email#ada@x.y": "a", "UNIQUE#nick#ada": "a"}
    members.create(Member(member_id="b"))
    with pytest.raises(NotUnique, match="another item has this value") as caught:
        members.create(Member(member_id="c", nick="ada"))
    assert (caught.value.field, caught.value.code) == ("nick", "ConditionalCheckFailed")
    assert "ada" not in str(caught.value)
    with pytest.raises(ItemExists) as taken:
        members.create(ADA.model_copy(update={"email": None}))
    assert taken.value.item == ADA
    assert members.get("c") is None
    assert claimed(store) == wanted(store)


def test_what_leaves_the_values_alone_is_one_request(store: MemoryStore, members: Members) -> None:
    """It writes no guard, and is what it is without unique values."""
    sent = Sent(store)
    assert members.save(ADA.model_copy(update={"visits": 1})).visits == 1
    assert members.set(ADA.model_copy(update={"visits": 2})).visits == 2
    assert members.update("a", f.visits.add(1)).visits == 3
    assert sent == ["UpdateItem", "PutItem", "UpdateItem"]
    edit = members.edit("a", lambda it: it.model_copy(update={"visits": 9}))
    assert (edit.visits, sent[3:]) == (9, ["GetItem", "UpdateItem"])
    members.create(Member(member_id="b"))
    assert sent[5:] == ["PutItem"]


def test_a_changed_value_moves_its_guard(store: MemoryStore, members: Members) -> None:
    """In the transaction that writes the item; the one before it is free again."""
    sent = Sent(store)
    assert members.save(ADA.model_copy(update={"nick": "countess"})).nick == "countess"
    assert sent == ["UpdateItem", "TransactWriteItems"]
    assert members.set(ADA.model_copy(update={"nick": None})).nick is None
    assert sent[2:] == ["PutItem", "TransactWriteItems"]
    assert members.update("a", f.nick.set("al")).nick == "al"
    assert sent[4:] == ["GetItem", "TransactWriteItems", "GetItem"]
    assert members.edit("a", lambda it: it.model_copy(update={"nick": "ada"})) == ADA
    assert sent[7:] == ["GetItem", "TransactWriteItems"]
    assert claimed(store) == wanted(store)
    assert members.delete("a") == ADA
    assert sent[9:] == ["GetItem", "TransactWriteItems"]
    assert claimed(store) == {}
    assert members.delete("a") is None


def test_another_spelling_is_the_same_value(store: MemoryStore, members: Members) -> None:
    """Where the value is a form that folds: the item is written, and no guard."""
    assert members.update("a", f.email.set("ADA@x.y")).email == "ADA@x.y"
    sent = Sent(store)
    assert members.save(ADA) == ADA
    assert sent == ["UpdateItem", "UpdateItem"]
    assert claimed(store) == wanted(store)


def test_a_removed_value_is_free(store: MemoryStore, members: Members) -> None:
    """Also where nothing is left but the key."""
    assert members.update("a", f.nick.remove(), f.email.remove()).email is None
    assert claimed(store) == {}

    class Bare(BaseModel):
        member_id: Annotated[str, PartitionKey()]
        nick: str | None = None

    class Bares(Repository[Bare]):
        table = "members"
        unique = ("nick",)

    bares = Bares(store)
    assert bares.save(Bare(member_id="new")) == Bare(member_id="new")
    bares.save(Bare(member_id="new", nick="n"))
    assert claimed(store) == {"UNIQUE#nick#n": "new"}
    assert bares.save(Bare(member_id="new")) == Bare(member_id="new")
    assert claimed(store) == {}


def test_an_update_says_what_it_cannot_tell(members: Members) -> None:
    """What is stored after some actions is not known before them."""
    nick: Any = f.nick
    with pytest.raises(
        ValueError, match=r"Member.nick: a unique value.* set to a value or removed"
    ):
        members.update("a", nick.set(f.email))
    assert members.update("a", f.nick.set(f.nick | "other")).nick == "ada"
    members.update("a", f.nick.remove())
    assert members.update("a", f.nick.set(f.nick | "other")).nick == "other"
    with pytest.raises(ItemNotFound):
        members.update("nobody", f.nick.set("n"))
    with pytest.raises(ConditionFailed):
        members.update("a", f.nick.set("n"), condition=f.visits > 0)
    made = members.update("new", f.nick.set("n"), upsert=True, exactly_once=True)
    assert made == Member(member_id="new", nick="n")
    assert members.update("new", f.nick.set("n"), exactly_once=True) == made


def in_transaction(members: Members, item: Member) -> None:
    """Creates an item in a transaction of its own."""
    with members.transaction() as tx:
        tx.create(members, item)


def test_the_key_of_a_guard_is_no_key_of_an_item(members: Members) -> None:
    """Else whoever chooses a key could take the value of another, or replace its guard."""
    guard = "UNIQUE#email#ada@x.y"
    item = Member(member_id=guard)
    calls: list[Callable[[], object]] = [
        lambda: members.create(item),
        lambda: members.set(item),
        lambda: members.save(item),
        lambda: members.delete(guard),
        lambda: members.update(guard, f.visits.add(1)),
        lambda: in_transaction(members, item),
    ]
    for call in calls:
        with pytest.raises(CodecError, match="a key that begins with UNIQUE#"):
            call()
    with pytest.raises(ItemNotFound):
        members.edit(guard, lambda it: it)


def test_batches_are_refused(members: Members) -> None:
    """No request of theirs takes a condition."""
    with pytest.raises(ValueError, match=r"no batch sets items with unique values.* set them one"):
        members.set_many([ADA])
    with pytest.raises(ValueError, match="no batch deletes items"):
        members.delete_many(["a"])
    with members.batch() as batch, pytest.raises(ValueError, match="no batch"):
        batch.delete("a")


def test_a_random_program_does_what_a_dict_would() -> None:
    """With the same answers and errors, and guards for what is there."""
    for seed in range(30):
        dice, store = Random(seed), MemoryStore(Members)  # noqa: S311 - of a test
        members, known = Members(store), dict[str, Member]()
        for _ in range(40):
            item = Member(
                member_id=dice.choice("abc"),
                email=dice.choice(("x@y", "X@Y", "z@y", None)),
                nick=dice.choice(("n", None)),
            )
            _step(
                dice.choice(("create", "set", "save", "update", "edit", "delete")),
                members,
                known,
                item,
            )
            assert claimed(store) == wanted(store)
        assert {it.member_id: it for it in members.scan()} == known


def _step(verb: str, members: Members, known: dict[str, Member], item: Member) -> None:
    """One call of a verb, and the same in a dict."""
    key = item.member_id
    old = known.get(key)
    folded = [(it.email or "").lower() for it in known.values() if it.member_id != key]
    nicks = [it.nick for it in known.values() if it.member_id != key]
    is_taken = (item.email or "").lower() in filter(None, folded) or item.nick in filter(
        None, nicks
    )
    expected: Any = item
    if verb in ("update", "edit") and old is None:
        expected = ItemNotFound
    elif verb == "create" and old is not None:
        expected = ItemExists
    elif verb == "delete":
        expected = old
    elif is_taken:
        expected = NotUnique
    assert _outcome(verb, members, item) == expected, (verb, item)
    if verb == "delete":
        known.pop(key, None)
    elif expected is item:
        known[key] = item


def _outcome(verb: str, members: Members, item: Member) -> Any:
    def set_to(path: Any, value: Any) -> Any:
        return path.remove() if value is None else path.set(value)

    key = item.member_id
    actions = [set_to(f.email, item.email), set_to(f.nick, item.nick)]
    calls: dict[str, Callable[[], Any]] = {
        "create": lambda: members.create(item),
        "set": lambda: members.set(item),
        "save": lambda: members.save(item),
        "update": lambda: members.update(key, *actions, f.visits.set(0)),
        "edit": lambda: members.edit(key, lambda _: item),
        "delete": lambda: members.delete(key),
    }
    try:
        return calls[verb]()
    except (ItemNotFound, ItemExists, NotUnique) as error:
        return type(error)


def test_a_lost_reply_is_asked_for_again(store: MemoryStore) -> None:
    """A transaction has a token, by which it is made once."""
    members = Members(store)
    store.inject(lost_reply(), on="TransactWriteItems")
    assert members.create(ADA) == ADA
    assert claimed(store) == wanted(store)
    store.inject(lost_reply(), on="TransactWriteItems", times=None)
    with pytest.raises(OutcomeUnknown):
        members.delete("a")
    assert claimed(store) == wanted(store)


def lost(_: Exchange) -> Any:
    """A request of which nothing is heard."""
    raise AnswerTimedOut


@pytest.mark.parametrize("verb", ["set", "save"])
def test_a_lost_answer_to_the_first_request_leaves_no_doubt(store: MemoryStore, verb: str) -> None:
    """The verb may write again what it wrote: it goes on with what is stored."""
    members = Members(store)
    write: Any = getattr(members, verb)
    store.inject(lost)
    assert write(ADA) == ADA
    assert claimed(store) == wanted(store)
    store.inject(lost)
    moved = ADA.model_copy(update={"nick": "al"})
    assert write(moved) == moved
    assert claimed(store) == wanted(store)


@pytest.mark.parametrize("verb", ["set", "save"])
def test_doubt_stays_where_the_write_cannot_be_made_again(store: MemoryStore, verb: str) -> None:
    """The first request may have been applied, though another item has the value now."""
    members = Members(store)
    members.create(ADA)
    store.inject(lost)
    with pytest.raises(OutcomeUnknown) as caught:
        getattr(members, verb)(Member(member_id="b", nick="ada"))
    assert isinstance(caught.value.__cause__, NotUnique)
    store.inject(lost, on="PutItem" if verb == "set" else "UpdateItem")
    store.inject(lost, on="GetItem", times=None)
    with pytest.raises(OutcomeUnknown):
        getattr(members, verb)(Member(member_id="b", nick="bob"))
    assert claimed(store) == wanted(store)


def test_others_in_between_are_taken_into_account(store: MemoryStore, members: Members) -> None:
    """The write is made again of what is stored then, ten times at most."""
    rows = Rows(store)
    names = iter(f"n{number}" for number in range(99))

    def changed(exchange: Exchange) -> Any:
        found = exchange.answer()
        rows.update("a", Rows.fields.nick.set(next(names)))
        return found

    store.inject(changed, on="GetItem", times=1)
    assert members.update("a", f.nick.set("mine")).nick == "mine"

    def overtaken(exchange: Exchange) -> Any:
        rows.update("a", Rows.fields.nick.set(next(names)))
        return exchange.answer()

    store.inject(overtaken, on="TransactWriteItems", times=None)
    with pytest.raises(ConditionFailed, match="changed since it was read") as caught:
        members.delete("a")
    assert type(caught.value) is ConditionFailed
    assert caught.value.item == rows.get("a")


class TestEndOfLife:
    """Of items that end, the guards end at the same moment."""

    seat = Seat(hall="h", row=1, holder="ada", until=NOW + timedelta(hours=1))

    def seats(self, store: MemoryStore, *, later: timedelta = timedelta()) -> Seats:
        """The seats, at some time."""
        return Seats(store, clock=lambda: NOW + later)

    def test_a_guard_ends_with_its_item(self) -> None:
        """A save that moves the end writes the guard again; one that leaves it, does not."""
        store = MemoryStore(Seats)
        seats = self.seats(store)
        made = seats.create(self.seat)
        (guard,) = guards(store, "seats", "hall").values()
        assert guard["until"] == {"N": str(int((NOW + timedelta(hours=1)).timestamp()))}
        longer = seats.save(made.model_copy(update={"until": NOW + timedelta(hours=2)}))
        assert (longer.version, longer.made) == (2, NOW)
        (guard,) = guards(store, "seats", "hall").values()
        assert guard["until"] == {"N": str(int((NOW + timedelta(hours=2)).timestamp()))}
        sent = Sent(store)
        assert seats.save(longer).version == 3
        seats.update(("h", 1), Seats.fields.until.set(NOW + timedelta(hours=3)))
        assert sent == ["UpdateItem", "GetItem", "TransactWriteItems", "GetItem"]
        seats.update(("h", 1), Seats.fields.until.remove())
        (guard,) = guards(store, "seats", "hall").values()
        assert guard.keys() == {"hall", "row", OWNER}

    def test_a_value_may_be_taken_over_at_the_end(self) -> None:
        """Not before; and the item that had it then does not get it back, nor its guard removed."""
        store = MemoryStore(Seats)
        first = self.seats(store).create(self.seat)
        other = Seat(hall="h", row=2, holder="ada")
        with pytest.raises(NotUnique) as caught:
            self.seats(store, later=timedelta(minutes=59)).create(other)
        assert caught.value.field == "hall, holder"
        late = self.seats(store, later=timedelta(hours=1))
        late.create(other)
        with pytest.raises(NotUnique):
            late.save(first.model_copy(update={"until": None}))
        assert late.delete(("h", 1)) == first
        (guard,) = guards(store, "seats", "hall").values()
        assert guard[OWNER]["M"]["row"] == {"N": "2"}

    def test_a_stale_instance_is_refused_as_ever(self) -> None:
        """By its version, whether it changes the value or not."""
        seats = self.seats(MemoryStore(Seats))
        stale = seats.create(self.seat)
        seats.save(stale.model_copy(update={"holder": "bob"}))
        for holder in ("ada", "bob", "eve"):
            with pytest.raises(VersionConflict):
                seats.save(stale.model_copy(update={"holder": holder}))
        with pytest.raises(VersionConflict):
            seats.delete(stale)


class Open(BaseModel):
    """A model that shows what no field declares."""

    model_config = ConfigDict(extra="allow")

    name: Annotated[str, PartitionKey()]
    code: str | None = None
    made: Annotated[AwareDatetime | None, CreatedAt()] = None


class Opens(Repository[Open]):
    """Of these, too."""

    table = "opens"
    unique = ("code",)


def test_a_save_returns_what_is_stored() -> None:
    """The time of making, and what no field declares, as a save of one request does."""
    store = MemoryStore(Opens)
    opens = Opens(store, clock=lambda: NOW)
    opens.create(Open.model_validate({"name": "a", "code": "1", "note": "kept"}))
    saved = opens.save(Open(name="a", code="2"))
    assert saved == opens.get("a")
    assert (saved.made, saved.model_extra) == (NOW, {"note": "kept"})
    assert opens.delete("a") == saved


def test_an_item_of_many_fields_is_deleted_all_the_same() -> None:
    """Though its condition has no room for all of them."""
    fields: dict[str, Any] = {f"f{number}": (int, 0) for number in range(400)}
    wide: Any = create_model(
        "Wide", name=(Annotated[str, PartitionKey()], ...), code=(str, ...), **fields
    )

    class Named(Repository[wide]):
        table = "wide"
        unique = ("code",)

    store = MemoryStore(Named)
    item = Named(store).create(wide(name="a", code="c"))
    assert Named(store).delete("a") == item
    assert store.items("wide") == []


def test_awaited_it_is_the_same() -> None:
    """Both faces run one program."""

    async def main() -> None:
        store = MemoryStore(AsyncMembers)
        members = AsyncMembers(store)
        await members.create(ADA)
        with pytest.raises(NotUnique):
            await members.save(Member(member_id="b", nick="ada"))
        await members.set(ADA.model_copy(update={"nick": "al"}))
        await members.update("a", f.nick.set("am"))
        assert claimed(store) == wanted(store)
        assert await members.delete("a") is not None
        assert claimed(store) == {}

    asyncio.run(main())


class Things(Repository[Member]):
    """Others, in the table of the guards of counters."""

    place = Names.place("THING#{member_id}", "THING", entity="THING")


class Uncounted(Repository[Counter]):
    """Counters, by a program that knows nothing of unique values."""

    table = "counters"


def rights_of(operation: Any) -> set[tuple[str, str]]:
    """The actions that a request needs, each with the table."""
    if not operation.name.startswith("Transact"):
        return {(operation.name, operation.request["TableName"])}
    return {
        (RIGHTS[name], write["TableName"])
        for part in operation.request["TransactItems"]
        for name, write in part.items()
    }


RIGHTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@pytest.mark.parametrize(
    ("verb", "item", "guard"),
    [
        ("create", "Put", "Put"),
        ("set", "Put", "Put Delete ConditionCheck"),
        ("save", "Update", "Put Delete ConditionCheck"),
        ("update", "Get Update", "Put Delete ConditionCheck"),
        ("edit", "Get Update", "Put Delete ConditionCheck"),
        ("delete", "Get Delete", "Delete ConditionCheck"),
    ],
)
def test_a_verb_needs_few_rights(verb: str, item: str, guard: str) -> None:
    """On either table, also where a guard is another item's; as docs/how-to/iam.md says."""
    store = MemoryStore(Counters, Things)
    counters = Counters(store)
    calls: dict[str, Callable[[int, str], object]] = {
        "create": lambda number, name: counters.create(Counter(number=number + 2, name=name)),
        "set": lambda number, name: counters.set(Counter(number=number, name=name)),
        "save": lambda number, name: counters.save(Counter(number=number, name=name)),
        "update": lambda number, name: counters.update(number, Counters.fields.name.set(name)),
        "edit": lambda number, name: counters.edit(
            number, lambda it: it.model_copy(update={"name": name})
        ),
        "delete": lambda number, _: counters.delete(number),
    }
    counters.create(Counter(number=1, name="a"))
    Uncounted(store).set(Counter(number=2, name="a"))
    needed: set[tuple[str, str]] = set()

    def note(exchange: Exchange) -> Any:
        needed.update(rights_of(exchange.operation))
        return exchange.answer()

    store.inject(note, times=None)
    calls[verb](2, "b")
    calls[verb](1, "c")
    expected = {(f"{name}Item", "counters") for name in item.split()}
    assert needed == expected | {(f"{name}Item", "names") for name in guard.split()}
