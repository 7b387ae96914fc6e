"""What is stored can be read, on every engine: floats that were added to, and values of updates."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, cast

import pytest
from pydantic import AfterValidator, BaseModel, Field, field_validator

from dynrepo import (
    CodecError,
    ConditionFailed,
    ItemNotFound,
    PartitionKey,
    Repository,
    SortKey,
    TransactionCanceled,
)

if TYPE_CHECKING:
    from dynrepo import DynrepoError, Store

THIRDS = Decimal("1.4333333333333332")
"""0.1 and four times the float of a third, added decimally: no float has these digits."""
FINE = Decimal("0.10000000000000000000000000000000000001")
"""A number of 38 digits whose nearest float is 0.1."""


class Measure(BaseModel):
    """An item with floats at every depth."""

    place: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    ratio: float = 0.0
    ratios: list[float] = []
    by_name: dict[str, float] = {}
    distinct: frozenset[float] = frozenset()
    perhaps: float | None = None
    note: str = ""


class Measures(Repository[Measure]):
    """Items read as floats."""

    table = "measures"


class Exact(BaseModel):
    """The same items, with numbers of any digits."""

    place: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    ratio: Decimal = Decimal(0)
    ratios: list[Decimal] = []
    by_name: dict[str, Decimal] = {}
    distinct: frozenset[Decimal] = frozenset()
    perhaps: Decimal | None = None
    note: str = ""


class Exacts(Repository[Exact]):
    """Items read as they are stored."""

    table = "measures"


class Weighted(BaseModel):
    """An item whose key is a float."""

    weight: Annotated[float, PartitionKey()]


class Weights(Repository[Weighted]):
    """Items by their weight."""

    table = "weights"


class Exactly(BaseModel):
    """The same items, by a key of any digits."""

    weight: Annotated[Decimal, PartitionKey()]


class Exactlies(Repository[Exactly]):
    """Items by their exact weight."""

    table = "weights"


@pytest.fixture
def measures(stores: Store) -> Measures:
    """An empty table."""
    repository = Measures(stores)
    repository.create_table()
    return repository


def test_a_float_that_was_added_to_is_read(measures: Measures) -> None:
    """However many digits the sum has, as the float that is nearest; and so is its partition."""
    f = measures.fields
    measures.create(Measure(place="a", ratio=0.1))
    for _ in range(4):
        changed = measures.update(("a", 0), f.ratio.add(1 / 3))
    assert Exacts(measures.store).require(("a", 0)).ratio == THIRDS
    nearest = Measure(place="a", ratio=float(THIRDS))
    assert changed == measures.require(("a", 0)) == nearest
    assert measures.query(f.place == "a").all() == measures.scan().all() == [nearest]
    assert measures.get_many([("a", 0)]) == [nearest]


def test_a_float_of_many_digits_is_kept_until_it_is_saved(measures: Measures) -> None:
    """An update of something else leaves it; a save writes what was read."""
    exacts = Exacts(measures.store)
    fine = exacts.create(
        Exact(
            place="a",
            ratio=FINE,
            ratios=[FINE],
            by_name={"x": FINE},
            distinct=frozenset({FINE, Decimal("0.1"), Decimal(2)}),
            perhaps=-FINE,
        )
    )
    read = measures.update(("a", 0), measures.fields.note.set("x"))
    assert exacts.require(("a", 0)) == fine.model_copy(update={"note": "x"})
    assert read == measures.require(("a", 0))
    assert (read.ratio, read.ratios, read.by_name, read.perhaps) == (0.1, [0.1], {"x": 0.1}, -0.1)
    assert read.distinct == {0.1, 2.0}
    assert measures.save(read) == read
    tenth = Decimal("0.1")
    assert exacts.require(("a", 0)) == Exact(
        place="a",
        ratio=tenth,
        ratios=[tenth],
        by_name={"x": tenth},
        distinct=frozenset({tenth, Decimal(2)}),
        perhaps=-tenth,
        note="x",
    )


def test_a_key_that_is_no_float_is_not_taken_for_one(stores: Store) -> None:
    """By the float that is nearest the item would not be found, or another would."""
    weights, exactlies = Weights(stores), Exactlies(stores)
    weights.create_table()
    weights.create(Weighted(weight=0.1))
    assert weights.get(0.1) == Weighted(weight=0.1)
    assert weights.scan().all() == [Weighted(weight=0.1)]
    weights.delete(0.1)
    exactlies.create(Exactly(weight=FINE))
    assert weights.get(0.1) is None
    with pytest.raises(CodecError, match=r"Weighted\.weight: .*never found again by its key"):
        weights.scan().all()


def lower_only(text: str) -> str:
    """Text without capitals."""
    if text != text.lower():
        raise ValueError
    return text


Slug = Annotated[str, AfterValidator(lower_only)]


class Drawer(BaseModel):
    """A part of a task, with every kind of absence."""

    slug: Slug = ""
    left: Annotated[int, Field(ge=0)] = 0
    note: str | None = None
    kept: str | None = "x"
    tags: frozenset[str] = frozenset()
    codes: frozenset[int] = frozenset({1})


class Task(BaseModel):
    """An item with rules of its own."""

    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0
    slug: str = "x"
    left: int = Field(default=1, ge=0)
    room: Annotated[Decimal, Field(le=10)] = Decimal(0)
    ratio: Annotated[float, Field(gt=-1.5)] = 0.0
    drawer: Drawer | None = None
    drawers: list[Drawer] = []
    by_name: dict[str, Drawer] = {}
    notes: list[str | None] = []
    note_by_name: dict[str, str | None] = {}
    groups: list[frozenset[str]] = []
    recent: Annotated[list[str], Field(max_length=2)] = []

    @field_validator("slug")
    @classmethod
    def is_lower(cls, text: str) -> str:
        """No capitals."""
        return lower_only(text)


class Tasks(Repository[Task]):
    """Tasks."""

    table = "tasks"


class Found(BaseModel, extra="allow"):
    """The same items, whatever is in them."""

    owner: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 0


class Founds(Repository[Found]):
    """Tasks as they are stored."""

    table = "tasks"


@pytest.fixture
def tasks(stores: Store) -> Tasks:
    """An empty table."""
    repository = Tasks(stores)
    repository.create_table()
    return repository


def in_transaction(tasks: Tasks, *actions: Any, **options: Any) -> Task:
    """The same update, as one of two writes that are made together."""
    try:
        with tasks.transaction() as tx:
            tx.update(tasks, ("a", 0), *actions, **options)
            tx.set(tasks, Task(owner="z"))
    except TransactionCanceled as error:
        raise cast("DynrepoError", error.reasons[0]) from None
    return tasks.require(("a", 0), consistent=True)


WAYS: dict[str, Any] = {
    "update": lambda tasks, *actions, **more: tasks.update(("a", 0), *actions, **more),
    "once": lambda tasks, *more, **how: tasks.update(("a", 0), *more, exactly_once=True, **how),
    "transaction": in_transaction,
}
ways = pytest.mark.parametrize("way", WAYS)
f: Any = Tasks.fields


@ways
def test_a_sum_stays_within_the_bounds_of_its_field(tasks: Tasks, way: str) -> None:
    """A refusal names the field and shows what is stored; nothing is written."""
    task = tasks.create(
        Task(owner="a", left=1, room=Decimal(9), drawer=Drawer(left=1), recent=["a"])
    )
    update = WAYS[way]
    sums = [
        (f.left.add(-2), "left"),
        (f.left.set(f.left - 2), "left"),
        (f.room.add(Decimal("1.5")), "room"),
        (f.ratio.add(-1.5), "ratio"),
        (f.drawer["left"].add(-2), "drawer.left"),
        (f.recent.append("b", "c"), "recent"),
        (f.recent.prepend("b", "c"), "recent"),
    ]
    for action, field in sums:
        with pytest.raises(
            ConditionFailed, match=rf"Task\.{field[:4]}.*: the update would pass"
        ) as refusal:
            update(tasks, f.slug.set("new"), action)
        assert (refusal.value.field, refusal.value.item) == (field, task)
    assert tasks.require(("a", 0), consistent=True) == task
    moved = update(tasks, f.left.add(-1), f.room.add(Decimal(1)), f.recent.append("b"))
    assert (moved.left, moved.recent) == (0, ["a", "b"])
    with pytest.raises(ConditionFailed) as refusal:
        update(tasks, f.left.add(-1))
    assert refusal.value.item.left == 0
    assert len(tasks.query(f.owner == "a").all()) == 1


@ways
def test_the_condition_of_the_caller_is_no_bound(tasks: Tasks, way: str) -> None:
    """Its failure names no field; that of both names the one whose bound would be passed."""
    tasks.create(Task(owner="a", left=1))
    update = WAYS[way]
    with pytest.raises(ConditionFailed, match="the condition does not hold") as refusal:
        update(tasks, f.left.add(-1), condition=f.slug == "other")
    assert refusal.value.field is None
    with pytest.raises(ConditionFailed) as refusal:
        update(tasks, f.left.add(-2), condition=f.slug == "other")
    assert refusal.value.field == "left"
    assert update(tasks, f.left.add(-1), condition=f.slug == "x").left == 0


@ways
def test_a_missing_item_is_not_found_whatever_the_bounds(tasks: Tasks, way: str) -> None:
    """Nothing is made of it."""
    for amount in (1, -1):
        with pytest.raises(ItemNotFound):
            WAYS[way](tasks, f.left.add(amount))
    assert tasks.scan(where=f.owner == "a").count() == 0


@ways
def test_what_is_absent_counts_as_0(tasks: Tasks, way: str) -> None:
    """For DynamoDB, and so for the bound, whatever the default is."""
    tasks.create(Task(owner="a"))
    update = WAYS[way]
    update(tasks, f.left.remove(), f.room.remove())
    with pytest.raises(ConditionFailed) as refusal:
        update(tasks, f.left.add(-1))
    assert refusal.value.field == "left"
    with pytest.raises(ConditionFailed) as refusal:
        update(tasks, f.room.add(Decimal(11)))
    assert refusal.value.field == "room"
    assert update(tasks, f.left.add(2), f.room.add(Decimal(10))).left == 2


@ways
def test_what_is_out_of_bounds_may_be_moved_back(tasks: Tasks, way: str) -> None:
    """Until it is within them nobody can read it."""
    founds = Founds(tasks.store)
    founds.create(Found.model_validate({"owner": "a", "left": -2, "room": Decimal(12)}))
    update = WAYS[way]
    with pytest.raises(ConditionFailed) as refusal:
        update(tasks, f.left.add(-1))
    assert (refusal.value.field, refusal.value.item) == ("left", None)
    moved = update(tasks, f.left.add(3), f.room.add(Decimal(-2)))
    assert (moved.left, moved.room) == (1, Decimal(10))


@ways
def test_an_item_that_is_made_by_a_sum_is_within_the_bounds(tasks: Tasks, way: str) -> None:
    """Or it is not made."""
    with pytest.raises(CodecError, match=r"upsert where nothing is stored.*Task\.left"):
        WAYS[way](tasks, f.left.add(-1), upsert=True)
    assert WAYS[way](tasks, f.left.add(2), upsert=True).left == 2
    with pytest.raises(ConditionFailed) as refusal:
        WAYS[way](tasks, f.room.add(Decimal(1)), f.left.set(f.left - 3), upsert=False)
    assert refusal.value.field == "left"


def test_no_value_that_the_model_refuses_is_stored_by_an_update(tasks: Tasks) -> None:
    """At whatever depth; the partition stays readable."""
    tasks.create(Task(owner="a", drawer=Drawer(), drawers=[Drawer()], by_name={"x": Drawer()}))
    for make in (
        lambda: f.slug.set("BIG"),
        lambda: f.left.set(-1),
        lambda: f.drawer["slug"].set("BIG"),
        lambda: f.drawers[0]["left"].set(-1),
        lambda: f.by_name["x"]["slug"].set("BIG"),
        lambda: f.drawers.append(Drawer.model_construct(slug="BIG")),
    ):
        with pytest.raises(CodecError, match=r"Task\.\w+.*not valid"):
            tasks.update(("a", 0), make())
    assert tasks.update(("a", 0), f.drawer["slug"].set("low")).drawer == Drawer(slug="low")
    assert tasks.query(f.owner == "a").count() == 1


FULL = Drawer(note="n", kept="k", tags=frozenset({"t"}), codes=frozenset({2}))
EMPTY = Drawer(note=None, kept=None, tags=frozenset(), codes=frozenset())
PLACES: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "model": (f.drawer, {"drawer": FULL}, {"drawer": EMPTY}),
    "list": (f.drawers[1], {"drawers": [EMPTY, FULL]}, {"drawers": [EMPTY, EMPTY]}),
    "map": (f.by_name["x"], {"by_name": {"x": FULL}}, {"by_name": {"x": EMPTY}}),
}


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_left_by_an_update_where_a_save_leaves_nothing(tasks: Tasks, place: str) -> None:
    """What a save leaves in a nested model is what an update of it leaves, and can be added to."""
    path, full, empty = PLACES[place]
    tasks.create(Task(owner="a", **full))
    tasks.save(Task(owner="b", **empty))
    changed = tasks.update(
        ("a", 0),
        path["note"].set(None),
        path["kept"].set(None),
        path["tags"].set(frozenset()),
        path["codes"].set(frozenset()),
    )
    assert changed == Task(owner="a", **empty)
    found, saved = (Founds(tasks.store).require((owner, 0)).model_extra for owner in "ab")
    assert found == saved
    assert tasks.scan(where=path["note"].does_not_exist() & path["kept"].exists()).count() == 2
    added = tasks.update(("a", 0), path["tags"].add("new"), path["note"].set("new"))
    assert "new" in str(added)


def test_what_has_no_name_of_its_own_is_left_as_a_save_leaves_it(tasks: Tasks) -> None:
    """The elements of a list stay where they are, and the entries of a map are there."""
    tasks.create(
        Task(owner="a", notes=["a", "b"], note_by_name={"x": "a"}, groups=[frozenset({"a"})])
    )
    empty = {"notes": [None, "b"], "note_by_name": {"x": None}, "groups": [frozenset()]}
    tasks.save(Task.model_validate({"owner": "b", **empty}))
    changed = tasks.update(
        ("a", 0),
        f.notes[0].set(None),
        f.note_by_name["x"].set(None),
        f.groups[0].set(frozenset()),
    )
    assert changed == Task.model_validate({"owner": "a", **empty})
    found, saved = (Founds(tasks.store).require((owner, 0)).model_extra for owner in "ab")
    assert found == saved
