"""What the verbs of a mock return, and return by default."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from dynrepo import Health, Repository
from dynrepo.operations.tables import Difference
from dynrepo.testing.mocked_verbs import NOT_MOCKED, VERBS
from models.document import Document, Documents

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
