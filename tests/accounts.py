"""Accounts and a journal, for tests of transactions."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel

from dynrepo import PartitionKey, Repository, Version

if TYPE_CHECKING:
    from dynrepo import Store


class Account(BaseModel):
    """An account with a version."""

    name: Annotated[str, PartitionKey()]
    balance: Decimal = Decimal(0)
    version: Annotated[int, Version()] = 0


class Entry(BaseModel):
    """A line of a journal."""

    entry_id: Annotated[str, PartitionKey()]
    text: str = ""


class Accounts(Repository[Account]):
    """Accounts."""

    table = "accounts"


class Journal(Repository[Entry]):
    """The journal."""

    table = "journal"


f = Accounts.fields


def opened(store: Store) -> Accounts:
    """An account with 10."""
    repository = Accounts(store)
    repository.create_table()
    repository.create(Account(name="a", balance=Decimal(10)))
    return repository


def empty_journal(store: Store) -> Journal:
    """An empty journal."""
    repository = Journal(store)
    repository.create_table()
    return repository
