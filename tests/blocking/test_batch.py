"""A block whose writes are sent by 25, and the rest at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import pytest
from pydantic import BaseModel

from dynrepo import Batch, PartitionKey, Repository, SortKey, StoreError, Unprocessed, Version
from dynrepo.operations.batches import ROUNDS
from dynrepo.testing.faults import refusal, unprocessed

if TYPE_CHECKING:
    from dynrepo import DynamoStore
    from dynrepo.testing import MemoryStore


class Row(BaseModel):
    """A row of a group."""

    group: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    text: str = ""
    version: Annotated[int, Version()] = 0


class Rows(Repository[Row]):
    """Rows."""

    table = "rows"


@pytest.fixture
def rows(moto: DynamoStore) -> Rows:
    """An empty table."""
    repository = Rows(moto)
    repository.create_table()
    return repository


def some(count: int) -> list[Row]:
    """Rows by number."""
    return [Row(group="g", number=number, text=str(number)) for number in range(count)]


def fill(block: Batch[Row]) -> None:
    """Sets 27 rows, and raises."""
    for row in some(27):
        block.set(row)
    raise RuntimeError("enough")


def test_a_batch_block_sends_by_25_and_the_rest_at_the_end(rows: Rows) -> None:
    """The last write on a key wins in it, too."""
    with rows.batch() as block:
        for row in some(27):
            block.set(row)
        assert rows.scan().count() == 25
        block.delete(("g", 0))
        block.delete(("g", 26))
    assert sorted(row.number for row in rows.scan()) == [*range(1, 26)]


def test_a_batch_block_that_raises_sends_nothing_more(rows: Rows) -> None:
    """What went before stays."""
    block = rows.batch()
    with pytest.raises(RuntimeError, match="enough"), block:
        fill(block)
    assert rows.scan().count() == 25


def test_a_batch_block_waits_as_its_store_does(memory: MemoryStore) -> None:
    """Between the rounds in which something is left; what is left in the end is named."""
    rows, waited = Rows(memory), list[float]()
    rows.create_table()
    memory.sleep = waited.append  # type: ignore[method-assign]
    memory.inject(unprocessed(1), on="BatchWriteItem", times=None)
    block = rows.batch()
    for row in some(3):
        block.set(row)
    with pytest.raises(Unprocessed) as caught, block:
        pass
    assert [row.number for row in caught.value.items] == [2]
    assert len(waited) == ROUNDS - 1


def test_a_batch_block_tells_that_its_rest_could_not_be_sent(memory: MemoryStore) -> None:
    """The error comes out of the block, and nothing is written."""
    rows = Rows(memory)
    rows.create_table()
    with (
        memory.inject(refusal("ValidationException"), on="BatchWriteItem"),
        pytest.raises(StoreError, match="ValidationException"),
        rows.batch() as block,
    ):
        block.set(some(1)[0])
    assert rows.scan().count() == 0
