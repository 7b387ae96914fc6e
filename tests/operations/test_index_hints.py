"""What a query asks of a key, and the index that it means."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from dynrepo import CodecError, PartitionKey, Repository, SortKey
from dynrepo.testing import MemoryStore
from tests import shop


class Order(BaseModel):
    """A model with an index."""

    user: Annotated[str, PartitionKey()]
    number: Annotated[int, SortKey()]
    status: Annotated[str, PartitionKey(index="by_status")] = "open"


class Orders(Repository[Order]):
    """A table of it."""

    table = "orders"


f: Any = Orders.fields


def refused(**options: Any) -> str:
    """The words of a query that cannot be made."""
    with pytest.raises(ValueError, match="a query takes") as caught:
        Orders(MemoryStore()).query(**options)
    return str(caught.value)


def test_a_forgotten_index_is_named() -> None:
    """As it is written."""
    assert refused(condition=f.status == "open").endswith('write index="by_status"')


def test_an_index_too_many_is_named() -> None:
    """Where the table can be asked."""
    assert refused(condition=f.user == "u", index="by_status").endswith("leave index= out")


def test_no_index_is_named_where_none_can_be_asked() -> None:
    """Nor for a value that no key can hold."""
    assert "index" not in refused(condition=f.number == 3)
    with pytest.raises(CodecError, match="a key cannot be empty"):
        Orders(MemoryStore()).query(f.user == "")


def test_an_index_of_a_shared_table_is_named() -> None:
    """By its name in the repository."""
    customers = shop.Customers(MemoryStore())
    with pytest.raises(ValueError, match=r'write index="by_mail"$'):
        customers.query(customers.fields.email == "a@b.c")
