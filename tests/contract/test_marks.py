"""Rows of other entities under the keys of one, over memory, moto and MiniStack: none is lost."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from dynrepo import (
    ConditionFailed,
    DynrepoError,
    ItemExists,
    ItemNotFound,
    TransactionCanceled,
    VersionConflict,
)
from dynrepo.testing.contract import RepositoryContract
from tests.depot import BOX, LABEL, Box, Boxes, Labels, foreign_row, opened, put_row, row_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Store

    Write = Callable[[Any, Any], Any]

KEY = ("a", 7)
OF_OTHERS = "a row of another entity has this key"


class TestBoxes(RepositoryContract):
    """The contract of every repository, for one whose writes ask for the mark."""

    repository = Boxes

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores

    def make_item(self, number: int) -> Box:
        """A box."""
        return BOX.model_copy(update={"number": number})


@pytest.fixture
def depot(stores: Store) -> tuple[Boxes, Labels]:
    """Repositories whose rows are read by each other's queries."""
    return opened(stores)


def writes(boxes: Boxes) -> list[tuple[Write, type[DynrepoError], str]]:
    """Each verb that writes a box, by a repository or a transaction, and how it is refused."""
    count = boxes.fields.count
    return [
        (lambda verbs, box: verbs(boxes, "set", box), ConditionFailed, OF_OTHERS),
        (lambda verbs, box: verbs(boxes, "save", box), ConditionFailed, OF_OTHERS),
        (lambda verbs, _: verbs(boxes, "delete", KEY), ConditionFailed, OF_OTHERS),
        (
            lambda verbs, _: verbs(boxes, "delete", KEY, condition=count >= 0),
            ConditionFailed,
            OF_OTHERS,
        ),
        (lambda verbs, box: verbs(boxes, "create", box), ItemExists, "the key is taken"),
        (lambda verbs, _: verbs(boxes, "update", KEY, count.set(1)), ItemNotFound, "no item"),
        (
            lambda verbs, box: verbs(boxes, "update", box, count.set(1), condition=count == 0),
            ItemNotFound,
            "no item",
        ),
        (
            lambda verbs, _: verbs(boxes, "update", KEY, count.set(1), upsert=True),
            ConditionFailed,
            OF_OTHERS,
        ),
    ]


def alone(repository: Any, verb: str, *given: Any, **options: Any) -> Any:
    """Writes by a request of its own."""
    return getattr(repository, verb)(*given, **options)


def together(repository: Any, verb: str, *given: Any, **options: Any) -> None:
    """Writes in a transaction; raises what stood against the one write in it."""
    try:
        with repository.transaction() as transaction:
            getattr(transaction, verb)(repository, *given, **options)
    except TransactionCanceled as error:
        (reason,) = error.reasons
        raise reason if reason is not None else error from None


@pytest.mark.parametrize("verbs", [alone, together])
def test_a_row_of_others_is_never_written_over(depot: tuple[Boxes, Labels], verbs: Any) -> None:
    """Nor deleted, by any verb; what is refused says so, and shows no item.

    A row is of others where one of the attributes of the mark is another, or is not there.
    """
    boxes, _ = depot
    for row in (
        foreign_row(boxes, BOX),
        foreign_row(boxes, BOX, _ev=None),
        foreign_row(boxes, BOX, _et={"S": "x"}, _ev={"S": "1"}, count=None, theirs={"S": "x"}),
    ):
        put_row(boxes, row)
        for write, error, sentence in writes(boxes):
            with pytest.raises(error, match=sentence) as raised:
                write(verbs, BOX)
            assert type(raised.value) is error
            assert getattr(raised.value, "item", None) is None
            assert row_of(boxes, KEY) == row


@pytest.mark.parametrize("verbs", [alone, together])
def test_an_item_of_the_entity_is_written_as_anywhere(
    depot: tuple[Boxes, Labels], verbs: Any
) -> None:
    """Over what is there, and where there is none."""
    boxes, _ = depot
    verbs(boxes, "set", BOX)
    verbs(boxes, "set", BOX.model_copy(update={"count": 2}))
    assert boxes.require(KEY).count == 2
    verbs(boxes, "save", BOX)
    verbs(boxes, "update", KEY, boxes.fields.count.add(5))
    assert boxes.require(KEY).count == 5
    with pytest.raises(ConditionFailed, match="the condition does not hold") as raised:
        verbs(boxes, "delete", KEY, condition=boxes.fields.count == 4)
    assert raised.value.item == BOX.model_copy(update={"count": 5})
    verbs(boxes, "delete", KEY)
    verbs(boxes, "delete", KEY)
    with pytest.raises(ItemNotFound):
        verbs(boxes, "update", KEY, boxes.fields.count.add(5))
    verbs(boxes, "save", BOX)
    assert row_of(boxes, KEY) == boxes.schema.encode(BOX)
    verbs(boxes, "delete", BOX)
    verbs(boxes, "update", KEY, boxes.fields.count.set(1), upsert=True)
    verbs(boxes, "update", KEY, boxes.fields.note.set("n"), upsert=True)
    assert row_of(boxes, KEY) == boxes.schema.encode(Box(site="a", number=7, note="n", count=1))


def test_a_version_says_nothing_of_a_row_of_others(depot: tuple[Boxes, Labels]) -> None:
    """Whatever number it holds; of an item of the entity it is asked as anywhere."""
    _, labels = depot
    first = labels.save(LABEL)
    second = labels.save(first)
    with pytest.raises(VersionConflict) as stale:
        labels.save(first)
    assert stale.value.item == second
    with pytest.raises(VersionConflict):
        labels.delete(first)

    for row in (foreign_row(labels, second), foreign_row(labels, LABEL, version=None)):
        put_row(labels, row)
        for write in (labels.save, labels.delete, labels.set):
            for label in (LABEL, second):
                with pytest.raises(ConditionFailed, match=OF_OTHERS) as raised:
                    write(label)
                assert (type(raised.value), raised.value.item) == (ConditionFailed, None)
        assert row_of(labels, LABEL) == row


def test_an_edit_finds_no_row_of_others(depot: tuple[Boxes, Labels]) -> None:
    """Also one that comes under the key while the function runs."""
    boxes, labels = depot
    for repository, item in ((boxes, BOX), (labels, LABEL)):
        row = foreign_row(repository, item)
        repository.set(item)

        def written_over(found: Any, repository: Any = repository, row: Any = row) -> Any:
            put_row(repository, row)
            field = {"note": "x"} if isinstance(found, Box) else {"color": "x"}
            return found.model_copy(update=field)

        for _ in range(2):
            with pytest.raises(ItemNotFound):
                repository.edit(item, written_over)  # type: ignore[attr-defined]
            assert row_of(repository, item) == row  # type: ignore[arg-type]


def test_a_check_of_a_transaction_is_of_the_entity(depot: tuple[Boxes, Labels]) -> None:
    """A condition does not hold of an item that is none."""
    boxes, _ = depot
    count = boxes.fields.count
    together(boxes, "check", KEY, count.does_not_exist())
    boxes.set(BOX)
    together(boxes, "check", KEY, count == 0)
    put_row(boxes, foreign_row(boxes, BOX))
    with pytest.raises(ConditionFailed, match=OF_OTHERS):
        together(boxes, "check", KEY, count == 0)


def test_batches_are_refused(depot: tuple[Boxes, Labels]) -> None:
    """By name and with the cure, also empty ones: they cannot ask whose a row is."""
    boxes, labels = depot
    put_row(boxes, foreign_row(boxes, BOX))
    for refused in (
        lambda: boxes.set_many([BOX]),
        lambda: boxes.set_many([]),
        lambda: boxes.delete_many([KEY]),
        lambda: boxes.batch().set(BOX),
        lambda: boxes.batch().delete(KEY),
        lambda: labels.set_many([LABEL]),
    ):
        with pytest.raises(ValueError, match=r"set_many, delete_many and batch.* transaction\(\)"):
            refused()  # type: ignore[no-untyped-call]
    assert row_of(boxes, KEY) == foreign_row(boxes, BOX)


Row = dict[str, Any]


class Program:
    """Writes boxes at random, among rows that others put under their keys; knows what is stored."""

    def __init__(self, boxes: Boxes) -> None:
        self.boxes = boxes
        self.choose = Random(20261201).choice  # noqa: S311 - the same program each time
        self.stored: dict[int, Row] = {}
        self.refused = 0

    def step(self) -> None:
        """Makes one write, and looks at what it left."""
        choose = self.choose
        note, state = choose([None, "a", "b"]), choose([None, "full"])
        box = BOX.model_copy(update={"number": choose([1, 2]), "note": note, "state": state})
        if choose([True, False, False]):
            row = choose([self.boxes.schema.encode(box), foreign_row(self.boxes, box)])
            put_row(self.boxes, row)
            self.stored[box.number] = row
        else:
            self.write(box)
        found = row_of(self.boxes, box)
        assert found == self.stored.get(box.number, {})

    def write(self, box: Box) -> None:
        """Makes a write by some verb, in a transaction or not."""
        verb = self.choose(["set", "save", "create", "delete", "update", "upsert"])
        error, row = self.expected(verb, box)
        fields, verbs = self.boxes.fields, self.choose([alone, together])
        given: tuple[Any, ...] = (box,)
        if verb in ("update", "upsert"):
            given = (("a", box.number), fields.note.set("z"), fields.count.set(0))
        options = {"upsert": True} if verb == "upsert" else {}
        if error is not None:
            self.refused += 1
            with pytest.raises(error) as raised:
                verbs(self.boxes, verb.replace("upsert", "update"), *given, **options)
            assert type(raised.value) is error
            return
        verbs(self.boxes, verb.replace("upsert", "update"), *given, **options)
        self.stored = {**self.stored, box.number: row}
        if not row:
            del self.stored[box.number]

    def is_foreign(self, box: Box) -> bool:
        """Whether a row of others is stored under the key of a box."""
        row = self.stored.get(box.number)
        return row is not None and row["_ev"] == {"S": "2"}

    def expected(self, verb: str, box: Box) -> tuple[type[DynrepoError] | None, Row]:
        """How a write is refused, and the row that it leaves where it is not."""
        schema, row = self.boxes.schema, self.stored.get(box.number)
        if verb == "create":
            return ItemExists if row else None, schema.encode(box)
        if verb == "update" and (not row or self.is_foreign(box)):
            return ItemNotFound, {}
        if self.is_foreign(box):
            return ConditionFailed, {}
        known = schema.decode(row) if row else Box(site="a", number=box.number)
        noted = schema.encode(known.model_copy(update={"note": "z"}))
        rows = {"update": noted, "upsert": noted, "delete": {}}
        return None, rows.get(verb, schema.encode(box))


def test_writes_at_random_leave_rows_of_others_alone(depot: tuple[Boxes, Labels]) -> None:
    """Held against what is known to be stored, by any verb, in a transaction or not."""
    program = Program(depot[0])
    for _ in range(400 if type(program.boxes.store).__name__ == "MemoryStore" else 80):
        program.step()
    assert program.refused
    found = sorted(program.boxes.scan(), key=lambda box: box.number)
    own = [row for _, row in sorted(program.stored.items()) if row["_ev"] == {"S": "1"}]
    assert found == [program.boxes.schema.decode(row) for row in own]
