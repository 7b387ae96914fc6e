"""The contract, kept by every repository of the example domain on every store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from dynrepo import AsyncDynamoStore
from dynrepo.testing.contract import RepositoryContract
from dynrepo.testing.memory import MemoryStore
from models.document import Document, Documents
from models.order import AsyncOrders, Line, Order, Orders
from models.user import AsyncUsers, User, Users
from tests.facade import without_facade

if TYPE_CHECKING:
    from dynrepo import AsyncStore, Store

DAY = datetime(2026, 2, 3, tzinfo=UTC)


class EveryStore(RepositoryContract):
    """The contract over memory, moto and MiniStack."""

    @pytest.fixture
    def store(self, stores: Store) -> Store:
        """Each of them in turn."""
        return stores


class TestUsers(EveryStore):
    """A frozen model, a UUID key, an index, a set."""

    repository = Users

    def make_item(self, number: int) -> User:
        """Somebody."""
        return User(
            user_id=UUID(int=number),
            email=f"user{number}@example.org",
            name=f"Somebody {number}",
            tags=frozenset({"early adopter", "generous"}),
            joined=DAY,
        )


class TestOrders(EveryStore):
    """A composite key, money, nested lines, a version, an end of life."""

    repository = Orders

    def make_item(self, number: int) -> Order:
        """An order of one of three people."""
        return Order(
            user_id=UUID(int=number % 3),
            number=number,
            placed=DAY + timedelta(hours=number),
            lines=[Line(sku="ENGINE-1", quantity=2, price=Decimal("19.99"))],
            total=Decimal("39.98"),
            expires=DAY + timedelta(days=3650),
        )


class TestDocuments(EveryStore):
    """Any attribute map."""

    repository = Documents

    def make_item(self, number: int) -> Document:
        """A document with attributes of every kind."""
        return Document(
            name=f"document {number}",
            size=Decimal("1.5"),
            parts=[1, "two", {"three": b"3"}],
            flags={"a", "b"},
            nothing=None,
        )


class EveryAsyncStore(RepositoryContract):
    """The contract of asynchronous repositories, over the same."""

    @pytest.fixture
    def store(self, stores: Store) -> AsyncStore:
        """Each of them in turn, with the tables of the blocking one."""
        if isinstance(stores, MemoryStore):
            return stores
        place = stores.location
        return AsyncDynamoStore(
            endpoint=place.endpoint if stores.table_prefix else None,
            region=place.region,
            table_prefix=stores.table_prefix,
        )


@without_facade("it is of the asynchronous face as it is")
class TestAsyncUsers(EveryAsyncStore, TestUsers):
    """The same people, awaited."""

    repository = AsyncUsers


@without_facade("it is of the asynchronous face as it is")
class TestAsyncOrders(EveryAsyncStore, TestOrders):
    """The same orders, awaited."""

    repository = AsyncOrders
