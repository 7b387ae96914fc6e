"""The actions of an update: what is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel, Field, JsonValue, computed_field

from dynrepo import (
    Attribute,
    CodecError,
    ConditionFailed,
    DynamoStore,
    ItemNotFound,
    PartitionKey,
    Repository,
    SortKey,
    UpdatedAt,
    Version,
)
from dynrepo.operations.actions import may_meet_list, parsed_action, unmet
from dynrepo.operations.operation import Effect
from dynrepo.operations.writes import update_item
from tests.scripted import Scripted

if TYPE_CHECKING:
    from dynrepo import Store


class Note(BaseModel):
    """An item with an index and values of any size."""

    name: Annotated[str, PartitionKey()]
    group: Annotated[str | None, PartitionKey(index="by_group")] = None
    place: Annotated[str | None, SortKey(index="by_group")] = None
    texts: list[str] = []
    marks: set[str] = set()
    more: list[JsonValue] = []
    tree: dict[str, JsonValue] = {}
    flags: set[str] | None = None
    size: int = 0


class Notes(Repository[Note]):
    """Notes, in a store that answers nothing but an item."""

    table = "notes"


class User(BaseModel):
    """An item that is found by what is computed of it."""

    name: Annotated[str, PartitionKey()]
    email: str
    visits: int = 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def low(self) -> Annotated[str, PartitionKey(index="by_low")]:
        """The address, as it is looked for."""
        return self.email.lower()


class Users(Repository[User]):
    """Users."""

    table = "users"


class Counted(BaseModel):
    """An item that counts its writes."""

    name: Annotated[str, PartitionKey()]
    text: str = ""
    version: Annotated[int, Version(), Attribute("v")]
    changed: Annotated[AwareDatetime, UpdatedAt()]


class Counts(Repository[Counted]):
    """Counted items."""

    table = "counts"


f = Notes.fields
c = Counts.fields


@pytest.fixture
def connection() -> Scripted:
    """Says what was sent."""
    return Scripted({"Attributes": Notes.schema.encode(Note(name="a"))})


@pytest.fixture
def notes(connection: Scripted) -> Notes:
    """Notes."""
    return Notes(DynamoStore(connection=connection))


def nested(levels: int) -> Any:
    """Lists in lists."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


VERSIONS = [
    c.version.set(1),
    c.version.add(1),
    c.version.set(c.version + 1),
    c.version.set(c.version.if_not_exists(1)),
    c.version.remove(),
]


@pytest.mark.parametrize("action", VERSIONS, ids=range(len(VERSIONS)))
def test_an_update_counts_the_version_itself(connection: Scripted, action: Any) -> None:
    """Else an instance that is stale could be saved; an upsert and a transaction refuse it, too."""
    counts = Counts(DynamoStore(connection=connection))
    cure = r"Counted\.version .*: leave it out, and ask for one by condition=fields\.version == "
    with pytest.raises(ValueError, match=cure):
        counts.update("a", c.text.set("x"), action)
    with pytest.raises(ValueError, match=cure):
        counts.update("a", c.text.set("x"), action, upsert=True)
    with pytest.raises(ValueError, match=cure), counts.transaction() as tx:
        tx.update(counts, "a", action)
    assert connection.sent == []


def test_an_upsert_makes_the_first_version() -> None:
    """And the first time, also of fields without a default, which no action has to write."""
    update = update_item(Counts(DynamoStore()).mapper, "a", [c.text.set("x")], upsert=True)
    assert "ADD" in update.request["UpdateExpression"]


KEYS = [
    f.group.set(""),
    f.group.set("x" * 2049),
    f.place.set("x" * 1025),
    f.group.set(f.group | ("x" * 2049)),
]


@pytest.mark.parametrize("action", KEYS, ids=range(len(KEYS)))
def test_a_value_that_can_be_no_key_is_refused(
    notes: Notes, connection: Scripted, action: Any
) -> None:
    """Where it would be the key of an index."""
    with pytest.raises(CodecError, match=r"Note\.(group|place): a key (cannot be empty|has \d+ b)"):
        notes.update("a", action)
    assert connection.sent == []
    notes.update("a", f.group.set("x" * 2048), f.place.set("x" * 1024))
    notes.update("a", f.group.set(None))


DEEP = [
    lambda levels: f.more.append(nested(levels - 1)),
    lambda levels: f.more.set(nested(levels)),
    lambda levels: f.tree["a"].set(nested(levels - 1)),
    lambda levels: f.more.set(f.more | nested(levels)),
]


@pytest.mark.parametrize("make", DEEP, ids=range(len(DEEP)))
def test_a_value_that_is_nested_too_deep_is_refused(
    notes: Notes, connection: Scripted, make: Any
) -> None:
    """With the path that leads to it."""
    notes.update("a", make(31))
    with pytest.raises(CodecError, match="nested deeper than 32 levels"):
        notes.update("a", make(33))
    assert len(connection.sent) == 1


LARGE = [
    [f.texts.set(["x" * 500_000])],
    [f.texts.append("x" * 500_000)],
    [f.marks.add("x" * 500_000)],
    [f.texts.set(["x" * 300_000]), f.tree["a"].set("x" * 300_000)],
]


@pytest.mark.parametrize("actions", LARGE, ids=range(len(LARGE)))
def test_more_than_an_item_can_have_is_refused(
    notes: Notes, connection: Scripted, actions: Any
) -> None:
    """Counted over all actions."""
    with pytest.raises(CodecError, match=r"409600 bytes at most, an update stores [56]0"):
        notes.update("a", *actions)
    assert connection.sent == []


def test_what_may_not_be_stored_is_not_counted(notes: Notes, connection: Scripted) -> None:
    """Defaults for what is there, and elements that are taken out."""
    long = "x" * 300_000
    notes.update("a", f.texts.set(f.texts | [long]), f.marks.delete(long), f.tree["a"].set(long))
    assert len(connection.sent) == 1


def test_an_update_leaves_no_computed_field_stale(stores: Store) -> None:
    """It has to say what becomes of it, or the item is saved; an index would find it no more."""
    users = Users(stores)
    users.create_table()
    user = users.create(User(name="a", email="A@x"))
    g = users.fields
    for actions in ([g.email.set("B@x")], [g.visits.add(1)]):
        with pytest.raises(ValueError, match=r"User\.low is computed.*save the whole item"):
            users.update("a", *actions)
    assert users.require("a", consistent=True) == user
    users.update("a", g.visits.add(1), g.low.set(g.low))
    assert users.query(g.low == "a@x", index="by_low").count() == 1
    users.update("a", g.email.set("B@x"), g.low.set("b@x"))
    assert users.query(g.low == "b@x", index="by_low").first() == User(
        name="a", email="B@x", visits=1
    )
    users.save(User(name="a", email="C@x"))
    assert users.query(g.low == "c@x", index="by_low").count() == 1


WRONG: list[tuple[list[Any], type[Exception], str]] = [
    (["SET a = 1"], TypeError, r"an action such as fields\.x\.set\(1\), found str"),
    ([f.name.set("b")], ValueError, "Note: an update cannot change the key"),
    ([], ValueError, "at least one action"),
    ([f.place.set("a"), f.place.set("b")], ValueError, "two actions of an update on one field"),
    ([f.tree.set({}), f.tree["a"].set(1)], ValueError, "on one field, or on a part of it"),
]


@pytest.mark.parametrize(("actions", "error", "text"), WRONG, ids=range(len(WRONG)))
def test_what_dynamodb_would_refuse_is_not_sent(
    notes: Notes, connection: Scripted, actions: Any, error: type[Exception], text: str
) -> None:
    """With an error that says what is wrong with the actions together."""
    with pytest.raises(error, match=text):
        notes.update("a", *actions)
    assert connection.sent == []


REPEATABLE: list[tuple[Any, bool]] = [
    (f.place.set("a"), True),
    (f.place.remove(), True),
    (f.marks.delete("a"), True),
    (f.place.set(f.place), True),
    (f.place.set(f.place | "a"), True),
    (f.tree["a"].set(1), True),
    (f.marks.add("a"), False),
    (f.texts[0].set("a"), False),
    (f.texts[0].remove(), False),
    (f.texts.append("a"), False),
    (f.place.set(f.group), False),
    (f.place.set(f.group | "a"), False),
    (f.place.set(f.place.if_not_exists(f.group)), False),
]


@pytest.mark.parametrize(("action", "repeatable"), REPEATABLE, ids=range(len(REPEATABLE)))
def test_an_action_is_sent_again_if_twice_leaves_what_once_leaves(
    notes: Notes, action: Any, *, repeatable: bool
) -> None:
    """Where its answer is lost."""
    effect = update_item(notes.mapper, "a", [action]).effect
    assert (effect is Effect.REPEATABLE) is repeatable


def test_an_item_is_made_by_actions_that_need_nothing(notes: Notes, connection: Scripted) -> None:
    """Of others it is said what they lack, before anything is sent."""
    notes.update("a", f.marks.add("x"), f.place.set(f.place | "a"), f.tree.remove(), upsert=True)
    (_, request) = connection.sent.pop()
    assert "ConditionExpression" not in request
    for action in (f.tree["a"].set(1), f.place.set(f.group), f.texts[0].set("x")):
        with pytest.raises(CodecError, match="an action needs what is not there"):
            notes.update("a", action, upsert=True)
    with pytest.raises(CodecError, match=r"upsert where nothing is stored: .*User\.email"):
        Users(notes.store).update("a", Users.fields.low.set("x"), upsert=True)
    assert connection.sent == []


class Inner(BaseModel):
    """A part with a required field."""

    sku: str
    count: int = 0


class Needed(BaseModel):
    """What has to be there, in each of the ways."""

    name: Annotated[str, PartitionKey()]
    text: str
    perhaps: int | None
    tags: frozenset[str]
    words: list[str]
    part: Inner
    parts: list[Inner] = []


class Needs(Repository[Needed]):
    """Items that need something."""

    table = "needs"


class Upcast(Needs):
    """The same, where what is lacking may be made when it is read."""

    def upcast(self, attributes: dict[str, Any]) -> dict[str, Any]:
        """Gives an old item its text."""
        return {"text": "", **attributes}


n: Any = Needs.fields
REQUIRED = [n.text, n.words, n.part, n.part["sku"], n.parts[0]["sku"]]
FREE = [n.perhaps, n.tags, n.words[0], n.part["count"], n.parts, n.parts[0]]


def test_what_is_required_is_not_removed(notes: Notes) -> None:
    """Nobody could read the item; what absence stands for, and an element, may be."""
    mapper = Needs(notes.store).mapper
    for path in REQUIRED:
        with pytest.raises(CodecError, match=r"Needed\.\w+.*: it is required"):
            update_item(mapper, "a", [path.remove()])
        assert update_item(Upcast(notes.store).mapper, "a", [path.remove()])
    for path in FREE:
        assert update_item(mapper, "a", [path.remove()])
    assert update_item(mapper, "a", [n.perhaps.set(None), n.tags.set(frozenset())])


class Seat(BaseModel):
    """An item with a bound."""

    name: Annotated[str, PartitionKey()]
    left: Annotated[int, Field(ge=0)] = 1


class Seats(Repository[Seat]):
    """Seats."""

    table = "seats"


@pytest.mark.parametrize(
    ("item", "upsert", "kind", "field"),
    [
        ({"name": {"S": "a"}, "left": {"N": "0"}}, False, ConditionFailed, "left"),
        ({"name": {"S": "a"}, "left": {"N": "5"}}, False, ConditionFailed, None),
        ({"name": {"S": "a"}}, False, ConditionFailed, "left"),
        (None, False, ItemNotFound, None),
        (None, True, ConditionFailed, "left"),
    ],
)
def test_what_is_stored_says_why_an_update_was_refused(
    item: Any, *, upsert: bool, kind: type[Exception], field: str | None
) -> None:
    """A bound that would be passed, a missing item, or else the caller's own condition."""
    parsed = [parsed_action(Seats.fields.left.add(-1))]
    make, _ = unmet(item, parsed, upsert=upsert)
    error = make("no")
    assert type(error) is kind
    assert getattr(error, "field", None) == field


def test_what_stays_as_it_is_may_be_said_twice(notes: Notes) -> None:
    """So such an update is sent again when its answer is lost."""
    g = Users.fields
    users = Users(notes.store)
    stays = update_item(users.mapper, "a", [g.visits.set(1), g.low.set(g.low)])
    assert stays.effect is Effect.REPEATABLE


def test_only_sets_that_are_empty_lists_may_be_added_to_in_vain() -> None:
    """Not a number, and no set that is stored by absence when it is empty."""
    assert may_meet_list([f.size.add(1), f.flags.add("x")])
    assert not may_meet_list([f.size.add(1), f.marks.add("x")])
    assert may_meet_list([f.flags.delete("x")])
    assert not may_meet_list([f.flags.set({"x"}), f.marks.delete("x")])
