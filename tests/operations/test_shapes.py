"""Reprs are of shapes: they name models, tables, fields and counts, and no value."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import (
    Change,
    CodecError,
    ConditionFailed,
    Page,
    PartitionKey,
    Repository,
    SortKey,
    Unprocessed,
    WrittenUnreadable,
)
from dynrepo.operations import writes
from dynrepo.operations.batches import put
from dynrepo.operations.operation import Answer, Refusal
from dynrepo.operations.pages import QueryAnswer
from dynrepo.sending.failure import Failure
from dynrepo.sending.outcomes import Refused
from dynrepo.testing.memory import MemoryStore

VALUE = "kirsikka"
STORED = {"S": VALUE}


class Tree(BaseModel, frozen=True):
    """Something with a key, a map and a list."""

    park: Annotated[str, PartitionKey()]
    row: Annotated[str, SortKey()]
    name: str = ""
    age: int = 0
    labels: dict[str, str] = {}
    tags: frozenset[str] = frozenset()


class Trees(Repository[Tree]):
    """The trees."""

    table = "trees"


TREES = Trees(MemoryStore())
F: Any = Trees.fields
KEY = (VALUE, VALUE)
TREE = Tree(park=VALUE, row=VALUE, name=VALUE, tags=frozenset({VALUE}))

EXPRESSIONS: dict[str, Any] = {
    "name = <S>": F.name == VALUE,
    "name BETWEEN <S> AND <S>": F.name.between(VALUE, VALUE),
    "name IN (<S>, <S>)": F.name.is_in(VALUE, VALUE),
    "begins_with (name, <S>)": F.name.startswith(VALUE),
    "contains (tags, <S>)": F.tags.contains(VALUE),
    "(NOT name = <S>)": ~(F.name == VALUE),
    "labels[...] = <S>": F.labels[VALUE] == VALUE,
    "(name = <S> AND attribute_exists (age))": (F.name == VALUE) & F.age.exists(),
    "age + <N>": F.age + 1,
    "labels[...] = if_not_exists (labels[...], <S>)": F.labels[VALUE].set(
        F.labels[VALUE].if_not_exists(VALUE)
    ),
    "tags <SS>": F.tags.add({VALUE}),
}


@pytest.mark.parametrize("shape", EXPRESSIONS)
def test_an_expression_shows_fields_operators_and_types(shape: str) -> None:
    """The key of a map is data, as values are."""
    assert repr(EXPRESSIONS[shape]) == shape


QUERY = TREES.query((F.park == VALUE) & (F.row > VALUE), where=F.labels[VALUE] == VALUE)
PUT = writes.put_item(TREES.mapper, TREE)
WAITING = TREES.transaction()
WAITING._begun = True  # as in its block
WAITING.set(TREES, TREE)
FILLED = TREES.batch()
FILLED._begun = True
FILLED.set(TREE)
IMAGE: Any = {"park": STORED, "row": STORED}
ERROR = {"Error": {"Code": "Busy", "Message": VALUE}, "Item": IMAGE}
SHAPES: dict[str, Any] = {
    "Query(Tree, trees, (row, park), where=(labels[...]))": QUERY,
    "Scan(Tree, trees, where=(name))": TREES.scan(where=F.name == VALUE),
    "Operation('GetItem', 'trees': TableName, Key(park, row), ConsistentRead)": TREES.lookup(KEY),
    "Operation('PutItem', 'trees': TableName, Item(park, row, name, age, labels, tags))": PUT,
    "Answer(Item, 1 instances)": Answer({"Item": IMAGE}, items=[TREE]),
    "Page(1 items of 5 read, not the last)": Page([TREE], VALUE, 5),
    "Change(MODIFY, park, row, new: Tree, expired)": Change(
        "MODIFY", IMAGE, None, TREE, expired=True
    ),
    "Transaction(1 writes, trees)": WAITING,
    "Batch(trees, 1 to be sent)": FILLED,
    "Failure('Busy', StoreError, in_doubt=False)": Failure.from_response(ERROR),
    "<Write>": put(TREES.mapper, TREE),
    "<Refusal>": Refusal("Busy", None, 1, IMAGE),
    "<QueryAnswer>": QueryAnswer([TREE], IMAGE, 1, 1),
    "Refused('Busy')": Refused(ERROR),
    "Unprocessed('left: 1')": Unprocessed("left: 1", items=[TREE], keys=[KEY]),
    "CodecError('Tree.age')": CodecError("Tree.age", key=IMAGE),
    "WrittenUnreadable('Tree.age')": WrittenUnreadable("Tree.age", key=IMAGE, item=IMAGE),
    "ConditionFailed('trees')": ConditionFailed("trees", item=TREE),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_holds_values_shows_its_shape(shape: str) -> None:
    """Names and counts, for developers and for instruments that log what they are given."""
    assert repr(SHAPES[shape]).replace("Async", "") == shape
    assert VALUE not in repr(SHAPES[shape])


def test_what_is_bound_to_a_query_shows_no_more() -> None:
    """The functions that read its answer, for one."""
    operation = QUERY.operation(IMAGE, 3)
    assert VALUE not in repr((operation, operation.read, operation.steps, operation.accepts))
