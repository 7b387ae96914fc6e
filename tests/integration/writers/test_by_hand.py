"""A table that a program with boto3 shares between its kinds of items, and dynrepo on it.

Its keys are f-strings, and what they are made of is in them alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from pydantic import BaseModel

from dynrepo import Index, ItemExists, Key, Repository, SharedTable
from tests.integration.writers import emptied, in_key_order, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dynrepo import DynamoStore

pytestmark = pytest.mark.engine


class Table(SharedTable):
    """No mark: the texts tell the kinds apart."""

    table = f"hand-{uuid4().hex[:8]}"
    key = Key("PK", "SK")
    inverted = Index("SK", "PK", name="inverted-index")


class User(BaseModel):
    """A number names it."""

    user_id: int
    name: str


class Membership(BaseModel):
    """Of a user in a group, found from both sides; all of it is its key."""

    user_id: int
    group: str


class Users(Repository[User]):
    """Without an attribute for the number."""

    place = Table.place("USER#{user_id}", "USER#{user_id}", stored=False)


class Memberships(Repository[Membership]):
    """In the partition of the user, and the other way round in the index."""

    place = Table.place(
        "USER#{user_id}",
        "GROUP#{group}",
        stored=False,
        by_group=Table.inverted("GROUP#{group}", "USER#{user_id}"),
    )


ROWS = [
    {"PK": {"S": "USER#42"}, "SK": {"S": "GROUP#admins"}},
    {"PK": {"S": "USER#42"}, "SK": {"S": "USER#42"}, "name": {"S": "Ada"}},
    {"PK": {"S": "USER#7"}, "SK": {"S": "GROUP#admins"}},
]
ADA = User(user_id=42, name="Ada")
OF_ADA, OF_BOB = [Membership(user_id=number, group="admins") for number in (42, 7)]


@pytest.fixture(scope="module")
def made(plain_store: DynamoStore, client: Any) -> Iterator[DynamoStore]:
    """The table."""
    Users(plain_store).create_table()
    yield plain_store
    client.delete_table(TableName=Table.table)


@pytest.fixture
def store(made: DynamoStore, client: Any) -> Iterator[DynamoStore]:
    """The table with the rows of the other program."""
    for row in ROWS:
        client.put_item(TableName=Table.table, Item=row)
    yield made
    emptied(client, Table.table)


def test_what_is_in_the_key_alone_is_read_from_it(store: DynamoStore) -> None:
    """By get, query of the table and of the index, and scan."""
    users, memberships = Users(store), Memberships(store)
    m = memberships.fields

    assert users.get(42) == ADA
    assert memberships.query(m.user_id == 42).all() == [OF_ADA]
    of_admins = memberships.query(m.group == "admins", index="by_group")
    assert of_admins.all() == [OF_ADA, OF_BOB]
    assert users.scan().all() == [ADA]
    assert memberships.scan().count() == 2


def test_rows_are_written_as_the_other_program_writes_them(store: DynamoStore, client: Any) -> None:
    """Whether they are new, or saved as they were read."""
    users, memberships = Users(store), Memberships(store)
    for kind in (users, memberships):
        repository: Repository[Any] = kind
        for instance in repository.scan():
            repository.save(instance)
    assert in_key_order(stored(client, Table.table)) == ROWS

    with pytest.raises(ItemExists):
        users.create(ADA)
    users.delete(42)
    memberships.delete_many([OF_ADA, OF_BOB])
    assert stored(client, Table.table) == []
    users.create(ADA)
    memberships.set_many([OF_ADA, OF_BOB])
    assert in_key_order(stored(client, Table.table)) == ROWS


def test_a_field_beside_the_key_is_changed(store: DynamoStore, client: Any) -> None:
    """And no attribute of the key is added."""
    users = Users(store)
    changed = users.update(42, users.fields.name.set("Ann"))
    assert changed == User(user_id=42, name="Ann")
    row = client.get_item(TableName=Table.table, Key={"PK": ROWS[1]["PK"], "SK": ROWS[1]["SK"]})
    assert row["Item"] == ROWS[1] | {"name": {"S": "Ann"}}
