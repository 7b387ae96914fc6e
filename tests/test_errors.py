"""The tree of errors is the one that is drawn, and each of them can be used."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

import dynrepo
from dynrepo import PartitionKey, Repository, Version, errors
from dynrepo.errors import DynrepoError
from dynrepo.operations import rounds
from dynrepo.testing.faults import refusal, server_error, throttling, unprocessed
from dynrepo.testing.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DynrepoError)
]
FIGURES = {"code": "C", "request_id": "R", "retryable": True, "attempts": 3}
DATA = {
    "CodecError": {"key": {"id": {"S": "1"}}, **FIGURES},
    "WrittenUnreadable": {"key": {"id": {"S": "1"}}, "item": {"id": {"N": "1"}}, **FIGURES},
    "ConditionFailed": {"item": 1, **FIGURES},
    "ItemExists": {"item": 1, **FIGURES},
    "VersionConflict": {"item": 1, **FIGURES},
    "NotUnique": {"field": "email", **FIGURES},
    "TransactionCanceled": {"reasons": (None,), **FIGURES},
    "Unprocessed": {"items": (1,), "keys": (2,), **FIGURES},
}


def drawn() -> dict[str, list[str]]:
    """The names in the drawing, each with those it is drawn below or beside in brackets."""
    tree: dict[str, list[str]] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ([ │├└─]*)([A-Z]\w+)(?: \((\w+)\))?", line)
        if found:
            depth = len(found[1]) // 4
            path[depth:] = [found[2]]
            tree[found[2]] = [*path[depth - 1 : depth], *([found[3]] if found[3] else [])]
    return tree


def test_the_drawing_is_the_tree() -> None:
    """Every class stands in the drawing, below its base; a built-in base is named in brackets."""
    bases = {kind.__name__: [base.__name__ for base in kind.__bases__] for kind in CLASSES}
    assert drawn() == {**bases, "DynrepoError": []}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_public(kind: type[DynrepoError]) -> None:
    """A caller can name what it wants to catch."""
    assert getattr(dynrepo, kind.__name__) is kind


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_an_error_crosses_a_process_border(kind: type[DynrepoError]) -> None:
    """A worker's error arrives in the parent with all it carries."""
    data = DATA.get(kind.__name__, FIGURES)
    arrived = pickle.loads(pickle.dumps(kind("no table", **data)))  # noqa: S301 - our own
    assert type(arrived) is kind
    assert str(arrived) == "no table"
    assert {name: getattr(arrived, name) for name in data} == data


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_a_retry_loop_of_the_callers_finds_what_it_asks_for(kind: type[DynrepoError]) -> None:
    """Every error has a code, a request id, whether to try again, and its attempts."""
    error = kind("failed")
    found = (error.code, error.request_id, error.retryable, error.attempts)
    assert found == ("", None, False, 0)


class Tally(BaseModel):
    """An item of these tests."""

    id: Annotated[str, PartitionKey()]
    count: int = 0
    version: Annotated[int, Version()] = 0


class Tallies(Repository[Tally]):
    """Counts."""

    table = "tallies"


ITEM = Tally(id="a")


def again(tallies: Tallies) -> None:
    """Saves an instance that is too old."""
    tallies.save(ITEM)


def missing(tallies: Tallies) -> None:
    """Updates what is not there."""
    tallies.update("none", Tallies.fields.count.add(1))


def refused(tallies: Tallies) -> None:
    """Updates under a condition that does not hold."""
    tallies.update("a", Tallies.fields.count.add(1), condition=Tallies.fields.count > 5)


def refused_once(tallies: Tallies) -> None:
    """Does so exactly once."""
    tallies.update(
        "a",
        Tallies.fields.count.add(1),
        condition=Tallies.fields.count > 5,
        exactly_once=True,
    )


def canceled(tallies: Tallies) -> None:
    """Creates in a transaction what is there."""
    with tallies.transaction() as tx:
        tx.create(tallies, ITEM)


CONDITION = "ConditionalCheckFailedException"


@pytest.mark.parametrize(
    ("verb", "kind", "code"),
    [
        (lambda tallies: tallies.create(ITEM), errors.ItemExists, CONDITION),
        (again, errors.VersionConflict, CONDITION),
        (missing, errors.ItemNotFound, CONDITION),
        (refused, errors.ConditionFailed, CONDITION),
        (refused_once, errors.ConditionFailed, "ConditionalCheckFailed"),
        (canceled, errors.TransactionCanceled, "TransactionCanceledException"),
    ],
)
def test_a_refusal_tells_of_its_request(
    verb: Callable[[Tallies], None], kind: type[DynrepoError], code: str
) -> None:
    """AWS's code, the id to ask AWS with, and how many requests it took."""
    store = MemoryStore(Tallies)
    tallies = Tallies(store)
    tallies.save(ITEM)
    store.inject(throttling())
    with pytest.raises(kind) as raised:
        verb(tallies)
    error = raised.value
    assert (error.code, error.retryable, error.attempts) == (code, False, 2)
    assert error.request_id


def test_each_reason_of_a_canceled_transaction_tells_of_the_request() -> None:
    """With AWS's code of the reason."""
    tallies = Tallies(MemoryStore(Tallies))
    tallies.save(ITEM)
    with pytest.raises(errors.TransactionCanceled) as raised:
        canceled(tallies)
    (reason,) = raised.value.reasons
    assert isinstance(reason, errors.ItemExists)
    assert (reason.code, reason.attempts) == ("ConditionalCheckFailed", 1)
    assert reason.request_id == raised.value.request_id


def test_a_look_that_cannot_know_leaves_the_doubt() -> None:
    """Another item is stored: it may have been there before, or written over ours."""
    store = MemoryStore(Tallies)
    tallies = Tallies(store)
    tallies.create(ITEM)
    store.inject(server_error())
    with pytest.raises(errors.OutcomeUnknown) as raised:
        tallies.create(Tally(id="a", count=3))
    assert (raised.value.code, raised.value.attempts) == ("InternalServerError", 2)


def test_a_broken_off_batch_tells_what_ended_it() -> None:
    """An error after some were written is the batch's own."""
    store = MemoryStore(Tallies)
    denied = refusal("AccessDeniedException")
    store.inject(denied, when=lambda one: len(one.request["RequestItems"]["tallies"]) < 25)
    with pytest.raises(errors.Unprocessed) as raised:
        Tallies(store).set_many([Tally(id=str(number)) for number in range(30)])
    error = raised.value
    assert (error.code, error.retryable, error.attempts) == ("AccessDeniedException", False, 1)
    assert isinstance(error.__cause__, errors.AccessDenied)


@pytest.mark.parametrize("verb", ["set_many", "get_many"])
def test_a_batch_whose_rounds_are_over_may_be_tried_again(
    verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was refused; `attempts` counts the rounds."""
    monkeypatch.setattr(rounds, "_LONGEST_PAUSE", 0)
    store = MemoryStore(Tallies)
    store.inject(unprocessed(), times=None)
    with pytest.raises(errors.Unprocessed) as raised:
        getattr(Tallies(store), verb)([ITEM])
    error = raised.value
    assert (error.code, error.retryable, error.attempts) == ("", True, rounds.ROUNDS)
