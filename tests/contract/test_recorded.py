"""MemoryStore answers as DynamoDB was seen to answer, whatever an engine beside it does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from programs import run
from recorded import RECORDED

from dynrepo.testing.memory import MemoryStore

if TYPE_CHECKING:
    from dynrepo import DynamoStore


def answers(store: Any, name: str) -> list[Any]:
    """What a store answers to the steps of a program, in the words of `Recorded`."""
    steps = RECORDED[name].steps
    return [word_for(outcome) for outcome in run(store, steps)[: len(steps)]]


def word_for(outcome: Any) -> Any:
    """An outcome in one word, or as the number of items that were found."""
    match outcome:
        case ("canceled", _) | ("refused", "TransactionCanceledException"):
            return "canceled"
        case ("refused", "ConditionalCheckFailedException"):
            return "failed"
        case ("refused", _):
            return "refused"
    return outcome.get("Count", "done")


@pytest.mark.parametrize("name", RECORDED)
def test_memory_answers_as_dynamodb_does(name: str) -> None:
    """Step by step; the program names where the answers are written."""
    assert answers(MemoryStore(), name) == RECORDED[name].answers, RECORDED[name].source


@pytest.mark.engine
@pytest.mark.parametrize("name", RECORDED)
def test_ministack_answers_so_or_is_known_not_to(ministack: DynamoStore, name: str) -> None:
    """When it is mended, the word about it goes."""
    recorded = RECORDED[name]
    assert (answers(ministack, name) != recorded.answers) is bool(recorded.ministack)
