"""How a repository is defined, and what it must be given."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

import pytest
from pydantic import BaseModel

from dynrepo import (
    AsyncDynamoStore,
    AsyncRepository,
    CreatedAt,
    DynamoStore,
    PartitionKey,
    Repository,
    SchemaError,
    TimeToLive,
    path,
)
from dynrepo.testing import MemoryStore
from tests.scripted import Scripted

if TYPE_CHECKING:
    from collections.abc import Mapping


M = TypeVar("M", bound=BaseModel)


class Note(BaseModel):
    """A note."""

    note_id: Annotated[str, PartitionKey()]
    text: str = ""


class Fleeting(BaseModel):
    """What ends."""

    name: Annotated[str, PartitionKey()]
    made: Annotated[datetime | None, CreatedAt()] = None
    ends: Annotated[datetime | None, TimeToLive()] = None


class Fleetings(Repository[Fleeting]):
    """What has not ended yet."""

    table = "fleetings"
    hide_expired = True


class Notes(Repository[Note]):
    """Notes."""

    table = "notes"


@pytest.fixture
def notes(moto: DynamoStore) -> Notes:
    """An empty table."""
    repository = Notes(moto)
    repository.create_table()
    return repository


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


def test_what_comes_from_a_clock_is_the_callers() -> None:
    """Injected at the repository."""
    when = datetime(2026, 1, 1, tzinfo=UTC)
    assert Notes(clock=lambda: when).mapper.clock() == when


@pytest.mark.parametrize(
    ("clock", "found"),
    [
        (datetime.now, "datetime without a time zone"),
        (lambda: 5, "int"),
        (lambda: None, "NoneType"),
    ],
    ids=["naive", "a number", "nothing"],
)
def test_a_clock_gives_aware_datetimes(clock: Any, found: str) -> None:
    """A naive one would be taken for the local time, and items expire by that."""
    store = MemoryStore(Fleetings)
    Fleetings(store).create(Fleeting(name="a", ends=datetime(2030, 1, 1, tzinfo=UTC)))
    wrong = Fleetings(store, clock=clock)
    said = rf"^clock gives aware datetimes, as datetime\.now\(UTC\), not a {found}$"
    for call in (
        lambda: wrong.get("a"),
        wrong.scan().all,
        lambda: wrong.create(Fleeting(name="b")),
    ):
        with pytest.raises(TypeError, match=said):
            call()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("http://localhost:8000", "str"),
        (DynamoStore, "the class DynamoStore"),
        (AsyncDynamoStore(), "AsyncDynamoStore"),
    ],
    ids=["endpoint", "class", "other face"],
)
def test_what_is_no_store_is_refused(wrong: Any, named: str) -> None:
    """An endpoint, a store without its parentheses or of the other face is named at once."""
    with pytest.raises(
        TypeError, match=rf"Notes takes a store, such as DynamoStore\(\), not {named}$"
    ):
        Notes(wrong)


@pytest.mark.parametrize("face", [Repository, AsyncRepository])
def test_what_is_shown_is_of_the_face(face: Any) -> None:
    """Where there is no model, and where there is no class."""
    with pytest.raises(SchemaError, match=rf"Users\({face.__name__}\[User\]\)"):
        face(MemoryStore())
    with pytest.raises(SchemaError, match=rf"class Bare\({face.__name__}\[Model\]\)"):
        type("Bare", (face,), {"table": "bare"})


def test_a_repository_is_of_one_face() -> None:
    """Its verbs either block or are awaited."""
    with pytest.raises(SchemaError, match="Both is blocking and asynchronous: write a class for"):
        type("Both", (Notes, AsyncRepository), {"table": "notes"})


def test_a_mixin_may_have_any_attribute() -> None:
    """The model is that of the repository among the bases, whatever a mixin calls its own."""

    class Audited:
        _model = "of the audit"

    class AuditedNotes(Audited, Notes):
        table = "notes"

    assert AuditedNotes.schema is Notes.schema


def test_a_class_between_is_of_its_model() -> None:
    """One without a model of its own has that of its base, and is as generic as a generic base."""

    class Base(Repository[M], Generic[M]):
        """Common to all repositories of an application."""

    class Drafts(Notes):
        table = "drafts"

    class Between(Base):  # type: ignore[type-arg]
        table = "between"

    class Named(Between, Repository[Note]):  # type: ignore[misc]
        """The model is named at last."""

    assert Drafts.schema is Notes.schema
    assert Named.schema.model is Note
    with pytest.raises(SchemaError, match="a repository is a class of its own"):
        Between(MemoryStore())


def test_what_comes_by_another_way_is_decoded() -> None:
    """An item, a record of a stream; nothing is sent for them."""
    notes = Notes(DynamoStore(connection=Scripted(AssertionError())))
    item = {"note_id": {"S": "a"}, "text": {"S": "b"}}
    record = {"eventName": "REMOVE", "dynamodb": {"Keys": {"note_id": item["note_id"]}}}
    assert notes.decode(item) == Note(note_id="a", text="b")
    assert notes.decode_change(record).kind == "REMOVE"
    assert notes.lookup("a").name == "GetItem"


def test_the_stored_item_is_of_the_class() -> None:
    """Its fields are those of `fields`; a class without a model has none, and can be looked at."""
    assert path(Notes.stored.text) is Notes.fields.text
    assert Notes(MemoryStore(Notes)).stored is Notes.stored
    assert Repository.stored is None


def test_a_method_of_the_users_may_be_called_stored() -> None:
    """It is theirs, as before."""

    class Kept(Repository[Note]):
        table = "kept"

        def stored(self) -> int:  # type: ignore[override]
            return 1

    assert Kept(MemoryStore(Kept)).stored() == 1
