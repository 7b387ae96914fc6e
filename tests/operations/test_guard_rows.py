"""The rows of guards among others: whoever reads the table does not see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import pytest
from pydantic import AwareDatetime, BaseModel

from dynrepo import Key, PartitionKey, Repository, SharedTable, SortKey, TimeToLive
from dynrepo.operations.guard_rows import has_guards
from dynrepo.testing import MemoryStore
from tests.members import NOW, Member, Members, Rows

GUARD = "UNIQUE#nick#n"


class Tag(BaseModel):
    """What a row needs to be one is its name alone."""

    name: Annotated[str, PartitionKey()]
    code: str | None = None
    until: Annotated[AwareDatetime | None, TimeToLive(), PartitionKey(index="by_end")] = None


class Part(BaseModel):
    """A part of it."""

    code: str | None = None


class Tags(Repository[Tag]):
    """The tags, of whom two have no code in common."""

    table = "coded_tags"
    unique = ("code",)


class TagRows(Repository[Tag]):
    """The same, by one who knows nothing of that."""

    table = "coded_tags"


@pytest.fixture
def store() -> MemoryStore:
    """A table with two tags and a guard."""
    store = MemoryStore(Tags)
    tags = Tags(store)
    tags.create(Tag(name="a", code="n", until=NOW + timedelta(days=1)))
    tags.create(Tag(name="b", until=NOW + timedelta(days=1)))
    assert len(store.items("coded_tags")) == 3
    return store


@pytest.mark.parametrize("kind", [Tags, TagRows])
def test_no_read_shows_a_guard(store: MemoryStore, kind: Any) -> None:
    """Though the row of one could be read as a tag: not by its key, not among others."""
    tags = kind(store)
    guard = "UNIQUE#code#n"
    bad: list[Any] = []
    assert {tag.name for tag in tags.scan(bad_rows=bad.append)} == {"a", "b"}
    assert bad == []
    assert tags.scan().count() == 2
    assert [len(tags.scan().page(size=9)), len(list(tags.scan(limit=2)))] == [2, 2]
    assert sorted(tags.scan().keys()) == ["a", "b"]
    assert len(list(tags.scan().only(Part))) == 2
    assert tags.get(guard) is None
    assert tags.get(guard, only=Part) is None
    assert not tags.exists(guard)
    assert tags.exists("a")
    assert tags.get("a", only=Part) == Part(code="n")
    assert tags.get_many([guard, "a"])[0] is None
    assert tags.get_together(tags.lookup(guard)) == (None,)
    f = kind.fields
    assert list(tags.query(f.name == guard)) == []
    assert tags.query(f.name == guard).count() == 0
    assert [tag.name for tag in tags.query(f.name == "a")] == ["a"]
    by_end = tags.query(f.until == NOW + timedelta(days=1), index="by_end")
    assert {tag.name for tag in by_end} == {"a", "b"}


def test_a_sample_and_a_stream_have_no_guards(store: MemoryStore) -> None:
    """Those of a model that a guard is not, too."""
    sample = Tags(store).verify_table(sample="all").sample
    assert sample is not None
    assert (sample.rows, sample.bad_rows) == (2, 0)
    members = Members(MemoryStore(Members))
    guard = {"member_id": {"S": GUARD}, "unique_of": {"M": {"member_id": {"S": "a"}}}}
    record = {
        "eventName": "INSERT",
        "dynamodb": {"Keys": {"member_id": {"S": GUARD}}, "NewImage": guard},
    }
    change = members.decode_change(record)
    assert (change.old, change.new) == (None, None)
    assert Rows(MemoryStore(Rows)).decode_change(record).new is None


class Shared(SharedTable):
    """A table of several models."""

    table = "shared_tags"
    key = Key("pk", "sk")


class Others(Repository[Tag]):
    """Items that have no unique values, beside some that have."""

    place = Shared.place("OTHER#{name}", "OTHER")


def test_the_key_of_a_guard_in_a_shared_table_is_known() -> None:
    """By every repository of the table, in whatever order its attributes come."""

    class Placed(Repository[Tag]):
        place = Shared.place("TAG#{name}", "TAG")
        unique = ("code",)

    key = {"sk": {"S": "UNIQUE"}, "pk": {"S": "UNIQUE#Placed#code#n"}}
    for repository in (Placed, Others):
        mapper = repository(MemoryStore()).mapper
        assert mapper.is_guard_key(key)
        assert not mapper.is_guard_key({"sk": {"S": GUARD}, "pk": {"S": "TAG#UNIQUE#"}})
        assert not mapper.is_guard_key({})
    assert not Members(MemoryStore()).mapper.is_guard_key({"member_id": {"S": "a"}})


def test_a_table_without_unique_values_is_read_as_ever() -> None:
    """No filter, and no look at rows."""

    class Free(Repository[Tag]):
        table = "free"

    assert not has_guards("free")
    assert has_guards("coded_tags")
    assert "FilterExpression" not in Free(MemoryStore()).scan().operation(None, None).request
    assert not Free(MemoryStore()).mapper.has_guards


def test_a_query_pays_for_no_filter(store: MemoryStore) -> None:
    """Where no guard can be among its rows: it reads as many as it is asked for."""
    query = Tags(store).query(Tags.fields.name == "a").operation(None, 5)
    assert "FilterExpression" not in query.request
    with_key = Members(MemoryStore()).query(Members.fields.member_id == GUARD)
    assert "FilterExpression" in with_key.operation(None, None).request


def test_a_model_that_no_guard_is_keeps_its_fast_reads() -> None:
    """One that requires more than its key cannot be made of a guard."""

    class Needy(BaseModel):
        name: Annotated[str, PartitionKey()]
        sort: Annotated[int, SortKey()]
        code: str

    class Needs(Repository[Needy]):
        table = "needs"
        unique = ("code",)

    assert Needs(MemoryStore()).mapper.parse_item is not None
    assert Tags(MemoryStore()).mapper.parse_item is None
    assert Member(member_id="a") == Member(member_id="a")
