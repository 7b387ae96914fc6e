"""Repositories: how one is defined, what it is given, and that there is one door."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, cast

import pytest
from pydantic import BaseModel, Field

from dynrepo import (
    CodecError,
    DynamoStore,
    ItemNotFound,
    ItemStore,
    ItemStoreProvider,
    Operation,
    PartitionKey,
    Repository,
    SchemaError,
    TableNotFound,
)
from tests.scripted import Scripted
from tests.wire import send

if TYPE_CHECKING:
    from collections.abc import Mapping

M = TypeVar("M", bound=BaseModel)


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


@pytest.fixture
def notes(moto: DynamoStore) -> Notes:
    """An empty table."""
    repository = Notes(moto)
    repository.create_table()
    return repository


def test_require_insists() -> None:
    """Where `get` gives None."""
    notes = Notes(DynamoStore(connection=Scripted({"ConsumedCapacity": {}})))
    assert notes.get("a") is None
    with pytest.raises(ItemNotFound, match="notes has no item under this key"):
        notes.require("a")


def test_exists_reads_the_key_only(notes: Notes) -> None:
    """Whatever the size of the item."""
    notes.set(Note(note_id="a"))
    assert notes.exists("a")
    assert not notes.exists("b")
    connection = Scripted({"ConsumedCapacity": {}})
    Notes(DynamoStore(connection=connection)).exists("a", consistent=True)
    ((_, request),) = connection.sent
    assert request["ProjectionExpression"] == "#0"
    assert request["ExpressionAttributeNames"] == {"#0": "note_id"}
    assert request["ConsistentRead"] is True


def test_the_model_is_found_through_generic_classes_and_mixins(moto: DynamoStore) -> None:
    """Whatever stands between."""

    class Timed:
        """A mixin."""

    class Base(Repository[M], Generic[M]):
        """Common to all repositories of an application."""

        def both(self, first: str, second: str) -> list[M | None]:
            """Two at once."""
            return self.get_many([first, second])

    class Mine(Timed, Base[Note]):
        """A repository."""

        table = "mine"

    class Yours(Mine):
        """Another table of the same model."""

        table = "yours"

    for kind in (Mine, Yours):
        repository = kind(moto)
        repository.create_table()
        repository.set(Note(note_id="a"))
        assert repository.both("a", "b") == [Note(note_id="a"), None]


def test_a_repository_without_model_or_table_is_refused_when_it_is_defined() -> None:
    """With the cure."""
    with pytest.raises(SchemaError, match=r"Nameless needs the name of its table, as in `table ="):

        class Nameless(Repository[Note]):
            pass

    with pytest.raises(SchemaError, match="letters, digits"):

        class Odd(Repository[Note]):
            table = "no spaces"

    with pytest.raises(SchemaError, match=r"class Shapeless\(Repository\[Model\]\)"):

        class Shapeless(Repository):  # type: ignore[type-arg]
            table = "shapes"


def test_a_repository_is_a_class_of_its_own() -> None:
    """`Repository[Note]()` says what to write instead."""
    with pytest.raises(SchemaError, match=r'table = "users"'):
        Repository[Note]()


def test_attributes_can_have_the_names_of_the_aliases(moto: DynamoStore) -> None:
    """For every verb, conditions included."""

    class Aliased(BaseModel, validate_by_name=True):
        key: Annotated[str, PartitionKey(), Field(alias="theKey")]
        size: Annotated[int, Field(alias="theSize")] = 0

    class Named(Repository[Aliased]):
        table = "named"
        by_alias = True

    class Part(BaseModel):
        size: Annotated[int, Field(alias="theSize")]

    named = Named(moto)
    named.create_table()
    named.set(Aliased(key="a", size=1))
    assert named.update("a", named.fields.size.add(1)).size == 2
    assert named.query(named.fields.key == "a", where=named.fields.size == 2).count() == 1
    found = cast("Any", named.get("a", only=Part))
    assert found.size == 2
    key = {"theKey": {"S": "a"}}
    stored = send(moto._connected(), "GetItem", {"TableName": "named", "Key": key})
    assert stored.body["Item"] == {"theKey": {"S": "a"}, "theSize": {"N": "2"}}


class Dated(BaseModel):
    """Today's version of a note."""

    note_id: Annotated[str, PartitionKey()]
    title: str
    size: int


class Dateds(Repository[Dated]):
    """Reads what older versions stored."""

    table = "notes"

    def upcast(self, attributes: dict[str, Any]) -> Mapping[str, Any]:
        """A title was a text once, and the size was not stored."""
        if "text" in attributes:
            attributes["title"] = attributes.pop("text")
        return {"size": len(attributes["title"]), **attributes}


def test_items_of_older_versions_are_made_todays(notes: Notes) -> None:
    """By one hook, on every read."""
    notes.set(Note(note_id="a", text="abc"))
    dated = Dateds(notes.store)
    today = Dated(note_id="a", title="abc", size=3)
    assert dated.get("a") == today
    assert dated.get_many(["a"]) == dated.scan().all() == [today]
    assert dated.query(dated.fields.note_id == "a").first() == today
    assert dated.delete("a") == today


def test_a_part_of_an_item_of_an_older_version_is_made_todays_too(notes: Notes) -> None:
    """The hook is given whole items, so the item is read whole."""

    class Title(BaseModel):
        title: str

    notes.set(Note(note_id="a", text="abc"))
    dated = Dateds(notes.store)
    assert dated.get("a", only=Title) == Title(title="abc")
    assert dated.scan().only(Title).all() == [Title(title="abc")]


def test_everything_passes_the_one_door(moto: DynamoStore) -> None:
    """Each request, once."""
    seen: list[str] = []

    class Watched(Notes):
        def _execute(self, wanted: Operation[Any]) -> Any:
            seen.append(wanted.name)
            return super()._execute(wanted)

    notes = Watched(moto)
    notes.create_table()
    note = notes.create(Note(note_id="a"))
    notes.connect()
    notes.get("a")
    notes.set(note)
    notes.save(note)
    notes.update("a", notes.fields.text.set("x"))
    notes.set_many([note])
    notes.get_many(["a"])
    list(notes.query(notes.fields.note_id == "a"))
    list(notes.scan(segments=2))
    notes.get_together(notes.lookup("a"))
    with notes.transaction() as tx:
        tx.set(notes, note)
    with notes.batch() as batch:
        batch.delete("a")
    notes.delete("a")
    notes.health_check()
    assert seen == [
        "CreateTable",
        "DescribeTable",
        "PutItem",
        "DescribeTable",
        "GetItem",
        "PutItem",
        "UpdateItem",
        "UpdateItem",
        "BatchWriteItem",
        "BatchGetItem",
        "Query",
        "Scan",
        "Scan",
        "TransactGetItems",
        "TransactWriteItems",
        "BatchWriteItem",
        "DeleteItem",
        "DescribeTable",
    ]


def test_connect_tells_what_is_missing(moto: DynamoStore) -> None:
    """At once, instead of at the first call."""
    with pytest.raises(TableNotFound):
        Notes(moto).connect()


def test_a_repository_is_what_the_contract_asks_for() -> None:
    """Type checkers compare the signatures; this compares the names."""
    store: ItemStore[Note] = Notes()
    provider: ItemStoreProvider[Note] = Notes()
    for protocol in (ItemStore, ItemStoreProvider):
        for name in vars(protocol):
            if not name.startswith("_"):
                assert callable(getattr(provider, name))
    assert callable(store.get)


@pytest.mark.parametrize("key", [5, ("a", "b"), None, "", b"a"])
def test_a_wrong_key_is_refused_before_anything_is_sent(key: Any) -> None:
    """By every verb that takes one."""
    notes = Notes(DynamoStore(connection=Scripted(AssertionError())))
    for verb in (
        lambda: notes.get(key),
        lambda: notes.exists(key),
        lambda: notes.get_many(["a", key]),
        lambda: notes.update(key, notes.fields.text.set("a")),
        lambda: notes.delete(key),
        lambda: notes.delete_many(["a", key]),
        lambda: notes.lookup(key),
    ):
        with pytest.raises(CodecError, match="Note"):
            verb()


def test_what_comes_from_a_clock_is_the_callers() -> None:
    """Injected at the repository."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    assert Notes(clock=lambda: when).target.clock() == when


@pytest.mark.parametrize("wrong", ["http://localhost:8000", DynamoStore])
def test_what_is_no_store_is_refused(wrong: Any) -> None:
    """An endpoint, or a store without its parentheses, is named at once."""
    with pytest.raises(TypeError, match="Notes takes a store"):
        Notes(wrong)
