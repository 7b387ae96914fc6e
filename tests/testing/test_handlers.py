"""What a store in memory answers."""

from __future__ import annotations

import pytest

from dynrepo import StoreError
from dynrepo.instrumentation.pace import CHARGED
from dynrepo.testing.database import Database
from dynrepo.testing.handlers import HANDLERS
from dynrepo.testing.memory import MemoryStore
from dynrepo.testing.tables import MemoryTable
from tests.testing.rows import operation
from tests.testing.test_tables import DEFINITION


def test_every_operation_that_consumes_capacity_is_answered() -> None:
    """By a function of its own, or by one that does the same to the table."""
    assert set(HANDLERS) >= CHARGED


def test_a_handler_is_given_the_tables_and_the_request() -> None:
    """And returns the body of the answer."""
    database = Database(lambda: 0.0, {"things": MemoryTable(DEFINITION)})
    assert HANDLERS["ListTables"](database, operation("ListTables")) == {"TableNames": ["things"]}


def test_any_other_operation_is_refused() -> None:
    """As DynamoDB refuses one that it does not know."""
    with pytest.raises(StoreError) as raised:
        MemoryStore().execute(operation("DescribeLimits"))
    assert raised.value.code == "UnknownOperationException"
