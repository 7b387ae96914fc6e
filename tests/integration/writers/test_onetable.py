"""OneTable and dynrepo on one table: each reads and changes what the other has written.

Its model is in node/onetable.mjs.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import (
    Attribute,
    CreatedAt,
    Index,
    ItemExists,
    Key,
    Repository,
    SharedTable,
    UpdatedAt,
    encodings,
)
from tests.integration.writers import emptied, stored
from tests.integration.writers.node import JavaScriptError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dynrepo import DynamoStore
    from tests.integration.writers.node import Libraries

pytestmark = pytest.mark.engine

NOON = datetime(2026, 1, 2, 12, 0, 0, 250_000, tzinfo=UTC)


class OneTable(SharedTable):
    """The table."""

    table = "onetable"
    key = Key("pk", "sk")
    gsi1 = Index("gsi1pk", "gsi1sk")
    mark = "_type"


class User(BaseModel):
    """With `isoDates` and `timestamps`."""

    user_id: Annotated[str, Attribute("userId")]
    email: str
    score: int | None = None
    tags: frozenset[str] | None = None
    born: Annotated[AwareDatetime | None, encodings.ISO_MILLISECONDS] = None
    created: Annotated[AwareDatetime | None, encodings.ISO_MILLISECONDS, CreatedAt()] = None
    updated: Annotated[AwareDatetime | None, encodings.ISO_MILLISECONDS, UpdatedAt()] = None


class Users(Repository[User]):
    """The model's templates, with the braces of Python's."""

    place = OneTable.place(
        "user#{user_id}",
        "user#",
        entity="User",
        by_email=OneTable.gsi1("mail#{email}", "user#"),
    )


ADA = User(user_id="Ada", email="Ada@Example.org", score=3, tags=frozenset({"a", "b"}), born=NOON)
THEIR_ADA = {
    "userId": "Ada",
    "email": "Ada@Example.org",
    "score": 3,
    "tags": ["a", "b"],
    "born": "2026-01-02T12:00:00.250Z",
}
CREATE_ADA = "users.create({ ...given, tags: new Set(given.tags), born: new Date(given.born) })"
TIMES = ("created", "updated")


class Both:
    """The repository, and the model of OneTable's."""

    def __init__(self, store: DynamoStore, client: Any, evaluate: Callable[..., Any]) -> None:
        self.users = Users(store)
        self.table = self.users.mapper.table
        self.client = client
        self.theirs = evaluate

    def row(self) -> dict[str, Any]:
        """The only one that is stored."""
        (row,) = stored(self.client, self.table)
        return row


@pytest.fixture(scope="module")
def table(
    shared_store: DynamoStore, client: Any, libraries_of_javascript: Libraries
) -> Iterator[Both]:
    """The table, made by the repository."""
    both = Both(shared_store, client, libraries_of_javascript["onetable"])
    both.users.create_table()
    yield both
    client.delete_table(TableName=both.table)


@pytest.fixture
def both(table: Both) -> Iterator[Both]:
    """A table without rows."""
    yield table
    emptied(table.client, table.table)


def untimed(values: dict[str, Any]) -> dict[str, Any]:
    """A row, or an item of theirs, without its times."""
    return {name: values[name] for name in values if name not in TIMES}


def test_what_onetable_writes_is_read_and_stays_as_it_was(both: Both) -> None:
    """By get, query of the index and scan; a save changes the time of the write only."""
    both.theirs(CREATE_ADA, THEIR_ADA)
    before = both.row()
    u = both.users.fields

    ada = both.users.require("Ada")
    assert ada.model_copy(update=dict.fromkeys(TIMES)) == ADA
    assert ada.created == ada.updated
    assert both.users.query(u.email == ada.email, index="by_email").all() == [ada]
    assert both.users.scan().all() == [ada]
    both.users.save(ada)
    after = both.row()
    assert untimed(after) == untimed(before)
    assert after["created"] == before["created"]


def test_what_dynrepo_writes_is_read_by_onetable(both: Both) -> None:
    """And is the row that it would have written itself."""
    both.users.create(ADA)
    row = both.row()
    assert untimed(both.theirs("users.get({ userId: 'Ada' })")) == THEIR_ADA
    found = both.theirs("users.find({ email: 'Ada@Example.org' }, { index: 'gsi1' })")
    assert [untimed(user) for user in found] == [THEIR_ADA]
    assert [untimed(user) for user in both.theirs("users.scan()")] == [THEIR_ADA]
    with pytest.raises(JavaScriptError, match="Conditional create failed"):
        both.theirs(CREATE_ADA, THEIR_ADA)

    emptied(both.client, both.table)
    both.theirs(CREATE_ADA, THEIR_ADA)
    assert untimed(both.row()) == untimed(row)
    with pytest.raises(ItemExists):
        both.users.create(ADA)


def test_each_changes_what_the_other_has_written(both: Both) -> None:
    """An index of theirs follows the field that dynrepo sets, and the reverse."""
    both.users.create(ADA)
    both.theirs("users.update({ userId: 'Ada', email: 'new@example.org', score: 4 })")
    u = both.users.fields
    (ada,) = both.users.query(u.email == "new@example.org", index="by_email").all()
    assert ada.score == 4

    both.users.update("Ada", u.email.set("old@example.org"), u.score.add(1))
    (found,) = both.theirs("users.find({ email: 'old@example.org' }, { index: 'gsi1' })")
    assert found["score"] == 5
    both.theirs("users.remove({ userId: 'Ada' })")
    assert both.users.get("Ada") is None
