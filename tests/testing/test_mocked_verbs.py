"""What the verbs of a mock return, and return by default."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dynrepo
from dynrepo import (
    ConditionFailed,
    DynrepoError,
    Health,
    ItemExists,
    ItemNotFound,
    OutcomeUnknown,
    Repository,
    SettingsError,
    StoreError,
    Throttled,
    Unprocessed,
    VersionConflict,
    WrittenUnreadable,
)
from dynrepo.operations.tables import Difference
from dynrepo.testing.mocked_verbs import NOT_MOCKED, VERBS
from models.document import Document, Documents

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEM = Document(name="a")
RETURNS: dict[str, tuple[list[Any], list[Any]]] = {
    "get": ([ITEM, None], [1]),
    "require": ([ITEM], [None]),
    "exists": ([True], [None, 1]),
    "get_many": ([[ITEM, None], []], [[1], (ITEM,), None]),
    "query": ([[ITEM], ()], [[None], 1]),
    "set_many": ([None], [[]]),
    "get_together": ([(1, 2)], [[1]]),
    "health_check": ([Health("UP")], ["UP"]),  # type: ignore[arg-type]
    "ensure_table": ([Difference("documents")], [None]),
}


@pytest.mark.parametrize("verb", RETURNS)
def test_a_verb_can_return_some_values(verb: str) -> None:
    """And no others."""
    right, wrong = RETURNS[verb]
    assert all(VERBS[verb].fits(Document, value) for value in right)
    assert not any(VERBS[verb].fits(Document, value) for value in wrong)


@pytest.mark.parametrize("verb", [name for name in VERBS if VERBS[name].default])
def test_a_default_is_what_the_verb_can_return(verb: str) -> None:
    """For the same arguments."""
    default = VERBS[verb].default
    assert default is not None
    parameters = inspect.signature(getattr(Repository, verb)).parameters.values()
    needed = [each for each in parameters if each.default is each.empty and each.name != "self"]
    positional = [each for each in needed if each.kind is each.POSITIONAL_OR_KEYWORD]
    arguments: list[Any] = [[ITEM] if "s" in each.name[-1] else ITEM for each in positional]
    value = default(Documents.__new__(Documents), *arguments)
    assert VERBS[verb].fits(Document, value)


def test_every_verb_is_one_of_a_repository() -> None:
    """Those that are mocked and those that are not."""
    assert all(callable(getattr(Repository, verb)) for verb in (*VERBS, *NOT_MOCKED))


REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
PAGES = ("reads.md", "queries.md", "writes.md", "batches.md")


def documented() -> dict[str, set[type[DynrepoError]]]:
    """The errors of this library that the reference names in the row `raises` of each verb."""
    found: dict[str, set[type[DynrepoError]]] = {}
    for page in PAGES:
        for section in re.split(r"^## ", (REFERENCE / page).read_text(), flags=re.MULTILINE)[1:]:
            row = re.search(r"^\| raises \| (.*) \|$", section, re.MULTILINE)
            for verb in section.partition("\n")[0].split(", "):
                if row is not None and verb in VERBS:
                    found[verb] = set(errors_in(row[1]))
    return found


def errors_in(text: str) -> Iterator[type[DynrepoError]]:
    """The errors of this library that a text names."""
    for name in re.findall(r"`(\w+)`", text):
        error = getattr(dynrepo, name, None)
        if isinstance(error, type) and issubclass(error, DynrepoError):
            yield error


def test_a_verb_raises_what_the_reference_says() -> None:
    """And an error of the store; a write, that its outcome is unknown."""
    errors = documented()
    assert {"get", "create", "set", "save", "update", "delete", "query", "set_many"} <= set(errors)
    for verb, named in errors.items():
        assert [error for error in named if not VERBS[verb].can_raise(error)] == [], verb
        assert VERBS[verb].can_raise(Throttled), verb


NEVER: list[tuple[str, type[DynrepoError]]] = [
    ("get", ItemNotFound),
    ("get", OutcomeUnknown),
    ("get", WrittenUnreadable),
    ("require", ItemExists),
    ("create", VersionConflict),
    ("create", ConditionFailed),
    ("set", ItemExists),
    ("save", ItemNotFound),
    ("delete", ItemNotFound),
    ("delete", ItemExists),
    ("set_many", VersionConflict),
    ("query", Unprocessed),
    ("scan", OutcomeUnknown),
    ("health_check", StoreError),
    ("drop_table", ItemNotFound),
    ("update", DynrepoError),
    ("get", SettingsError),
]


@pytest.mark.parametrize(("verb", "error"), NEVER)
def test_a_verb_never_raises_what_is_of_others(verb: str, error: type[DynrepoError]) -> None:
    """Nor what is the base of all."""
    assert not VERBS[verb].can_raise(error)


def test_a_verb_raises_what_is_derived_from_its_errors() -> None:
    """By a user, or in the library."""

    class Taken(ItemExists):
        pass

    assert VERBS["create"].can_raise(Taken)
    assert VERBS["update"].can_raise(ConditionFailed)
    assert VERBS["delete"].can_raise(VersionConflict)
    assert VERBS["save"].can_raise(WrittenUnreadable)
