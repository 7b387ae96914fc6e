"""What verbs return can be copied, pickled and taken apart, as any value."""

from __future__ import annotations

import pickle
from copy import copy, deepcopy
from dataclasses import asdict, fields, is_dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    Container,
    Cost,
    DynrepoError,
    InvalidCursor,
    Key,
    Location,
    PartitionKey,
    Repository,
    Settings,
    SharedTable,
    Timeout,
    Unprocessed,
    usage,
)
from dynrepo.aws.connection import GivenSender
from dynrepo.testing import MemoryStore


class Note(BaseModel):
    """A note with a name of its own."""

    note_id: Annotated[str, PartitionKey()]
    name: str = ""
    visits: int = 0


class Desk(SharedTable):
    """A table."""

    table = "desk"
    key = Key("pk", "sk")


class Notes(Repository[Note]):
    """In that table."""

    place = Desk.place("NOTE#{note_id}", "NOTE")
    unique = ("name",)


def results() -> dict[str, Any]:
    """One of each, as the verbs return them."""
    memory = MemoryStore(Notes)
    notes = Notes(memory, instruments=())
    with usage() as used:
        notes.create(Note(note_id="1", name="a"))
        notes.create(Note(note_id="2", name="b"))
    row = next(item for item in memory.items("desk") if "note_id" in item)
    image = {"Keys": {"pk": row["pk"], "sk": row["sk"]}, "NewImage": row}
    change = {"eventName": "INSERT", "dynamodb": image}
    return {
        "Health": notes.health_check(),
        "Health of all": Container(Notes, store=memory, instruments=()).health_check(),
        "Page": notes.scan().page(1),
        "Sample": notes.verify_table(sample="all").sample,
        "Difference": notes.verify_table(sample=1),
        "Rekeyed": notes.rekey(),
        "Claims": notes.claim_unique(),
        "Explanation": notes.scan(where=Notes.fields.name == "a").explain(),
        "Change": notes.decode_change(change),
        "Cost": used.total,
        "parts of a Usage": used.parts,
        "Location": Location("eu-west-1"),
        "SenderUsed": GivenSender.used,
        "Settings": Settings(slow=2.0),
    }


RESULTS = results()


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_a_value(name: str) -> None:
    """Equal to its copies, as they are made by copy and by pickle; dataclasses give their parts."""
    found = RESULTS[name]
    for copied in (copy(found), deepcopy(found), pickle.loads(pickle.dumps(found))):  # noqa: S301
        assert type(copied) is type(found)
        assert copied == found
        assert str(copied) == str(found)
    if is_dataclass(found) and not isinstance(found, type):
        assert asdict(found).keys() == {field.name for field in fields(found)}


def test_a_usage_is_copied_with_what_it_has_counted() -> None:
    """The copy counts on its own."""
    notes = Notes(MemoryStore(Notes), instruments=())
    with usage() as used:
        notes.get("1")
        copies = copy(used), deepcopy(used), pickle.loads(pickle.dumps(used))  # noqa: S301
        notes.get("1")
    assert used.total.calls == 2
    for copied in copies:
        assert copied.total.calls == 1
        copied.add(("desk", "GetItem"), Cost(calls=1))
        assert copied.total.calls == 2
    assert used.total.calls == 2


@pytest.mark.parametrize(
    "error",
    [
        Unprocessed("a part", items=[Note(note_id="1")], keys=["2"]),
        InvalidCursor("no"),
        Timeout("late", code="Timeout", retryable=True),
    ],
)
def test_an_error_is_copied_with_all_it_has(error: DynrepoError) -> None:
    """It goes from a worker process to the one that waits for it."""
    for copied in (copy(error), deepcopy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
        assert type(copied) is type(error)
        assert (str(copied), vars(copied)) == (str(error), vars(error))
