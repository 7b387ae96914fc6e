"""The frames that an error shows, and those that it keeps to itself."""

from __future__ import annotations

import math
import pickle
import traceback
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from botocore.exceptions import ConnectionClosedError
from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, SortKey, Version, path
from dynrepo.errors import DynrepoError
from dynrepo.testing import MemoryStore
from dynrepo.tracebacks import without_frames, without_own_frames
from tests.recorded import leaks

if TYPE_CHECKING:
    from collections.abc import Callable

    from dynrepo import Transaction


def raised(*errors: Exception) -> Exception:
    """The first of some errors, raised from the second, and that from the third."""
    first, *rest = errors
    try:
        raise first from (raised(*rest) if rest else None)
    except type(first) as error:
        return error


def functions(error: BaseException) -> list[str]:
    """The functions whose frames an error shows."""
    return [frame.f_code.co_name for frame, _ in traceback.walk_tb(error.__traceback__)]


def test_no_frame_is_left_of_any_of_a_chain() -> None:
    """Of the error itself, of its cause, and of the cause of that, which stay what they are."""
    error = raised(KeyError("a"), OSError("b"), ValueError("c"))
    assert functions(error) == ["raised"]
    assert without_frames(error) is error
    cause = error.__cause__
    assert isinstance(cause, OSError)
    assert isinstance(cause.__cause__, ValueError)
    assert [functions(each) for each in (error, cause, cause.__cause__)] == [[], [], []]


def test_no_error_of_a_chain_keeps_the_request_that_it_was_raised_of() -> None:
    """Those of botocore do, with session token, signature and body, and pickle writes it."""
    closed = ConnectionClosedError(request={"Authorization": "hush"}, endpoint_url="http://a")
    error = without_frames(raised(OSError("a"), closed))
    assert vars(error).keys() <= {"__notes__"}
    assert closed.request is None
    assert b"hush" not in pickle.dumps(closed)
    assert str(closed).endswith('"http://a".')


def test_where_it_was_raised_is_noted() -> None:
    """Once, however often an error is raised there."""
    error = raised(KeyError("a"))
    line = getattr(error.__traceback__, "tb_lineno", 0)
    for _ in range(2):
        without_frames(raised(error))
    assert error.__notes__ == [f"raised in tests.test_tracebacks, line {line}"]


def test_a_context_that_is_not_shown_is_left_out() -> None:
    """`raise ... from None` hides it from readers; whoever walks the chain finds it."""
    error = raised(KeyError("a"))
    error.__context__, error.__suppress_context__ = OSError("the session token"), True
    assert without_frames(error).__context__ is None


def test_a_chain_may_lead_back_to_its_beginning() -> None:
    """Each error of it is met once."""
    first, second = raised(KeyError("a")), raised(OSError("b"))
    first.__cause__, second.__cause__ = second, first
    assert functions(without_frames(first)) == functions(second) == []


def test_frames_of_others_stay() -> None:
    """A function of the caller's may have raised the error; what lies in between is ours."""
    space: dict[str, Any] = {"__name__": "dynrepo.operations.editing"}
    exec("def ours(call): call()", space)  # noqa: S102 - a frame of a module of the library

    def theirs() -> None:
        raise KeyError("a")

    with pytest.raises(KeyError) as caught:
        space["ours"](theirs)
    assert functions(caught.value)[-2:] == ["ours", "theirs"]
    assert functions(without_own_frames(caught.value))[-1:] == ["theirs"]
    assert "ours" not in functions(caught.value)


class Note(BaseModel):
    """An item with a key of two parts, a version, and what cannot be stored."""

    author: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()] = 1
    text: str = ""
    weight: float = 0.0
    version: Annotated[int, Version()] = 0


class Notes(Repository[Note]):
    """Notes in memory."""

    table = "notes"


KEY = "lampukka"
LONG = KEY * 60_000
TOO_LONG, NO_NUMBER = Note(author=KEY, text=LONG), Note(author=KEY, weight=math.inf)


def batched(notes: Notes, item: Note) -> None:
    """Sets an item in a batch."""
    with notes.batch() as batch:
        batch.set(item)


def transacted(notes: Notes, write: Callable[[Transaction], object]) -> None:
    """Writes in a transaction."""
    with notes.transaction() as transaction:
        write(transaction)


def changed(text: str) -> Callable[[Note], Note]:
    """A change of an edit."""
    return lambda note: Note(**{**dict(note), "text": text})


REFUSALS: dict[str, Callable[[Notes], object]] = {
    "set": lambda notes: notes.set(TOO_LONG),
    "set of no number": lambda notes: notes.set(NO_NUMBER),
    "create": lambda notes: notes.create(TOO_LONG),
    "save": lambda notes: notes.save(TOO_LONG),
    "set_many": lambda notes: notes.set_many([TOO_LONG, NO_NUMBER]),
    "batch": lambda notes: batched(notes, TOO_LONG),
    "batch of no number": lambda notes: batched(notes, NO_NUMBER),
    "transaction": lambda notes: transacted(notes, lambda t: t.set(notes, TOO_LONG)),
    "edit": lambda notes: notes.edit((KEY, 1), changed(LONG)),
    "update": lambda notes: notes.update((KEY, 1), path(notes.stored.text).set(LONG)),
    "update of no number": lambda notes: notes.update(
        (KEY, 1), path(notes.stored.weight).set(math.inf)
    ),
    "update of no key": lambda notes: notes.update((LONG, 1), path(notes.stored.text).set("a")),
    "get": lambda notes: notes.get((LONG, 1)),
    "get of half a key": lambda notes: notes.get((KEY, "a")),
    "get_many": lambda notes: notes.get_many([(LONG, 1)]),
    "delete": lambda notes: notes.delete((LONG, 1)),
    "query": lambda notes: notes.query(path(notes.stored.author) == LONG).all(),
    "cursor": lambda notes: notes.query(path(notes.stored.author) == KEY).page(1, "forged"),
}
"""What is refused before it is sent."""


@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS)
def test_what_is_refused_before_it_is_sent_shows_nothing_as_it_is_stored(
    refusal: Callable[[Notes], object],
) -> None:
    """Frames hold what the caller gave, and nothing that was made of it."""
    notes = Notes(MemoryStore(Notes))
    notes.set(Note(author=KEY))
    with pytest.raises(DynrepoError) as caught:
        refusal(notes)
    assert leaks(caught.value, "no text of a key") == []
