"""The tables of a store, and what requests to them cost."""

from __future__ import annotations

import pytest

from dynrepo.sending.outcomes import Refused
from dynrepo.testing.database import Database, capacity, read_units, tree, write_units
from dynrepo.testing.tables import MemoryTable
from tests.testing.rows import operation
from tests.testing.test_tables import DEFINITION


def test_a_table_is_there_or_refused() -> None:
    """One that is being made or removed is not there."""
    database = Database(lambda: 0.0, {"things": MemoryTable(DEFINITION)})
    assert database.table("things").name == "things"
    database.tables["things"].status = "CREATING"
    for name in ("things", "other"):
        with pytest.raises(Refused) as caught:
            database.table(name)
        assert caught.value.response["Error"]["Code"] == "ResourceNotFoundException"


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
def test_units_are_counted_as_started() -> None:
    """One at the least; 1 KB a unit written, 4 KB read, half as much unless consistent."""
    assert [write_units(size) for size in (0, 1024, 1025)] == [1.0, 1.0, 2.0]
    assert [read_units(size, consistent=True) for size in (0, 4096, 4097)] == [1.0, 1.0, 2.0]
    assert read_units(4097, consistent=False) == 1.0
    assert capacity("t", 1.5) == {"TableName": "t", "CapacityUnits": 1.5}


def test_an_expression_comes_as_a_tree() -> None:
    """None where there is none; its text alone is not understood."""
    assert tree(operation("Scan", {"FilterExpression": ()}), "FilterExpression") == ()
    assert tree(operation("Scan"), "FilterExpression") is None
    with pytest.raises(TypeError, match="the text of a FilterExpression"):
        tree(operation("Scan", FilterExpression="a = b"), "FilterExpression")
